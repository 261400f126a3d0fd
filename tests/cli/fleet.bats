#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench fleet report`: shards of an experiment, from several hosts, judged as one.
load helper

setup() {
    own_state
    start_agents one
    file=$BATS_TEST_TMPDIR/e.yaml
}

# experiment [LINES]: writes an experiment: case A reports 100, 101..., case B 20 more, both times the host's factor.
experiment() {
    echo 10 >"$BATS_TEST_TMPDIR/factor"
    echo 20 >"$BATS_TEST_TMPDIR/more"
    cat >"$file" <<END
name: over hosts
workload:
  command: >-
    f=\$(cat $BATS_TEST_TMPDIR/factor); m=\$(cat $BATS_TEST_TMPDIR/more);
    case \$XENBENCH_CASE in B) ;; *) m=0 ;; esac;
    echo ops=\$((f * (100 + XENBENCH_REPETITION % 5 + m)))
  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}
guests:
  one: {socket: $BATS_TEST_TMPDIR/one}
cases: [{name: A}, {name: B}]
timeout: 30s
${1:-repetitions: 8}
END
}

# shard K/N [OPTION...]: runs a shard into its own store, shards/K.sqlite.
shard() {
    mkdir -p "$BATS_TEST_TMPDIR/shards"
    "$XENBENCH" run "$file" --shard "$@" --quiet --store "$BATS_TEST_TMPDIR/shards/${1%/*}.sqlite" >/dev/null
}

fleet() {
    "$XENBENCH" fleet report "$@"
}

# fact K KEY VALUE: changes a fact about shard K's host, as if the shard had run on another host.
fact() {
    ask "INSERT OR REPLACE INTO host SELECT run, '$2', '$3' FROM runs" "$BATS_TEST_TMPDIR/shards/$1.sqlite"
}

