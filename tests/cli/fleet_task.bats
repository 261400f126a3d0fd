#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench fleet task`, which Slurm starts on a node, run by hand; and what it asks of labs.
load helper

setup() {
    own_state
    T=$BATS_TEST_TMPDIR
    export SLURM_ARRAY_TASK_ID=1 SLURMD_NODENAME=n1
    fleet=$T/fleet
    mkdir -p "$fleet"/{logs,stores,tasks}
    echo 0 >"$T/pace"
    cat >"$T/e.yaml" <<YAML
name: task
workload:
  command: "[ \$XENBENCH_CELL -lt 1 ] || sleep \$(cat $T/pace); echo ops=\$((100 + XENBENCH_REPETITION))"
  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}
guests:
  one: {socket: $T/one}
cases: [{name: A}]
repetitions: 3
timeout: 30s
YAML
}

# job [OPTION...]: writes the job of the experiment into the fleet's directory.
job() {
    "$XENBENCH" fleet submit "$T/e.yaml" --shards 1 --dir "$fleet" --print "$@" | sed -n '/^{/,/^}/p' >"$fleet/fleet.json"
}

task() {
    "$XENBENCH" fleet task <"$fleet/fleet.json"
}

# shard_store: prints the path of the shard's store on the node.
shard_store() {
    echo "$XENBENCH_STATE"/fleet/*/1.sqlite
}

# interrupted_task: runs a task that is stopped once it has measured the first cell.
interrupted_task() {
    echo 20 >"$T/pace"
    "$XENBENCH" fleet task <"$fleet/fleet.json" 2>"$T/said" 3>&- 4>&- &
    local pid=$!
    also_stop "$pid"
    wait_for grep -q '^\[1/' "$T/said"
    kill -TERM "$pid"
    ! wait "$pid" || return 1
    cat "$T/said"
}

@test "fleet task: where the host has changed since, the shard begins anew, and its first run does not count" {
    start_agent one
    job
    interrupted_task
    ask "UPDATE host SET value = 'older' WHERE key = 'dom0_kernel'" "$(shard_store)"
    echo 0 >"$T/pace"
    run task
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"shard 1 begins anew: run "*" began on another host than this one is now: dom0_kernel is "*" and was older"* ]]
    [ "$(ask "SELECT group_concat(state) FROM (SELECT state FROM runs ORDER BY state)" "$(shard_store)")" = abandoned,finished ]
    "$XENBENCH" fleet collect "$fleet"
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'" "$fleet/fleet.sqlite")" = 3 ]
}

@test "fleet task: a node that lost its disk replaces nothing that came home before" {
    start_agent one
    job
    echo 0 >"$T/pace"
    task
    "$XENBENCH" fleet collect "$fleet"
    rm -r "$XENBENCH_STATE"
    interrupted_task
    [ "$(find "$fleet/stores" -type f | wc -l)" = 2 ]
    rm "$fleet/fleet.sqlite"
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [[ $output == *"on "*", 3 of 3 cells: added"* ]]
    [[ $output == *" of 3 cells, does not count"* ]]
}

@test "fleet task: an attempt that could not begin has ended, and the clock is compared before anything is copied" {
    start_agent one
    job
    mv "$fleet/tasks" "$T/away"
    run task
    [ "$status" -eq 3 ]
    mv "$T/away" "$fleet/tasks"
    task
    jq . "$fleet/tasks/1.n1.json"
    jq -e '(.attempts | length == 2 and all(.ended_at)) and (.attempts[0].message | test("is not on this node"))' "$fleet/tasks/1.n1.json"
    jq -e '.clock_off_s | . >= -2 and . <= 2' "$fleet/tasks/1.n1.json"
    touch -d '+3 hours' "$fleet/tasks/1.n1.json"
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [[ $output != *"its clock"* ]]
}

@test "fleet collect: only the shard's run is taken from a file, and a run that was taken is not missing" {
    start_agent one
    job
    task
    "$XENBENCH" run "$T/e.yaml" --shard 1/3 --quiet --store "$(shard_store)" >/dev/null
    rm "$fleet"/stores/*
    "$XENBENCH" runs export --all --store "$(shard_store)" --output "$fleet/stores/1.n1.sqlite"
    # The other run is of another split.
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"NOT COLLECTED: run "*" is of another split into shards"* ]]
    ask "UPDATE runs SET shard = 2 WHERE shards = 3" "$fleet/stores/1.n1.sqlite"
    "$XENBENCH" fleet collect "$fleet"
    [ "$(ask "SELECT count(*) FROM runs" "$fleet/fleet.sqlite")" = 1 ]
    rm "$fleet"/stores/*
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [[ $output == *"shard 1: run "*", 3 of 3 cells: known, though no longer in stores"* ]]
    [[ $output != *MISSING* ]]
}

@test "fleet collect: killed before its last write and repeated, it takes each cell once" {
    start_agent one
    job
    task
    run env XENBENCH_FAULT=merged "$XENBENCH" fleet collect "$fleet"
    [ "$status" -eq 137 ]
    [ "$(ask "SELECT count(*) FROM runs" "$fleet/fleet.sqlite")" = 0 ]
    "$XENBENCH" fleet collect "$fleet"
    [ "$(ask "SELECT count(*) || ' ' || count(DISTINCT repetition) FROM cells WHERE state = 'done'" "$fleet/fleet.sqlite")" = "3 3" ]
}

# lab SALVAGE_STATUS: makes a tree whose `lab` does nothing but tell its words, and the job of guests that are domains.
lab() {
    mkdir -p "$T/tree/images/lab"
    cat >"$T/tree/images/lab/lab" <<LAB
#!/bin/sh
echo "lab \$*" >>"$T/labs"
case \$1 in salvage) exit $1 ;; esac
LAB
    cat >"$T/tree/images/lab/with-xenbench" <<LAB
#!/bin/sh
echo "with-xenbench \$*" >>"$T/labs"
LAB
    chmod +x "$T"/tree/images/lab/*
    sed -i 's|{socket: .*}|{image: micro}|' "$T/e.yaml"
    job --lab "$T/tree"
}

@test "fleet task: a lab's disk that cannot be read is kept" {
    [ ! -e /proc/xen/capabilities ] || skip "Xen runs here"
    lab 3
    run task
    echo "$output"
    cat "$T/labs"
    [ "$status" -eq 3 ]
    [[ $output == *"cannot read fleet.sqlite from the disk of lab fl-"*"-1-n1; what was said of it is above. The disk is kept"* ]]
    run ! grep -q with-xenbench "$T/labs"
    [ "$(grep -c '^lab down' "$T/labs")" = "$(grep -c '^lab down .*--keep' "$T/labs")" ]
}

@test "fleet task: a lab has the node's name, no time limit, and is removed where it measured nothing" {
    [ ! -e /proc/xen/capabilities ] || skip "Xen runs here"
    lab 4
    run task
    echo "$output"
    cat "$T/labs"
    local id
    id=$(jq -r '.id[:8]' "$fleet/fleet.json")
    grep -q "^with-xenbench fl-$id-1-n1 micro -- --owner [0-9]* --max-hours 0\$" "$T/labs"
    [ "$(tail -n 1 "$T/labs")" = "lab down --name fl-$id-1-n1" ]
}

@test "lab salvage: no such file is told from a disk that cannot be read" {
    command -v debugfs mkfs.ext4 >/dev/null || skip "no e2fsprogs"
    local lab=$BATS_TEST_DIRNAME/../../images/lab/lab dir=$T/labs-here/labs/x
    export XENBENCH_LAB_DIR=$T/labs-here
    # status WANT WORDS
    salvages() {
        run "$lab" salvage --name x "$2" "$T/out"
        echo "$2: $status, $output"
        [ "$status" -eq "$1" ]
    }
    mkdir -p "$dir" "$T/data"
    salvages 4 a
    echo something >"$T/data/a"
    touch "$T/data/empty"
    truncate -s 8M "$dir/data.raw"
    PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -q -d "$T/data" "$dir/data.raw"
    salvages 0 a
    cmp "$T/out" "$T/data/a"
    salvages 0 empty
    [ ! -s "$T/out" ]
    salvages 4 b
    truncate -s 0 "$dir/data.raw"
    salvages 3 a
}
