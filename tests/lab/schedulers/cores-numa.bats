#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Two nodes with two CPUs and 2 GiB each: memory from one node, hard and soft affinity to one node.

load helper

# pages_of DOMID: prints a domain's pages on each node as lines "NODE PAGES", from Xen's debug key u.
pages_of() {
    dom0 "xl debug-keys u; sleep 1; xl dmesg | tac | sed '/NUMA_TOPOLOGY\|Memory location/q' | tac" |
        sed -n "/Domain $1 /,/Domain /p" | sed -n 's/.*Node \([0-9]*\): \([0-9]*\).*/\1 \2/p'
}

@test "memory comes from the nodes that are asked, and vcpus run where they are told" {
    experiment numa
    in_force
    run sql "select distinct cases.name || '|' || json_extract(settings_read.settings, '\$.built_nodes') from settings_read
             join cells using (run, cell, attempt) join cases using (run, case_no) where domain = 'a' and edge = 'start' order by case_no"
    echo "$output"
    [[ $output == *"nodes 0|0"*"nodes 1|1"* ]]
    # The part of a's run time on CPUs of node 1: all of it with hard affinity, nearly all with soft affinity.
    run sql "select cases.name || '|' || round(100.0 * sum(case when pcpu >= 2 then run_ns end) / sum(run_ns)) from trace_residency
             join cells using (run, cell, attempt) join cases using (run, case_no) where domain = 'a' group by case_no order by case_no"
    echo "$output"
    awk -F'|' '/memory/ && $2 != 100 { bad = 1 } /soft/ && $2 < 90 { bad = 1 } END { exit bad || NR != 3 }' <<<"$output"
}

@test "Xen's own account of a guest's pages agrees" {
    dom0 'xenbench guest create n1 --image micro --memory 128M && sed -i "\$a cpus = \"nodes:1\"" /var/lib/xenbench/guests/n1/n1.cfg &&
        xenbench guest start --wait n1'
    run pages_of "$(dom0 'xl domid n1')"
    echo "$output"
    dom0 'xenbench guest remove --destroy n1'
    awk '$1 == 0 && $2 > 100 { bad = 1 } $1 == 1 && $2 > 30000 { ok = 1 } END { exit bad || !ok }' <<<"$output"
}
