#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Traces on real Xen: a shipped example under --trace, its traces compared with xenalyze and with
# Xen's own counts; promises compared with shares, wake-ups with their budget. Tracing ends however a
# run ends.

load helper

setup_file() {
    export DIR=/var/lib/xenbench/t70
    export STORE="$DIR/results.sqlite"
    dom0 "mkdir -p $DIR && cd $DIR && xenbench run --store $STORE --repetitions 1 --trace --keep-traces $DIR/traces \
        /usr/share/xenbench/examples/weights.yaml" >"$BATS_FILE_TMPDIR/run.log" 2>&1 || true
}

teardown() {
    dom0 'xenbench clean' >/dev/null 2>&1 || true
}

# Fail unless the query returns 1.
holds() {
    local got
    got=$(sql "$1")
    [ "$got" = 1 ] || die "$1: $got"
}

@test "a shipped example runs under --trace, and Xen dropped no record" {
    cat "$BATS_FILE_TMPDIR/run.log"
    holds "select count(*) = 3 from samples where outcome = 'exited' and status = 0"
    holds "select count(*) = 1 and sum(lost) = 0 and sum(contradictions) = 0 and sum(covered_ns) = sum(span_ns) from traces"
    [ "$(dom0 'xl list | wc -l')" -eq 2 ]
}

@test "each vcpu's times add up to the window, and it ran where it was pinned" {
    # Each of the five parts was rounded down to a nanosecond.
    holds "select count(*) >= 4 and max(abs(running_ns + runnable_ns + blocked_ns + offline_ns + unknown_ns - span_ns)) < 10
           from trace_vcpus join traces using (run, cell, attempt) where domain != 'idle'"
    holds "select group_concat(distinct pcpu) = '1' from trace_residency where domain in ('light', 'middle', 'heavy')"
    holds "select group_concat(distinct pcpu) = '0' from trace_residency where domain = 'Domain-0'"
    holds "select count(*) = 3 from trace_waits where kind = 'all' and domain in ('light', 'middle', 'heavy') and count > 0
           and min_ns <= p50_ns and p50_ns <= p99_ns and p99_ns <= p999_ns and p999_ns <= max_ns"
    holds "select min(w.count = (select sum(c.count) from trace_classes c where c.domain = w.domain and c.vcpu = w.vcpu
           and c.kind = w.kind)) = 1 from trace_waits w"
}

@test "the trace and Xen's counts agree within 1 % of the window and 20 ms" {
    sql "select domain, vcpu, xen_run_ns, same_run_ns from trace_vcpus where xen_run_ns is not null"
    holds "select count(*) >= 4 from trace_vcpus where xen_run_ns is not null"
    holds "select max(worst_ns <= 20e6 + window_ns / 100) = 1 from traces join cells using (run, cell, attempt)"
    holds "select count(*) = 0 from warnings where code like 'trace-%'"
}

@test "xenbench trace and xenalyze give the same sums" {
    # xenalyze prints how often a vcpu was in a state, and the mean in cycles. With a clock of 1 GHz, a
    # cycle is a nanosecond for xenbench.
    dom0 "cd $DIR && file=\$(ls traces/*.xentrace | head -1) && xenbench trace --khz 1000000 --format json \$file >ours.json &&
        xenalyze -s \$file >theirs.txt 2>/dev/null"
    dom0 "awk '/^\|-- Domain/ { d = \$3 } /^-- v/ { v = substr(\$2, 2) } /^ +(running|runnable):/ { print d, v, substr(\$1, 1, length(\$1) - 1), \$2 * \$4 }' $DIR/theirs.txt" >"$BATS_TEST_TMPDIR/theirs"
    dom0 "jq -r '.vcpus[] | select(.domid < 32000) | \"\(.domid) \(.vcpu) running \(.running_ns)\", \"\(.domid) \(.vcpu) runnable \(.runnable_ns)\"' $DIR/ours.json; jq -r '\"span \(.span_ns)\"' $DIR/ours.json" >"$BATS_TEST_TMPDIR/ours"
    cat "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
    awk 'NR == FNR { theirs[$1, $2, $3] = $4; next }
         $1 == "span" { span = $2; next }
         NF == 4 && ($1, $2, $3) in theirs { ours[$1, $2, $3] = $4 }
         END { for (k in ours) { n++; apart = ours[k] - theirs[k]; if (apart < 0) apart = -apart
                                 if (apart > span / 100) { print k, ours[k], theirs[k]; bad = 1 } }
               exit bad || n < 8 }' "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
}

