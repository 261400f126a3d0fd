#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What reports contain besides the table of figures, for runs with agents behind unix sockets.
load helper

setup() {
    own_state
    start_agents one two
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
    # As on a machine that was never busy.
    ask "UPDATE samples SET wall_ns = 300000000"
    ask "UPDATE cells SET overlap_ns = 290000000"
    again
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    grep -q "^Added up" "$BATS_TEST_TMPDIR/table"
    total '.unit == "1/s" and .by == "mean rate" and .value.n == 2 and (.value.median - 20 | fabs) < 0.01'
    total '.overlap_short == false and .covers.one.median > 0.8 and .covers_least.median <= .covers.one.median'
    run ! grep -q "ran together for" "$BATS_TEST_TMPDIR/table"
    grep -q "## Added up" "$BATS_TEST_TMPDIR/out/report.md"
    grep -q "<h2>Added up" "$BATS_TEST_TMPDIR/out/report.html"
}

@test "report: amounts of work count only within the overlap, and a short overlap is warned of" {
    experiment units 'sleep 0.3; echo work=30' 'sleep 1; echo work=100'
    grep -q "Warning: only: all jobs ran together for" "$BATS_TEST_TMPDIR/table"
    # As on a machine that was never busy: a hundred units per second for each guest. The second guest's
    # units after the overlap do not count.
    ask "UPDATE samples SET wall_ns = CASE guest WHEN 'one' THEN 300000000 ELSE 1000000000 END"
    ask "UPDATE cells SET overlap_ns = 300000000"
    again
    total '.unit == "units/s" and .by == "mean rate" and (.value.median - 200 | fabs) < 0.01'
    total '.overlap_short and .covers.two.median < 0.5 and .covers.one.median > 0.8 and .overlap_s.median < 0.5'
    # With Xen's counts, the work done in the overlap is taken to be the part of the CPU time used there:
    # a tenth for the second guest.
    ask "UPDATE samples SET run_ns = 1000000, overlap_run_ns = CASE guest WHEN 'one' THEN 1000000 ELSE 100000 END"
    ask "UPDATE cells SET overlap_ns = 400000000"
    again
    total '.by == "cpu time" and (.value.median - 100 | fabs) < 0.01'
    [ "$(ask "SELECT round(overlap_s, 2), round(cpu_part, 2), wall_part < 0.5 FROM overlaps WHERE guest = 'two' AND cell = 0")" = '0.4|0.1|1' ]
    # If one cell lacks Xen's counts, no cell uses them: the two methods are not mixed.
    ask "UPDATE samples SET run_ns = NULL WHERE cell = 1"
    again
    total '.by == "mean rate"'
}

@test "report: it describes the guests, and lists all images or types that the cases ask for" {
    experiment 1/s 'echo work=1' 'echo work=2'
    run ! grep -q "clocksource" "$BATS_TEST_TMPDIR/table" # agents behind sockets are no guests
    ask "UPDATE parts SET image = 'micro', type = 'pv'; UPDATE guests SET clocksource = 'xen'"
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    grep -q "one, two: type pv, image micro, clocksource xen" "$BATS_TEST_TMPDIR/table"
    ask "INSERT INTO cases (run, case_no, name, settings) SELECT run, 1, 'other', settings FROM cases
         ; INSERT INTO parts SELECT run, 1, guest, role, workload, metric, unit, better, solo_case, image, 'pvh', kernel, image_sha256 FROM parts WHERE guest = 'two'"
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    cat "$BATS_TEST_TMPDIR/table"
    grep -q "one: type pv, image micro, clocksource xen" "$BATS_TEST_TMPDIR/table"
    grep -q "two: type pv,pvh, image micro, clocksource xen" "$BATS_TEST_TMPDIR/table"
}

@test "report: figures without a meaningful sum are not added up, nor is a guest's work alone" {
    experiment s 'echo work=1' 'echo work=1'
    run ! grep -q "Added up" "$BATS_TEST_TMPDIR/table"
    total '. == null'
    experiment 1/s 'sleep 0.2; echo work=10' 'sleep 0.2; echo work=10' 'background: true, '
    total '. == null'
}

