#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Experiments on real Xen: shares in a pool, caps, schedulers compared, noisy neighbours; guests
# rebuilt between cells; files that ask for more than the host has.

load helper

setup_file() {
    export REPORT=/var/lib/xenbench/t60
    export STORE="$REPORT/results.sqlite" EXAMPLES=/usr/share/xenbench/examples
    dom0 "rm -rf $REPORT && mkdir -p $REPORT"
}

teardown() {
    dom0 'xenbench clean; xenbench guest remove --destroy old' >/dev/null 2>&1 || true
}

# The hypervisor's own settings, to compare before and after: pools, Dom0's vcpus, affinity, weight.
host_state() {
    dom0 'xl cpupool-list -c; xl cpupool-list; xl vcpu-list 0 | awk "NR > 1 { print \$3, \$(NF-2), \$(NF-1), \$NF }" | sed "s/ [0-9.]* / /"
          xl sched-credit2 -d 0; xl list | awk "{ print \$1 }"'
}

# run_example NAME OPTION...: runs an example, which must succeed and leave the host as it was
run_example() {
    local before name=$1
    shift
    before=$(host_state)
    run dom0 "cd $REPORT && xenbench run --store $STORE $* $EXAMPLES/$name.yaml"
    echo "$output"
    [ "$status" -eq 0 ] || return 1
    host_is_as "$before"
}

# shares PREFIX: prints the guests' shares, in per cent of all measured guests' run time, in the cases
# whose names begin with PREFIX.
shares() {
    sql "select group_concat(guest || ' ' || share, ' ') from (
           select guest, round(100.0 * sum(overlap_run_ns) / (select sum(overlap_run_ns) from samples s join cells c using (run, cell, attempt)
                  join cases k using (run, case_no) where k.name like '$1%' and c.state = 'done'), 1) as share
             from samples join cells using (run, cell, attempt) join cases using (run, case_no)
            where cases.name like '$1%' and cells.state = 'done' group by guest order by guest)"
}

# bats test_tags=check
@test "weights 256, 512 and 1024 in a pool of one CPU give 1 : 2 : 4 under credit" {
    run dom0 "xenbench plan $EXAMPLES/weights-pool.yaml"
    [ "$status" -eq 0 ]
    [[ $output == *"cpupool bench is created from CPU 1 with the scheduler credit, and removed"* ]]
    [[ $output != *"cannot bind"* ]]
    run_example weights-pool --set repetitions=1
    run shares 'credit, a pool'
    echo "$output" # promised: heavy 57.1 light 14.3 middle 28.6
    awk '{ exit !($2 > 47 && $2 < 67 && $4 > 8 && $4 < 22 && $6 > 20 && $6 < 38) }' <<<"$output"
}

@test "caps of 20, 40, 60 and 80 give these shares of a CPU" {
    run_example caps --set repetitions=1
    run sql "select group_concat(cast(substr(name, instr(name, 'cap ') + 4) as int) || ' ' || round(100.0 * run_ns / dom0_wall_ns, 1), ' ')
             from (select cases.name, run_ns, dom0_wall_ns from samples join cells using (run, cell, attempt) join cases using (run, case_no)
                   where cases.name like 'capped%' and cells.state = 'done' order by case_no)"
    echo "$output"
    awk '{ for (i = 1; i < NF; i += 2) { n++; d = $(i + 1) - $i; if (d < -8 || d > 8) bad = 1 } exit bad || n != 4 }' <<<"$output"
}

@test "credit against credit2: the guests are rebuilt in each pool, and the weights bind in both" {
    run_example schedulers --set repetitions=1
    local scheduler
    for scheduler in credit credit2; do
        run sql "select round(1.0 * sum(case guest when 'heavy' then overlap_run_ns end) / sum(case guest when 'light' then overlap_run_ns end), 2)
                 from samples join cells using (run, cell, attempt) join cases using (run, case_no)
                 where cases.name = 'scheduler $scheduler' and cells.state = 'done'"
        echo "$scheduler: heavy had $output times what light had; 4 is promised"
        awk '$1 > 2.4 && $1 < 7 { ok = 1 } END { exit !ok }' <<<"$output"
        # At both ends of the window, each guest was in the pool with this scheduler.
        [ "$(sql "select count(*) from settings_read join cells using (run, cell, attempt) join cases using (run, case_no)
                  where cases.name = 'scheduler $scheduler' and cells.state = 'done' and domain != 'Domain-0' and differs is null
                  and settings_read.settings like '%bench%'")" -eq 6 ]
    done
}

