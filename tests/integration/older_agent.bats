#!/usr/bin/env bats
# Today's controller and the agents of earlier protocols, each built from the last commit that spoke it (tests/older-agent).
load ../cli/helper

# with_agents PROTOCOL: `one` has the last agent of that protocol, `two` today's.
with_agents() {
    own_state
    start_agent two
    run "$BATS_TEST_DIRNAME/../older-agent" "$1"
    [ "$status" -ne 77 ] || skip "$output"
    [ "$status" -eq 0 ]
    AGENT=$output start_agent one
}

gives_status_and_output() {
    run --separate-stderr "$XENBENCH" exec "$(guest one)" -- sh -c 'echo out; echo err >&2; exit 7'
    [ "$status" -eq 7 ]
    [ "$output" = out ]
    [ "$stderr" = err ]
}

carries_files() {
    head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/file"
    "$XENBENCH" push "$(guest one)" "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/there"
    cmp "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/there"
    "$XENBENCH" pull "$(guest one)" "$BATS_TEST_TMPDIR/there" "$BATS_TEST_TMPDIR/back"
    cmp "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/back"
}

# One experiment for guests of both agents: prepare, each, metrics, and a case with background load.
measures() {
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: two agents
workload:
  prepare: touch $BATS_TEST_TMPDIR/prepared
  each: "true"
  command: "sleep 0.1; echo work=4"
  metric: {name: work, pattern: "work=([0-9]+)", better: more}
guests: {one: {socket: $BATS_TEST_TMPDIR/one}, two: {socket: $BATS_TEST_TMPDIR/two}}
cases: [{name: both}, {name: beside, guests: {one: {background: true}}}]
repetitions: 2
max_release_error: 1s
END
    run run_experiment
    echo "$output"
    [ "$status" -eq 0 ]
    [ -e "$BATS_TEST_TMPDIR/prepared" ]
    [ "$(ask "SELECT count(*) FROM metrics WHERE guest = 'one' AND value = 4")" -ge 2 ]
    [ "$(ask "SELECT count(*) FROM samples WHERE outcome = 'exited' AND status = 0 AND guest = 'two'")" -eq 4 ]
}

# What only protocol 1.2 has is refused with the versions and advice.
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
    local round
    for round in 1 2 3; do
        run timeout --signal=INT 1 "$XENBENCH" exec "$(guest one)" -- sleep "71.$round"
        [ "$status" -ne 0 ]
        wait_for nothing_sleeps "71.$round"
        gives_status_and_output
    done
}