@test "report: a cell with a failed job is in no sum" {
    experiment 1/s 'sleep 0.2; echo work=10' 'sleep 0.2; echo work=10'
    ask "UPDATE samples SET status = 1 WHERE cell = 0 AND guest = 'two'"
    again
    total '.value.n == 1'
}

# Store invented counts of Xen's: each guest had a part of a CPU in the overlap, and a part of four CPUs
# in the window.
put_shares() {
    ask "UPDATE cells SET window_ns = 1000000000, overlap_ns = 500000000;
         UPDATE samples SET overlap_run_ns = CASE guest WHEN 'one' THEN 200000000 ELSE 300000000 END,
           wall_ns = CASE guest WHEN 'one' THEN 500000000 END;
         INSERT INTO vcpu_times (run, cell, attempt, domain, vcpu, run_ns, pcpu) SELECT run, cell, attempt, guest, v, CASE guest WHEN 'one' THEN 200000000 ELSE 300000000 END, v
           FROM samples JOIN (SELECT 0 AS v UNION SELECT 1);
         INSERT INTO promises SELECT run, cell, attempt, guest, 0.5, 'weights' FROM samples;
         INSERT INTO host SELECT run, 'cpus', '4' FROM runs"
}

# As if each job took 40 ms and Xen's counts were read 60 ms before and 2 ms after.
put_short_window() {
    ask "UPDATE cells SET window_ns = 102000000, overlap_ns = 40000000;
         UPDATE samples SET vcpus = 1, wall_ns = 40000000, overlap_run_ns = 61200000, overlap_slack_ns = 62000000, steal_ns = 10000000;
         INSERT INTO vcpu_times SELECT run, cell, attempt, guest, 0, 61200000, 0, 101000000, 20000 FROM samples;
         INSERT INTO promises SELECT run, cell, attempt, guest, 1, 'a CPU for each vcpu' FROM samples;
         INSERT INTO host SELECT run, 'cpus', '4' FROM runs"
}

@test "report: without a share if Xen's counts are too coarse for the window, and no promise is compared" {
    experiment 1/s 'echo work=10' 'echo work=10'
    put_short_window
    again
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    cat "$BATS_TEST_TMPDIR/table"
    grep -qF 'CPU: window too short (± 155 %)' "$BATS_TEST_TMPDIR/table"
    grep -qE '100 % +too short \(± 155 %\)' "$BATS_TEST_TMPDIR/table"
    grep -qF 'Windows: 4 of 4 are too short for a share of a CPU.' "$BATS_TEST_TMPDIR/table"
    run ! grep -qE '153 %|was promised|times the CPU time' "$BATS_TEST_TMPDIR/table"
    jq -e '.summary[0].guests.one | .cpu_share == null and .windows_too_short == 2
           and (.cpu_share_error.median - 1.55 | fabs) < 1e-9 and (.host_share.median - 0.1514851 | fabs) < 1e-6' \
        "$BATS_TEST_TMPDIR/out/results.json"
    "$XENBENCH" report --format md | grep -qF 'window too short (± 155 %)'
    "$XENBENCH" report --format html | grep -qF '>window too short (± 155 %)</td>'
    [ "$(ask "SELECT count(cpu_part) FROM overlaps")" -eq 0 ]
    # An older store lacks the times of the readings. There, a share above the number of vcpus is
    # discarded.
    ask "UPDATE samples SET overlap_slack_ns = NULL"
    again
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    grep -qF 'CPU: window too short (± 53 %)' "$BATS_TEST_TMPDIR/table"
    # A share that is close enough is shown, capped at the vcpus' number.
    ask "UPDATE cells SET overlap_ns = 1000000000; UPDATE samples SET overlap_slack_ns = 20000000, overlap_run_ns = 1015000000"
    again
    jq -e '.summary[0].guests.one | .cpu_share.median == 1 and .windows_too_short == 0' "$BATS_TEST_TMPDIR/out/results.json"
}

