#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Core scheduling from boot (sched-gran=core on Xen's command line): CPUs 0 and 1 are the threads of one core, 2 and 3 those of
# another, and every pool places cores.

load helper

@test "host show and doctor say that Xen places cores" {
    run dom0 'xenbench host show | jq -c "[.smt, .sched_gran, .pool_sched_gran]"'
    [ "$output" = '[true,"core",true]' ] || die "$output"
    run dom0 'xenbench doctor'
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"2 threads per core, all of one guest at a time: sched-gran=core"* ]]
    [[ $output != *"pin by cores"* ]]
}

@test "two guests share a core by turns, both threads at once, as promised" {
    experiment boot-core
    in_force
    within boot-core 15
    jq -e '.summary[0].guests | .a.promised_cpus.median == 1 and .b.promised_cpus.median == 1' "$BATS_TEST_TMPDIR/boot-core.json"
    jq -e '.summary[1].guests | .a.promised_cpus.median == 1 and .b.promised_cpus.median == 0.5' "$BATS_TEST_TMPDIR/boot-core.json"
    jq -e '.summary[2].guests.a.promised_cpus.median == 2' "$BATS_TEST_TMPDIR/boot-core.json"
}

@test "plan knows that guests do not meet on a core's threads, and refuses what Xen refuses" {
    push_experiment boot-core
    run dom0 "cd $REPORT && xenbench plan boot-core.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"4 vcpus of guests have 1 core (CPUs 2-3) to run on, and two guests never share a core under \`sched_gran: core\`"* ]]
    [[ $output != *"SMT is on, so guests"* ]]
    dom0 "cd $REPORT && sed 's/cpus: \"2-3\"/cpus: \"3\"/' boot-core.yaml >half.yaml && sed 's/sched_gran: core/sched_gran: cpu/' boot-core.yaml >threads.yaml"
    run dom0 "cd $REPORT && xenbench plan half.yaml"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"asks for only a part of a core: CPU 2 is missing"* ]]
    run dom0 "cd $REPORT && xenbench plan threads.yaml"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"\`sched_gran: cpu\` is required, but Xen was booted with core"* ]]
}