@test "a victim has less of its CPU the more neighbours it has" {
    run_example neighbours --set repetitions=1
    run sql "select group_concat(share, ' ') from (select round(100.0 * run_ns / dom0_wall_ns) as share from samples
             join cells using (run, cell, attempt) join cases using (run, case_no)
             where guest = 'victim' and cases.name like 'with neighbours%' and cells.state = 'done' order by case_no)"
    echo "$output" # near 100 50 33 25
    awk '{ exit !($1 > 85 && $2 > 35 && $2 < 65 && $3 > 22 && $3 < 45 && $4 > 15 && $4 < 35 && NF == 4) }' <<<"$output"
    run sql "select round(max(slowdown), 1) > 2.2, count(*) from slowdowns where guest = 'victim'"
    echo "$output"
    [ "$output" = "1|3" ]
    # The neighbours' samples are stored but do not count.
    [ "$(sql "select count(*) from samples join cells using (run, cell, attempt) join parts using (run, case_no, guest)
              where parts.role = 'background' and outcome = 'killed' and run_ns > 0 and cells.state = 'done'")" -ge 6 ]
    # That the run killed them is no failure, and their promise and share are reported.
    dom0 "xenbench report --store $STORE --format json" >"$BATS_TEST_TMPDIR/results.json"
    jq '[.summary[].guests[] | select(.role == "background")]' "$BATS_TEST_TMPDIR/results.json" | tee "$BATS_TEST_TMPDIR/background.json"
    jq -e 'length >= 6 and all(.failed == 0 and .ended_by_run == 1 and .cpu_share.median > 0.1 and .host_share.median > 0.02
           and .promised_cpus.median > 0.1)' "$BATS_TEST_TMPDIR/background.json"
}

@test "memory and tsc_mode are set by rebuilding the guest; a balloon needs no rebuild" {
    dom0 "cat >$REPORT/build.yaml" <<'YAML'
name: build
workload: {name: look, command: [spin, --units, "100"]}
defaults: {image: micro, type: pv}
guests:
  rebuilt: {memory: 128M}
  balloon: {memory: 192M, resize: balloon}
  unsaid:
cases:
  - name: first
  - name: second
    guests:
      rebuilt: {memory: 160M, tsc_mode: native}
      balloon: {memory: 160M}
      unsaid: {memory: 128M}
  - name: third
repetitions: 1
order: sequential
hooks:
  before: 'echo "$XENBENCH_CASE $(xl list | awk "NR > 2 { print \$1, \$3 }" | sort | tr "\n" " ")" >>/var/lib/xenbench/t60/seen'
YAML
    run dom0 "cd $REPORT && rm -f seen && xenbench run --store $STORE build.yaml; cat seen; xl list"
    echo "$output"
    [[ $output == *"first balloon 192 rebuilt 128 unsaid 256 "* ]]
    [[ $output == *"second balloon 160 rebuilt 160 unsaid 128 "* ]]
    [[ $output == *"third balloon 192 rebuilt 128 unsaid 256 "* ]]
    [ "$(dom0 'xl list | wc -l')" -eq 2 ]
}

@test "PV against PVH, and one vcpu against two: guests are rebuilt for each case, as it asks" {
    run_example types --set repetitions=1
    run sql "select group_concat(p.case_no || ' ' || p.guest || ' ' || p.type || ' ' || p.image, ', ') from parts p join cells c using (run, case_no)
             join runs using (run) where runs.name = 'PV against PVH' and c.state = 'done' order by p.case_no, p.guest"
    [ "$output" = "0 one pv micro, 0 two pv micro, 1 one pvh micro, 1 two pvh micro" ] || die "$output"
    dom0 "cat >$REPORT/sizes.yaml" <<'YAML'
name: sizes
workload: {name: vcpus, command: "echo vcpus=$(grep -c ^processor /proc/cpuinfo)", metric: {name: vcpus, pattern: "vcpus=([0-9]+)", better: more}}
defaults: {image: micro, type: pv, memory: 96M, maxvcpus: [1, 2]}
guests: {a: {hard: "1-3"}}
repetitions: 1
hooks:
  before: 'echo "$(xl list -l a | jq -r ".[0].config.b_info.max_vcpus")" >>/var/lib/xenbench/t60/sizes'
YAML
    run dom0 "cd $REPORT && rm -f sizes && xenbench run --store $STORE sizes.yaml; cat sizes; xl list | wc -l"
    echo "$output"
    [ "${lines[-3]} ${lines[-2]} ${lines[-1]}" = "1 2 2" ]
    [ "$(sql "select group_concat(value) from (select value from metrics join cells using (run, cell, attempt) join runs using (run)
              where runs.name = 'sizes' and cells.state = 'done' order by case_no)")" = 1.0,2.0 ]
}

@test "a workload is prepared only in guests of the image that runs it" {
    dom0 "cat >$REPORT/images.yaml" <<'YAML'
name: images
defaults: {type: pv, memory: 192M}
guests: {a: {image: micro}}
cases:
  - {name: small, workload: {name: here, command: "true", prepare: "! test -e /etc/debian_version"}}
  - {name: large, workload: {name: there, command: "cat /etc/debian_version", prepare: "test -e /etc/debian_version"}, guests: {a: {image: debian}}}
repetitions: 1
YAML
    run dom0 "cd $REPORT && xenbench run --quiet --store $STORE images.yaml"
    [ "$status" -eq 0 ] || die "$output"
    [ "$(sql "select group_concat(image || ' ' || outcome) from (select p.image, s.outcome from parts p join cells c using (run, case_no) join samples s using
             (run, cell, attempt, guest) join runs r using (run) where r.name = 'images' and c.state = 'done' order by p.case_no)")" = "micro exited,debian exited" ]
}