@test "report: background load has its share and its promise, and being ended by the run is no failure" {
    experiment 1/s 'sleep 0.4; echo work=10' 'sleep 20; echo work=10' 'background: true, '
    [ "$(ask "SELECT group_concat(DISTINCT outcome) FROM samples WHERE guest = 'two'")" = killed ]
    put_shares
    again
    guest() { jq -e ".summary[0].guests.$1 | $2" "$BATS_TEST_TMPDIR/out/results.json"; }
    guest two '.role == "background" and .failed == 0 and .ended_by_run == 2 and .value == null and .wall_s == null'
    guest two '.promised_cpus.median == 0.5 and .promised_cpus.n == 2 and (.cpu_share.median - 0.6 | fabs) < 1e-9'
    guest one '.failed == 0 and .ended_by_run == 0 and .value.n == 2 and (.cpu_share.median - 0.4 | fabs) < 1e-9'
    # The share of the host: both vcpus' run time in the window of one second on four CPUs.
    guest one '(.host_share.median - 0.1 | fabs) < 1e-9 and .host_share.n == 2'
    guest two '(.host_share.median - 0.15 | fabs) < 1e-9'
    "$XENBENCH" report --format md >"$BATS_TEST_TMPDIR/report.md"
    cat "$BATS_TEST_TMPDIR/report.md"
    grep -qF 'CPU 60 %, 15 % of the host' "$BATS_TEST_TMPDIR/report.md"
    grep -qE '^\| +\| two \| 50 % \| 60 % \| 15 % \|' "$BATS_TEST_TMPDIR/report.md"
    "$XENBENCH" report --format html | grep -q 'of the host'
    # Load that ended by itself with an error did fail.
    ask "UPDATE samples SET outcome = 'exited', status = 3 WHERE guest = 'two' AND cell = 0"
    again
    guest two '.failed == 1 and .ended_by_run == 1 and .promised_cpus.n == 1'
    # A measured job that was killed has failed, whoever killed it.
    ask "UPDATE samples SET outcome = 'killed' WHERE guest = 'one' AND cell = 1"
    again
    guest one '.failed == 1 and .ended_by_run == 0'
}

# Store a trace of each cell as `run --trace` does, on two CPUs: two's vcpu waits for one's.
put_traces() {
    ask "INSERT INTO traces SELECT run, cell, attempt, 1000000000, 1000000000, 1600, 100, 0, 0, 0, 1, 1000 FROM cells
           WHERE state = 'done';
         INSERT INTO trace_vcpus SELECT run, cell, attempt, d, v, r, w, 0, 0, 0, 9, 1, 2, r, r, NULL FROM traces JOIN
           (SELECT 'one' AS d, 0 AS v, 700000000 AS r, 0 AS w UNION SELECT 'two', 0, 300000000, 600000000
            UNION SELECT 'idle', 0, 200000000, 0 UNION SELECT 'idle', 1, 800000000, 0);
         INSERT INTO trace_residency SELECT run, cell, attempt, d, v, p, n FROM traces JOIN
           (SELECT 'one' AS d, 0 AS v, 0 AS p, 600000000 AS n UNION SELECT 'one', 0, 1, 100000000
            UNION SELECT 'two', 0, 0, 300000000 UNION SELECT 'idle', 0, 0, 200000000 UNION SELECT 'idle', 1, 1, 800000000);
         INSERT INTO trace_waits SELECT run, cell, attempt, 'two', 0, k, 10, 5000, 1100, 2000, 30000, 40000, 50000, 60000
           FROM traces JOIN (SELECT 'wake' AS k UNION SELECT 'all');
         INSERT INTO trace_classes SELECT run, cell, attempt, 'two', 0, k, f, n FROM traces
           JOIN (SELECT 'wake' AS k UNION SELECT 'all') JOIN (SELECT 1024 AS f, 8 AS n UNION SELECT 4096, 1 UNION SELECT 32768, 1)"
}

