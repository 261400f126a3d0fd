# SPDX-License-Identifier: GPL-3.0-or-later
# What xenbench needs of an agent of any version or author. Guest `one` has the agent under test, `two` today's agent.
load ../cli/helper

gives_status_and_output() {
    run --separate-stderr "$XENBENCH" exec "$(guest one)" -- sh -c 'echo out; echo err >&2; exit 7'
    [ "$status" -eq 7 ]
    [ "$output" = out ]
    # shellcheck disable=SC2154 # bats sets stderr
    [ "$stderr" = err ]
}

carries_files() {
    head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/file"
    "$XENBENCH" push "$(guest one)" "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/there"
    cmp "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/there"
    "$XENBENCH" pull "$(guest one)" "$BATS_TEST_TMPDIR/there" "$BATS_TEST_TMPDIR/back"
    cmp "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/back"
}

# One experiment with both agents: prepare, each, metrics, and a case with background load.
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
