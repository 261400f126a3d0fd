#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench exec` with real agents behind unix sockets.
load helper

setup() {
    start_agent one
}

@test "exec: stdout and stderr stay apart, and the status is the command's own" {
    run --separate-stderr "$XENBENCH" exec "$(guest one)" -- sh -c 'echo out; echo err >&2; exit 7'
    [ "$status" -eq 7 ]
    [ "$output" = out ]
    # shellcheck disable=SC2154 # bats sets stderr
    [ "$stderr" = err ]
}

@test "exec: statuses of a shell for signals, time-outs and what cannot run" {
    run "$XENBENCH" exec "$(guest one)" -- sh -c 'kill -TERM $$'
    [ "$status" -eq 143 ]
    [[ $output == *"ended by signal SIGTERM"* ]]
    run "$XENBENCH" exec "$(guest one)" --timeout 0.2 -- sleep 60
    [ "$status" -eq 124 ]
    run -127 "$XENBENCH" exec "$(guest one)" -- /no/such/thing
    run "$XENBENCH" exec "$(guest one)" -- /etc/passwd
    [ "$status" -eq 126 ]
}

@test "exec: bytes pass unchanged, beyond the credit too" {
    head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
    "$XENBENCH" exec "$(guest one)" -- cat "$BATS_TEST_TMPDIR/bytes" >"$BATS_TEST_TMPDIR/copy"
    cmp "$BATS_TEST_TMPDIR/bytes" "$BATS_TEST_TMPDIR/copy"
}

@test "exec: environment, directory and limits" {
    # shellcheck disable=SC2016 # for the guest's shell
    run "$XENBENCH" exec "$(guest one)" --env WORD='two words' --cwd /usr --rlimit nofile=77:88 \
        -- sh -c 'echo "$WORD $PWD $(ulimit -Sn) $(ulimit -Hn)"'
    [ "$status" -eq 0 ]
    [ "$output" = "two words /usr 77 88" ]
}

@test "exec: another user" {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    run "$XENBENCH" exec "$(guest one)" --user nobody -- id -un
    [ "$output" = nobody ]
    run "$XENBENCH" exec "$(guest one)" --user nosuchuser -- id -un
    [ "$status" -ne 0 ]
    [[ $output == *nosuchuser* ]]
}

@test "exec: stdin from a file and from a pipe; none unless asked for" {
    echo from a file >"$BATS_TEST_TMPDIR/in"
    run "$XENBENCH" exec "$(guest one)" --stdin "$BATS_TEST_TMPDIR/in" -- cat
    [ "$output" = "from a file" ]
    run bash -c "echo from a pipe | '$XENBENCH' exec -i '$(guest one)' -- cat"
    [ "$output" = "from a pipe" ]
    run bash -c "echo from a pipe | '$XENBENCH' exec '$(guest one)' -- cat"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run "$XENBENCH" exec -i "$(guest one)" -- cat </dev/null
    [ "$status" -eq 0 ]
    run "$XENBENCH" exec --stdin "$BATS_TEST_TMPDIR" "$(guest one)" -- cat
    [ "$status" -eq 2 ]
    run "$XENBENCH" exec --stdin /no/such/file "$(guest one)" -- cat
    [ "$status" -eq 2 ]
}

@test "exec: words of nearly 128 KiB, and many of them" {
    local word
    word=$(head -c 131000 /dev/zero | tr '\0' x)
    # shellcheck disable=SC2016 # for the guest's shell
    run "$XENBENCH" exec "$(guest one)" -- sh -c 'echo $# ${#1} ${#9}' sh "$word" "$word" "$word" "$word" "$word" "$word" \
        "$word" "$word" "$word"
    [ "$status" -eq 0 ]
    [ "$output" = "9 131000 131000" ]
    # shellcheck disable=SC2046,SC2016 # many words
    run "$XENBENCH" exec "$(guest one)" -- sh -c 'echo $#' sh $(seq 30000)
    [ "$output" = 30000 ]
}

