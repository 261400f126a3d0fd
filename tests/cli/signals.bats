#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Signals that are ignored when a command starts stay ignored, also in its children; others stop it.
bats_require_minimum_version 1.5.0
load helper

setup() {
    export XENBENCH_STATE=$BATS_TEST_TMPDIR/state XENBENCH_RUN=$BATS_TEST_TMPDIR/run
    export XENBENCH_SHARE=$BATS_TEST_TMPDIR/share
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    stop_agents
}

# Write an experiment whose hook reports which signals it ignores, and that the run has begun.
experiment() { # SECONDS of a job
    start_agent one
    cat >e.yaml <<END
name: long sleeps
workload: {command: sleep $1}
guests: {one: {socket: $BATS_TEST_TMPDIR/one}}
hooks: {before: "sed -n 's/^SigIgn:\\\\s*//p' /proc/self/status >>$BATS_TEST_TMPDIR/hook"}
repetitions: 3
timeout: 1min
max_release_error: 1s
END
}

# start_run ENV-OPTION: starts `xenbench run` with env's option that ignores a signal or does not.
start_run() {
    env "$1" "$XENBENCH" run --quiet e.yaml >table 2>said 3>&- &
    run_pid=$!
    wait_for test -s hook
}

@test "a run started to survive a signal continues to its table" {
    experiment 0.3
    local signal
    for signal in HUP INT TERM; do
        rm -rf state hook
        start_run "--ignore-signal=$signal"
        kill -"$signal" "$run_pid"
        wait "$run_pid"
        grep -q 'long sleeps' table
        # Bit N-1 of the mask is signal N.
        [ $((0x$(head -n 1 hook) >> ($(kill -l "$signal") - 1) & 1)) -eq 1 ]
    done
}

@test "any other run stops at the signal, and its hooks have the signals that it started with" {
    experiment 5
    local signal ended
    for signal in HUP INT TERM; do
        rm -rf state hook
        start_run "--default-signal"
        kill -"$signal" "$run_pid"
        ended=0
        wait "$run_pid" || ended=$?
        [ "$ended" -eq 1 ] && grep -q interrupted said || { echo "$signal: $ended, $(cat said)"; return 1; }
        # make(1) leaves signals 32 and 33 ignored, which belong to the C library.
        [ $((0x$(head -n 1 hook) & 0x7fffffff)) -eq 0 ]
    done
}

@test "a build started to survive a hangup continues" {
    mkdir -p share/fake
    cat >share/fake/build <<'END'
#!/bin/bash
touch begun
until [ -e go ]; do sleep 0.1; done
touch built
END
    chmod +x share/fake/build
    env --ignore-signal=HUP "$XENBENCH" image build fake 3>&- &
    wait_for test -e begun
    kill -HUP "$!"
    pkill -HUP -P "$!" # and the recipe, as the terminal's end does
    touch go
    wait "$!"
    [ -e built ]
}

@test "an agent started to survive a hangup continues" {
    ASAN_OPTIONS=detect_leaks=0 env --ignore-signal=HUP "$AGENT" --socket "$PWD/one" 3>&- 4>&- 2>log &
    also_stop "$!"
    wait_for test -S one
    kill -HUP "$!"
    "$XENBENCH" exec "$(guest one)" -- true
    kill -0 "$!"
}

@test "xenbench works with SIGCHLD ignored at its start" {
    experiment 0.1
    env --ignore-signal=CHLD "$XENBENCH" run --quiet e.yaml >table
    grep -q 'long sleeps' table
}
