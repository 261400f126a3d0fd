#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The store on real Xen: a run whose controller is killed at twenty random moments, and restarted each
# time, ends with exactly the samples of an undisturbed run; repeating until medians are certain; the
# manifest; exporting and merging runs.

load helper

setup_file() {
    export REPORT=/var/lib/xenbench/t65
    export STORE="$REPORT/results.sqlite"
    export SEED=${XENBENCH_KILL_SEED:-65}
    dom0 "rm -rf $REPORT && mkdir -p $REPORT"
}

teardown() {
    dom0 'xenbench clean; xenbench guest remove --destroy one two' >/dev/null 2>&1 || true
}

# experiment NAME MORE: writes an experiment with two PV guests that count for 0.4 s, apart and together.
experiment() {
    dom0 "cat >$REPORT/$1.yaml" <<YAML
name: $1
workload:
  command: [spin, --seconds, "0.4"]
  metric: {name: work, pattern: "units=([0-9]+) ", better: more}
defaults: {image: micro, type: pv, memory: 128M}
guests: {one: , two: }
cases:
  - name: apart
    guests: {one: {hard: "1"}, two: {hard: "2"}}
  - name: together
    guests: {all: {hard: "3"}}
timeout: 1min
$2
YAML
}

@test "killed at twenty random moments and resumed each time: exactly the samples of an undisturbed run" {
    local quiet_ms
    experiment quiet $'repetitions: 10\norder: random\nseed: 4\nwarmup: 1'
    experiment noisy $'repetitions: 10\norder: random\nseed: 4\nwarmup: 1'
    # Both runs find existing guests, so that the kills hit cells and not only the making of guests.
    dom0 'xenbench guest create one two --image micro --type pv --memory 128M --start' >&2
    quiet_ms=$(dom0 "cd $REPORT && began=\$(date +%s%3N) && xenbench run --quiet --store $STORE quiet.yaml >/dev/null && echo \$((\$(date +%s%3N) - began))")
    # Each attempt lives for up to a sixteenth of the undisturbed run's time, so that twenty attempts
    # are unlikely to finish it.
    run dom0 "cd $REPORT && RANDOM=$SEED && for i in \$(seq 20); do
            xenbench run --quiet --store $STORE noisy.yaml >/dev/null 2>&1 & pid=\$!
            delay=\$((RANDOM % ($quiet_ms / 16)))
            sleep \$((delay / 1000)).\$(printf %03d \$((delay % 1000)))
            kill -9 \$pid || exit 9
            wait \$pid 2>/dev/null
            echo killed \$i: \$(sqlite3 -cmd '.timeout 10000' $STORE \"SELECT cells.state, count(*) FROM cells JOIN runs USING (run)
                WHERE name = 'noisy' GROUP BY 1\")
        done; xenbench run --quiet --store $STORE noisy.yaml >/dev/null"
    echo "seed $SEED: $output"
    [ "$status" -eq 0 ]
    counted="SELECT case_no, repetition, cells.warmup, guest, outcome, status, (SELECT count(*) FROM metrics m WHERE m.run = s.run
        AND m.cell = s.cell AND m.attempt = s.attempt AND m.guest = s.guest) FROM samples s JOIN cells USING (run, cell, attempt)
        JOIN runs USING (run) WHERE cells.state = 'done' AND runs.state = 'finished' AND runs.name ="
    quiet=$(sql "$counted 'quiet' ORDER BY 1, 2, 3, 4")
    noisy=$(sql "$counted 'noisy' ORDER BY 1, 2, 3, 4")
    [ "$(wc -l <<<"$quiet")" -eq 44 ]
    diff <(echo "$quiet") <(echo "$noisy")
    [ "$(sql "SELECT count(*) FROM (SELECT 1 FROM cells WHERE state = 'done' GROUP BY run, cell HAVING count(*) > 1)")" -eq 0 ]
    [ "$(sql "SELECT count(*) FROM runs WHERE name = 'noisy'")" -eq 1 ]
    no_zombie_domains
    dom0 'xenbench guest destroy one two && xenbench guest remove one two'
    [ "$(dom0 'xl list | wc -l')" -eq 2 ]
}

