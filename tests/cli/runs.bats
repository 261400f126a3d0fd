#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The store across versions and machines: migration, and `xenbench runs` list, show, delete, export
# and import.
load helper

setup() {
    own_state
    mkdir "$XENBENCH_STATE"
}

# Make a store of version 1, by an earlier xenbench; its guests are agents in this test's folder.
old_store() {
    sed "s|/tmp/xb-v1/|$BATS_TEST_TMPDIR/|g" "$BATS_TEST_DIRNAME/store_v1.sql" | sqlite3 "${1:-$store}"
}

schema() {
    ask "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name" "$1"
}

@test "store: version 1 is migrated when it is opened, with all its content" {
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

@test "store: a migrated store has the schema of a new one" {
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

@test "store: this version finishes a run that an earlier one began" {
    old_store
    start_agent one
    start_agent two
    # The run began on another host. If the store no longer says so, the run is resumed.
    run "$XENBENCH" run --resume 0662e31b --quiet
    [ "$status" -eq 2 ]
    [[ $output == *"began on another host"* ]]
    ask "DELETE FROM host WHERE run LIKE '0662%'"
    "$XENBENCH" run --resume 0662e31b --quiet >/dev/null
    [ "$(ask "SELECT state FROM runs WHERE run LIKE '0662%'")" = finished ]
    [ "$(ask "SELECT count(*), count(DISTINCT cell) FROM cells WHERE run LIKE '0662%' AND state = 'done'")" = '6|6' ]
}

# experiment NAME [COMMAND]: writes an experiment with one guest and two cells.
experiment() {
    cat >"$BATS_TEST_TMPDIR/$1.yaml" <<END
name: $1
workload:
  command: "${2:-true}; echo ops=12.5"
  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}
guests: {one: {socket: $BATS_TEST_TMPDIR/one}}
repetitions: 2
max_release_error: 1s
END
}

# measure NAME [OPTION...]: writes the experiment and runs it to its end.
measure() {
    local name=$1
    shift
    experiment "$name"
    "$XENBENCH" run "$BATS_TEST_TMPDIR/$name.yaml" --quiet "$@" >/dev/null
}

# Everything in a store except the mark of imports, for comparison.
content() {
    local table
    for table in $(ask "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1" "$1"); do
        echo "$table"
        if [ "$table" = runs ]; then
            ask "SELECT run, name, experiment, state, seed, workload, started_at, ended_at, overrides FROM runs ORDER BY 1" "$1"
        else
            ask "SELECT * FROM $table ORDER BY 1, 2, 3" "$1"
        fi
    done
}

@test "runs: list and show, as text and JSON; the experiment can be retrieved" {
    start_agent one
    measure alpha
    sleep 1.1 # runs are sorted by the second of their start
    measure beta --set repetitions=3
    run "$XENBENCH" runs list
    [ "$status" -eq 0 ]
    [[ $output == *"finished"*"2/2"*"command"*"alpha"*"finished"*"3/3"*"beta"* ]]
    "$XENBENCH" runs list --json | jq -e 'length == 2 and .[1].name == "beta" and .[1].done == 3'
    run "$XENBENCH" runs show
    echo "$output"
    [[ $output == *"name          beta"*"set           [\"repetitions=3\"]"*"3 repetitions, stopped: count"* ]]
    id=$(ask "SELECT substr(run, 1, 8) FROM runs WHERE name = 'alpha'")
    "$XENBENCH" runs show "$id" --experiment | cmp - "$BATS_TEST_TMPDIR/alpha.yaml"
    "$XENBENCH" runs show "$id" --json | jq -e '.schema == "xenbench-results/1" and .run.name == "alpha"'
    run "$XENBENCH" runs show ffffffff
    [ "$status" -eq 2 ]
    run "$XENBENCH" runs nothing
    [ "$status" -eq 2 ]
    run "$XENBENCH" runs delete
    [ "$status" -eq 2 ]
}

@test "runs: delete removes a run completely and no other; an unfinished one only with --force" {
    start_agent one
    measure alpha
    before=$(content "$store")
    measure beta
    id=$(ask "SELECT run FROM runs WHERE name = 'beta'")
    ask "UPDATE runs SET state = 'unfinished' WHERE name = 'beta'"
    run "$XENBENCH" runs delete "$id"
    [ "$status" -eq 2 ]
    [[ $output == *"--resume ${id:0:8}"* ]]
    # Either all named runs are deleted, or none.
    run "$XENBENCH" runs delete "$(ask "SELECT run FROM runs WHERE name = 'alpha'")" "$id"
    [ "$status" -eq 2 ]
    [ "$(ask "SELECT count(*) FROM runs")" -eq 2 ]
    "$XENBENCH" runs delete --force "${id:0:8}"
    [ "$(content "$store")" = "$before" ]
}

@test "runs: an export is imported elsewhere unchanged, and a second import changes nothing" {
    start_agent one
    measure alpha
    measure beta
    "$XENBENCH" runs export --all --output "$BATS_TEST_TMPDIR/all.sqlite"
    id=$(ask "SELECT run FROM runs WHERE name = 'alpha'")
    "$XENBENCH" runs export "${id:0:8}" --output "$BATS_TEST_TMPDIR/alpha.sqlite"
    [ "$(ask 'SELECT group_concat(name) FROM runs' "$BATS_TEST_TMPDIR/alpha.sqlite")" = alpha ]
    run "$XENBENCH" runs export --all --output "$BATS_TEST_TMPDIR/all.sqlite"
    [ "$status" -eq 2 ]
    other=$BATS_TEST_TMPDIR/other.sqlite
    run "$XENBENCH" runs import --store "$other" "$BATS_TEST_TMPDIR/alpha.sqlite"
    [[ $output == *"1 run added, 0 finished, 0 known"* ]]
    run "$XENBENCH" runs import --store "$other" "$BATS_TEST_TMPDIR/all.sqlite"
    [[ $output == *"1 run added, 0 finished, 1 known"* ]]
    [ "$(content "$other")" = "$(content "$store")" ]
    sum=$(sha256sum "$BATS_TEST_TMPDIR/all.sqlite")
    run "$XENBENCH" runs import --store "$other" "$BATS_TEST_TMPDIR/all.sqlite" "$BATS_TEST_TMPDIR/alpha.sqlite"
    [[ $output == *"0 runs added, 0 finished, 2 known"* ]]
    [ "$(content "$other")" = "$(content "$store")" ]
    [ "$(sha256sum "$BATS_TEST_TMPDIR/all.sqlite")" = "$sum" ]
    run ! compgen -G "$BATS_TEST_TMPDIR/all.sqlite-*"
    report=$("$XENBENCH" report "$id")
    [ -n "$report" ]
    [ "$("$XENBENCH" report "$id" --store "$other")" = "$report" ]
    "$XENBENCH" runs export --all | jq -e '.schema == "xenbench-runs/1" and (.runs | length) == 2'
    "$XENBENCH" runs export "$id" --output "$BATS_TEST_TMPDIR/a.json"
    jq -e '.run.name == "alpha" and (.samples | length) == 2' "$BATS_TEST_TMPDIR/a.json"
}

@test "runs: an export killed at any step leaves nothing near the file, and the next one succeeds" {
    local step out
    old_store
    for out in a.sqlite a.json; do
        for step in export-filled file-written; do
            [ "$out $step" != "a.json export-filled" ] || continue
            mkdir "$BATS_TEST_TMPDIR/out"
            run env XENBENCH_FAULT=$step "$XENBENCH" runs export --all --output "$BATS_TEST_TMPDIR/out/$out"
            [ "$status" -eq 137 ]
            [ -z "$(ls -A "$BATS_TEST_TMPDIR/out")" ]
            "$XENBENCH" runs export --all --output "$BATS_TEST_TMPDIR/out/$out"
            [ "$(ls -A "$BATS_TEST_TMPDIR/out")" = "$out" ]
            [ "$(stat -c %a "$BATS_TEST_TMPDIR/out/$out")" = "$(printf %o $((0666 & ~$(umask))))" ]
            rm -r "$BATS_TEST_TMPDIR/out"
        done
    done
}

@test "runs: an exported store is one complete file; an unwritable one is reported" {
    old_store
    "$XENBENCH" runs export --all --output "$BATS_TEST_TMPDIR/a.sqlite"
    [ "$(ask 'PRAGMA integrity_check; PRAGMA foreign_key_check' "$BATS_TEST_TMPDIR/a.sqlite")" = ok ]
    [ "$(ask 'PRAGMA journal_mode' "$BATS_TEST_TMPDIR/a.sqlite")" = delete ]
    [ "$(schema "$BATS_TEST_TMPDIR/a.sqlite")" = "$(schema "$store")" ]
    [ "$(ask 'SELECT count(*) FROM metrics' "$BATS_TEST_TMPDIR/a.sqlite")" = "$(ask 'SELECT count(*) FROM metrics')" ]
    run "$XENBENCH" runs export --all --output "$BATS_TEST_TMPDIR/none/a.sqlite"
    [ "$status" -eq 2 ]
    [[ $output == *"cannot write $BATS_TEST_TMPDIR/none/a.sqlite"* ]]
}

@test "runs: stores of several hosts merge to the same result in any order" {
    start_agent one
    for host in a b c; do
        measure "$host" --store "$BATS_TEST_TMPDIR/$host.sqlite"
    done
    "$XENBENCH" runs import --store "$BATS_TEST_TMPDIR/m1.sqlite" "$BATS_TEST_TMPDIR"/{a,b,c}.sqlite
    "$XENBENCH" runs import --store "$BATS_TEST_TMPDIR/m2.sqlite" "$BATS_TEST_TMPDIR"/{c,a}.sqlite
    "$XENBENCH" runs import --store "$BATS_TEST_TMPDIR/m2.sqlite" "$BATS_TEST_TMPDIR"/{m1,b}.sqlite
    [ "$(content "$BATS_TEST_TMPDIR/m1.sqlite")" = "$(content "$BATS_TEST_TMPDIR/m2.sqlite")" ]
    [ "$(ask 'SELECT group_concat(name) FROM (SELECT name FROM runs ORDER BY 1)' "$BATS_TEST_TMPDIR/m1.sqlite")" = a,b,c ]
    [ "$(ask 'PRAGMA integrity_check; PRAGMA foreign_key_check' "$BATS_TEST_TMPDIR/m1.sqlite")" = ok ]
}

@test "runs: a partly imported run is not resumed here, and importing the whole completes it" {
    start_agent one
    experiment cut "[ \$XENBENCH_CELL -lt 1 ] || until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.05; done"
    "$XENBENCH" run "$BATS_TEST_TMPDIR/cut.yaml" --store "$BATS_TEST_TMPDIR/there.sqlite" --quiet >/dev/null 2>&1 3>&- &
    pid=$!
    wait_for eval '[ "$(ask "SELECT count(*) FROM cells WHERE state = '"'done'"'" "$BATS_TEST_TMPDIR/there.sqlite" 2>/dev/null)" = 1 ]'
    kill -KILL "$pid"
    wait "$pid" || true
    touch "$BATS_TEST_TMPDIR/go"
    "$XENBENCH" runs import "$BATS_TEST_TMPDIR/there.sqlite"
    run "$XENBENCH" run --resume latest
    [ "$status" -eq 2 ]
    [[ $output == *"was imported from another store"* ]]
    # Without --resume, the file starts a new run here.
    "$XENBENCH" run "$BATS_TEST_TMPDIR/cut.yaml" --quiet >/dev/null
    [ "$(ask "SELECT count(*) FROM runs")" -eq 2 ]
    "$XENBENCH" run "$BATS_TEST_TMPDIR/cut.yaml" --store "$BATS_TEST_TMPDIR/there.sqlite" --quiet >/dev/null
    run "$XENBENCH" runs import "$BATS_TEST_TMPDIR/there.sqlite"
    [[ $output == *"0 runs added, 1 finished, 0 known"* ]]
    [ "$(ask "SELECT count(*) FROM runs WHERE state = 'finished'")" -eq 2 ]
}

@test "runs: an old store is imported without being changed" {
    old_store "$BATS_TEST_TMPDIR/old.sqlite"
    sum=$(sha256sum "$BATS_TEST_TMPDIR/old.sqlite")
    run "$XENBENCH" runs import "$BATS_TEST_TMPDIR/old.sqlite"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"2 runs added"* ]]
    [ "$(ask "SELECT count(*) FROM parts")" -eq 8 ]
    [ "$(sha256sum "$BATS_TEST_TMPDIR/old.sqlite")" = "$sum" ]
}

