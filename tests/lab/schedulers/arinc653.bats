#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# arinc653: xenbench sets a schedule, which xl cannot, before the guests boot.

load helper

@test "guests boot and run by the schedule of their pool, and another schedule is another case" {
    experiment arinc653
    in_force
    within arinc653 12
    # The schedule that was in force is stored with the cells.
    [ "$(sql "select count(*) from settings_read where domain = 'a' and json_extract(settings, '\$.schedule') = 'a 80ms, b 240ms, idle 80ms'")" -eq 2 ]
}

@test "plan tells the schedule, and refuses what it leaves out" {
    push_experiment arinc653
    run dom0 "cd $REPORT && xenbench plan arinc653.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"cpupool flight is created from CPU 3 with the scheduler arinc653, schedule a 80ms, b 240ms, idle 80ms, and removed"* ]]
    run dom0 "cd $REPORT && sed 's/, b 240ms//' arinc653.yaml >less.yaml && xenbench run less.yaml"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"has no entry for vcpu 0 of b in its \`schedule\`"* ]]
    run dom0 "cd $REPORT && sed 's/, schedule: .*/}}/' arinc653.yaml >none.yaml && xenbench plan none.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"runs no guest before a schedule names it"* ]]
}
