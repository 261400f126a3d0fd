#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Comparing runs with a baseline: what differs, verdicts, conditions, and each format. The figures are set in the store, so
# that they are known.
load helper

setup() {
    own_state
    mkdir "$XENBENCH_STATE"
    ids=
    start_agents one two
}

# measure NAME REPETITIONS [STORE]: makes a run and sets id to its id. Each figure is slightly above 100, in its own order.
measure() {
    local db=${3:-$store}
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: $1
workload:
  command: "echo work=1"
  metric: {name: work, pattern: "work=([0-9.]+)", unit: ${unit:-1/s}, better: more}
guests: {one: {socket: $BATS_TEST_TMPDIR/one}, two: {socket: $BATS_TEST_TMPDIR/two}}
cases: [{name: first}, {name: ${second:-second}}]
repetitions: $2
END
    "$XENBENCH" run --quiet --afresh --store "$db" "$BATS_TEST_TMPDIR/e.yaml" >/dev/null
    id=$(ask "SELECT run FROM runs WHERE instr('$ids', run) = 0" "$db")
    ids="$ids $id"
    ask "UPDATE metrics SET value = 100 + 0.013 * ${noise:-0} + 0.1 * (((SELECT repetition FROM cells c WHERE c.run = metrics.run
           AND c.cell = metrics.cell) * 7 + (guest = 'two') * 3 + ${noise:-0}) % 10) WHERE run = '$id'" "$db"
    ask "INSERT OR REPLACE INTO host VALUES ('$id', 'xen_version', '4.17.5'), ('$id', 'cpu_khz', '2000000')" "$db"
}

# shift_by FACTOR CASE GUEST: multiplies the figures of a case and guest of the last run.
shift_by() {
    ask "UPDATE metrics SET value = value * $1 WHERE run = '$id' AND guest = '$3'
         AND cell IN (SELECT cell FROM cells JOIN cases USING (run, case_no) WHERE run = '$id' AND name = '$2')"
}

compare() {
    run --separate-stderr "$XENBENCH" compare --store "$store" "$@"
    echo "$output"
    echo "$stderr"
}

# Set a and b to the ids of two runs with ten repetitions, which are made once.
two_runs() {
    local made=$BATS_FILE_TMPDIR/two
    if ! [ -e "$made.ids" ]; then
        measure base 10
        a=$id
        noise=4 measure base 10
        ask "VACUUM INTO '$made.sqlite'"
        echo "$a $id" >"$made.ids"
    fi
    cp "$made.sqlite" "$BATS_TEST_TMPDIR/two.sqlite"
    store=$BATS_TEST_TMPDIR/two.sqlite
    read -r a b <"$made.ids"
    id=$b
}

@test "compare: what differs, the verdict, the table" {
    two_runs
    zeros=$(printf '%063d' 0)
    shift_by 0.9 first one
    shift_by 1.2 second two
    ask "UPDATE host SET value = '4.20.1' WHERE run = '$b' AND key = 'xen_version';
         UPDATE host SET value = '2000100' WHERE run = '$b' AND key = 'cpu_khz';
         UPDATE guests SET disk_sha256 = '1${zeros}' WHERE run = '$a';
         UPDATE guests SET disk_sha256 = '2${zeros}' WHERE run = '$b';
         UPDATE cases SET settings = '{\"guests\": {\"one\": {\"weight\": 256}}}' WHERE run = '$a' AND name = 'first';
         UPDATE cases SET settings = '{\"guests\": {\"one\": {\"weight\": 512}}}' WHERE run = '$b' AND name = 'first'"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    [[ $output == *"Xen: A 4.17.5; B 4.20.1"* ]]
    [[ $output == *"one, two: digest of the image's disk: A 100000000000; B 200000000000"* ]]
    [[ $output == *"Case first: guests.one.weight: A 256; B 512"* ]]
    [[ $output != *cpu_khz* ]]
    [[ $(tr -s ' \n' ' ' <<<"$output") == *"B against A, 4 comparisons: worse in 1 (first, one: -"*"better in 1 (second, two: +20"*"in 2 no difference could be seen, down to "* ]]
    grep -qE '^ +first +100\.[0-9] ± 0\.[0-9] +90\.[0-9]+ ± 0\.[0-9]+ +-(9|10)\.[0-9] % +< 0\.0001 +-1\.00 +worse$' <<<"$output"
    # In the order in which a person reads: what differs, the verdict, the table.
    [[ $output == *"What differs"*"Verdict"*"effect"*"How to read it"* ]]
}

