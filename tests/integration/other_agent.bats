#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Today's controller with an agent in another language, written from docs/protocol.md alone (tests/other-agent). A failure
# here is a mistake in that agent, or something that the document does not say.
load agents

setup() {
    own_state
    start_agent two
    AGENT=$BATS_TEST_DIRNAME/../other-agent/agent start_agent one
}

@test "another agent: exec, files, and an experiment beside our own agent" {
    gives_status_and_output
    carries_files
    measures
}

@test "another agent: standard input, a terminal, signals, a time-out and the end of all that a job started" {
    run bash -c "seq 100000 | '$XENBENCH' exec -i '$(guest one)' -- cat | cksum"
    [ "$output" = "$(seq 100000 | cksum)" ]
    run bash -c "echo tty | '$XENBENCH' exec -t '$(guest one)' -- sh"
    [[ $output == */dev/pts/* ]]
    run "$XENBENCH" exec "$(guest one)" --timeout 0.2 -- sh -c 'setsid sleep 371 & sleep 371'
    [ "$status" -eq 124 ]
    run pgrep -xf 'sleep 371'
    [ "$status" -eq 1 ]
    local status=0
    "$XENBENCH" exec "$(guest one)" -- sh -c "trap 'echo caught; exit 3' TERM; touch '$BATS_TEST_TMPDIR/ready'
        while :; do sleep 0.05; done" >"$BATS_TEST_TMPDIR/out" 3>&- &
    wait_for test -e "$BATS_TEST_TMPDIR/ready"
    kill -TERM "$!"
    wait "$!" || status=$?
    [ "$status" -eq 3 ]
    grep -q caught "$BATS_TEST_TMPDIR/out"
}

@test "another agent: a connection that breaks before the release or during the output loses nothing" {
    local type
    head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
    for type in 9 13; do # RELEASE, CREDIT
        cut_wire one "$type" 1
        "$XENBENCH" exec "$(guest between)" -- cat "$BATS_TEST_TMPDIR/bytes" >"$BATS_TEST_TMPDIR/copy"
        cmp "$BATS_TEST_TMPDIR/bytes" "$BATS_TEST_TMPDIR/copy"
        rm "$BATS_TEST_TMPDIR/between"
    done
    [ "$(grep -c cut "$BATS_TEST_TMPDIR/cuts")" -eq 2 ]
}

# Without the tests of bounded memory, because that agent does not bound its output.
@test "another agent passes the tests of our own: handshake, several controllers, jobs, their surroundings, files, input" {
    [ -x "$BIN/../tests/test_agent_jobs" ] || skip "make check-slow builds these programs"
    mkdir "$BATS_TEST_TMPDIR/bin"
    ln -s "$(realpath "$BATS_TEST_DIRNAME/../other-agent/agent")" "$BATS_TEST_TMPDIR/bin/xenbench-agent"
    local failed=0
    for test in session sessions jobs setup files input; do
        XENBENCH_BIN=$BATS_TEST_TMPDIR/bin "$BIN/../tests/test_agent_$test" >"$BATS_TEST_TMPDIR/$test" 2>&1 || {
            grep -v '^ok' "$BATS_TEST_TMPDIR/$test"
            failed=1
        }
    done
    [ "$failed" -eq 0 ]
}
