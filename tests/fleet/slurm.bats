#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench fleet submit`, `status` and `collect` with a real Slurm on loopback.
load helper

@test "fleet submit: shards on two nodes, one report" {
    experiment
    run submit "$file" --shards 3
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"Slurm's job "*": shards 1 to the last of 3"*"$fleet"* ]]
    until_is 1 state finished
    until_is 2 state finished
    until_is 3 state finished
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [[ $output == *"over hosts: 12 of 12 cells done, 0 samples failed, 0 tasks lost"* ]]
    [[ $output == *"3 shards by round: 3 finished"* ]]
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"shard 1: run "*" on xb"*", 4 of 4 cells: added"* ]]
    each_sample_once 12
    sha256sum <"$fleet/fleet.sqlite" >"$T/before"
    run "$XENBENCH" fleet collect "$fleet"
    [ "$status" -eq 0 ]
    [[ $output == *"shard 3: run "*"4 of 4 cells: known"* ]]
    [[ $output != *added* ]]
    each_sample_once 12
    run "$XENBENCH" fleet report "$fleet/fleet.sqlite"
    echo "$output"
    [[ $output == *"over hosts: 3 of 3 shards by round"* ]]
    [[ $output == *"B less A, one: better, +19."* ]]
    run "$XENBENCH" fleet submit --missing "$fleet"
    [[ $output == *"Nothing is missing"* ]]
}
