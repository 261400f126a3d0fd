#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Histograms that a job reports, from its output through the store to each format.
load helper

SCHEMA=$BATS_TEST_DIRNAME/../../docs/results.schema.json

setup() {
    own_state
    cd "$BATS_TEST_TMPDIR" || return
}

# Debian's Python, which finds Debian's libraries.
python() {
    /usr/bin/python3 "$@"
}

# write_experiment [LINE...]: writes an experiment whose job prints a histogram as cyclictest does: 1000 values of 5 and 7,
# and a large one that differs in each repetition.
write_experiment() {
    cat >e.yaml <<END
name: latencies
workload:
  command: |
    echo '# Histogram'
    echo '000005 000600'
    echo '000006 000000'
    echo '000007 000400'
    echo "00010\$XENBENCH_REPETITION 000001"
    echo '# Total: 000001001'
    echo '# Histogram Overflows: 00000'
  metrics:
    - name: latency
      histogram: counts
      pattern: '^([0-9]+) ([0-9]{6})$'
      over: '^# Histogram Overflows: ([0-9]+)'
      unit: us
      better: less
  primary: latency.p99.9
guests:
  one: {socket: $BATS_TEST_TMPDIR/one}
repetitions: 3
warmup: 1
timeout: 30s
max_release_error: 1s
END
    printf '%s\n' "$@" >>e.yaml
}

measure() {
    start_agent one
    write_experiment "$@"
    run_experiment --quiet >out
}

@test "distributions: kept for each sample, and merged by adding counts" {
    measure
    [ "$(ask "SELECT count(*), sum(count) FROM histogram_buckets")" = "12|4004" ] # with the warm-up
    [ "$(ask "SELECT group_concat(name || '=' || value, ' ') FROM (SELECT * FROM metrics JOIN cells USING (run, cell, attempt)
        WHERE repetition = 2 AND NOT warmup ORDER BY name)")" = \
        "latency.max=102.0 latency.p50=5.0 latency.p90=7.0 latency.p99=7.0 latency.p99.9=7.0" ]
    grep -q '^Distributions$' out
    grep -qE '^ +as configured +one +latency, us +3003 +5 +7 +7 +7 +102 *$' out
    [[ $(tr -s '\n ' ' ' <out) == *'No intervals are shown: an interval needs 20 repetitions'* ]]
}

@test "distributions: Markdown, HTML, JSON by its schema, CSV, OpenMetrics" {
    measure
    "$XENBENCH" report --format md | grep -q '| latency, us | 3003 | 5 | 7 | 7 | 7 | 102 |'
    "$XENBENCH" report --format html >report.html
    [ "$(grep -c 'id="chart-distribution-0"' report.html)" -eq 1 ]
    grep -q '<title>1800[^0-9]*values</title>' report.html
    "$XENBENCH" report --format json >results.json
    /usr/bin/jsonschema -i results.json "$SCHEMA"
    jq -e '.summary[0].guests.one.distributions.latency | .values == 3003 and .repetitions == 3 and .percentiles["p99.9"].value == 7
        and .percentiles.max == {value: 102, interval: [null, null]} and .buckets == [[5, 1800], [7, 1200], [100, 1], [101, 1], [102, 1]]' results.json
    "$XENBENCH" report --format csv-distributions >d.csv
    [ "$(sqlite3 :memory: -cmd '.import --csv d.csv d' 'SELECT value, sum(count) FROM d GROUP BY metric, value ORDER BY value + 0 LIMIT 2' | xargs)" = "5|1800 7|1200" ]
    "$XENBENCH" report --format openmetrics >metrics
    python "$BATS_TEST_DIRNAME/openmetrics.py" metrics >samples.json
    bucket() { jq -e "[.[] | select(.name == \"xenbench_distribution_bucket\" and .labels.le == \"$1\")] | length == 1 and .[0].value == $2" samples.json; }
    bucket 5 1800
    bucket 8 3000
    bucket 100 3001
    bucket +Inf 3003
    jq -e '[.[] | select(.name | startswith("xenbench_distribution")) | .labels.metric == "latency"] | all' samples.json
}

@test "distributions: an interval from twenty repetitions on, but none for the greatest value" {
    measure "# a comment"
    sed -i 's/repetitions: 3/repetitions: 20/' e.yaml
    run_experiment --quiet >out
    grep -EA 1 'latency, us +20020' out | tail -n 1 >below
    grep -qE '^ +5 to 5 +7 to 7 +7 to 7 +7 to 7 *$' below
}

