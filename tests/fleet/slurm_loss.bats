#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A node of a real Slurm dies while it measures. Slurm takes some seconds to notice that, and more to start the task again.
load helper

# Slurm starts a task again about a minute after it lost the node; then the rest of the shard is measured.
export PATIENCE=150

lose() {
    "$BATS_TEST_DIRNAME/slurm" "$cluster" lose "$1"
}

back() {
    "$BATS_TEST_DIRNAME/slurm" "$cluster" back "$1" 3>&- 4>&-
}

# measured NODE K: prints what the node has measured of shard K, as lines "RUN CELL ENDED".
measured() {
    ask "SELECT run || ' ' || cell || ' ' || ended_ns FROM samples WHERE ended_ns IS NOT NULL ORDER BY cell" \
        "$(echo "$T/$1"/state/fleet/*/"$2".sqlite)"
}

some_are_measured() {
    [ "$(measured "$1" "$2" 2>/dev/null | wc -l)" -ge 3 ]
}

@test "a node dies and comes back: its shard goes on where it stopped" {
    experiment 'repetitions: 12'
    echo 0.7 >"$T/pace"
    submit "$file" --hosts xb1,xb2 --by round
    wait_for test -e "$T/xb2/state/fleet"
    wait_for some_are_measured xb2 2
    lose xb2
    measured xb2 2 >"$T/before"
    until_is 2 state waiting
    [ "$(state 2 lost)" = 1 ]
    "$XENBENCH" fleet status "$fleet"
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"shard 2: MISSING"* ]]
    back xb2
    until_is 2 state finished
    until_is 1 state finished
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [[ $output == *"24 of 24 cells done, 0 samples failed, 1 task lost"* ]]
    [[ $output == *"2 tasks, 1 lost"* ]]
    run "$XENBENCH" fleet collect "$fleet"
    [ "$status" -eq 0 ]
    each_sample_once 24
    # What was measured before the loss is unchanged.
    measured xb2 2 >"$T/after"
    wc -l "$T/before" "$T/after"
    [ "$(wc -l <"$T/before")" -lt "$(wc -l <"$T/after")" ]
    run ! grep -vxFf "$T/after" "$T/before"
    grep -q "^run .* continues: [1-9][0-9]* of 12 cells are done" "$fleet/logs/2.log"
}

@test "a node dies for good: another measures its shard anew, and what it had counts nowhere" {
    experiment 'repetitions: 12'
    echo 0.7 >"$T/pace"
    submit "$file" --shards 2
    wait_for test -e "$T/xb2/state/fleet"
    local shard
    shard=$("$XENBENCH" fleet status "$fleet" --json | jq '.shards[] | select(.node == "xb2") | .shard')
    wait_for some_are_measured xb2 "$shard"
    lose xb2
    until_is "$shard" state finished
    until_is $((3 - shard)) state finished
    [ "$(state "$shard" node)" = xb1 ]
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [[ $output == *"24 of 24 cells done, 0 samples failed, 1 task lost"* ]]
    "$XENBENCH" fleet collect "$fleet"
    each_sample_once 24
    # The node comes back with its partial run: the run is reported, but does not count.
    back xb2
    "$XENBENCH" runs export --all --store "$T"/xb2/state/fleet/*/"$shard.sqlite" --output "$fleet/stores/$shard.xb2.sqlite"
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"shard $shard: run "*" on xb2, "*" of 12 cells, does not count: run "*"stays in stores/$shard.xb2.sqlite"* ]]
    each_sample_once 24
}

@test "a task that is cancelled brings home what it has, and is submitted again" {
    experiment 'repetitions: 10'
    echo 0.7 >"$T/pace"
    submit "$file" --hosts xb1 --by round
    wait_for test -e "$T/xb1/state/fleet"
    wait_for some_are_measured xb1 1
    scancel --name="$(squeue --noheader --format=%j | head -n 1)"
    until_is 1 state stopped
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [ "$(state 1 "done")" -ge 3 ]
    [ "$(state 1 lost)" = 0 ]
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [[ $output == *"NOT FINISHED: added"* ]]
    run "$XENBENCH" fleet submit --missing "$fleet"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"shard 1 of 1, on xb1"* ]]
    until_is 1 state finished
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [[ $output == *"20 of 20 cells: grown"* ]]
    each_sample_once 20
}

@test "Slurm loses sight of a node whose task goes on: the next one takes over, and each sample counts once" {
    experiment 'repetitions: 16'
    echo 1.5 >"$T/pace"
    submit "$file" --hosts xb1 --by round
    wait_for test -e "$T/xb1/state/fleet"
    wait_for some_are_measured xb1 1
    "$BATS_TEST_DIRNAME/slurm" "$cluster" deaf xb1
    until_is 1 state waiting
    back xb1
    until_is 1 state finished
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [[ $output == *"32 of 32 cells done"* ]]
    "$XENBENCH" fleet collect "$fleet"
    each_sample_once 32
}

@test "a task at its time limit brings home what it has, and says why it ended" {
    experiment 'repetitions: 40'
    echo 2 >"$T/pace"
    "$XENBENCH" fleet submit "$file" --hosts xb1 --by round --program "$T/node-xenbench" --time 2
    local i
    for ((i = 0; i < 3; i++)); do sleep 25; done
    until_is 1 state failed
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [ "$(state 1 "done")" -ge 10 ]
    [ "$(state 1 lost)" = 0 ]
    [[ $(state 1 reason) == "interrupted ("*" of 80 cells are kept)" ]]
    "$XENBENCH" fleet collect "$fleet"
}