@test "compare: JSON has all figures" {
    two_runs
    shift_by 1.005 first one
    compare --format json "$a" "$b"
    jq -e '.schema == "xenbench-compare/1" and .tests == 4 and (.comparisons | length) == 4' <<<"$output"
    jq -e '.comparisons[0] | .case == "first" and .guest == "one" and .test.exact and .baseline.n == 10
           and .change.kind == "ratio" and .change.coverage >= 0.95 and .test.p_holm >= .test.p
           and (.test.a12 - (.test.cliffs_delta + 1) / 2 | fabs) < 1e-12' <<<"$output"
    jq -e '.runs | map(.letter) == ["A", "B"] and .[0].host.xen_version == "4.17.5"' <<<"$output"
}

@test "compare: every format, and into files" {
    two_runs
    for format in md html json; do
        "$XENBENCH" compare --store "$store" --format "$format" --output "$BATS_TEST_TMPDIR/out.$format" "$a" "$b"
    done
    grep -q '^## Verdict$' "$BATS_TEST_TMPDIR/out.md"
    grep -q '^| case | A | B | change | p | effect | verdict |$' "$BATS_TEST_TMPDIR/out.md"
    grep -q '<h2>Verdict</h2>' "$BATS_TEST_TMPDIR/out.html"
    grep -q '</html>' "$BATS_TEST_TMPDIR/out.html"
    jq -e .schema "$BATS_TEST_TMPDIR/out.json"
}

@test "compare: conditions fail the comparison, and JUnit's file names what failed" {
    two_runs
    shift_by 0.9 first one
    compare --fail-if 'work < -3%' --junit "$BATS_TEST_TMPDIR/junit.xml" "$a" "$b"
    [ "$status" -eq 1 ]
    [[ $stderr == *"--fail-if 'work < -3%': 1 of 4 comparisons are worse"* ]]
    [[ $output == *"Fail if work < -3%: FAILED, B: first, one: -"* ]]
    if command -v xmllint; then xmllint --noout "$BATS_TEST_TMPDIR/junit.xml"; fi
    [ "$(grep -c '<testcase' "$BATS_TEST_TMPDIR/junit.xml")" -eq 4 ]
    [ "$(grep -c '<failure' "$BATS_TEST_TMPDIR/junit.xml")" -eq 1 ]
    grep -qF 'tests="4" failures="1" errors="0" skipped="0"' "$BATS_TEST_TMPDIR/junit.xml"
    grep -qF 'message="work &lt; -3%"' "$BATS_TEST_TMPDIR/junit.xml"
    compare --fail-if 'worse > 3 %' "$a" "$b"
    [ "$status" -eq 1 ]
    compare --fail-if 'work < -20%' --fail-if 'worse>15%' "$a" "$b"
    [ "$status" -eq 0 ]
    [[ $output == *"Fail if work < -20%: passed."* ]]
    # A change for the better is no failure.
    compare --fail-if 'work < -3%' "$b" "$a"
    [ "$status" -eq 0 ]
}

