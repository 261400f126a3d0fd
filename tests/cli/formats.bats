#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The formats of a report (docs/formats.md), each read by a program that is not ours.
load helper

DATA=$BATS_TEST_DIRNAME/../data
SCHEMA=$BATS_TEST_DIRNAME/../../docs/results.schema.json

# The store has the run of tests/data/report.
setup() {
    own_state
    mkdir -p "$XENBENCH_STATE"
    sqlite3 "$store" <"$DATA/report/run.sql"
    cd "$BATS_TEST_TMPDIR" || return
}

# Debian's Python, which finds Debian's libraries.
python() {
    /usr/bin/python3 "$@"
}

# Names from the store of an attacker, or of somebody who uses such names.
HOSTILE_CASE=$'=HYPERLINK("http://x","a")\n\\n,\e[31m\xff'
HOSTILE_GUEST=$'a"b\\'
hostile_names() {
    ask "PRAGMA foreign_keys = OFF; UPDATE cases SET name = '$HOSTILE_CASE' WHERE case_no = 0;
         UPDATE guests SET guest = '$HOSTILE_GUEST' WHERE guest = 'one'; UPDATE parts SET guest = '$HOSTILE_GUEST' WHERE guest = 'one';
         UPDATE samples SET guest = '$HOSTILE_GUEST' WHERE guest = 'one'; UPDATE metrics SET guest = '$HOSTILE_GUEST' WHERE guest = 'one'"
}

# The file has neither control bytes nor invalid UTF-8, even if it is not JSON.
has_no_control_bytes() {
    run ! env LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xff' "$1"
}

@test "formats: the help, the manual page and the documentation name each one" {
    local format formats
    formats=$("$XENBENCH" --complete report --format '' | cut -f 1)
    [ "$(wc -l <<<"$formats")" -ge 10 ]
    for format in $formats; do
        "$XENBENCH" report --help | grep -q "^  $format: "
        grep -q "^  ${format//-/\\\\-}: " "$BIN/../man/xenbench-report.8"
        grep -q "^| \`$format\` |" "$BATS_TEST_DIRNAME/../../docs/formats.md"
    done
    run --separate-stderr "$XENBENCH" compare --format csv a b
    [ "$status" -eq 2 ]
    [[ $stderr == *"--format=csv is none of table, md, html, json"* ]]
}

@test "formats: md has the tables of the page, as GitHub's parser reads it, and no markup in a name" {
    hostile_names
    ask "UPDATE cases SET name = '<b>|*a*|' || char(10) || '[x](y) \`c\`' WHERE case_no = 1"
    "$XENBENCH" report --format md >report.md
    has_no_control_bytes report.md
    cmark-gfm --extension table --to xml report.md >report.xml
    # The only HTML markup is our own, and no name makes a link, an emphasis or code.
    grep -o '<html_inline[^>]*>[^<]*' report.xml | sed 's/.*>//' | sort -u | paste -sd' ' | diff - <(echo '&lt;/sub&gt; &lt;br&gt; &lt;sub&gt;')
    grep -o '<html_block[^>]*>[^<]*' report.xml | sed 's/.*>//' | sort -u >blocks # the report's own folded parts
    run ! grep -vE "^&lt;(details&gt;&lt;summary&gt;[A-Za-z ,:']+&lt;/summary|/details)&gt;$" blocks
    run ! grep -qE '<(link|emph|strong|code|code_block|image)\b' report.xml
    "$XENBENCH" report --format html >report.html
    [ "$(grep -cE '<table_(row|header)\b' report.xml)" -eq "$(sed '/<summary>Every sample/,$d' report.html | grep -o '<tr>' | wc -l)" ]
}

@test "formats: csv has each counted sample, as sqlite3 reads it" {
    "$XENBENCH" report --format csv >samples.csv
    sqlite3 :memory: '.import --csv samples.csv t' "ATTACH '$store' AS store" \
        "SELECT count(*), sum(abs(t.wall_s - r.wall_s) > 1e-9), sum(r.value IS NOT nullif(t.value, '') + 0.0), sum(t.outcome IS NOT r.outcome)
         FROM t JOIN results r ON r.\"case\" = t.\"case\" AND r.guest = t.guest AND r.repetition = t.repetition" >joined
    # A job that timed out has no figure in the report, but the store has the metric that it printed.
    [ "$(cat joined)" = "15|0|$(ask "SELECT count(*) FROM results WHERE outcome != 'exited' AND value IS NOT NULL")|0" ] || { cat joined; false; }
    [ "$(ask 'SELECT count(*) FROM results')" -eq 15 ]
    # The documentation lists the columns in the same order.
    sed -n 's/^| `\([a-z0-9_]*\)` |.*/\1/p' <<<"$(sed -n '/^## csv$/,/^## csv-/p' "$BATS_TEST_DIRNAME/../../docs/formats.md")" | paste -sd, >documented
    head -1 samples.csv | diff documented -
}

