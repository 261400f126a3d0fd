#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench fleet task`, which Slurm starts on a node, run by hand.
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
  command: sleep \$(cat $T/pace); echo ops=\$((100 + XENBENCH_REPETITION))
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
    echo 0 >"$T/pace"
    "$XENBENCH" fleet task <"$fleet/fleet.json" 2>"$T/said" 3>&- 4>&- &
    local pid=$!
    also_stop "$pid"
    wait_for grep -q '^\[1/' "$T/said"
    echo 20 >"$T/pace"
    kill -TERM "$pid"
    run ! wait "$pid"
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
