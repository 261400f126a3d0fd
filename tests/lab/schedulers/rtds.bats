#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# rtds: budgets and periods of a guest and of single vcpus, with and without extratime.

load helper

@test "the hypervisor has all schedulers, and host show and doctor say so" {
    run dom0 'xenbench host show | jq -c .schedulers'
    [ "$output" = '{"credit":true,"credit2":true,"rtds":true,"null":true,"arinc653":true}' ] || die "$output"
    run dom0 'xenbench doctor'
    echo "$output"
    [[ $output == *scheduler*credit2* ]]
}

@test "each vcpu has its budget in each period; with extratime the idle time too" {
    experiment rtds
    in_force
    # Without extratime each guest gets what it was promised, and more only if the machine beneath delays a timer.
    jq '.summary |= map(select(.case == "extratime: extratime false"))' "$BATS_TEST_TMPDIR/rtds.json" >"$BATS_TEST_TMPDIR/off.json"
    within off 20
    # With it, a has its 20 % and what b leaves.
    jq -e '.summary[] | select(.case == "extratime: extratime true") | .guests |
        .a.promised_cpus.median == 0.2 and .a.cpu_share.median > 0.45 and .b.cpu_share.median > 0.34' "$BATS_TEST_TMPDIR/rtds.json"
}

@test "a budget for each vcpu is put in force for that vcpu" {
    experiment rtds-vcpus
    in_force
    within rtds-vcpus 20
}

@test "budgets beyond the CPUs are a doubt, and no promise" {
    push_experiment rtds
    run dom0 "cd $REPORT && sed 's/budget_us: 320000/budget_us: 720000/' rtds.yaml >crowd.yaml && XENBENCH_RISK_POOLS=1 xenbench plan crowd.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"the budgets of the guests in cpupool rt add up to 1.10 CPUs, but it has 1"* ]]
}

@test "a pool of rtds is refused where nobody says that Xen survives its end" {
    push_experiment rtds
    run dom0 "cd $REPORT && xenbench plan rtds.yaml"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"Xen up to 4.22 can panic when a CPU leaves a cpupool of rtds"*XENBENCH_RISK_POOLS=1* ]]
}
