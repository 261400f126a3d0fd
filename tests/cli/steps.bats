#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Commands besides the measured job (requires, prepare and each), and processes that they leave running.
load helper

setup() {
    own_state
    start_agents one two
}

teardown() {
    stop_agents
    pkill -f 'sleep 71\.39' || true
}

# experiment: reads the file from stdin; @one and @two become the guests' sockets
experiment() {
    {
        sed "s|@one|socket: $BATS_TEST_TMPDIR/one|; s|@two|socket: $BATS_TEST_TMPDIR/two|; s|@dir|$BATS_TEST_TMPDIR|g"
        echo "max_release_error: 1s"
    } >"$BATS_TEST_TMPDIR/e.yaml"
}

start_run() {
    env --default-signal=INT "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" --quiet >/dev/null 2>&1 3>&- &
    run_pid=$!
}

servers() {
    # pgrep -c prints 0 and fails if there is none.
    pgrep -fc '^sleep 71\.39' || true
}

@test "each runs in all guests before every repetition, outside the measured time" {
    experiment <<'END'
name: each
guests:
  one: {@one, workload: {name: a, each: "sleep 0.7; echo one-each >>@dir/log", command: "echo one >>@dir/log"}}
  two: {@two, background: true, workload: {name: b, each: [sh, -c, "echo two-each >>@dir/log"], command: "sleep 9"}}
warmup: 1
repetitions: 2
END
    run_experiment --quiet
    [ "$(grep -v two "$BATS_TEST_TMPDIR/log" | tr '\n' ' ')" = "one-each one one-each one one-each one " ]
    [ "$(grep -c two-each "$BATS_TEST_TMPDIR/log")" -eq 3 ]
    [ "$(ask "SELECT count(*) FROM samples WHERE guest = 'one' AND wall_ns < 700000000")" -eq 3 ]
}

@test "a failing each is reported like prepare; the run continues from there" {
    experiment <<'END'
name: each fails
workload: {name: a, each: "[ $XENBENCH_REPETITION = 0 ] || [ -e @dir/cured ] || { echo no cache >&2; exit 4; }", command: "true"}
guests: {one: {@one}, two: {@two}}
repetitions: 2
END
    run run_experiment
    [ "$status" -eq 1 ]
    [[ $output == *"workload a: \`each\` failed (exited 4): no cache"* ]]
    [[ $output == *"1 of 2 cells are kept"* ]]
    touch "$BATS_TEST_TMPDIR/cured"
    run_experiment --quiet
}

@test "a job and the commands besides it know the run, the guest and, where it applies, case and repetition" {
    experiment <<'END'
name: told
workload:
  name: a
  prepare: echo "prepare $XENBENCH_EXPERIMENT $XENBENCH_GUEST $XENBENCH_CASE" >>@dir/log
  each: echo "each $XENBENCH_GUEST $XENBENCH_CASE $XENBENCH_CASE_NO $XENBENCH_REPETITION $XENBENCH_WARMUP" >>@dir/log
  command: echo "job $XENBENCH_GUEST $XENBENCH_CASE $XENBENCH_CELL $XENBENCH_ATTEMPT $XENBENCH_REPETITION $XENBENCH_WARMUP" >>@dir/log; test "$XENBENCH_RUN_ID"
guests: {one: {@one}}
cases: [{name: my case}]
warmup: 1
repetitions: 2
END
    run_experiment --quiet
    [ "$(cat "$BATS_TEST_TMPDIR/log")" = "prepare told one 
each one my case 0 0 1
job one my case 0 1 0 1
each one my case 0 0 0
job one my case 1 1 0 0
each one my case 0 1 0
job one my case 2 1 1 0" ]
}

@test "a variable of the workload itself wins" {
    experiment <<'END'
name: own
workload: {command: "test $XENBENCH_CASE = mine", env: {XENBENCH_CASE: mine}}
guests: {one: {@one}}
repetitions: 1
END
    run_experiment --quiet
}

@test "a server started by prepare lives until the run's end" {
    experiment <<'END'
name: server and client
workload:
  prepare: |
    rm -f @dir/fifo && mkfifo @dir/fifo
    (trap "" PIPE; while :; do echo pong >@dir/fifo; done) >/dev/null 2>&1 &
    sleep 71.39 &
    setsid sleep 71.39 &
    sleep 0.2
  each: sleep 71.39 &
  command: timeout 3 head -n 1 @dir/fifo && pgrep -fc '^sleep 71\.39' >>@dir/count
guests: {one: {@one}}
repetitions: 2
hooks: {after: "pgrep -fc '^sleep 71[.]39' >>@dir/count"}
END
    run_experiment --quiet
    [ "$(tr '\n' ' ' <"$BATS_TEST_TMPDIR/count")" = "3 3 3 3 " ]
    [ "$(servers)" -eq 0 ]
    run ! pgrep -f "pong >$BATS_TEST_TMPDIR/fifo"
}

@test "processes of prepare end when the run or prepare itself fails" {
    experiment <<'END'
name: fails
workload: {prepare: "sleep 71.39 &", command: "sleep 0.2; exit 3"}
guests: {one: {@one}, two: {@two}}
repetitions: 1
END
    run -1 run_experiment --quiet
    [ "$(servers)" -eq 0 ]
    sed -i 's|prepare: .*&"|prepare: "sleep 71.39 \& [ $XENBENCH_GUEST = one ] \|\| exec sleep 71.39; exit 5"|' "$BATS_TEST_TMPDIR/e.yaml"
    SECONDS=0
    run -1 run_experiment # without waiting for guest two
    [ "$SECONDS" -lt 40 ]
    [[ $output == *"guest one, workload command: \`prepare\` failed (exited 5)"* ]] || { echo "$output"; false; }
    [ "$(servers)" -eq 0 ]
}

@test "processes of prepare end at Ctrl-C, during a job or prepare, and when another run continues" {
    experiment <<'END'
name: stopped
workload: {prepare: "sleep 71.39 &", command: "[ -e @dir/fast ] || sleep 9"}
guests: {one: {@one}}
repetitions: 1
END
    start_run
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM cells WHERE state = 'released'\" 2>/dev/null)\" = 1 ]"
    [ "$(servers)" -eq 1 ]
    kill -INT "$run_pid"
    wait "$run_pid" || true
    [ "$(servers)" -eq 0 ]
    start_run
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM cells WHERE state = 'released'\" 2>/dev/null)\" = 1 ]"
    kill -KILL "$run_pid"
    wait "$run_pid" || true
    [ "$(servers)" -eq 1 ]
    # Another run ends the processes that a dead run left; then the first run is continued.
    cp "$BATS_TEST_TMPDIR/e.yaml" "$BATS_TEST_TMPDIR/first.yaml"
    sed -i 's|^name.*|name: other|; s|prepare.*command|command|' "$BATS_TEST_TMPDIR/e.yaml"
    sed -i 's|"\[ -e.*"|"true"|' "$BATS_TEST_TMPDIR/e.yaml"
    run_experiment --quiet
    [ "$(servers)" -eq 0 ]
    touch "$BATS_TEST_TMPDIR/fast"
    "$XENBENCH" run "$BATS_TEST_TMPDIR/first.yaml" --quiet
    [ "$(servers)" -eq 0 ]
    sed -i 's|^name.*|name: long|; s|workload.*|workload: {prepare: "sleep 71.39", command: "true"}|' "$BATS_TEST_TMPDIR/e.yaml"
    start_run
    wait_for eval '[ "$(servers)" -eq 1 ]'
    kill -INT "$run_pid"
    wait "$run_pid" || true
    [ "$(servers)" -eq 0 ]
}
