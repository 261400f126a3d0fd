#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Shards: parts of an experiment that are measured separately.
load helper

setup() {
    own_state
    start_agents one two
}

# experiment COMMAND [LINES]: writes an experiment with two guests and four cases.
experiment() {
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: sharded
workload: {name: job, command: "$1"}
guests:
  one: {socket: $BATS_TEST_TMPDIR/one}
  two: {socket: $BATS_TEST_TMPDIR/two}
cases: [{name: A}, {name: B}, {name: C}, {name: D}]
timeout: 30s
${2:-repetitions: 5}
max_release_error: 1s
END
}

in_pairs() {
    experiment "$1" "repetitions: 2
warmup: 1
compare: [{a: A, b: C}, {a: B, b: D}]"
}

# Print the counted cells by case and repetition, and how often each is in the store.
counted() {
    ask "SELECT cases.name || repetition, count(*) FROM cells JOIN cases USING (run, case_no)
        WHERE state = 'done' AND NOT warmup GROUP BY 1 ORDER BY 1"
}

plan() {
    "$XENBENCH" plan "$BATS_TEST_TMPDIR/e.yaml" "$@"
}

@test "shard: plan shows the rounds of each, and that plain plan knows none" {
    experiment true 'repetitions: 5'
    run plan --shards 2
    [ "$status" -eq 0 ]
    [[ $output == *"Shards, by round (seed "* ]]
    [[ $output == *"  1/2  12 cells, at most 6 min: repetitions 1 to 3"* ]]
    [[ $output == *"  2/2  8 cells, at most 4 min: repetitions 4 to 5"* ]]
    [[ $output == *"\`xenbench run FILE --shard K/2\` runs one of them"* ]]
    plan --shards 5 --json | jq -e '.shards.by == "round" and (.shards.list | length) == 5 and
        .shards.list[4] == {number: 5, cases: [0, 1, 2, 3], first_repetition: 4, repetitions: 1, cells: 4,
            time: {known_s: 0, known_cells: 0, known_by_case: 0, others_at_most_s: 120}}'
    plan --json | jq -e '.shards == null'
}

@test "shard: plan by case keeps compared cases together; by host each has all" {
    in_pairs true
    plan --shards 2 --by case --json | jq -e '[.shards.list[].cases] | sort == [[0, 2], [1, 3]]'
    run plan --shards 2 --by case
    [[ $output == *"6 cells, at most 3 min: A; C"* ]]
    [[ $output == *"--shard K/2 --by case\`"* ]]
    plan --shards 3 --by host --json | jq -e '[.shards.list[] | select(.cells == 12)] | length == 3'
    run plan --shards 3 --by host
    [[ $output == *"warm-up rounds, which warm its host and do not count"* ]]
}

@test "shard: what cannot be split is refused with the reason" {
    refused() {
        local want=$1
        shift
        run "$XENBENCH" "$@"
        echo "$output"
        [ "$status" -eq 2 ]
        [[ $output == *"$want"* ]]
        [ ! -e "$store" ] || [ "$(ask "SELECT count(*) FROM runs")" -eq 0 ]
    }
    local file=$BATS_TEST_TMPDIR/e.yaml shard
    experiment true 'repetitions: 3'
    for shard in 0/2 3/2 1/0 2 1/x -1/2 1/2/3 1/10001 ''; do
        refused "write K/N" run "$file" "--shard=$shard"
    done
    refused "4 shards by round are too many: it has 3 rounds" run "$file" --shard 1/4
    refused "4 shards by round are too many: it has 3 rounds" plan "$file" --shards 4
    refused "without \`compare\` each case is compared with all others" plan "$file" --shards 2 --by case
    refused "without \`compare\` each case is compared with all others" run "$file" --shard 1/2 --by case
    refused "--shards=0 is not a number from 1 to 10000" plan "$file" --shards 0
    refused "--by" plan "$file" --shards 2 --by guest
    refused "needs --shards N" plan "$file" --by case
    refused "needs --shard K/N" run "$file" --by case
    refused "--resume knows its own shard" run --resume latest --shard 1/2
    experiment true 'until: {interval: 2%}'
    refused "e.yaml:8: it cannot be split by round" run "$file" --shard 1/2
    in_pairs true
    refused "3 shards by case are too many: \`compare\` and \`solo\` tie its cases into 2 groups" run "$file" --shard 1/3 --by case
}