@test "report: a trace's percentiles and histograms, and where each vcpu ran, in text, Markdown and HTML" {
    experiment 1/s 'sleep 0.2; echo work=10' 'sleep 0.2; echo work=10'
    sed -i 's/{name: only}/{name: only}, {name: other}/' "$BATS_TEST_TMPDIR/e.yaml"
    "$XENBENCH" run --quiet "$BATS_TEST_TMPDIR/e.yaml" >/dev/null
    put_traces
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    cat "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +only +one +70.0 % +0.0 % +0: 86 %, 1: 14 %$' "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +only +two +wake to run +20 +2.00 us +30.0 us +40.0 us +50.0 us +60.0 us$' "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +all waits +20 +2.00 us ' "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +other +two +wake to run +20 +2.00 us ' "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +other +one, 0 +60 % +10 %$' "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +only +two +wake to run +1.02 us +█·▁··▁ +65.5 us$' "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +only +one, 0 +60 % +10 %$' "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +two, 0 +30 % *$' "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +idle +20 % +80 %$' "$BATS_TEST_TMPDIR/table"
    "$XENBENCH" report --format md >"$BATS_TEST_TMPDIR/md"
    grep -qF '| only | two | wake to run | 20 | 2.00 us | 30.0 us | 40.0 us | 50.0 us | 60.0 us |' "$BATS_TEST_TMPDIR/md"
    grep -qF '| 1.02 us | █·▁··▁ | 65.5 us |' "$BATS_TEST_TMPDIR/md"
    grep -qF '| only | one, 0 | 60 % | 10 % |' "$BATS_TEST_TMPDIR/md"
    "$XENBENCH" report --format html >"$BATS_TEST_TMPDIR/html"
    grep -q ' style="--shade:0.60">60 %</td>' "$BATS_TEST_TMPDIR/html"
    grep -q ' id="chart-waits">' "$BATS_TEST_TMPDIR/html"
}

@test "report: without a trace there is no word of one" {
    experiment 1/s 'echo work=10' 'echo work=10'
    run ! grep -qE "Trace|histogram|domain, vcpu" "$BATS_TEST_TMPDIR/table"
    run ! grep -q 'chart-waits' "$BATS_TEST_TMPDIR/out/report.html"
    grep -q ' id="chart-timeline">' "$BATS_TEST_TMPDIR/out/report.html"
}

# svg CHART: prints the chart of this name from the file html, one row per line.
svg() {
    sed -n "/ id=\"chart-$1\"/,/<\/figure>/p" "$BATS_TEST_TMPDIR/html"
}