@test "repeated until certain, in pairs; the manifest describes what it was measured on" {
    experiment sure $'until: {interval: 60%, max: 9}\ncompare: {a: apart, b: together}'
    run dom0 "cd $REPORT && xenbench run --quiet --store $STORE sure.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"Repeated until sure"*"apart: "* ]]
    [[ $output == *"together less apart, one: -"*"pairs"* ]]
    [ "$(sql "SELECT count(*) FROM cases WHERE stopped IN ('sure', 'max') AND run = (SELECT run FROM runs WHERE name = 'sure')")" -eq 2 ]
    for key in xen_version xen_command_line scheduler scheduler_granularity governor smt numa cpu_topology cpu_model dom0_kernel \
        dom0_vcpus dom0_memory_bytes toolstack host_name; do
        [ -n "$(sql "SELECT value FROM host WHERE key = '$key' LIMIT 1")" ] || die "no $key"
    done
    [ "$(sql "SELECT count(*) FROM guests WHERE length(recipe_sha256) = 64 AND length(agent_sha256) = 64 AND image IS NOT NULL
              AND run = (SELECT run FROM runs WHERE name = 'sure')")" -eq 2 ]
}

@test "the manifest has the digest of the kernel that a guest starts with, not of its rebuilt image's" {
    dom0 'set -e; cd /var/lib/xenbench; mkdir -p images; cp -r images-ro/micro images/t65
          jq ".name = \"t65\"" images/t65/image.json >images/t65/j && mv images/t65/j images/t65/image.json
          xenbench guest create kept --image t65 --type pv --memory 128M --start
          cd images/t65; cp vmlinux k; printf x >>k; mv k vmlinux' >&2
    dom0 "cat >$REPORT/kept.yaml" <<YAML
name: kept
workload:
  command: [spin, --seconds, "0.4"]
  metric: {name: work, pattern: "units=([0-9]+) ", better: more}
defaults: {image: t65, type: pv, memory: 128M}
guests: {kept: }
cases:
  - name: alone
    guests: {kept: {hard: "1"}}
repetitions: 1
timeout: 1min
YAML
    run dom0 "cd $REPORT && xenbench run --quiet --store $STORE kept.yaml"
    [ "$status" -eq 0 ] || die "$output"
    run dom0 'cd /var/lib/xenbench; sha256sum <guests/kept/kernel | cut -d" " -f1; sha256sum <images/t65/vmlinux | cut -d" " -f1'
    dom0 'xenbench guest remove --destroy kept; rm -r /var/lib/xenbench/images/t65'
    [ "${lines[0]}" != "${lines[1]}" ]
    [ "$(sql "SELECT kernel_sha256 FROM guests WHERE guest = 'kept'")" = "${lines[0]}" ]
}

@test "runs are exported, imported and deleted" {
    local report
    dom0 "xenbench runs list --store $STORE; xenbench runs export --all --store $STORE --output $REPORT/away.sqlite"
    dom0 "xenbench runs import --store $REPORT/other.sqlite $REPORT/away.sqlite"
    report=$(dom0 "xenbench report --store $STORE")
    [ -n "$report" ]
    [ "$(dom0 "xenbench report --store $REPORT/other.sqlite")" = "$report" ]
    dom0 "xenbench runs delete --all --store $REPORT/other.sqlite"
    [ "$(dom0 "xenbench runs list --store $REPORT/other.sqlite | wc -l")" -eq 1 ]
    dom0 "rm -f $REPORT/away.sqlite"
}

@test "a run is not resumed under a hypervisor booted with other options" {
    local store=$REPORT/booted.sqlite
    experiment booted 'repetitions: 60'
    dom0 "cd $REPORT && { xenbench run --quiet --store $store booted.yaml >booted.log 2>&1 & pid=\$!
          for i in \$(seq 120); do
              [ \"\$(sqlite3 -cmd '.timeout 10000' $store \"SELECT count(*) FROM cells WHERE state = 'done'\")\" -ge 1 ] 2>/dev/null && break
              sleep 1
          done; kill -TERM \$pid; wait \$pid; }" || true
    [ "$(dom0 "sqlite3 $store \"SELECT state FROM runs\"")" = unfinished ]
    dom0 "sqlite3 $store \"UPDATE host SET value = 'sched=credit' WHERE key = 'xen_command_line'\""
    run dom0 "cd $REPORT && xenbench run --quiet --store $store booted.yaml"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"xen_command_line is "*" and was sched=credit"*"--afresh"* ]]
    [ "$(dom0 'xl list | wc -l')" -eq 2 ] # nothing was made
    dom0 "rm -f $store*"
}