@test "a kept trace is drawn with the guests' names, without --khz" {
    dom0 "cd $DIR && xenbench trace --format trace-events traces/*.xentrace" >"$BATS_TEST_TMPDIR/events.json"
    jq -e '[.traceEvents[] | select(.name == "process_name") | .args.name] - ["CPUs", "Domain-0"] | contains(["light", "middle", "heavy"])' \
        "$BATS_TEST_TMPDIR/events.json"
    jq -e '.traceEvents | any(.cat == "cpu" and .name == "heavy, vcpu 0")' "$BATS_TEST_TMPDIR/events.json"
}

@test "shares are shown next to the weights' promises" {
    sql "select guest, round(cpus, 3), how, round(1.0 * overlap_run_ns / overlap_ns, 3) from promises
         join samples using (run, cell, attempt, guest) join cells using (run, cell, attempt)"
    holds "select count(*) = 3 and sum(abs(cpus - case guest when 'light' then 1 when 'middle' then 2 else 4 end / 7.0) < 0.001) = 3
           from promises"
    holds "select min(abs(1.0 * overlap_run_ns / overlap_ns - cpus) < 0.1) = 1 from promises
           join samples using (run, cell, attempt, guest) join cells using (run, cell, attempt)"
    run dom0 "xenbench report --store $STORE"
    echo "$output"
    [[ $output == *'Why to trust it'* ]]
    [[ $output == *'promised'*'14 %'*'29 %'*'57 %'* ]]
    [[ $output == *'read back 8 times'*'all were as asked'* ]]
}

@test "agent and controller wake up no more often than their budget" {
    sql "select guest, agent_wakeups, controller_wakeups from samples join cells using (run, cell, attempt)"
    holds "select count(*) = 3 and max(agent_wakeups) <= 2 and min(agent_wakeups) >= 1 from samples"
    holds "select max(controller_wakeups) <= 3 + 2 and min(controller_wakeups) >= 1 from cells"
    holds "select count(*) = 0 from warnings where code in ('agent-wakeups', 'controller-wakeups')"
}

@test "clocksource, tsc_mode, scheduler and its parameters are recorded; counters say that there is no vPMU" {
    holds "select min(json_extract(settings, '\$.tsc_mode') = 'default' and json_extract(settings, '\$.scheduler') = 'credit2'
           and json_extract(settings, '\$.ratelimit_us') is not null) = 1 from settings_read"
    holds "select min(clocksource = 'xen' and clocksource_before = 'xen') = 1 from samples"
    holds "select count(*) = 9 and min(value is null and why = 'no vPMU') = 1 from counters"
    holds "select count(*) = 1 and min(steal_ns is not null and pressure_ns is not null) = 1 from dom0_probes"
}

@test "a killed controller leaves no tracing behind" {
    dom0 "cat >$DIR/long.yaml" <<'YAML'
name: long
workload: {command: [/bin/sleep, '60']}
defaults: {image: micro, type: pv, memory: 128M}
guests:
  one:
cases:
  - name: any
repetitions: 1
trace: true
YAML
    dom0 "cd $DIR && (xenbench run --store long.sqlite long.yaml >long.log 2>&1 & pid=\$!
        for i in \$(seq 120); do sqlite3 long.sqlite \"select state from cells\" 2>/dev/null | grep -q released && break; sleep 1; done
        kill -9 \$pid; wait \$pid)" || true
    dom0 "cat $DIR/long.log; sqlite3 $DIR/long.sqlite 'select state from cells'" | grep -q released
    # The child notices that it is alone, switches tracing off and exits; then another may trace.
    dom0 'for i in $(seq 30); do [ -e /run/xenbench/trace.lock ] || exit 0; sleep 1; done; exit 1'
    run dom0 'xenbench trace --take 1'
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *d0v0* ]]
    # Ctrl-C ends the trace, not xenbench.
    run dom0 'timeout --preserve-status -s INT 2 xenbench trace --take 60'
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *d0v0* ]]
    dom0 'xenbench clean'
}

@test "while somebody else traces, a trace is refused, and theirs continues" {
    run dom0 "cd $DIR && (xentrace -D -e 0x00021000 -T 20 theirs.trace & sleep 2; xenbench trace --take 1; status=\$?; kill -0 \$! || status=99; kill \$!; wait; exit \$status)"
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *'does xentrace run'* ]]
    dom0 "test -s $DIR/theirs.trace && xenbench trace $DIR/theirs.trace" | grep -q d0v0
    dom0_kernel_is_sound
}