@test "fleet: shards of three hosts by round are one report, from files or after an import" {
    experiment
    for k in 1 2 3; do
        shard "$k/3"
        fact "$k" host_name "host$k"
        echo $((10 + k)) >"$BATS_TEST_TMPDIR/factor"
    done
    shards=("$BATS_TEST_TMPDIR"/shards/*.sqlite)
    run fleet "${shards[@]}"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"over hosts: 3 of 3 shards by round"* ]]
    [[ $output != *MISSING* ]]
    [[ $output == *"B less A, one: better, +1"*", on 3 hosts."* ]]
    fleet "${shards[@]}" --format json >"$BATS_TEST_TMPDIR/files.json"
    jq . "$BATS_TEST_TMPDIR/files.json"
    # Within each host, B is a fifth above A, although the hosts differ by as much.
    jq -e '.schema == "xenbench-fleet/1" and .missing == [] and (.kinds | length) == 1 and (.changes | length) == 1 and
        (.changes[0] | .a == "A" and .b == "B" and .hosts == 3 and .n_a == 8 and .n_b == 8 and .verdict == "better" and
            .change > 0.17 and .change < 0.22 and .interval[0] > 0.1 and .interval[1] < 0.3 and .p < 0.01 and .apart == [])' \
        "$BATS_TEST_TMPDIR/files.json"
    # The hosts' levels: more of the metric is better.
    jq -e '[.shards[].level] | .[0] > 0.05 and .[2] < -0.05' "$BATS_TEST_TMPDIR/files.json"
    jq -e '.figures | length == 2 and all(.hosts == 3 and .between > 0.05 and .within < 0.05)' "$BATS_TEST_TMPDIR/files.json"

    "$XENBENCH" runs import "${shards[@]}"
    "$XENBENCH" runs import "${shards[1]}" | grep "1 known"
    fleet --format json | cmp - "$BATS_TEST_TMPDIR/files.json"
    fleet "$(ask "SELECT substr(run, 1, 12) FROM runs WHERE shard = 2")" --format json | cmp - "$BATS_TEST_TMPDIR/files.json"
    # JSON and results.json are exports, too.
    "$XENBENCH" runs export --all --output "$BATS_TEST_TMPDIR/all.json"
    fleet "$BATS_TEST_TMPDIR/all.json" --format json | cmp - "$BATS_TEST_TMPDIR/files.json"
    fleet --format html --output "$BATS_TEST_TMPDIR/fleet.html"
    grep -q 'id="chart-hosts"' "$BATS_TEST_TMPDIR/fleet.html"
    fleet --format md | grep -F '| host3'
    run fleet --format json --output /dev/full
    [ "$status" -eq 3 ]
    run bash -c "'$XENBENCH' fleet report >/dev/full"
    [ "$status" -eq 3 ]
}

@test "fleet: what is missing or unfinished is named, and the rest is judged" {
    experiment
    for k in 2 5 6; do
        shard "$k/8"
    done
    ask "UPDATE runs SET state = 'unfinished'" "$BATS_TEST_TMPDIR/shards/5.sqlite"
    # Another version, and a clock that is a day behind.
    ask "UPDATE runs SET xenbench = '9.9', started_at = '2020-01-01T00:00:00Z'" "$BATS_TEST_TMPDIR/shards/6.sqlite"
    run fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"MISSING: shard 1, 3 to 4, 7 to 8 of 8; what follows is without them."* ]]
    [[ $output == *"Shard 5 on $(uname -n) is NOT FINISHED: 2 of 2 cells are done"* ]]
    [[ $output == *"Shard 6 was run by xenbench 9.9, shard 2 by "* ]]
    [[ $output == *"3 shards ran on hosts that are called $(uname -n)"* ]]
    fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite --format json | jq -e '.missing == [1, 3, 4, 7, 8]'
}

@test "fleet: another build of Xen or of a kernel is another kind; other builds of an image are named" {
    experiment 'repetitions: 6'
    local k key
    for k in 1 2 3; do
        shard "$k/3" --by host
        fact "$k" host_name "host$k"
        ask "UPDATE guests SET agent_sha256 = printf('%064d', 0), disk_sha256 = printf('%d%063d', $k, 0)" \
            "$BATS_TEST_TMPDIR/shards/$k.sqlite"
    done
    run fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite
    echo "$output"
    # Lines are folded.
    [[ $(tr -s ' \n' ' ' <<<"$output") == *"Guest one: the image's disk differs between hosts: its digest is 100000000000 on host1, and 200000000000 on host2 "* ]]
    [[ $output != *"agent differs"* ]]
    [[ $output != *kinds* ]]
    for key in xen_compile_date dom0_kernel_sha256 cpu_topology numa_nodes; do
        fact 2 "$key" other
        run fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite
        echo "$output"
        [[ $output == *"The hosts are of 2 kinds"*"Kind B, 1 shard: "*" other"* ]]
        ask "DELETE FROM host WHERE key = '$key'" "$BATS_TEST_TMPDIR/shards/2.sqlite"
        ask "DELETE FROM host WHERE key = '$key'" "$BATS_TEST_TMPDIR/shards/1.sqlite"
        ask "DELETE FROM host WHERE key = '$key'" "$BATS_TEST_TMPDIR/shards/3.sqlite"
    done
}

@test "fleet: hosts of different kinds are judged apart, and a slow host and one that disagrees are named" {
    experiment 'repetitions: 4'
    for k in 1 2 3 4 5 6 7 8 9; do
        echo "$((k == 4 ? 5 : 100 + k % 3))" >"$BATS_TEST_TMPDIR/factor"
        echo "$((k == 6 ? 60 : 20 + k % 2))" >"$BATS_TEST_TMPDIR/more"
        shard "$k/9" --by host
        fact "$k" host_name "node$k"
    done
    fact 8 cpu_microcode 0x2b
    fact 9 dom0_kernel 6.1.0-99
    run fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"The hosts are of 3 kinds, which are judged apart: nothing is pooled over them."* ]]
    [[ $output == *"Kind A, 7 shards: "* ]]
    [[ $output == *"Kind B, 1 shard: microcode 0x2b"* ]]
    [[ $output == *"Dom0's kernel 6.1.0-99"* ]]
    [[ $output == *": node6 (shard 6) stands apart from the other hosts."* ]]
    fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite --format json >"$BATS_TEST_TMPDIR/f.json"
    jq -e '[.shards[] | select(.apart) | .number] | index(4) != null' "$BATS_TEST_TMPDIR/f.json"
    jq -e '[.shards[].kind] == [0, 0, 0, 0, 0, 0, 0, 1, 2] and [.changes[].hosts] == [7, 1, 1] and .changes[0].apart == [6] and
        .changes[0].verdict == "better" and .changes[1].verdict == "too few repetitions"' "$BATS_TEST_TMPDIR/f.json"
    [[ $output == *"SLOW"* ]]
}

@test "fleet: the verdict has the direction of the figures where most are equal and the shift is 0" {
    experiment 'repetitions: 30'
    shard 1/2 --by host
    shard 2/2 --by host
    for k in 1 2; do
        ask "UPDATE parts SET better = 'less';
             UPDATE metrics SET value = 10 + (SELECT c.case_no = 1 AND c.repetition < 12 FROM cells c
                 WHERE c.run = metrics.run AND c.cell = metrics.cell AND c.attempt = metrics.attempt)" \
            "$BATS_TEST_TMPDIR/shards/$k.sqlite"
    done
    fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite --format json |
        jq -e '.changes[0] | .change == 0 and .verdict == "worse"'
}

@test "fleet: by case, each comparison is of one host" {
    experiment 'repetitions: 6
compare: [{a: A, b: B}, {a: C, b: D}]'
    sed -i 's/{name: B}\]/{name: B}, {name: C}, {name: D}]/' "$file"
    for k in 1 2; do
        shard "$k/2" --by case
    done
    fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite --format json |
        jq -e '[.changes[] | [.a, .b, .hosts, .n_a, .between]] == [["A", "B", 1, 6, null], ["C", "D", 1, 6, null]] and
            [.changes[].pairs | [.n, .method]] == [[6, "signed rank"], [6, "signed rank"]] and .changes[1].pairs.interval == [0, 0] and
            (.figures | length) == 4 and .changes[0].verdict == "better" and .changes[1].verdict == "alike"'
}

@test "fleet: by round, cases that compare names are also compared in pairs" {
    experiment 'repetitions: 8
compare: {a: A, b: B}'
    for k in 1 2; do
        shard "$k/2"
        echo 30 >"$BATS_TEST_TMPDIR/factor"
    done
    run fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite
    echo "$output"
    [[ $output == *'In pairs, round by round: B less A, one: +19.7 % (+19.4 to +19.9 %, 96.1 %), from 8 pairs.'* ]]
}

@test "fleet: what is no set of shards is refused" {
    refused() {
        local want=$1
        shift
        run fleet "$@"
        echo "$output"
        [ "$status" -eq 2 ]
        [[ $output == *"$want"* ]]
    }
    local dir=$BATS_TEST_TMPDIR/shards
    refused "there is no store at"
    experiment 'repetitions: 2'
    shard 1/2
    shard 2/2
    cp "$dir/1.sqlite" "$dir/same.sqlite"
    "$XENBENCH" run "$file" --quiet --store "$dir/whole.sqlite" >/dev/null
    refused "is of a whole experiment, not of a shard" "$dir/whole.sqlite"
    refused "is of a whole experiment, not of a shard" "$dir/1.sqlite" "$dir/whole.sqlite"
    refused "is named twice" "$dir/1.sqlite" "$dir/same.sqlite"
    refused "neither the beginning of a run's id" "$dir/none.sqlite"
    head -c 20000 "$dir/1.sqlite" >"$dir/cut.sqlite"
    refused "cut.sqlite" "$dir/cut.sqlite" "$dir/2.sqlite"
    # The same shard in two runs.
    "$XENBENCH" run "$file" --shard 1/2 --quiet --store "$dir/again.sqlite" >/dev/null
    refused "shard 1 of 2 is there twice, in run " "$dir/1.sqlite" "$dir/2.sqlite" "$dir/again.sqlite"
    "$XENBENCH" runs import "$dir/1.sqlite" "$dir/2.sqlite" "$dir/again.sqlite"
    refused "shard 1 of 2 is there twice, in run "
    # Naming the runs decides.
    fleet "$dir/2.sqlite" "$(ask "SELECT run FROM runs WHERE shard = 1 LIMIT 1")" >/dev/null
    # Other numbers, splits, settings, seeds and files.
    "$XENBENCH" run "$file" --shard 1/1 --quiet --store "$dir/n.sqlite" >/dev/null
    refused "are of different numbers of shards" "$dir/n.sqlite" "$dir/2.sqlite"
    "$XENBENCH" run "$file" --shard 1/2 --by host --quiet --store "$dir/by.sqlite" >/dev/null
    refused "are split by different things" "$dir/by.sqlite" "$dir/2.sqlite"
    "$XENBENCH" run "$file" --shard 1/2 --set repetitions=3 --quiet --store "$dir/set.sqlite" >/dev/null
    refused "of different experiments: the settings from the command line differ" "$dir/set.sqlite" "$dir/2.sqlite"
    echo "# more" >>"$file"
    "$XENBENCH" run "$file" --shard 1/2 --quiet --store "$dir/other.sqlite" >/dev/null
    refused "of different experiments: the files differ" "$dir/2.sqlite" "$dir/other.sqlite"
    ask "UPDATE runs SET seed = seed + 1" "$dir/1.sqlite"
    refused "are of different seeds" "$dir/1.sqlite" "$dir/2.sqlite"
    ask "DELETE FROM runs"
    refused "no run of a shard in"
    # Another host's store may be wrong.
    ask "UPDATE runs SET experiment = 'name: ['" "$dir/2.sqlite"
    refused "the experiment in the store: " "$dir/2.sqlite"
    ask "UPDATE guests SET guest = 'two'" "$dir/by.sqlite"
    refused "has other guests than its experiment" "$dir/by.sqlite"
    ask "UPDATE runs SET shards = NULL" "$dir/set.sqlite"
    refused "is of a whole experiment, not of a shard" "$dir/set.sqlite"
    sqlite3 "$dir/n.sqlite" "PRAGMA ignore_check_constraints = 1; UPDATE runs SET shard = 7"
    refused "n.sqlite is damaged" "$dir/n.sqlite"
    run "$XENBENCH" fleet reprot
    [ "$status" -eq 2 ]
    [[ $output == *"did you mean \`fleet report\`?"* ]]
}

@test "fleet: the plot of the hosts is drawn" {
    experiment 'repetitions: 2'
    for k in 1 2; do
        shard "$k/2" --by host
        fact "$k" host_name "host<$k>"
    done
    fleet "$BATS_TEST_TMPDIR"/shards/*.sqlite --format html --output "$BATS_TEST_TMPDIR/f.html"
    grep -q 'host&lt;1&gt; (shard 1)' "$BATS_TEST_TMPDIR/f.html"
    run ! grep -q 'host<1>' "$BATS_TEST_TMPDIR/f.html"
}