@test "shard: all shards by round make the whole, and each run says which it is" {
    experiment true 'repetitions: 5'
    run_experiment --quiet >/dev/null
    whole=$(counted)
    rm "$store"
    for k in 3 1 2; do
        run_experiment --shard "$k/3" --quiet >/dev/null
    done
    [ "$(counted)" = "$whole" ]
    [ "$(ask "SELECT DISTINCT repetition FROM cells JOIN runs USING (run) WHERE shard = 2 ORDER BY 1")" = $'2\n3' ]
    [ "$(ask "SELECT shard_by, shards, shard FROM runs ORDER BY shard")" = $'round|3|1\nround|3|2\nround|3|3' ]
    # Shards use the same seed without communicating; only a run of the complete experiment draws one.
    [ "$(ask "SELECT count(DISTINCT seed) FROM runs")" -eq 1 ]
    "$XENBENCH" runs list | grep -F '(shard 2/3)'
    "$XENBENCH" runs list --json | jq -e '[.[].shard.number] | sort == [1, 2, 3]'
    "$XENBENCH" runs list --json | jq -e '.[0].shard | .by == "round" and .of == 3'
    second=$(ask "SELECT run FROM runs WHERE shard = 2")
    "$XENBENCH" runs show "$second" | grep -E '^ *shard +2 of 3 by round$'
    "$XENBENCH" report "$second" | grep -F 'Shard 2 of 3 by round'
    "$XENBENCH" report "$second" | grep -F ' 2 repetitions after '
    "$XENBENCH" report "$second" --format json | jq -e '.run.shard_by == "round" and .run.shard == 2 and .run.shards == 3'
    # results.json has the shard, too.
    "$XENBENCH" report "$second" --format json >"$BATS_TEST_TMPDIR/r.json"
    "$XENBENCH" compare "$BATS_TEST_TMPDIR/r.json" "$(ask "SELECT run FROM runs WHERE shard = 1")" >/dev/null
}

@test "shard: by case and by host; a shard by case knows its own cases alone" {
    in_pairs true
    run_experiment --shard 1/2 --by case --quiet >/dev/null
    [ "$(ask "SELECT group_concat(name) FROM (SELECT name FROM cases ORDER BY case_no)")" = A,C ] ||
        [ "$(ask "SELECT group_concat(name) FROM (SELECT name FROM cases ORDER BY case_no)")" = B,D ]
    [ "$(ask "SELECT compare FROM runs")" = '[{"a":0,"b":1}]' ]
    run --separate-stderr run_experiment --shard 2/2 --by case
    # shellcheck disable=SC2154 # bats sets stderr
    [[ $stderr == *"of \`sharded\`, shard 2 of 2 by case: 2 cases, 2 guests, 6 cells"* ]]
    [ "$(counted)" = $'A0|1\nA1|1\nB0|1\nB1|1\nC0|1\nC1|1\nD0|1\nD1|1' ]
    for k in 1 2; do
        run_experiment --shard "$k/2" --by host --quiet >/dev/null
    done
    [ "$(ask "SELECT count(*) FROM cells JOIN runs USING (run) WHERE shard_by = 'host' AND NOT cells.warmup")" -eq 16 ]
}

@test "shard: by case under until, each group goes on until it is known" {
    experiment true 'until: {interval: 100%, max: 6}
compare: [{a: A, b: B}, {a: C, b: D}]'
    for k in 1 2; do
        run_experiment --shard "$k/2" --by case --quiet >/dev/null
    done
    [ "$(ask "SELECT count(*), sum(stopped IN ('sure', 'max')) FROM cases")" = '4|4' ]
}

@test "shard: killed in its middle, it is finished by the same command or by --resume, and no other shard is" {
    in_pairs "[ \$XENBENCH_CELL -lt 3 ] || until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.05; done"
    for by in round case; do
        for how in again resume; do
            rm -f "$store"* "$BATS_TEST_TMPDIR/go"
            "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" --shard 2/2 --by "$by" --quiet >/dev/null 2>&1 3>&- &
            pid=$!
            wait_for eval '[ "$(ask "SELECT count(*) FROM cells WHERE state = '"'done'"'" 2>/dev/null)" = 3 ]'
            kill -KILL "$pid"
            wait "$pid" || true
            touch "$BATS_TEST_TMPDIR/go"
            before=$(ask "SELECT token FROM samples WHERE outcome IS NOT NULL ORDER BY 1")
            seed=$(ask "SELECT seed FROM runs")
            # Another shard, and the complete experiment, are other runs.
            run --separate-stderr run_experiment --shard 1/2 --by "$by"
            [[ $stderr != *continues* ]]
            if [ "$how" = again ]; then
                run --separate-stderr run_experiment --shard 2/2 --by "$by"
            else
                run --separate-stderr "$XENBENCH" run --resume "$(ask "SELECT run FROM runs WHERE shard = 2")"
            fi
            [ "$status" -eq 0 ]
            [[ $stderr == *", shard 2 of 2 by $by continues: "* ]]
            [ "$(ask "SELECT count(*), sum(state = 'finished') FROM runs")" = '2|2' ]
            [ "$(ask "SELECT DISTINCT seed FROM runs")" = "$seed" ]
            [ "$(counted)" = $'A0|1\nA1|1\nB0|1\nB1|1\nC0|1\nC1|1\nD0|1\nD1|1' ]
            # What was measured before the kill is still there.
            [ -n "$before" ]
            [ -z "$(comm -23 <(echo "$before") <(ask "SELECT token FROM samples ORDER BY 1"))" ]
        done
    done
}