@test "compare: a figure of 0 excuses no worse row, although its change is not in percent" {
    two_runs
    ask "UPDATE metrics SET value = 0 WHERE run = '$a' AND guest = 'one' AND cell = (SELECT min(cell) FROM cells
           WHERE run = '$a' AND case_no = 0 AND state = 'done' AND NOT warmup)"
    shift_by 0.9 first one
    for condition in 'worse > 3%' 'work < -3%'; do
        compare --fail-if "$condition" --junit "$BATS_TEST_TMPDIR/junit.xml" "$a" "$b"
        [ "$status" -eq 1 ]
        [[ $stderr == *"1 of 4 comparisons are worse"* ]]
        [[ $output == *"Fail if $condition: FAILED, B: first, one: -"*" 1/s."* ]]
        [ "$(grep -c '<failure' "$BATS_TEST_TMPDIR/junit.xml")" -eq 1 ]
    done
}

@test "compare: a condition that nothing can meet is refused" {
    two_runs
    refused() {
        local said=$1
        shift
        compare "$@" "$a" "$b"
        [ "$status" -eq 2 ]
        [[ $stderr == *"$said"* ]]
    }
    refused "no figure is called time; there are: work" --fail-if 'time > 3%'
    refused "write 'work < -3%'" --fail-if 'work > 3%'
    refused "'time > 3%', 'fps < -3%'" --fail-if 'work'
    refused "'time > 3%', 'fps < -3%'" --fail-if 'work < -3'
    refused "'time > 3%', 'fps < -3%'" --fail-if '< -3%'
    refused "write a limit of 0 % or more after >" --fail-if 'work < 3%'
    refused "write NAME=NAME" --case 'first=nothing'
    ask "INSERT INTO host_steal SELECT run, cell, attempt, 0, 900, 100, 1000 FROM cells WHERE run = '$b' AND state = 'done'"
    compare --fail-if 'worse > 3%' "$a" "$b"
    [ "$status" -eq 2 ]
    [[ $stderr == *"cannot be judged: the machine beneath took up to 10 % of a CPU's time"* ]]
    [[ $output == *"not judged"* ]]
}

@test "compare: three against three is too few, and how many are needed is said" {
    measure few 3
    a=$id
    measure few 3
    compare "$a" "$id"
    [ "$status" -eq 0 ]
    [[ $output == *"4 too few repetitions for a verdict"* ]]
    [[ $(tr -s ' \n' ' ' <<<"$output") == *"3 and 3 repetitions are too few: p cannot be less than 0.10. To judge 4 comparisons at the 5 % level, each run needs at least 5 repetitions."* ]]
    compare --fail-if 'worse > 3%' "$a" "$id"
    [ "$status" -eq 2 ]
    [[ $stderr == *"3 against 3 repetitions cannot show any difference"* ]]
}

