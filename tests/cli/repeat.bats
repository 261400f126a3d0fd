#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Repetitions: a count on the command line, until the medians are certain, and in pairs.
load helper

setup() {
    own_state
    start_agents one two
}

# experiment COMMAND [LINES]: writes an experiment with two guests and two cases; COMMAND prints the metric ops. No cell is
# repeated because a busy machine delays a start.
experiment() {
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: repeated
workload:
  command: "$1"
  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}
guests:
  one: {socket: $BATS_TEST_TMPDIR/one}
  two: {socket: $BATS_TEST_TMPDIR/two}
cases: [{name: first}, {name: second}]
timeout: 30s
${2:-repetitions: 2}
max_release_error: 1s
END
}

# values FILE NUMBER...: prints a command that reports the next of these numbers as ops at each call,
# in whatever guest.
values() {
    local file=$BATS_TEST_TMPDIR/$1
    shift
    printf '%s\n' "$@" >"$file"
    printf 'flock %s.lock sh -c \\"sed -n 1s/^/ops=/p %s; sed -i 1d %s\\"' "$file" "$file" "$file"
}

@test "repeat: --repetitions and --set come before the file, and are resumed with the run" {
    experiment "[ \$XENBENCH_CELL -lt 2 ] || until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.05; done; echo ops=1"
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" --quiet --repetitions 3 --set warmup=1 --set order=random --set seed=5 \
        >/dev/null 2>&1 3>&- &
    pid=$!
    wait_for eval '[ "$(ask "SELECT count(*) FROM cells WHERE state = '"'done'"'" 2>/dev/null)" = 2 ]'
    kill -KILL "$pid"
    wait "$pid" || true
    touch "$BATS_TEST_TMPDIR/go"
    # Without the options it is another experiment; with them it continues.
    run_experiment --quiet >/dev/null
    [ "$(ask "SELECT count(*) FROM runs")" -eq 2 ]
    run --separate-stderr run_experiment --repetitions 3 --set warmup=1 --set order=random --set seed=5
    # shellcheck disable=SC2154 # bats sets stderr
    [[ $stderr == *"continues: "* ]]
    [ "$(ask "SELECT count(*) FROM runs WHERE state = 'finished'")" -eq 2 ]
    [ "$(ask "SELECT count(*) FROM cells JOIN runs USING (run) WHERE overrides != '[]' AND cells.state = 'done'")" -eq 8 ]
    [ "$(ask "SELECT seed, cell_order, overrides FROM runs WHERE overrides != '[]'")" = \
        '5|random|["repetitions=3","warmup=1","order=random","seed=5"]' ]
    run "$XENBENCH" run --resume latest --repetitions 3
    [ "$status" -eq 2 ]
    run run_experiment --set repetition=3
    [ "$status" -eq 2 ]
    [[ $output == *"did you mean \`repetitions\`?"* ]]
}

@test "repeat: until the medians are certain: six of a figure that does not vary" {
    experiment 'echo ops=100' 'until: {interval: 2%, max: 20}'
    run --separate-stderr run_experiment
    [ "$status" -eq 0 ]
    [[ $stderr == *"case \`first\` is sure: 6 repetitions; the widest interval is 0 % of its median"* ]]
    [ "$(ask "SELECT group_concat(stopped) FROM cases")" = sure,sure ]
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'")" -eq 12 ]
    [[ $output == *"until"* ]]
}

@test "repeat: a case that is certain stops, the other continues to its maximum, and the reason is recorded" {
    # Two cases of two guests: the first always reports 100, the second varies.
    all=()
    for ((i = 0; i < 6; i++)); do
        all+=(100 100 $((100 + 40 * i)) $((300 - 40 * i)))
    done
    experiment "$(values v "${all[@]}" 10 20 30 40 50 60)" 'until: {interval: 5%, max: 9}'
    run_experiment --quiet >/dev/null
    [ "$(ask "SELECT name, stopped FROM cases")" = $'first|sure\nsecond|max' ]
    [ "$(ask "SELECT count(*) FILTER (WHERE case_no = 0), count(*) FILTER (WHERE case_no = 1) FROM cells WHERE state = 'done'")" = '6|9' ]
    [[ "$(ask "SELECT stopped_why FROM cases WHERE case_no = 1")" == "9 repetitions; the widest interval is "*"5 % are asked for" ]]
    run "$XENBENCH" report
    [[ $output == *"second: 9 repetitions"* ]]
}

