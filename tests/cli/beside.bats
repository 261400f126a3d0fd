#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Several commands use one guest: at the same time, beside a run, and from the run's hooks.
load helper

setup() {
    own_state
    start_agent one
    said=$BATS_TEST_TMPDIR/said
}

teardown() {
    touch "$BATS_TEST_TMPDIR/go"
    stop_agents
}

# Start a command in the guest that runs until `go` exists; its process is $long_pid.
start_long_exec() {
    "$XENBENCH" exec "$(guest one)" -- sh -c "touch '$BATS_TEST_TMPDIR/runs'
        until [ -e '$BATS_TEST_TMPDIR/go' ]; do sleep 0.05; done; echo ended" \
        >"$BATS_TEST_TMPDIR/long" 3>&- &
    long_pid=$!
    wait_for test -e "$BATS_TEST_TMPDIR/runs"
}

end_long_exec() {
    touch "$BATS_TEST_TMPDIR/go"
    wait "$long_pid"
    [ "$(cat "$BATS_TEST_TMPDIR/long")" = ended ]
}

# experiment COMMAND [LINE...]: writes an experiment with one guest and one cell.
experiment() {
    {
        cat <<END
name: beside
workload: {command: "$1"}
guests: {one: {socket: $BATS_TEST_TMPDIR/one}}
repetitions: 1
warmup: 0
max_attempts: 1
max_release_error: 1s
END
        shift
        printf '%s\n' "$@"
    } >"$BATS_TEST_TMPDIR/e.yaml"
}

# Start a run in the background and wait until its job has begun; the job runs until `go` exists.
start_run() {
    experiment "touch $BATS_TEST_TMPDIR/runs; until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.05; done"
    "$XENBENCH" run --quiet "$BATS_TEST_TMPDIR/e.yaml" >/dev/null 2>"$BATS_TEST_TMPDIR/run.said" 3>&- &
    run_pid=$!
    wait_for test -e "$BATS_TEST_TMPDIR/runs"
}

@test "beside: exec, pull and push while an exec runs in the same guest" {
    start_long_exec
    run "$XENBENCH" exec "$(guest one)" -- echo beside
    [ "$status" -eq 0 ]
    [ "$output" = beside ]
    echo to fetch >"$BATS_TEST_TMPDIR/file"
    "$XENBENCH" pull "$(guest one)" "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/fetched"
    cmp "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/fetched"
    "$XENBENCH" push "$(guest one)" "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/pushed"
    cmp "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/pushed"
    end_long_exec
}

@test "beside: an exec is served while the command of a killed exec runs on" {
    start_long_exec
    kill -KILL "$long_pid"
    wait "$long_pid" || true
    run "$XENBENCH" exec "$(guest one)" -- echo after
    [ "$output" = after ]
    touch "$BATS_TEST_TMPDIR/go"
    run "$XENBENCH" exec "$(guest one)" -- echo again
    [ "$output" = again ]
}

@test "beside: more commands than an agent serves wait for each other" {
    local i pids=()
    for i in 1 2 3 4 5 6 7; do
        "$XENBENCH" exec "$(guest one)" -- sh -c "sleep 0.3; echo $i" >"$BATS_TEST_TMPDIR/out.$i" 3>&- &
        pids+=("$!")
    done
    for i in "${pids[@]}"; do
        wait "$i"
    done
    [ "$(cat "$BATS_TEST_TMPDIR"/out.* | sort -n | tr '\n' ' ')" = "1 2 3 4 5 6 7 " ]
}

@test "beside: a hook of a run has its own exec in the run's guest" {
    experiment "cat $BATS_TEST_TMPDIR/prepared" \
        "hooks: {before: '$XENBENCH exec $(guest one) -- sh -c \"echo by hook >$BATS_TEST_TMPDIR/prepared\"'," \
        "        after: '$XENBENCH pull $(guest one) $BATS_TEST_TMPDIR/prepared $BATS_TEST_TMPDIR/after'}"
    run "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$(cat "$BATS_TEST_TMPDIR/after")" = "by hook" ]
}

@test "beside: while a window is measured, an exec waits, says for whom, and is served then" {
    start_run
    "$XENBENCH" exec "$(guest one)" -- echo served >"$said" 2>&1 3>&- &
    local waiting=$!
    wait_for grep -qs "waiting for process" "$said"
    run ! grep served "$said"
    touch "$BATS_TEST_TMPDIR/go"
    wait "$waiting"
    [[ $(cat "$said") == *"guest unix:"*": waiting for process $run_pid (xenbench run --quiet "*", which measures it"*served ]]
    wait "$run_pid"
}

@test "beside: a command that waits beyond its time-out says who measures" {
    start_run
    run "$XENBENCH" exec --connect-timeout 0.3 "$(guest one)" -- echo served
    [ "$status" -eq 3 ]
    [[ $output == *"is being measured by process $run_pid (xenbench run "*"--connect-timeout"* ]]
    run "$XENBENCH" pull --connect-timeout 0.3 "$(guest one)" /etc/passwd "$BATS_TEST_TMPDIR/passwd"
    [ "$status" -eq 1 ]
    [[ $output == *"is being measured by process $run_pid"* ]]
    touch "$BATS_TEST_TMPDIR/go"
    wait "$run_pid"
}

@test "beside: a run waits until nobody talks with its guest, says for whom, and then has it alone" {
    start_long_exec
    experiment "true"
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" >/dev/null 2>"$said" 3>&- &
    local measuring=$!
    wait_for grep -q "waiting for process $long_pid (xenbench exec " "$said"
    kill -0 "$measuring"
    end_long_exec
    wait "$measuring"
}

@test "beside: a run that cannot have its guest alone in time says who is there, and leaves nothing" {
    start_long_exec
    experiment "touch $BATS_TEST_TMPDIR/measured" "boot_timeout: 1s"
    run "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml"
    [ "$status" -eq 1 ]
    [[ $output == *"cannot be measured: process $long_pid (xenbench exec "*" still talks to it"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/measured" ]
    run "$XENBENCH" exec "$(guest one)" -- echo beside
    [ "$output" = beside ]
    end_long_exec
}

@test "beside: a run killed in its window locks nobody out" {
    start_run
    kill -KILL "$run_pid"
    wait "$run_pid" || true
    run "$XENBENCH" exec --connect-timeout 5 "$(guest one)" -- echo served
    [ "$output" = served ]
}

@test "beside: Ctrl-C ends a wait for a window" {
    start_run
    "$XENBENCH" exec "$(guest one)" -- echo served >/dev/null 2>"$said" 3>&- &
    local waiting=$! status=0
    wait_for grep -q "waiting for process" "$said"
    kill -TERM "$waiting"
    wait "$waiting" || status=$?
    [ "$status" -eq 143 ]
    touch "$BATS_TEST_TMPDIR/go"
    wait "$run_pid"
}