@test "formats: csv quotes by RFC 4180, and no name becomes a formula" {
    hostile_names
    "$XENBENCH" report --format csv >samples.csv
    has_no_control_bytes samples.csv
    python - <<'END'
import csv
rows = list(csv.DictReader(open("samples.csv", newline=""), strict=True))
assert len(rows) == 15 and all(None not in row and None not in row.values() for row in rows)
assert {row["case"] for row in rows} == {"'=HYPERLINK(\"http://x\",\"a\")\n\\n,\\x1b[31m\\xff", "noisy <neighbour>"}, rows
assert {row["guest"] for row in rows} == {'a"b\\', "two", "three"}
END
    sqlite3 :memory: '.import --csv samples.csv t' 'SELECT DISTINCT guest FROM t ORDER BY 1' | diff - <(printf '%s\n' "$HOSTILE_GUEST" three two)
}

# Print the schema, changed to refuse keys that it does not have.
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
    # The checker does find mistakes.
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
    [ "$(jq '[.properties[] | select(.items.properties)] | length' "$SCHEMA")" -eq 20 ]
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

@test "formats: openmetrics, as both parsers of Prometheus' library read it" {
    "$XENBENCH" report --format openmetrics >metrics
    python "$BATS_TEST_DIRNAME/openmetrics.py" metrics >samples.json
    "$XENBENCH" report --format json >results.json
    value() { jq -e "[.[] | select(.name == \"xenbench_$1\" and .labels.case == \"$2\" and .labels.guest == \"$3\")] | length == 1 and (.[0].value $4)" samples.json; }
    value figure quiet one "- $(jq .summary[0].guests.one.value.median results.json) | fabs < 1e-12"
    value figure_high quiet one "- $(jq .summary[0].guests.one.value.median_interval[1] results.json) | fabs < 1e-12"
    value wall_seconds quiet two "- $(jq .summary[0].guests.two.wall_s.median results.json) | fabs < 1e-12"
    value dispatch_delay_seconds quiet two "* 1000 - $(jq .summary[0].guests.two.dispatch_delay_ms.median results.json) | fabs < 1e-9"
    value cpu_share_ratio "noisy <neighbour>" three "- $(jq .summary[1].guests.three.cpu_share.median results.json) | fabs < 1e-12"
    value samples quiet two '== 2'
    value failed_samples quiet two '== 1'
    jq -e '[.[] | select(.name == "xenbench_run_info")] | length == 1 and .[0].labels.xen_version == "4.17.3"' samples.json
    jq -e '[.[] | select(.name == "xenbench_run_end_timestamp_seconds")][0].value == 1793527231' samples.json
    [ "$(date -u -d @1793527231 +%FT%TZ)" = "$(ask 'SELECT ended_at FROM runs')" ]
}

@test "formats: openmetrics escapes what stands in a label" {
    hostile_names
    "$XENBENCH" report --format openmetrics >metrics
    has_no_control_bytes metrics
    python "$BATS_TEST_DIRNAME/openmetrics.py" metrics >samples.json
    jq -e --arg guest "$HOSTILE_GUEST" --arg case $'=HYPERLINK("http://x","a")\n\\n,\\x1b[31m\\xff' \
        '[.[] | select(.name == "xenbench_figure" and .labels.guest == $guest and .labels.case == $case)] | length == 1' samples.json
}

@test "formats: hyperfine has the keys of its export, and figures that follow from the times" {
    "$XENBENCH" report --format hyperfine >hyperfine.json
    jq -e '.results | length == 4 and all(
        (keys - ["command", "mean", "stddev", "median", "user", "system", "min", "max", "times", "exit_codes", "parameters"]) == []
        and (.command | type) == "string" and (.exit_codes | length) == (.times | length) and (.exit_codes | all(. == 0))
        and ((.times | add / length) - .mean | fabs) < 1e-9 and (.times | min) == .min and (.times | max) == .max
        and .min <= .median and .median <= .max and .user > 0 and .stddev > 0)' hyperfine.json
    jq -e '.results[1] | .command == "quiet, two" and .parameters == {case: "quiet", guest: "two"} and (.times | length) == 2' hyperfine.json
    # A single time has no deviation.
    ask "UPDATE samples SET outcome = 'timeout' WHERE guest = 'two' AND cell != 3"
    "$XENBENCH" report --format hyperfine | jq -e '.results[1] | .stddev == null and .mean == .times[0] and (.times | length) == 1'
    ask "UPDATE samples SET outcome = 'lost'"
    run --separate-stderr "$XENBENCH" report --format hyperfine
    [ "$status" -eq 2 ]
    [[ $stderr == *"no time of a measured job"* && -z $output ]]
}

@test "formats: github has each figure in the file of its sense" {
    "$XENBENCH" report --format github-bigger >bigger.json
    jq -e 'length == 4 and all((keys - ["name", "unit", "value", "range", "extra"]) == [] and (.value | type) == "number"
        and all(.name, .unit, .range, .extra; type == "string"))' bigger.json
    jq -e '.[0] | .name == "quiet, one: work" and .unit == "units" and .value == 103 and .range == "± 3.25"' bigger.json
    run --separate-stderr "$XENBENCH" report --format github-smaller
    [ "$status" -eq 2 ]
    [[ $stderr == *"no figure of which less is better: try --format=github-bigger"* && -z $output ]]
    ask "UPDATE parts SET metric = NULL, unit = NULL, better = NULL WHERE guest = 'two'"
    "$XENBENCH" report --format github-smaller | jq -e 'map(.name) == ["quiet, two: time", "noisy <neighbour>, two: time"] and all(.unit == "s")'
    "$XENBENCH" report --format github-bigger | jq -e 'map(.name) == ["quiet, one: work", "noisy <neighbour>, one: work"]'
}

