#!/usr/bin/env bats
# Experiments on real Xen: the shares that weights promise, settings that bind nothing and the run that says so, a
# controller killed in mid-run, the host as it was found.

load helper

setup_file() {
    export REPORT=/var/lib/xenbench/t30
    export STORE="$REPORT/results.sqlite"
}

teardown() {
    dom0 'xenbench clean' >/dev/null 2>&1 || true
}

# The hypervisor's own settings, for before and after.
host_state() {
    dom0 'xl cpupool-list; xl vcpu-list 0 | awk "{ print \$3, \$4, \$(NF-2), \$(NF-1), \$NF }" | sed "s/^[0-9]* //"; xl sched-credit2; ls /run/xenbench | grep record'
}

sql() {
    dom0 "sqlite3 $STORE \"$1\""
}

@test "weights 1:2:4 bind in a pool of one CPU, and under credit not among pinned guests of a wider pool" {
    before=$(host_state | sed 's/-b-\|r--//' || true)
    run dom0 "mkdir -p $REPORT && cd $REPORT && xenbench run --store $STORE --report-dir $REPORT/weights \
        /usr/share/xenbench/examples/weights.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    # Run time that Xen counted, heavy over light, per case: near 4 where the weight binds, near 1 where it cannot.
    run sql "select case_no, round(1.0 * sum(case guest when 'heavy' then run_ns end) / sum(case guest when 'light' then run_ns end), 2)
             from samples join cells using (run, cell, attempt) where not warmup group by case_no"
    echo "$output"
    awk -F'|' '$1 == 0 && $2 > 2.8 && $2 < 5.6 { ok++ } $1 == 1 && $2 > 2.8 && $2 < 8 { ok++ }
               $1 == 2 && $2 > 0.6 && $2 < 1.6 { ok++ } $1 == 3 && $2 > 2 && $2 < 8 { ok++ } END { exit ok != 4 }' <<<"$output"
    # The report says why.
    run dom0 "cat $REPORT/weights/report.md"
    [[ $output == *"credit"*"whole pool"* ]]
    [ "$(host_state | sed 's/-b-\|r--//' || true)" = "$before" ]
    [ "$(dom0 'xl list | wc -l')" -eq 2 ]
    no_zombie_domains
    dom0_kernel_is_sound
}

@test "a run whose controller is killed goes on where it was, and repeats no sample" {
    dom0 "cat >$REPORT/kill.yaml" <<'YAML'
name: killed
workload: spin
defaults: {image: micro, type: pv, memory: 128M}
guests:
  one:
  two:
cases:
  - name: apart
    guests:
      one: {hard: "1"}
      two: {hard: "2"}
  - name: together
    guests:
      all: {hard: "3"}
repetitions: 2
timeout: 2min
YAML
    # Killed three times: while guests are made, while jobs run, and later again.
    for after in 6 25 10; do
        dom0 "cd $REPORT && (xenbench run --store $STORE kill.yaml >>kill.log 2>&1 & pid=\$!; sleep $after; kill -9 \$pid; wait \$pid)" || true
    done
    run dom0 "cd $REPORT && xenbench run --store $STORE kill.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    run sql "select count(*), count(distinct cell || guest) from samples where collected and
             run = (select run from runs where name = 'killed')"
    echo "$output"
    [ "$output" = "8|8" ]
    [ "$(dom0 'xl list | wc -l')" -eq 2 ]
    no_zombie_domains
}

@test "the cases of the practice with one repetition on the Debian image; only lo; steps and settings are recorded" {
    dom0 "sed 's/^warmup: 1/warmup: 0/; s/^repetitions: 3/repetitions: 1/' /usr/share/xenbench/examples/four-cases.yaml >$REPORT/four.yaml"
    run dom0 "cd $REPORT && xenbench run --store $STORE --report-dir $REPORT/four four.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(sql "select count(*) from samples where outcome = 'exited' and status = 0 and run = (select run from runs where name = 'four cases')")" -eq 12 ]
    # Far below what parallel ssh does (176 to 813 ms).
    run sql "select max(release_error_ns) < 100e6, min(release_error_ns) > 0 from cells where run = (select run from runs where name = 'four cases')"
    [ "$output" = "1|1" ]
    for file in report.html report.md results.json; do
        dom0 "test -s $REPORT/four/$file"
    done
    dom0 "grep -q 'lo' $REPORT/four/results.json"
    [ "$(dom0 'xl list | wc -l')" -eq 2 ]
    dom0_kernel_is_sound
}
