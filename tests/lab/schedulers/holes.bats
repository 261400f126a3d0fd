#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A hole in the CPU numbers, because a CPU was taken offline.

load helper

setup() {
    dom0 'xen-hptool cpu-offline 2'
}

teardown() {
    dom0 'xenbench clean; xen-hptool cpu-online 2; xl cpupool-cpu-add Pool-0 2' >/dev/null 2>&1 || true
}

@test "ranges mean the online CPUs, and an offline CPU is refused by its number" {
    experiment holes
    [[ $output == *"includes offline CPUs (2); only the online ones are used"* ]]
    in_force
    within holes 8
    # A CPU that is named by its number counts as named, also if a range has it too.
    for change in 's/hard: "1-2"/hard: "2"/' 's/cpus: "3"/cpus: "2-3,2"/'; do
        run dom0 "cd $REPORT && sed '$change' holes.yaml >hole.yaml && ! cmp -s holes.yaml hole.yaml && xenbench plan hole.yaml"
        echo "$output"
        [ "$status" -eq 2 ]
        [[ $output == *"CPU 2, which is offline"* ]]
    done
    run dom0 'xenbench doctor'
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"offline cpus"*"CPU 2"* ]]
}