@test "each empties a guest's page cache before every repetition, and a server that prepare starts serves all of them" {
    dom0 "cat >$REPORT/cold.yaml" <<YAML
name: cold
workload:
  name: reader
  prepare: |
    head -c 30M /dev/zero >/var/tmp/cold && mkfifo /var/tmp/cold.fifo
    (trap '' PIPE; while :; do echo pong >/var/tmp/cold.fifo; done) >/dev/null 2>&1 &
  each: sync; echo 3 >/proc/sys/vm/drop_caches; awk '/^Cached:/ { print "before:", \$2 }' /proc/meminfo >/run/cold
  command: timeout 10 head -n 1 /var/tmp/cold.fifo; cat /var/tmp/cold >/dev/null; awk '/^Cached:/ { print "after:", \$2 }' /proc/meminfo; cat /run/cold
  metrics:
    - {name: before, pattern: 'before: ([0-9]+)', unit: kB, better: less}
    - {name: after, pattern: 'after: ([0-9]+)', unit: kB, better: more}
guests:
  cold: {image: debian, type: pv, memory: 512M}
repetitions: 3
warmup: 0
YAML
    run dom0 "cd $REPORT && xenbench run --store $STORE cold.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    run sql "select count(*), sum(a.value - b.value > 25000), sum(cast(o.bytes as text) like 'pong%')
             from metrics a join metrics b using (run, cell, attempt, guest) join runs using (run)
             join outputs o using (run, cell, attempt, guest)
             where runs.name = 'cold' and a.name = 'after' and b.name = 'before' and o.stream = 'stdout'"
    echo "$output"
    [ "$output" = "3|3|3" ]
}

@test "a run of two types of guests, killed at any moment, again and again, continues with the right type" {
    local before
    before=$(host_state)
    run dom0 "cd $REPORT && sed 's/^name: .*/name: killed types/' $EXAMPLES/types.yaml >killed.yaml && i=0
          until timeout -s KILL \$((4 + 3 * i)) xenbench run --store $STORE --set repetitions=1 killed.yaml; do
              i=\$((i + 1)); [ \$i -lt 15 ] || exit 9; done >killed.log 2>&1; echo \$i"
    echo "$output"
    [ "$status" -eq 0 ] || die "$(dom0 "cat $REPORT/killed.log")"
    [ "$output" -ge 3 ]
    run sql "select group_concat(k.name || ' ' || p.guest || ' ' || p.type || ' ' || s.outcome, ', ') from parts p join cells c using (run, case_no)
             join cases k using (run, case_no) join samples s using (run, cell, attempt, guest) join runs r using (run)
             where r.name = 'killed types' and c.state = 'done' order by p.case_no, p.guest"
    [ "$output" = "type pv one pv exited, type pv two pv exited, type pvh one pvh exited, type pvh two pvh exited" ] || die "$output"
    host_is_as "$before"
}

# bats test_tags=check
@test "more than a hundred wrong or impossible files are refused, and nothing changes on the host" {
    local before
    # Some of the files ask for what an existing guest cannot have.
    dom0 'xenbench guest create old --image micro --type pv --memory 128M --start --wait
          xenbench guest create still --image micro --type pv --memory 128M --vcpus 1 --max-vcpus 2'
    before=$(host_state)
    "$LAB" push --name "$LAB_NAME" "$BATS_TEST_DIRNAME/../cli/malformed" /root/
    # Run all of them in one call, because a hundred calls would take a hundred connections.
    run dom0 'cd /root/malformed && n=0 && bad=0
        for f in *.yaml; do
            expected=$(head -n 1 "$f"); expected=${expected#\# refused: }; line=${expected%%: *}; reason=${expected#*: }
            said=$(xenbench run --store /tmp/none.sqlite "$f" 2>&1); status=$?
            case "$status $said" in
            "2 "*"$f:$line: "*"$reason"*) ;;
            *) echo "$f: status $status: $said"; bad=$((bad + 1)) ;;
            esac
            n=$((n + 1))
        done; echo "$n files, $bad wrong"'
    echo "$output"
    [[ $output == *" files, 0 wrong" ]]
    [ "${output%% files*}" -ge 100 ]
    host_is_as "$before"
    dom0 'xenbench guest remove --destroy old still'
}

@test "clean restores a killed run in a pool, guests before their pool" {
    before=$(host_state)
    dom0 "cd $REPORT && (xenbench run --store $STORE --afresh $EXAMPLES/weights-pool.yaml >kill.log 2>&1 & pid=\$!
          while ! grep -q running kill.log && ! xl list | grep -q heavy; do sleep 1; done; sleep 4; kill -9 \$pid; wait \$pid)" || true
    [ "$(dom0 'xl cpupool-list | grep -c bench')" -eq 1 ]
    run dom0 'xenbench clean'
    echo "$output"
    [ "$status" -eq 0 ]
    host_is_as "$before"
    no_zombie_domains
    dom0_kernel_is_sound
}
