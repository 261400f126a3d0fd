#!/usr/bin/env bats
# The store across versions and machines: old ones are migrated, `xenbench runs` lists, shows, deletes, exports, imports.
bats_require_minimum_version 1.5.0
load helper

setup() {
    export XENBENCH_STATE=$BATS_TEST_TMPDIR/state XENBENCH_RUN=$BATS_TEST_TMPDIR/run
    export XENBENCH_SHARE=$BATS_TEST_TMPDIR/share
    store=$XENBENCH_STATE/results.sqlite
    mkdir "$XENBENCH_STATE"
}

teardown() {
    stop_agents
}

ask() {
    sqlite3 "${2:-$store}" "$1"
}

# A store of version 1, as an earlier xenbench left it: its guests are agents in this test's folder.
old_store() {
    sed "s|/tmp/xb-v1/|$BATS_TEST_TMPDIR/|g" "$BATS_TEST_DIRNAME/store_v1.sql" | sqlite3 "${1:-$store}"
}

schema() {
    ask "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name" "$1"
}

@test "store: one of version 1 is migrated when it is opened, with all that is in it" {
    old_store
    [ "$(ask 'PRAGMA user_version')" -eq 1 ]
    before=$(ask "SELECT * FROM metrics; SELECT run, cell, attempt, guest, wall_ns FROM samples")
    run "$XENBENCH" report fb63e784
    [ "$status" -eq 0 ]
    [[ $output == *"an old run"*"first"*"12.50 ± 0.00"* ]]
    [ "$(ask 'PRAGMA user_version')" -gt 1 ]
    [ "$(ask 'PRAGMA integrity_check; PRAGMA foreign_key_check')" = ok ]
    [ "$(ask "SELECT * FROM metrics; SELECT run, cell, attempt, guest, wall_ns FROM samples")" = "$before" ]
    [ "$(ask "SELECT count(*) FROM parts WHERE role = 'measured' AND metric = 'ops'")" -eq 8 ]
    [ "$(ask "SELECT group_concat(DISTINCT ifnull(stopped, 'not')) FROM cases WHERE run LIKE 'fb63%'")" = count ]
    [ "$(ask "SELECT group_concat(DISTINCT ifnull(stopped, 'not')) FROM cases WHERE run LIKE '0662%'")" = not ]
    [ "$(ask "SELECT count(*) FROM results WHERE run LIKE 'fb63%' AND value = 12.5")" -eq 8 ]
}

@test "store: a migrated one has the schema of a new one" {
    old_store
    "$XENBENCH" report fb63e784 >/dev/null
    old_schema=$(schema "$store")
    start_agent one
    start_agent two
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: new
workload: {command: "true"}
guests: {one: {socket: $BATS_TEST_TMPDIR/one}}
repetitions: 1
END
    "$XENBENCH" run --store "$BATS_TEST_TMPDIR/new.sqlite" --quiet "$BATS_TEST_TMPDIR/e.yaml" >/dev/null
    [ "$(schema "$BATS_TEST_TMPDIR/new.sqlite")" = "$old_schema" ]
}

@test "store: a run that an earlier version began is finished by this one" {
    old_store
    start_agent one
    start_agent two
    "$XENBENCH" run --resume 0662e31b --quiet >/dev/null
    [ "$(ask "SELECT state FROM runs WHERE run LIKE '0662%'")" = finished ]
    [ "$(ask "SELECT count(*), count(DISTINCT cell) FROM cells WHERE run LIKE '0662%' AND state = 'done'")" = '6|6' ]
}
