#!/usr/bin/env bats
# The formats of a report, each read by a program that is not ours: docs/formats.md.
load helper

DATA=$BATS_TEST_DIRNAME/../data
SCHEMA=$BATS_TEST_DIRNAME/../../docs/results.schema.json

# The store has the run that tests/data/report tells of.
setup() {
    own_state
    mkdir -p "$XENBENCH_STATE"
    sqlite3 "$store" <"$DATA/report/run.sql"
    cd "$BATS_TEST_TMPDIR" || return
}

# Debian's libraries are for Debian's Python.
python() {
    /usr/bin/python3 "$@"
}

# Names from a store of somebody who means harm, or who writes them so.
HOSTILE_CASE=$'=HYPERLINK("http://x","a")\n\\n,\e[31m\xff'
HOSTILE_GUEST=$'a"b\\'
hostile_names() {
    ask "PRAGMA foreign_keys = OFF; UPDATE cases SET name = '$HOSTILE_CASE' WHERE case_no = 0;
         UPDATE guests SET guest = '$HOSTILE_GUEST' WHERE guest = 'one'; UPDATE parts SET guest = '$HOSTILE_GUEST' WHERE guest = 'one';
         UPDATE samples SET guest = '$HOSTILE_GUEST' WHERE guest = 'one'; UPDATE metrics SET guest = '$HOSTILE_GUEST' WHERE guest = 'one'"
}

# Also what is not JSON holds neither of these.
has_no_control_bytes() {
    run ! env LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xff' "$1"
}

# Refuse keys that the schema does not have.
strict_schema() {
    jq 'walk(if type == "object" and has("properties") and (has("additionalProperties") | not) then .additionalProperties = false else . end)' "$SCHEMA"
}

@test "formats: json follows the published schema, which has every key" {
    strict_schema >schema.json
    "$XENBENCH" report --format json >results.json
    /usr/bin/jsonschema -i results.json schema.json
    hostile_names
    "$XENBENCH" report --format json >results.json
    /usr/bin/jsonschema -i results.json schema.json
    # It does check.
    jq '.samples[0].wall_ns = "1"' results.json >wrong.json
    run ! /usr/bin/jsonschema -i wrong.json schema.json
    jq '.summary[0].guests.two.value.spread = 1' results.json >wrong.json
    run ! /usr/bin/jsonschema -i wrong.json schema.json
    jq 'del(.cells)' results.json >wrong.json
    run ! /usr/bin/jsonschema -i wrong.json schema.json
}

@test "formats: the schema has each column of the store, also of tables without a row" {
    local table
    "$XENBENCH" runs list # brings the store up to date
    for table in $(jq -r '.properties | to_entries[] | select(.value.items.properties) | .key' "$SCHEMA") runs; do
        jq -r ".properties | (.$table // .run) | .items.properties // .properties | keys[] | select(. != \"id\")" "$SCHEMA" | sort >documented
        ask "SELECT name FROM pragma_table_info('$table') WHERE name != 'run'" | sort | diff documented -
    done
    [ "$(jq '[.properties[] | select(.items.properties)] | length' "$SCHEMA")" -eq 18 ]
}

@test "formats: json of a run that has just ended, and of one without a sample, follows the schema" {
    strict_schema >schema.json
    start_agent one
    printf '%s\n' 'name: brief' "guests: {one: {socket: $BATS_TEST_TMPDIR/one}}" 'workload: {command: "true"}' 'cases: [{name: only}]' \
        'until: {interval: 50%, max: 6}' >e.yaml
    "$XENBENCH" run --quiet --store new.sqlite e.yaml --report-dir out >/dev/null
    /usr/bin/jsonschema -i out/results.json schema.json
    ask "DELETE FROM samples; UPDATE cells SET state = 'planned'; UPDATE runs SET state = 'unfinished', ended_at = NULL" new.sqlite
    "$XENBENCH" report --store new.sqlite --format json >results.json
    /usr/bin/jsonschema -i results.json schema.json
}