@test "report: every chart is drawn without a script: samples, shares, fairness, jobs, dispatch delays, traces" {
    experiment 1/s 'sleep 0.2; echo work=10' 'sleep 0.1; echo work=10' 'background: true, '
    put_shares
    put_traces
    "$XENBENCH" report --format html >"$BATS_TEST_TMPDIR/html"
    run ! grep -qE '<(script|link|img|iframe|object)|url\(|NaN|[" -](nan|inf)[%" ]' "$BATS_TEST_TMPDIR/html"
    [ "$(svg samples | grep -o '<circle class="dot k0"' | wc -l)" -eq 2 ]
    [ "$(svg dispatch | grep -o '<circle class="dot k0"' | wc -l)" -eq 2 ]
    svg shares | grep -q '<span class="who">two</span><span class="num">60 % of 50 %</span>'
    svg waits | grep -q '<span class="num">20 waits'
    # Adjacent parts that are alike make one bar, and text that is no timeline ends it.
    ask "UPDATE trace_vcpus SET timeline = CASE domain WHEN 'one' THEN '0:100 0:97 1:50 - 2:1' WHEN 'two' THEN '3:10 3:400 1:1' END"
    "$XENBENCH" report --format html >"$BATS_TEST_TMPDIR/html"
    [ "$(svg course | grep -o '<rect class="given' | wc -l)" -eq 4 ]
    svg course | grep -q '<rect class="given k2".*CPU 2, 1 %'
    svg places | grep -q '<span class="who">two, vcpu 0</span><span class="num">ran 30 %</span>'
    # A lane for each guest in both cells, in the window and the overlap.
    [ "$(svg timeline | grep -o '<rect class="given' | wc -l)" -eq 4 ]
    [ "$(svg timeline | grep -o '<rect class="overlap' | wc -l)" -eq 2 ]
    [ "$(svg timeline | grep -o '<title>two: [0-9.]*' | wc -l)" -eq 2 ]
    run ! grep -q 'chart-fairness' "$BATS_TEST_TMPDIR/html" # one guest was measured
}

@test "report: one guest in one case is told in a sentence, without a word of differences" {
    experiment 1/s 'echo work=10' 'echo work=10'
    ask "UPDATE parts SET role = 'idle' WHERE guest = 'two'; DELETE FROM samples WHERE guest = 'two'"
    for rep in 3 4 5 6 7 8 9 10 11 12; do
        ask "INSERT INTO cells (run, cell, attempt, case_no, repetition, warmup, state) SELECT run, $rep, 1, 0, $rep, 0, 'done' FROM runs;
             INSERT INTO samples (run, cell, attempt, guest, token, outcome, status, wall_ns, dispatch_delay_ns, collected) SELECT run, $rep, 1, 'one', 'x$rep', 'exited', 0, 5000000, ${rep}000000, 1 FROM runs;
             INSERT INTO metrics SELECT run, $rep, 1, 'one', 'work', 10, '1/s', 'more' FROM runs"
    done
    ask "UPDATE samples SET dispatch_delay_ns = 2000000 WHERE cell < 3"
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    grep -q '^one reached 10.00 1/s, the median of 12 samples.$' "$BATS_TEST_TMPDIR/table"
    run ! grep -qE '^(Differences|Fairness)' "$BATS_TEST_TMPDIR/table"
    "$XENBENCH" report --format html >"$BATS_TEST_TMPDIR/html"
    # One of twelve is above the 90th percentile: 11 ms, on an axis from 1 to 100 ms.
    svg dispatch | grep -qE '<line class="percentile k0" x1="51.97%"'
}

@test "report: words of guests and files are text in charts, too" {
    experiment 1/s 'echo work=10' 'echo work=10'
    ask "UPDATE cases SET name = '<b>x</b>\`\"' || char(27); UPDATE guests SET net = '[]'; UPDATE runs SET name = '</style>'"
    "$XENBENCH" report --format html >"$BATS_TEST_TMPDIR/html"
    run ! grep -qE '<b>|'$'\033' "$BATS_TEST_TMPDIR/html"
    [ "$(grep -c '</style>' "$BATS_TEST_TMPDIR/html")" -eq 1 ]
    svg samples | grep -qF '<h3>&lt;b&gt;x&lt;/b&gt;`&quot;\x1b</h3>'
}

# Change the store as if guest two had also run alone.
put_solo() {
    ask "INSERT INTO cases (run, case_no, name, settings) SELECT run, 1, 'two alone: only', settings FROM cases;
         INSERT INTO parts (run, case_no, guest, role, workload, metric, unit, better) SELECT run, 1, guest, role, workload, metric, unit, better FROM parts;
         UPDATE parts SET role = 'idle' WHERE case_no = 1 AND guest = 'one'; UPDATE parts SET solo_case = 1 WHERE case_no = 0 AND guest = 'two';
         INSERT INTO cells (run, cell, attempt, case_no, repetition, warmup, state, overlap_ns) SELECT run, cell + 10, attempt, 1, repetition, 0, 'done', 500000000 FROM cells WHERE state = 'done' AND warmup = 0;
         INSERT INTO samples (run, cell, attempt, guest, token, outcome, status, wall_ns, vcpus, overlap_run_ns, collected) SELECT run, cell + 10, attempt, guest, token || 'x', outcome, status, wall_ns, 1, 400000000, 1 FROM samples WHERE guest = 'two';
         INSERT INTO metrics SELECT run, cell + 10, attempt, guest, name, 4 * value, unit, better FROM metrics WHERE guest = 'two'"
}

@test "report: a guest alone has no row among the cases, but a slowdown, and fairness names the worst guest" {
    experiment 1/s 'echo work=40' 'echo work=10'
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    grep -qE '^ +only +0.735 +two$' "$BATS_TEST_TMPDIR/table" # (40 + 10)² / (2 (40² + 10²))
    grep -qF '25 % of the progress of one' "$BATS_TEST_TMPDIR/table"
    put_solo
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    cat "$BATS_TEST_TMPDIR/table"
    grep -q '; 1 case and each guest alone, 2 repetitions' "$BATS_TEST_TMPDIR/table"
    sed -n '/^Figures/,/^Differences/p' "$BATS_TEST_TMPDIR/table" >"$BATS_TEST_TMPDIR/figures"
    run ! grep -q 'two alone' "$BATS_TEST_TMPDIR/figures"
    sed -n '/^Each guest alone/,$p' "$BATS_TEST_TMPDIR/table" | grep -qE '^ +two alone: only +two +40.00 ± 0.00 +CPU 80 %$'
    "$XENBENCH" report --format html >"$BATS_TEST_TMPDIR/html"
    svg slowdown | grep -q '<span class="who">two</span><span class="num">4.00 times</span>'
    [ "$(svg samples | grep -o '<line class="alone' | wc -l)" -eq 1 ]
}

@test "report: it begins with what it says, in a sentence" {
    experiment 1/s 'echo work=40' 'echo work=10'
    sed -n 5,6p "$BATS_TEST_TMPDIR/table" | grep -q '^What it says'
    sed -n 6,7p "$BATS_TEST_TMPDIR/table" | tr '\n' ' ' | grep -qF 'Within a case, guests differ most with "only": one reached 4.0 times the work of two (40.00 1/s against 10.00 1/s).'
    "$XENBENCH" report --format html | grep -q '<p class="lead">'
    "$XENBENCH" report --format md | grep -q '^> Within a case'
}

@test "report: figures of one name in different units are neither ranked nor captioned as one" {
    experiment us 'echo work=40' 'echo work=10000'
    ask "UPDATE parts SET unit = 'ns' WHERE guest = 'two';
         UPDATE runs SET metric = NULL, unit = NULL, better = NULL"
    "$XENBENCH" report >"$BATS_TEST_TMPDIR/table"
    cat "$BATS_TEST_TMPDIR/table"
    run ! grep -qE 'times the work|differ' <(sed -n '/^What it says/,/^Figures/p' "$BATS_TEST_TMPDIR/table")
    grep -qF "Each guest's own figure" "$BATS_TEST_TMPDIR/table"
    grep -qE '^ +only +40.00 ± 0.00 us +10000 ± 0 ns$' "$BATS_TEST_TMPDIR/table"
    "$XENBENCH" report --format html >"$BATS_TEST_TMPDIR/html"
}

@test "report: an imported figure of which nobody knows what is better" {
    experiment 1/s 'echo work=40' 'echo work=10'
    ask "UPDATE parts SET better = NULL; UPDATE runs SET better = NULL"
    local format
    for format in table md html json csv openmetrics github-smaller; do
        "$XENBENCH" report --format "$format" --output "$BATS_TEST_TMPDIR/report.$format"
    done
    grep -qF 'less is better' "$BATS_TEST_TMPDIR/report.table"
    run ! grep -qF '(null)' "$BATS_TEST_TMPDIR/report.table"
}

@test "report: each kind of warning is one item, with a count, an example and advice; then one by one" {
    experiment 1/s 'echo work=40' 'echo work=10'
    ask "INSERT INTO warnings SELECT run, case_no, cell, '', 'dom0-short', 'cell ' || (cell + 1) || ': Dom0 was short of CPU' FROM cells WHERE state = 'done' AND warmup = 0"
    "$XENBENCH" report --format md >"$BATS_TEST_TMPDIR/md"
    cat "$BATS_TEST_TMPDIR/md"
    [ "$(grep -c '^- Dom0 was short of CPU in 2 of [23] cells (only); for example: cell .*: Dom0 was short of CPU. Give Dom0 CPUs' "$BATS_TEST_TMPDIR/md")" -eq 1 ]
    sed -n '/<summary>Warnings one by one/,/<\/details>/p' "$BATS_TEST_TMPDIR/md" >"$BATS_TEST_TMPDIR/each"
    [ "$(grep -c '^- only: cell .: Dom0 was short of CPU$' "$BATS_TEST_TMPDIR/each")" -eq 2 ]
}