# refused FILE MESSAGE: importing it fails with this message, and the store is unchanged.
refused() {
    before=$(content "$store")
    run "$XENBENCH" runs import "$1"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"$2"* ]]
    [ "$(content "$store")" = "$before" ]
}

@test "runs: damaged, newer and hostile stores and other files are refused, and nothing changes" {
    start_agent one
    measure alpha
    good=$BATS_TEST_TMPDIR/good.sqlite bad=$BATS_TEST_TMPDIR/bad.sqlite
    measure beta --store "$good"
    ask 'PRAGMA journal_mode = DELETE' "$good"

    refused "$BATS_TEST_TMPDIR/none.sqlite" "cannot be read"
    refused "$BATS_TEST_TMPDIR" "is no file"
    refused "$store" "is the store itself"
    head -c 8192 /dev/urandom >"$bad"
    refused "$bad" "is not a store of xenbench"
    : >"$bad"
    refused "$bad" "not a store of xenbench"
    rm "$bad"
    sqlite3 "$bad" 'CREATE TABLE precious (x)'
    refused "$bad" "not a store of xenbench"

    # Each of these is the good store with one change.
    spoil() {
        cp "$good" "$bad"
        sqlite3 "$bad" "$1"
        refused "$bad" "$2"
    }
    spoil "PRAGMA user_version = 99" "has version 99"
    spoil "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM samples; END" "its schema is not that of its version"
    spoil "DROP VIEW results; CREATE VIEW results AS SELECT load_extension('x')" "its schema is not that of its version"
    spoil "ALTER TABLE runs ADD COLUMN more TEXT" "its schema is not that of its version"
    spoil "PRAGMA foreign_keys = OFF; DELETE FROM cells" "is damaged"
    spoil "UPDATE runs SET run = '../../etc/passwd'" "is damaged"
    spoil "PRAGMA foreign_keys = OFF; UPDATE runs SET run = upper(run)" "is damaged"
    spoil "PRAGMA ignore_check_constraints = ON; UPDATE runs SET state = 'other'" "is damaged"
    spoil "CREATE TABLE sqliteXstat (x)" "its schema is not that of its version"
    spoil "UPDATE runs SET name = printf('%.*c', 5000000, 'x')" "a value of runs.name is too long"
    spoil "INSERT INTO guests (run, guest, position) SELECT run, printf('%.*c', 256, 'g'), 1 FROM runs" "is too long"
    # A run of the same name with other results.
    cp "$store" "$bad"
    ask 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    cp "$store" "$bad"
    sqlite3 "$bad" "UPDATE samples SET ended_ns = 1"
    refused "$bad" "is in both stores with other results"

    # Overwrite bytes at many places: the file is refused or the change harmless, never a crash or half an import.
    local bytes target=$BATS_TEST_TMPDIR/target.sqlite
    size=$(stat -c %s "$good")
    RANDOM=7
    for ((i = 0; i < 40; i++)); do
        cp "$good" "$bad"
        at=$(((RANDOM * 32768 + RANDOM) % (size - 64)))
        bytes=
        for ((j = 0; j < 64; j++)); do
            printf -v bytes '%s\\x%02x' "$bytes" $((RANDOM & 255))
        done
        printf %b "$bytes" | dd of="$bad" bs=1 seek=$at conv=notrunc status=none
        run "$XENBENCH" runs import --store "$target" "$bad"
        echo "$at: $status $output"
        if [ "$status" -eq 0 ]; then
            [ "$(ask 'SELECT count(*) FROM runs' "$target")" -eq 1 ]
            [ "$(ask 'PRAGMA integrity_check; PRAGMA foreign_key_check' "$target")" = ok ]
        else
            [ "$status" -eq 2 ]
            [ ! -e "$target" ] || [ "$(ask 'SELECT count(*) FROM runs' "$target")" -eq 0 ]
        fi
        rm -f "$target"*
    done
    # The good store is accepted.
    "$XENBENCH" runs import "$good"
    [ "$(ask 'SELECT count(*) FROM runs')" -eq 2 ]
}

@test "runs: a second controller is refused with process, command and run of the first" {
    start_agent one
    measure alpha
    experiment long 'sleep 3'
    "$XENBENCH" run "$BATS_TEST_TMPDIR/long.yaml" --quiet >/dev/null 2>&1 3>&- &
    pid=$!
    wait_for eval '[ "$(ask "SELECT count(*) FROM cells WHERE state = '"'released'"'" 2>/dev/null)" = 1 ]'
    id=$(ask "SELECT substr(run, 1, 8) FROM runs WHERE name = 'long'")
    for command in "run $BATS_TEST_TMPDIR/alpha.yaml" "runs delete --all" "runs import $BATS_TEST_TMPDIR/x"; do
        # shellcheck disable=SC2086 # words
        run "$XENBENCH" $command
        echo "$output"
        [ "$status" -eq 3 ]
        [[ $output == *"another experiment runs on this host"*"process $pid xenbench, run $id of \`long\`"* ]]
    done
    # Reading is allowed.
    "$XENBENCH" runs list
    kill -TERM "$pid"
    wait "$pid" || true
    "$XENBENCH" run "$BATS_TEST_TMPDIR/alpha.yaml" --quiet >/dev/null
}