# The file is read by Chrome's own reader, which `make deps` installs if there is npm.
reads_events() {
    if ! command -v node >/dev/null || [ ! -e "$BATS_TEST_DIRNAME/../../build/npm/installed" ]; then
        skip "no reader of trace events from npm"
    fi
    node "$BATS_TEST_DIRNAME/../npm/trace-events.mjs" "$1"
}

# The file has the documented keys: complete events, instants and names; each thread belongs to one process.
are_events() {
    jq -e '.traceEvents | length > 0 and all(.ph as $ph | ["X", "M", "i"] | index([$ph]))
        and all((.pid > 0) and (.tid > 0) and (.name | type) == "string")
        and (map(select(.ph == "X")) | length > 0 and all(.ts >= 0 and .dur > 0))
        and (map(select(.ph == "M")) | all((.name == "process_name" or .name == "thread_name") and (.args.name | type) == "string"))
        and (group_by(.tid) | all(map(.pid) | unique | length == 1))' "$1"
}

@test "formats: trace-events of a report have each job" {
    hostile_names
    "$XENBENCH" report --format trace-events >events.json
    are_events events.json
    jq -e '[.traceEvents[] | select(.ph == "X" and .name != "overlap")] | length == 15' events.json
    # A job begins after its cell's release, and background load before it.
    jq -e '[.traceEvents[] | select(.ph == "i")] | length == 6 and (map(.ts) | unique | length) == 1' events.json
    jq -e '([.traceEvents[] | select(.ph == "i")][0].ts) as $release | [.traceEvents[] | select(.ph == "X" and .name != "overlap")]
        | all((.cat == "measured") == (.ts >= $release))' events.json
    reads_events events.json >threads
    grep -q '^noisy <neighbour>, repetition 2: three$' threads
    grep -q "^.n,.*repetition 1: two" threads
}

@test "formats: trace-events of a trace agree with the sums of the trace" {
    local trace=$DATA/dom0.xentrace
    "$XENBENCH" trace --khz 2000000 --format trace-events "$trace" >events.json
    are_events events.json
    "$XENBENCH" trace --khz 2000000 --format json "$trace" >sums.json
    # sum NAME VCPU: prints the time of all slices of this name, in nanoseconds.
    sum() { jq "[.traceEvents[] | select(.ph == \"X\" and .pid == 2 and .tid == $2 + 1 and .name == \"$1\") | .dur] | add * 1000 | round" events.json; }
    local vcpu state
    for vcpu in 0 1; do
        for state in running runnable; do
            jq -e ".vcpus[$vcpu].${state}_ns - $(sum $state $vcpu) | fabs < 200" sums.json # each slice is rounded
        done
    done
    # No two vcpus run on one CPU at once, and each runs somewhere.
    jq -e '[.traceEvents[] | select(.ph == "X" and .pid == 1)] | group_by(.tid) | all(sort_by(.ts) | . as $s
        | all(range(1; length); $s[.].ts >= $s[. - 1].ts + $s[. - 1].dur - 0.002))' events.json
    [ "$(jq '[.traceEvents[] | select(.cat == "cpu")] | length' events.json)" -eq "$(jq '[.traceEvents[] | select(.name == "running")] | length' events.json)" ]
    reads_events events.json >threads
    grep -qx 'CPUs: CPU 2' threads
    grep -qx 'Domain-0: vcpu 1' threads
}

@test "formats: trace-events have the domains' names and need no --khz where a run kept them" {
    cp "$DATA/dom0.xentrace" t.xentrace
    jq -n '{schema: "xenbench-trace-about/1", tsc_khz: 2000000, domains: {"0": "Dom\"0\n"}}' >t.xentrace.json
    "$XENBENCH" trace --format trace-events t.xentrace >events.json
    are_events events.json
    jq -e '.traceEvents | any(.ph == "M" and .name == "process_name" and .args.name == "Dom\"0\n")
        and (map(select(.cat == "cpu") | .name) | unique) == ["Dom\"0\n, vcpu 0", "Dom\"0\n, vcpu 1"]' events.json
    echo '{"schema": "xenbench-trace-about/1", "tsc_khz": "fast"}' >t.xentrace.json
    run --separate-stderr "$XENBENCH" trace t.xentrace
    [ "$status" -eq 2 ]
    [[ -z $output && $stderr == *'t.xentrace.json: `tsc_khz` is no number from 1 to 1e+08'* ]]
}

@test "formats: no trace gives no events, and says so" {
    echo "no trace" >file
    run --separate-stderr "$XENBENCH" trace --khz 2000000 --format trace-events file
    [ "$status" -eq 2 ]
    [[ -z $output && $stderr == *"not a trace of xentrace"* ]]
}
