#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Nodes without Xen: each task of a real Slurm runs its shard in its own lab. Needs `make suite-stage` first.
load helper

PATIENCE=1500
TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
LAB=$TOP/images/lab/lab

# Print this fleet's labs that are up, or whose disks still exist.
labs() {
    local id
    id=$(jq -r '.id[:8]' "$fleet/fleet.json")
    "$LAB" list | grep "^fl-$id-.* up" || true
    ls "$TOP"/build/lab/labs/fl-"$id"-*/data.raw 2>/dev/null || true
}

no_lab_is_up() {
    ! labs | grep -q ' up$'
}

has_logged() {
    grep -q "^\[$2/" "$fleet/logs/$1.log" 2>/dev/null
}

until_logged() {
    local i
    for ((i = 0; i < PATIENCE; i++)); do
        ! has_logged "$@" || return 0
        sleep 1
    done
    cat "$fleet"/logs/*
    return 1
}

lab_experiment() {
    cat >"$file" <<YAML
name: in labs
workload:
  command: sleep 3; case \$XENBENCH_CASE in B) m=20 ;; *) m=0 ;; esac; echo ops=\$((100 + XENBENCH_REPETITION + m))
  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}
guests:
  one: {image: micro, memory: 96M}
cases: [{name: A}, {name: B}]
timeout: 60s
repetitions: $1
max_release_error: 1s
YAML
}

lab_submit() {
    "$XENBENCH" fleet submit "$file" "$@" --by round --program "$T/node-xenbench" --lab "$TOP" --lab-option=--cpus --lab-option=2 \
        --lab-option=--memory --lab-option=3072
}

@test "each task has a lab; one dies with its node in mid-run, and its shard goes on in a new lab" {
    lab_experiment 12
    run lab_submit --hosts "${FLEET_NODES:-xb1,xb2}"
    echo "$output"
    [ "$status" -eq 0 ]
    local shards before continued
    shards=$(jq .shards "$fleet/fleet.json")
    until_logged 1 4
    "$BATS_TEST_DIRNAME/slurm" "$cluster" lose xb1
    # The lab must end by itself.
    wait_for no_lab_of 1
    before=$(grep -c '^\[' "$fleet/logs/1.log")
    until_is 1 state waiting
    "$BATS_TEST_DIRNAME/slurm" "$cluster" back xb1 3>&- 4>&-
    until_is 1 state finished
    until_is "$shards" state finished
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [[ $output == *"24 of 24 cells done, 0 samples failed, 1 task lost"* ]]
    "$XENBENCH" fleet collect "$fleet"
    each_sample_once 24
    cat "$fleet/logs/1.log"
    # Only the last of the measured cells may have been measured again.
    continued=$(sed -n 's/.*continues: \([0-9]*\) of .* cells are done.*/\1/p' "$fleet/logs/1.log" | tail -n 1)
    echo "$before cells before the loss, of which were kept: $continued"
    [ "$continued" -ge $((before - 1)) ]
    "$XENBENCH" fleet report "$fleet/fleet.sqlite"
    [ -z "$(labs)" ]
    [ "$(ask "SELECT DISTINCT value FROM host JOIN runs USING (run) WHERE key = 'host_name' AND shard = 1" "$fleet/fleet.sqlite")" = xb1-lab ]
}

no_lab_of() {
    ! "$LAB" list | grep -q "^fl-$(jq -r '.id[:8]' "$fleet/fleet.json")-$1-.* up"
}

@test "scancel: the lab ends with its task, and what it measured is brought home" {
    lab_experiment 20
    lab_submit --hosts xb1
    until_logged 1 3
    scancel --name="$(squeue --noheader --format=%j | head -n 1)"
    until_is 1 state stopped
    wait_for no_lab_is_up
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    cat "$fleet/logs/1.log"
    [ "$(state 1 "done")" -ge 2 ]
    [ "$(state 1 lost)" = 0 ]
    [ -z "$(labs)" ]
    "$XENBENCH" fleet collect "$fleet"
    [ "$(ask "SELECT value FROM host WHERE key = 'host_name'" "$fleet/fleet.sqlite")" = xb1-lab ]
}