@test "distributions: until and compare judge a percentile" {
    measure
    first=$(ask "SELECT run FROM runs")
    sed -i "s/^repetitions: 3/until: {metric: latency.max, interval: 50%, min: 6, max: 8}/" e.yaml
    run_experiment --quiet >out
    [ "$(ask "SELECT group_concat(DISTINCT stopped IN ('sure', 'max')) FROM cases WHERE run != '$first'")" = 1 ]
    [ "$(ask "SELECT count(*) BETWEEN 6 AND 8 FROM cells WHERE state = 'done' AND run != '$first'")" -eq 1 ]
    run "$XENBENCH" compare "$first" "$(ask "SELECT run FROM runs WHERE run != '$first'")"
    [[ $output == *"latency.p99.9"* ]]
    sed -i "s/latency.max, interval/latency, interval/" e.yaml
    run run_experiment --quiet
    [ "$status" -eq 2 ]
    [[ $output == *'latency is a histogram; name one of its percentiles'* ]]
}

@test "distributions: compare --metric takes any metric, and time, in place of the primary one" {
    start_agent one
    write_experiment
    sed -i 's/repetitions: 3/repetitions: 6/' e.yaml
    run_experiment --quiet >out
    run_experiment --quiet >out
    mapfile -t both < <(ask "SELECT run FROM runs ORDER BY started_at")
    run "$XENBENCH" compare "${both[@]}" --metric latency.max
    [[ $output == *"latency.max in us, less is better"*"102.5 ± 1.5"* ]]
    run "$XENBENCH" compare "${both[@]}" --metric time
    [[ $output == *"time in s, less is better"* ]]
    [[ $output != *latency* ]]
    run "$XENBENCH" compare "${both[@]}" --metric latency.max --fail-if 'latency.max > 3%'
    [ "$status" -eq 0 ]
    run --separate-stderr "$XENBENCH" compare "${both[@]}" --metric latency.p98
    [ "$status" -eq 2 ]
    [[ $stderr == *"--metric: no sample of"*"did you mean \`latency.p9"* ]]
}

@test "distributions: what is no histogram is a failure that shows the text" {
    start_agent one
    write_experiment
    sed -i 's/000007 000400/000007 4e99/; s/{6})\$/{6}|4e99)$/' e.yaml
    run run_experiment --quiet
    [ "$status" -eq 1 ]
    [[ $output == *'histogram latency: `000007 4e99` in stdout: a count is a whole number'* ]]
    write_experiment
    sed -i 's/000600/000006/; s/000400/000004/' e.yaml
    run run_experiment --quiet
    [ "$status" -eq 1 ]
    [[ $output == *'metric latency.p99.9: this percentile takes 1000 values'*'there are 11'* ]]
}

@test "distributions: exported as a store and as JSON, and imported" {
    measure
    run_id=$(ask "SELECT run FROM runs")
    "$XENBENCH" report --format csv-distributions >before.csv
    "$XENBENCH" report --format json >results.json
    "$XENBENCH" runs export "$run_id" --output copy.sqlite
    run_experiment --quiet >out
    for from in copy.sqlite results.json; do
        run "$XENBENCH" compare "$from" "$(ask "SELECT run FROM runs WHERE run != '$run_id'")"
        [[ $output == *latency.p99.9* ]]
    done
    XENBENCH_STATE=$PWD/other "$XENBENCH" runs import copy.sqlite
    XENBENCH_STATE=$PWD/other "$XENBENCH" report --format csv-distributions | cmp before.csv
}

@test "distributions: a foreign store's histogram that is too large is refused" {
    measure
    run_id=$(ask "SELECT run FROM runs")
    "$XENBENCH" runs export "$run_id" --output copy.sqlite
    ask "UPDATE histogram_buckets SET count = 1125899906842624" copy.sqlite
    run --separate-stderr "$XENBENCH" compare copy.sqlite copy.sqlite
    [ "$status" -eq 2 ]
    [[ $stderr == *"the histogram 'latency' is too large"* ]]
}

@test "distributions: a store of version 11, which has none, is read and brought up to date" {
    measure
    ask "DROP TABLE histogram_buckets; DROP TABLE histograms; PRAGMA user_version = 11"
    cp "$store" old.sqlite
    "$XENBENCH" report >out
    run ! grep -q Distributions out
    grep -q 'latency.p99.9 in us' out
    [ "$(ask 'PRAGMA user_version; SELECT count(*) FROM histograms' | xargs)" = "12 0" ]
    XENBENCH_STATE=$PWD/other "$XENBENCH" runs import old.sqlite
    [ "$(ask 'PRAGMA user_version' other/results.sqlite)" -eq 12 ]
}
