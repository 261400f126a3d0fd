#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Whom the init script of the agent ends: the agent, not a process that has got its number since.
bats_require_minimum_version 1.5.0

setup() {
    script=$BATS_TEST_TMPDIR/init
    pid_file=$BATS_TEST_TMPDIR/pid
    sed "s|^pid_file=.*|pid_file=$pid_file|" "$BATS_TEST_DIRNAME/../../guest-agent/xenbench-agent.init" >"$script"
    grep -qx "pid_file=$pid_file" "$script"
}

@test "stop ends no process but the agent's, and removes a stale pid file" {
    sleep 30 3>&- &
    other=$!
    echo "$other" >"$pid_file"
    run ! sh "$script" status
    sh "$script" stop
    kill "$other" # it is still there
    [ ! -e "$pid_file" ]
}

@test "stop ends the supervising shell and its child" {
    sh -c 'until sleep "$0"; do :; done; : /usr/lib/xenbench/xenbench-agent' 30 3>&- &
    supervisor=$!
    until child=$(cat "/proc/$supervisor/task/$supervisor/children") && [ -n "$child" ]; do sleep 0.02; done
    echo "$supervisor" >"$pid_file"
    sh "$script" status
    sh "$script" stop
    wait "$supervisor" || [ "$?" -eq 143 ]
    # Nobody need have waited for it: a zombie has no command line.
    timeout 10 sh -c 'while grep -qs sleep "$0"; do sleep 0.02; done' "/proc/$child/cmdline"
    [ ! -e "$pid_file" ]
}

@test "a pid file of a process that has ended is stale, and nothing is said of it" {
    sh -c : &
    echo "$!" >"$pid_file"
    wait "$!"
    run ! sh "$script" status
    [ -z "$output" ]
    run -0 sh "$script" stop
    [ -z "$output" ]
    [ ! -e "$pid_file" ]
}
