#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Core scheduling in a pool: CPUs 0 and 1 are the threads of one core, 2 and 3 those of another.

load helper

@test "Xen sees the threads, and host show and doctor tell" {
    run dom0 'xl info | grep -E "^(threads_per_core|nr_nodes)"'
    echo "$output"
    [ "$output" = "nr_nodes               : 2
threads_per_core       : 2" ]
    run dom0 'xenbench host show | jq -c "[.smt, .sched_gran, .pool_sched_gran]"'
    [ "$output" = '[true,"cpu",true]' ] || die "$output"
    run dom0 'xenbench doctor'
    echo "$output"
    [[ $output == *"4 CPUs, 2 NUMA nodes"*"2 threads per core"*"pin by cores"* ]]
}

@test "two guests share a core by turns, both threads at once, as promised" {
    experiment cores
    in_force
    within cores 15
    jq -e '.summary[0].guests | .a.promised_cpus.median == 1 and .b.promised_cpus.median == 1' "$BATS_TEST_TMPDIR/cores.json"
    jq -e '.summary[1].guests | .a.promised_cpus.median == 1 and .b.promised_cpus.median == 0.5' "$BATS_TEST_TMPDIR/cores.json"
    jq -e '.summary[2].guests | .a.promised_cpus.median == 1.5 and .b.promised_cpus.median == 0.5' "$BATS_TEST_TMPDIR/cores.json"
    jq -e '.summary[3].guests.a.promised_cpus.median == 2' "$BATS_TEST_TMPDIR/cores.json"
}

@test "plan tells who takes turns on a core, and what of a guest meets on its threads" {
    push_experiment cores
    run dom0 "cd $REPORT && xenbench plan cores.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"4 vcpus of guests have 1 core (CPUs 2-3) to run on, and two guests never share a core under \`sched_gran: core\`"* ]]
    [[ $output == *"CPUs 2 and 3, on which vcpus of a"*"are hyperthreads of one core"* ]]
}

@test "what Xen refuses of threads is refused before the run" {
    push_experiment cores
    dom0 "cd $REPORT && sed 's/hard: \"2\"/hard: \"3\"/' cores.yaml >thread.yaml && sed 's/cpus: \"2-3\"/cpus: \"3\"/' cores.yaml >half.yaml"
    run dom0 "cd $REPORT && xenbench plan thread.yaml"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"each by its first CPU (2): \`hard\` of "*" names none of these"* ]]
    run dom0 "cd $REPORT && xenbench run half.yaml"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"asks for only a part of a core: CPU 2 is missing"* ]]
}

@test "a pool of cores and a pool of threads are made of a core, and give it back" {
    experiment core-pools
    in_force
    within core-pools 10
    jq -e '.summary[0].guests.a.promised_cpus.median == 0.5' "$BATS_TEST_TMPDIR/core-pools.json"
    jq -e '.summary[1].guests.a.promised_cpus.median == 1' "$BATS_TEST_TMPDIR/core-pools.json"
}
