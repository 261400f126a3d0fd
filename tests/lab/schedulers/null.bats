#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# null: each vcpu has its own CPU, and a vcpu too many has none.

load helper

@test "each vcpu has a CPU of its own" {
    experiment null
    in_force
    within null 8
}

@test "one vcpu too many is refused before anything is made" {
    local before
    push_experiment null
    domains_are_forgotten
    before=$(host_state)
    dom0 "cd $REPORT && sed 's/^guests: .*/guests: {a: {vcpus: 2}, b: , c: {idle: true}}/' null.yaml >crowd.yaml"
    for verb in plan run; do
        run dom0 "cd $REPORT && xenbench $verb crowd.yaml"
        echo "$output"
        [ "$status" -eq 2 ]
        [[ $output == *"crowd.yaml:"*"cpupool own has 3 CPUs for 4 vcpus, but the scheduler null needs a CPU for each"* ]]
    done
    host_is_as "$before"
}
