#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Today's controller with agents of earlier protocols, each built from the last commit that spoke its protocol
# (tests/older-agent).
load agents

# with_agents PROTOCOL: starts the last agent of that protocol in guest `one`, and today's in `two`.
with_agents() {
    own_state
    start_agent two
    run "$BATS_TEST_DIRNAME/../older-agent" "$1"
    [ "$status" -ne 77 ] || skip "$output"
    [ "$status" -eq 0 ]
    AGENT=$output start_agent one
}

# A feature of protocol 1.2 is refused with the versions and advice.
refuses_input() {
    run "$XENBENCH" exec -i "$(guest one)" -- cat <<<input
    [ "$status" -eq 3 ]
    [[ $output == *"speaks protocol $1"*"need 1.2"*"update the agent"* ]]
}

@test "an agent of protocol 1.0: exec, files, a measurement beside today's agent, and what it cannot do is told" {
    with_agents 1.0
    gives_status_and_output
    carries_files
    measures
    refuses_input 1.0
}

@test "an agent of protocol 1.1: the same" {
    with_agents 1.1
    gives_status_and_output
    carries_files
    measures
    refuses_input 1.1
}

nothing_sleeps() { ! pgrep -xf "sleep $1" >/dev/null; }

@test "a job that an older agent runs is ended by Ctrl-C, and one connection after another is served" {
    with_agents 1.1
    local round controller
    for round in 1 2 3; do
        env --default-signal=INT "$XENBENCH" exec "$(guest one)" -- sleep "71.$round" 3>&- &
        controller=$!
        wait_for pgrep -xf "sleep 71.$round"
        kill -INT "$controller"
        ! wait "$controller" || return 1
        wait_for nothing_sleeps "71.$round"
        gives_status_and_output
    done
}
