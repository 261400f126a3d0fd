#!/usr/bin/env bats
# `xenbench exec` with real agents behind unix sockets.
load helper

setup() {
    start_agent one
}

@test "exec: output apart, and the command's own status" {
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

@test "exec: bytes pass unchanged, more of them than the credit" {
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

@test "exec: much stdin passes unchanged, to several guests at once" {
    start_agent two
    head -c 5000000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
    sum=$(sha256sum <"$BATS_TEST_TMPDIR/bytes")
    # shellcheck disable=SC2002 # a pipe is what is tested
    run bash -c "cat '$BATS_TEST_TMPDIR/bytes' | '$XENBENCH' exec -i '$(guest one),$(guest two)' --no-prefix -- sha256sum"
    [ "$output" = "$sum
$sum" ]
    # One that does not read all holds nobody up.
    run bash -c "'$XENBENCH' exec -i '$(guest one),$(guest two)' -- sh -c 'mkdir \"$BATS_TEST_TMPDIR/first\" && exit; sha256sum' \
        <'$BATS_TEST_TMPDIR/bytes'"
    [ "$status" -eq 0 ]
    [[ $output == *"$sum" ]]
}

@test "exec: input comes as it is typed, and one that never ends holds nothing up" {
    run timeout 20 bash -c "yes | '$XENBENCH' exec -i '$(guest one)' -- head -n 1"
    [ "$status" -eq 0 ]
    [ "$output" = y ]
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    (exec 5>"$BATS_TEST_TMPDIR/fifo"; echo first >&5; wait_for test -s "$BATS_TEST_TMPDIR/out"; echo second >&5
        wait_for grep -q second "$BATS_TEST_TMPDIR/out"; sleep 60) 3>&- &
    also_stop "$!"
    run timeout 20 "$XENBENCH" exec -i "$(guest one)" -- sh -c "for i in 1 2; do
        read -r line; echo \$line >>'$BATS_TEST_TMPDIR/out'; done" <"$BATS_TEST_TMPDIR/fifo"
    [ "$status" -eq 0 ]
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = "first
second" ]
}

@test "exec: a command may close its stdin and go on; whoever fills the pipe is told" {
    run timeout 20 bash -c "yes | '$XENBENCH' exec -i '$(guest one)' -- sh -c 'exec <&-; sleep 0.5; echo went on'; echo \"\${PIPESTATUS[*]}\""
    [ "$output" = "went on
141 0" ]
}

@test "exec: stdin goes on where it was after a lost connection" {
    socat UNIX-LISTEN:"$BATS_TEST_TMPDIR/relay",fork UNIX-CONNECT:"$BATS_TEST_TMPDIR/one" 3>&- &
    local relay=$!
    also_stop "$relay"
    wait_for test -S "$BATS_TEST_TMPDIR/relay"
    seq 300000 >"$BATS_TEST_TMPDIR/in"
    (head -c 1000000 "$BATS_TEST_TMPDIR/in"; wait_for test -e "$BATS_TEST_TMPDIR/cut"; tail -c +1000001 "$BATS_TEST_TMPDIR/in") 3>&- |
        "$XENBENCH" exec -i "$(guest relay)" -- sh -c "cat >'$BATS_TEST_TMPDIR/out'" 3>&- 2>"$BATS_TEST_TMPDIR/err" &
    local controller=$!
    wait_for test -s "$BATS_TEST_TMPDIR/out"
    pkill -P "$relay"
    touch "$BATS_TEST_TMPDIR/cut"
    wait "$controller"
    grep -q "waiting for it to come back" "$BATS_TEST_TMPDIR/err"
    cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
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

@test "exec: several guests, each line with its guest's name, and 1 where one fails" {
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
    # Both agents have this machine's clock, so the release times must agree within the fits' own bounds.
    jq --slurp -e '(.[0].result.release_ns - .[1].result.release_ns | fabs)
        <= .[0].clock.error_ns + .[1].clock.error_ns + 1' "$BATS_TEST_TMPDIR/json"
}

@test "exec: --json holds status, sample and output" {
    run "$XENBENCH" exec --json "$(guest one)" -- sh -c 'printf "a\tb"; exit 3'
    [ "$status" -eq 3 ]
    jq -e '.status == 3 and .stdout == "a\tb" and .result.outcome == "exited"
        and .result.ended_ns > .result.opened_ns' <<<"$output"
}

@test "exec: a terminal is not handed to guests, unless --raw says so" {
    local exec command
    exec="'$XENBENCH' exec '$(guest one)'"
    command="printf 'a\\033]0;title\\007b\\rc\\n'"
    run in_terminal "$exec -- $command"
    [ "$status" -eq 0 ]
    [ "${output%$'\r'}" = 'a\x1b]0;title\x07b\rc' ]
    run in_terminal "$exec --raw -- $command"
    [ "${output%$'\r'}" = $'a\033]0;title\007b\rc' ]
}

# Run exec as a job that heeds signals (a shell's background jobs ignore SIGINT) and signal it once FILE is there.
signalled() {
    local signals=$1 file=$2 controller
    shift 2
    perl -e '$SIG{INT} = $SIG{QUIT} = "DEFAULT"; exec @ARGV' -- "$XENBENCH" exec "$@" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    controller=$!
    wait_for test -s "$file"
    for signal in $signals; do
        kill "-$signal" "$controller"
        sleep 0.3
    done
    signalled_status=0
    wait "$controller" || signalled_status=$?
}

@test "exec: signals are passed on as what they are, to all guests" {
    start_agent two
    local file=$BATS_TEST_TMPDIR/pid signal
    for signal in INT TERM HUP QUIT; do
        rm -f "$file"
        signalled "$signal" "$file" "$(guest one)" -- sh -c "trap 'echo summary; exit 5' $signal
            echo \$\$ >'$file'; while :; do sleep 0.05; done"
        [ "$signalled_status" -eq 5 ]
        grep -qx summary "$BATS_TEST_TMPDIR/said"
    done
    rm -f "$file"
    signalled TERM "$file" "$(guest one)" -- sh -c "echo \$\$ >'$file'; sleep 300"
    [ "$signalled_status" -eq 143 ]
    run ! kill -0 "$(cat "$file")"
    rm -f "$file"
    signalled INT "$file" "$(guest one),$(guest two)" --no-prefix -- sh -c "trap 'echo summary; exit 0' INT
        echo \$\$ >>'$file'; while :; do sleep 0.05; done"
    [ "$signalled_status" -eq 0 ]
    [ "$(grep -cx summary "$BATS_TEST_TMPDIR/said")" -eq 2 ]
}

@test "exec: a second signal kills a command that does not heed the first, and what it has started" {
    local file=$BATS_TEST_TMPDIR/pid
    signalled "INT INT" "$file" "$(guest one)" -- sh -c "trap '' INT; setsid sleep 301 & echo \$! >'$file'; while :; do sleep 0.1; done"
    [ "$signalled_status" -eq 130 ]
    run ! kill -0 "$(cat "$file")"
}

@test "exec: a signal is passed on while nobody reads the output, and none of that is lost" {
    mkfifo "$BATS_TEST_TMPDIR/slow"
    local status=0
    (exec 5<"$BATS_TEST_TMPDIR/slow"; wait_for test -e "$BATS_TEST_TMPDIR/trapped"; cat <&5 >"$BATS_TEST_TMPDIR/out") 3>&- &
    local reader=$!
    "$XENBENCH" exec "$(guest one)" -- sh -c "trap 'touch $BATS_TEST_TMPDIR/trapped; t=1' TERM; head -c 500000 /dev/zero & p=\$!
        echo >'$BATS_TEST_TMPDIR/ready'; while ! [ \$t ]; do sleep 0.05; done; wait \$p; echo summary" >"$BATS_TEST_TMPDIR/slow" 3>&- &
    local controller=$!
    wait_for test -e "$BATS_TEST_TMPDIR/ready"
    sleep 0.5
    kill -TERM "$controller"
    wait "$controller" || status=$?
    wait "$reader"
    [ "$status" -eq 0 ]
    [ "$(tail -c 8 "$BATS_TEST_TMPDIR/out")" = summary ]
}

@test "exec -t: a terminal in the guest, of our size and kind" {
    run bash -c "echo 'tty; stty size; echo \"\$TERM\"' | TERM=vt100 '$XENBENCH' exec -t '$(guest one)' -- sh"
    [ "$status" -eq 0 ]
    [[ $output == */dev/pts/*"24 80"*vt100* ]]
    run in_terminal "stty rows 33 cols 77; '$XENBENCH' exec -t '$(guest one)' -- stty size"
    [[ $output == *"33 77"* ]]
    run "$XENBENCH" exec -t "$(guest one),$(guest two)" -- true
    [ "$status" -eq 2 ]
    [[ $output == *"-t is for one guest"* ]]
    if [ "$(id -u)" -eq 0 ]; then
        run bash -c "'$XENBENCH' exec -t --user nobody '$(guest one)' -- sh -c 'echo works >/dev/tty' </dev/null"
        [[ $output == *works* ]]
    fi
}

# Start exec in a terminal: what is written to descriptor 6 is typed, file shown has what it shows, file term its name.
# At the end it says whether it edits lines again.
type_at() {
    cd "$BATS_TEST_TMPDIR"
    mkfifo keys
    script --quiet --return --flush --command "tty >term; '$XENBENCH' exec -t $*; status=\$?; stty -a | grep -o ' icanon'
        exit \$status" /dev/null <keys >shown 2>&1 3>&- &
    terminal=$!
    also_stop "$terminal"
    exec 6>keys
    wait_for grep -q ready shown
}

@test "exec -t: keys go through the terminal, a change of its size too, and ours is put back" {
    local status=0
    # shellcheck disable=SC2016 # for the guest's shell
    type_at "'$(guest one)'" -- sh -c '"trap \"stty size\" WINCH; trap \"echo interrupted; exit 3\" INT
        echo ready; while :; do sleep 0.05; done"'
    stty -F "$(cat term)" rows 41 cols 101
    wait_for grep -q "41 101" shown
    stty -F "$(cat term)" | grep -q -- -icanon
    printf '\003' >&6
    wait "$terminal" || status=$?
    exec 6>&-
    [ "$status" -eq 3 ]
    grep -q interrupted shown
    grep -q icanon shown
}

@test "exec -t: Enter ~ . leaves, and kills the command" {
    local status=0
    type_at "'$(guest one)'" -- sh -c "'echo ready; exec sleep 302'"
    printf '\r~.' >&6
    wait "$terminal" || status=$?
    exec 6>&-
    [ "$status" -eq 137 ]
    grep -q icanon shown
    run "$XENBENCH" exec "$(guest one)" -- pgrep -fx 'sleep 302'
    [ "$status" -eq 1 ]
}

@test "exec -t: the terminal is put back when a second signal kills" {
    local status=0
    type_at "'$(guest one)'" -- sh -c '"trap : TERM; echo ready; while :; do sleep 0.05; done"'
    local controller
    controller=$(pgrep -f "^$XENBENCH exec -t")
    kill -TERM "$controller"
    sleep 0.3
    kill -TERM "$controller"
    wait "$terminal" || status=$?
    exec 6>&-
    [ "$status" -eq 143 ]
    grep -q icanon shown
}

@test "exec: a reader that leaves ends the command" {
    run bash -c "'$XENBENCH' exec '$(guest one)' -- yes | head -n 1; exit \${PIPESTATUS[0]}"
    [ "$status" -eq 141 ]
    [ "$output" = y ]
    run "$XENBENCH" exec "$(guest one)" -- pgrep -x yes
    [ "$status" -eq 1 ]
}

@test "exec: a connection that breaks is found again, and no output is lost" {
    socat UNIX-LISTEN:"$BATS_TEST_TMPDIR/relay",fork UNIX-CONNECT:"$BATS_TEST_TMPDIR/one" 3>&- &
    local relay=$! status=0
    also_stop "$relay"
    wait_for test -S "$BATS_TEST_TMPDIR/relay"
    # shellcheck disable=SC2016 # for the guest's shell
    "$XENBENCH" exec "$(guest relay)" -- sh -c 'for i in $(seq 40); do echo $i; sleep 0.05; done; exit 9' \
        >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    local controller=$!
    wait_for grep -q 5 "$BATS_TEST_TMPDIR/out"
    pkill -P "$relay"
    wait "$controller" || status=$?
    [ "$status" -eq 9 ]
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = "$(seq 40)" ]
    grep -q "waiting for it to come back" "$BATS_TEST_TMPDIR/err"
}

@test "exec: an agent that comes late is waited for, one that does not come is told" {
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
    run "$XENBENCH" exec "$(guest one),$(guest one)" -- true
    [ "$status" -eq 2 ]
    run "$XENBENCH" exec "$(guest one)" --timeout never -- true
    [ "$status" -eq 2 ]
    run "$XENBENCH" exec "$(guest one)" --rlimit nofile -- true
    [ "$status" -eq 2 ]
    run "$XENBENCH" exec --help
    [ "$status" -eq 0 ]
}
