#!/usr/bin/env bats
# Today's controller and the agents of earlier protocols, each built from the last commit that spoke it. A shallow clone has no
# such commit, and its tests are skipped.
load ../cli/helper

top=$(realpath "$BATS_TEST_DIRNAME/../..")
# The first releases get their tags here.
last_of_1_0=e8067cf6436dc64306887e922e45f2e5e262e875
last_of_1_1=e4e56689220471613cfebca18e0ef9f3e3f67762

# An agent is built once, whatever make's flags are here: it is to be the one that images of its time hold.
older_agent() {
    local tree=$top/build/older/$1 lock
    mkdir -p "$top/build/older"
    exec {lock}>"$tree.lock"
    flock "$lock"
    if ! [ -x "$tree/build/bin/xenbench-agent" ]; then
        mkdir -p "$tree"
        git -C "$top" archive "$1" | tar -x -C "$tree"
        env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C "$tree" build/bin/xenbench-agent >"$tree.log" 2>&1 3>&- {lock}>&- ||
            { tail -n 5 "$tree.log"; return 1; }
    fi
    export AGENT=$tree/build/bin/xenbench-agent
}

# with_agents COMMIT: `one` has the agent of that commit, `two` today's.
with_agents() {
    git -C "$top" cat-file -e "$1^{commit}" 2>/dev/null || skip "commit ${1:0:7} is not in this clone"
    own_state
    start_agent two
    older_agent "$1"
    start_agent one
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
    [ "$(ask "SELECT count(*) FROM metrics JOIN cells USING (run, cell, attempt) WHERE guest = 'one' AND value = 4 AND collected")" -ge 2 ]
    [ "$(ask "SELECT count(*) FROM samples WHERE outcome = 'exited' AND status = 0 AND guest = 'two'")" -eq 4 ]
}

# What only protocol 1.2 has is refused with the versions and advice.
refuses_input() {
    run "$XENBENCH" exec -i "$(guest one)" -- cat <<<input
    [ "$status" -eq 1 ]
    [[ $output == *"speaks protocol $1"*"need 1.2"*"update the agent"* ]]
}

@test "an agent of protocol 1.0: exec, files, a measurement beside today's agent, and what it cannot do is told" {
    with_agents "$last_of_1_0"
    gives_status_and_output
    carries_files
    measures
    refuses_input 1.0
}

@test "an agent of protocol 1.1: the same" {
    with_agents "$last_of_1_1"
    gives_status_and_output
    carries_files
    measures
    refuses_input 1.1
}

@test "a job that an older agent runs is ended by Ctrl-C, and one connection after another is served" {
    with_agents "$last_of_1_1"
    local round
    for round in 1 2 3; do
        run timeout --signal=INT 1 "$XENBENCH" exec "$(guest one)" -- sleep "71.$round"
        [ "$status" -ne 0 ]
        wait_for bash -c "! pgrep -f 'sleep 71.$round' >/dev/null"
        gives_status_and_output
    done
}
