#!/usr/bin/env bats
# What reports say beyond the table of figures, from runs of agents behind unix sockets.
bats_require_minimum_version 1.5.0
load helper

setup() {
    export XENBENCH_STATE=$BATS_TEST_TMPDIR/state XENBENCH_RUN=$BATS_TEST_TMPDIR/run
    export XENBENCH_SHARE=$BATS_TEST_TMPDIR/share
    store=$XENBENCH_STATE/results.sqlite
    start_agent one
    start_agent two
}

teardown() {
    stop_agents
}

ask() {
    sqlite3 -cmd ".timeout 10000" "$store" "$1"
}

# experiment UNIT COMMAND-OF-ONE COMMAND-OF-TWO [SETTINGS-OF-TWO]
experiment() {
    local metric="{name: work, pattern: \"work=([0-9.]+)\", unit: \"$1\", better: more}"
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: a report
guests:
  one: {socket: $BATS_TEST_TMPDIR/one, workload: {name: a, command: "$2", metric: $metric}}
  two: {socket: $BATS_TEST_TMPDIR/two, ${4:-}workload: {name: b, command: "$3", metric: $metric}}
cases: [{name: only}]
repetitions: 2
timeout: 30s
END
    "$XENBENCH" run --quiet "$BATS_TEST_TMPDIR/e.yaml" --report-dir "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/table"
    cat "$BATS_TEST_TMPDIR/table"
}

again() {
    "$XENBENCH" report --format json >"$BATS_TEST_TMPDIR/out/results.json"
}

total() {
    jq -e ".summary[0].total | $1" "$BATS_TEST_TMPDIR/out/results.json"
}

@test "report: rates are added up over the overlap" {
    experiment 1/s 'sleep 0.3; echo work=12.5' 'sleep 0.3; echo work=7.5'
    grep -q "^Added up" "$BATS_TEST_TMPDIR/table"
    total '.unit == "1/s" and .by == "mean rate" and .value.n == 2 and (.value.median - 20 | fabs) < 1'
    total '.overlap_short == false and .covers.one.median > 0.8 and .covers_least.median <= .covers.one.median'
    run ! grep -q "ran together for" "$BATS_TEST_TMPDIR/table"
    grep -q "## Added up" "$BATS_TEST_TMPDIR/out/report.md"
    grep -q "<h2>Added up" "$BATS_TEST_TMPDIR/out/report.html"
}

@test "report: of amounts of work only what falls into the overlap counts, and a short overlap is warned of" {
    experiment units 'sleep 0.3; echo work=30' 'sleep 1; echo work=100'
    # A hundred units a second each: those of the second one after the overlap are not counted.
    total '.unit == "units/s" and .by == "mean rate" and .value.median > 170 and .value.median < 201'
    total '.overlap_short and .covers.two.median < 0.5 and .covers.one.median > 0.8 and .overlap_s.median < 0.5'
    grep -q "Warning: only: all jobs ran together for" "$BATS_TEST_TMPDIR/table"
    # Where Xen counted, the part of a job is that of its CPU time: the second one did a tenth of its work.
    ask "UPDATE samples SET run_ns = 1000000, overlap_run_ns = CASE guest WHEN 'one' THEN 1000000 ELSE 100000 END"
    ask "UPDATE cells SET overlap_ns = 400000000"
    again
    total '.by == "cpu time" and (.value.median - 100 | fabs) < 0.01'
    # One cell without Xen's counts: the two ways are not mixed.
    ask "UPDATE samples SET run_ns = NULL WHERE cell = 1"
    again
    total '.by == "mean rate"'
}

@test "report: what means nothing added up is not, nor is what one guest does alone" {
    experiment s 'echo work=1' 'echo work=1'
    run ! grep -q "Added up" "$BATS_TEST_TMPDIR/table"
    total '. == null'
    experiment 1/s 'sleep 0.2; echo work=10' 'sleep 0.2; echo work=10' 'background: true, '
    total '. == null'
}

@test "report: a cell in which a job failed is in no sum" {
    experiment 1/s 'sleep 0.2; echo work=10' 'sleep 0.2; echo work=10'
    ask "UPDATE samples SET status = 1 WHERE cell = 0 AND guest = 'two'"
    again
    total '.value.n == 1'
}