@test "compare: runs of other stores and of exports, by FILE and FILE:RUN, which stay as they are" {
    measure here 5
    a=$id
    measure there 5 "$BATS_TEST_TMPDIR/other:store.sqlite"
    b=$id
    before=$(sha256sum <"$BATS_TEST_TMPDIR/other:store.sqlite")
    compare "${a:0:8}" "$BATS_TEST_TMPDIR/other:store.sqlite"
    [ "$status" -eq 0 ]
    [[ $output == *"Experiment: A here; B there"* ]]
    compare "${a:0:8}" "$BATS_TEST_TMPDIR/other:store.sqlite:${b:0:8}"
    [ "$status" -eq 0 ]
    [ "$(sha256sum <"$BATS_TEST_TMPDIR/other:store.sqlite")" = "$before" ]
    "$XENBENCH" runs export "$a" --output "$BATS_TEST_TMPDIR/a.sqlite"
    compare "$BATS_TEST_TMPDIR/a.sqlite" "$BATS_TEST_TMPDIR/other:store.sqlite"
    [ "$status" -eq 0 ]
    compare "$a" "$BATS_TEST_TMPDIR/a.sqlite"
    [ "$status" -eq 2 ]
    [[ $stderr == *"are the same run"* ]]
    # The same figures come from JSON, of one run and of a list.
    "$XENBENCH" runs export "$a" --output "$BATS_TEST_TMPDIR/a.json"
    "$XENBENCH" runs export --all --output "$BATS_TEST_TMPDIR/all.json"
    figures() { "$XENBENCH" compare --format json "$@" | jq -S 'del(.runs[].named)'; }
    figures "$a" "$BATS_TEST_TMPDIR/other:store.sqlite" >"$BATS_TEST_TMPDIR/want"
    [ -s "$BATS_TEST_TMPDIR/want" ]
    figures "$BATS_TEST_TMPDIR/a.json" "$BATS_TEST_TMPDIR/other:store.sqlite" | cmp - "$BATS_TEST_TMPDIR/want"
    figures "$BATS_TEST_TMPDIR/all.json:${a:0:8}" "$BATS_TEST_TMPDIR/other:store.sqlite" | cmp - "$BATS_TEST_TMPDIR/want"
    jq '.schema = "xenbench-results/9"' "$BATS_TEST_TMPDIR/a.json" >"$BATS_TEST_TMPDIR/newer.json"
    jq 'del(.cells[].state)' "$BATS_TEST_TMPDIR/a.json" >"$BATS_TEST_TMPDIR/bad.json"
    echo '{"schema"' >"$BATS_TEST_TMPDIR/cut.json"
    for file in newer bad cut; do
        compare "$b" "$BATS_TEST_TMPDIR/$file.json" --store "$BATS_TEST_TMPDIR/other:store.sqlite"
        [ "$status" -eq 2 ]
        [[ $stderr == *"$file.json"* ]]
    done
    compare "$a" nowhere.sqlite
    [ "$status" -eq 2 ]
    [[ $stderr == *"neither the beginning of a run's id"* ]]
    compare "$a" "$BATS_TEST_TMPDIR/e.yaml"
    [ "$status" -eq 2 ]
    compare "$a"
    [ "$status" -eq 2 ]
    [[ $stderr == *"which runs?"* ]]
}

@test "compare: three runs, cases of another name, and what has no counterpart" {
    measure base 6
    a=$id
    second=other measure base 6
    b=$id
    noise=2 measure base 6
    compare "$a" "$b" "$id"
    [ "$status" -eq 0 ]
    [[ $output == *"B against A, 2 comparisons"*"C against A, 4 comparisons"* ]]
    [[ $output == *"case second: in A, not in B"*"case other: only in B"* ]]
    compare --case second=other "$a" "$b"
    [[ $output == *"B against A, 4 comparisons"*"second = other"* ]]
    [[ $output != *"only in"* ]]
}

@test "compare: figures of another unit or name are refused by name" {
    measure base 6
    a=$id
    unit=MB/s measure base 6
    ask "UPDATE parts SET metric = 'other' WHERE run = '$id' AND guest = 'two'"
    compare "$a" "$id"
    [ "$status" -eq 0 ]
    [[ $output == *"first, one; second, one: the unit is 1/s in A, MB/s in B"* ]]
    [[ $output == *"first, two; second, two: the figure is work in A, other in B"* ]]
    [[ $output == *"4 not comparable"* ]]
}

@test "compare: guests with one metric in two units are told by unit, whatever is longer" {
    two_runs
    ask "UPDATE parts SET unit = 'MB/s' WHERE guest = 'two'"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
    [[ $output == *"Each guest's own figure"* ]]
    [[ $output == *"one: work in 1/s"* ]]
    [[ $output == *"two: work in MB/s"* ]]
    # No name of a guest is too long for the table.
    ask "PRAGMA foreign_keys = OFF; UPDATE guests SET guest = printf('%.*c', 500, 'g') WHERE guest = 'two';
         UPDATE parts SET guest = printf('%.*c', 500, 'g') WHERE guest = 'two';
         UPDATE cases SET name = printf('%.*c', 500, 'c') WHERE name = 'first'"
    compare "$a" "$b"
    [ "$status" -eq 0 ]
}