@test "exec: several guests: each line has its guest's name, and the status is 1 if one fails" {
    start_agent two
    run "$XENBENCH" exec "$(guest one),$(guest two)" --together -- echo hello
    [ "$status" -eq 0 ]
    [ "$(sort <<<"$output")" = "$(guest one): hello
$(guest two): hello" ]
    run "$XENBENCH" exec "$(guest one)" "$(guest two)" --no-prefix -- echo hello
    [ "$output" = "hello
hello" ]
    run "$XENBENCH" exec "$(guest one)" "$(guest two)" -- false
    [ "$status" -eq 1 ]
}

@test "exec: --together starts at one instant" {
    start_agent two
    "$XENBENCH" exec "$(guest one)" "$(guest two)" --together --json -- true >"$BATS_TEST_TMPDIR/json"
    # Both agents use this machine's clock, so their release times must agree within the fits' error
    # bounds.
    jq --slurp -e '(.[0].result.release_ns - .[1].result.release_ns | fabs)
        <= .[0].clock.error_ns + .[1].clock.error_ns + 1' "$BATS_TEST_TMPDIR/json"
}

@test "exec: --json holds status, sample and output" {
    run "$XENBENCH" exec --json "$(guest one)" -- sh -c 'printf "a\tb"; exit 3'
    [ "$status" -eq 3 ]
    jq -e '.status == 3 and .stdout == "a\tb" and .result.outcome == "exited"
        and .result.ended_ns > .result.opened_ns' <<<"$output"
}

@test "exec: guests' control characters do not reach the terminal, except with --raw" {
    local exec command
    exec="'$XENBENCH' exec '$(guest one)'"
    command="printf 'a\\033]0;title\\007b\\rc\\n'"
    run in_terminal "$exec -- $command"
    [ "$status" -eq 0 ]
    [ "${output%$'\r'}" = 'a\x1b]0;title\x07b\rc' ]
    run in_terminal "$exec --raw -- $command"
    [ "${output%$'\r'}" = $'a\033]0;title\007b\rc' ]
}

@test "exec: a daemon started as docs/measurement.md says lives on; what a command leaves in its own session does not" {
    local daemon left
    grep -q "setsid -w sh -c 'COMMAND >/dev/null 2>&1 &'" "$BATS_TEST_DIRNAME/../../docs/measurement.md"
    "$XENBENCH" exec "$(guest one)" -- setsid -w sh -c 'sleep 3143.5 >/dev/null 2>&1 & echo $!' >"$BATS_TEST_TMPDIR/daemon" 3>&- 4>&-
    "$XENBENCH" exec "$(guest one)" -- sh -c 'sleep 3142 >/dev/null 2>&1 & echo $!' >"$BATS_TEST_TMPDIR/left" 3>&- 4>&-
    daemon=$(<"$BATS_TEST_TMPDIR/daemon") left=$(<"$BATS_TEST_TMPDIR/left")
    also_stop "$daemon"
    wait_for eval "! kill -0 $left 2>/dev/null"
    kill "$daemon"
}

@test "exec: the command ends when its reader leaves" {
    run bash -c "'$XENBENCH' exec '$(guest one)' -- yes | head -n 1; exit \${PIPESTATUS[0]}"
    [ "$status" -eq 141 ]
    [ "$output" = y ]
    run "$XENBENCH" exec "$(guest one)" -- pgrep -x yes
    [ "$status" -eq 1 ]
}

@test "exec: a broken connection is restored without losing output" {
    socat UNIX-LISTEN:"$BATS_TEST_TMPDIR/relay",fork UNIX-CONNECT:"$BATS_TEST_TMPDIR/one" 3>&- &
    local relay=$! status=0
    also_stop "$relay"
    wait_for test -S "$BATS_TEST_TMPDIR/relay"
    # shellcheck disable=SC2016 # for the guest's shell
    "$XENBENCH" exec "$(guest relay)" -- sh -c 'seq 20; until [ -e "$0" ]; do sleep 0.05; done; seq 21 40; exit 9' "$BATS_TEST_TMPDIR/cut" \
        >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    local controller=$!
    wait_for grep -q 20 "$BATS_TEST_TMPDIR/out"
    pkill -P "$relay"
    touch "$BATS_TEST_TMPDIR/cut"
    wait "$controller" || status=$?
    [ "$status" -eq 9 ]
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = "$(seq 40)" ]
    grep -q "waiting for it to come back" "$BATS_TEST_TMPDIR/err"
}

@test "exec: the job is found again even if the agent has not seen the connection break" {
    cut_wire one 13 3 hold # CREDIT
    status=0
    "$XENBENCH" exec "$(guest between)" -- sh -c 'seq 200000; exit 9' >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    [ "$status" -eq 9 ]
    cmp "$BATS_TEST_TMPDIR/out" <(seq 200000)
    grep -q "waiting for it to come back" "$BATS_TEST_TMPDIR/err"
}

# lose_output [OPTION...]: exec of a command whose output is more than its credit. No CREDIT reaches the agent, which dies after
# the command's end.
lose_output() {
    start_agent lossy
    "$BATS_TEST_DIRNAME/hostile.pl" "$BATS_TEST_TMPDIR/between" "$BATS_TEST_TMPDIR/lossy" swallow 13 2>/dev/null 3>&- 4>&- &
    also_stop "$!"
    wait_for test -S "$BATS_TEST_TMPDIR/between"
    rm -f "$BATS_TEST_TMPDIR/ended"
    status=0
    "$XENBENCH" exec --connect-timeout 0.3 "$(guest between)" "$@" -- sh -c "head -c 180000 /dev/zero; touch '$BATS_TEST_TMPDIR/ended'" \
        >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    local controller=$!
    wait_for test -e "$BATS_TEST_TMPDIR/ended"
    sleep 2 # in which the result reaches the controller
    stop_agents
    wait "$controller" || status=$?
    rm "$BATS_TEST_TMPDIR/between"
}

@test "exec: output that does not arrive is a failure, although the command ended well" {
    lose_output
    [ "$status" -eq 3 ]
    [ "$(stat -c %s "$BATS_TEST_TMPDIR/out")" -lt 180000 ]
    lose_output --json
    [ "$status" -eq 3 ]
    jq -e '.error and .result.outcome == "exited" and (.stdout | length) < 180000' "$BATS_TEST_TMPDIR/out"
}

# arm_slowly SIGNAL: send SIGNAL to an exec whose guest has armed the command, but whose ARMED has not come.
arm_slowly() {
    env --default-signal=INT "$XENBENCH" exec "$(guest between)" -- sleep 60 3>&- &
    local controller=$!
    wait_for pgrep -P "$agent"
    kill "-$1" "$controller"
    wait "$controller" || status=$?
}

@test "exec: a command that was armed but never released does not stay in the guest" {
    local agent=${agent_pids[0]} status=0
    "$BATS_TEST_DIRNAME/hostile.pl" "$BATS_TEST_TMPDIR/between" "$BATS_TEST_TMPDIR/one" late 8 2 2>/dev/null 3>&- 4>&- & # ARMED
    also_stop "$!"
    wait_for test -S "$BATS_TEST_TMPDIR/between"
    arm_slowly INT
    [ "$status" -eq 130 ]
    run ! pgrep -P "$agent"
    arm_slowly KILL
    pgrep -P "$agent"
    "$XENBENCH" exec "$(guest one)" -- true
    run ! pgrep -P "$agent"
}

@test "exec: a late agent is waited for, a missing one is reported" {
    (sleep 0.5 && exec "$AGENT" --socket "$BATS_TEST_TMPDIR/late") 3>&- 4>&- &
    also_stop "$!"
    run "$XENBENCH" exec "$(guest late)" -- true
    [ "$status" -eq 0 ]
    run "$XENBENCH" exec "$(guest never)" --connect-timeout 0.2 -- true
    [ "$status" -eq 3 ]
    [[ $output == *"guest $(guest never): no agent in time"* ]]
}

@test "exec: usage errors have status 2" {
    run "$XENBENCH" exec
    [ "$status" -eq 2 ]
    run "$XENBENCH" exec "$(guest one)" echo hello
    [ "$status" -eq 2 ]
    [[ $output == *"put -- between"* ]]
    run "$XENBENCH" exec "$(guest one)" -- ''
    [ "$status" -eq 2 ]
    [[ $output == *"the command is an empty word"* ]]
    run "$XENBENCH" exec "$(guest one),$(guest one)" -- true
    [ "$status" -eq 2 ]
    run "$XENBENCH" exec "$(guest one)" --timeout never -- true
    [ "$status" -eq 2 ]
    run "$XENBENCH" exec "$(guest one)" --rlimit nofile -- true
    [ "$status" -eq 2 ]
    run "$XENBENCH" exec --help
    [ "$status" -eq 0 ]
}