@test "repeat: the time limit ends it, whatever the intervals; another metric can decide" {
    experiment 'sleep 0.4; echo ops=$RANDOM' 'until: {interval: 0.01%, time: 1s, metric: time}'
    sed -i 's/\$RANDOM/100/' "$BATS_TEST_TMPDIR/e.yaml"
    run_experiment --quiet >/dev/null
    [ "$(ask "SELECT group_concat(stopped) FROM cases")" = time,time ]
    [ "$(ask "SELECT count(*) BETWEEN 2 AND 6 FROM cells WHERE state = 'done'")" -eq 1 ]
    sed -i 's/metric: time/metric: opps/' "$BATS_TEST_TMPDIR/e.yaml"
    run run_experiment
    [ "$status" -eq 2 ]
    echo "$output"
    [[ $output == *"e.yaml:10: \`until\`: workload command has no metric \`opps\`; did you mean \`ops\`"* ]]
}

@test "repeat: in sequential order a case is finished before the next begins" {
    experiment 'echo ops=100' 'until: {interval: 2%, max: 20}'
    printf 'order: sequential\nwarmup: 1\n' >>"$BATS_TEST_TMPDIR/e.yaml"
    run_experiment --quiet >/dev/null
    [ "$(ask "SELECT group_concat(case_no || CASE warmup WHEN 1 THEN 'w' ELSE '' END, '') FROM cells")" = 0w0000001w111111 ]
}

@test "repeat: pairs are compared round by round" {
    # Which case runs first alternates: first, second, second, first, ... The second always reports ten
    # more.
    all=()
    for ((i = 0; i < 8; i++)); do
        a=$((100 + 50 * i)) b=$((110 + 50 * i))
        if ((i % 2)); then
            all+=("$b" "$b" "$a" "$a")
        else
            all+=("$a" "$a" "$b" "$b")
        fi
    done
    experiment "$(values v "${all[@]}")" $'repetitions: 8\ncompare: {a: first, b: second}'
    run_experiment --quiet --report-dir "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/table"
    cat "$BATS_TEST_TMPDIR/table"
    [ "$(ask "SELECT group_concat(case_no, '') FROM cells")" = 0110011001100110 ]
    grep -q "second less first, one: +10.0 1/s (+10.0 to +10.0, 96.1 %)" "$BATS_TEST_TMPDIR/table"
    jq -e '.comparisons[0] | .a == "first" and .b == "second" and .guests.one.pairs == 8
           and .guests.one.difference.estimate == 10 and .guests.one.difference.interval == [10, 10]
           and .guests.one.ratio.estimate > 1 and .guests.one.method == "signed rank"' "$BATS_TEST_TMPDIR/out/results.json"
}

# two_kinds SETTINGS-OF-TWO: writes an experiment in which guest one always reports the same figure,
# and guest two a new one each time.
two_kinds() {
    local metric='metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}'
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: two kinds
guests:
  one: {socket: $BATS_TEST_TMPDIR/one, workload: {name: a, command: "echo ops=100; sleep 0.2", $metric}}
  two: {socket: $BATS_TEST_TMPDIR/two, ${1}workload: {name: b, command: "$(values v {10..2000..10})", $metric}}
cases: [{name: first}, {name: second}]
compare: {a: first, b: second}
until: {interval: 2%, max: 7}
timeout: 30s
max_release_error: 1s
END
    run_experiment --quiet >"$BATS_TEST_TMPDIR/table"
}

@test "repeat: each measured guest decides, background load and idle ones do not" {
    two_kinds ''
    [ "$(ask "SELECT group_concat(DISTINCT stopped) FROM cases")" = max ]
    [[ "$(ask "SELECT stopped_why FROM cases WHERE case_no = 0")" == "7 repetitions; the widest interval is "*" (two), 2 % are asked for" ]]
    grep -q "second less first, two:" "$BATS_TEST_TMPDIR/table"
    for role in 'background: true, ' 'idle: true, '; do
        two_kinds "$role"
        [ "$(ask "SELECT group_concat(DISTINCT stopped) FROM cases JOIN parts USING (run, case_no)
                  WHERE guest = 'two' AND role = '${role%%:*}'")" = sure ]
        run ! grep -q "first, two:" "$BATS_TEST_TMPDIR/table"
        grep -q "second less first, one:" "$BATS_TEST_TMPDIR/table"
    done
}
