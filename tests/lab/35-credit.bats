#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A separate lab whose Xen runs credit: `lab up --xen` takes effect, and the four cases run under a
# scheduler that divides the complete pool by weight. The run warns that weights cannot bind.

load helper

setup_file() {
    export CREDIT_LAB=$LAB_NAME-credit REPORT=/var/lib/xenbench/t35
    credit_lab_up "$CREDIT_LAB"
}

# The lab ends with this file's process, $$.
credit_lab_up() {
    "$LAB" down --name "$1"
    "$BATS_TEST_DIRNAME/../../images/lab/with-xenbench" "$1" micro -- \
        --xen 'sched=credit' --memory 3072 --owner $$ >"$BATS_FILE_TMPDIR/up" 2>&1 ||
        die "$(cat "$BATS_FILE_TMPDIR/up")"
}

teardown_file() {
    "$LAB" down --name "$CREDIT_LAB"
}

credit_dom0() {
    "$LAB" exec --name "$CREDIT_LAB" -- "$@"
}

sql() {
    credit_dom0 "sqlite3 $REPORT/results.sqlite \"$1\""
}

@test "lab up --xen sched=credit thaws a lab whose Xen runs credit, with all its CPUs" {
    cat "$BATS_FILE_TMPDIR/up"
    grep -q "is up" "$BATS_FILE_TMPDIR/up"
    # The lab must have thawed: booting instead, because it did not answer, is a failure here.
    run grep "booting instead" "$BATS_FILE_TMPDIR/up"
    [ "$status" -eq 1 ]
    [ "$(credit_dom0 'xl info | sed -n "s/^xen_scheduler *: //p"')" = credit ]
    [ "$(credit_dom0 'xl cpupool-list | awk "/^Pool-0/ { print \$2, \$3 }"')" = "4 credit" ]
}

@test "the four cases under credit: the run says that pinned guests' weight cannot bind, and it does not" {
    credit_dom0 "mkdir -p $REPORT"
    sed -e 's/^workload: .*/workload: spin/; s/image: debian/image: micro/; s/memory: .*/memory: 128M/' \
        -e 's/^warmup: .*/warmup: 0/; s/^repetitions: .*/repetitions: 1/' \
        "$BATS_TEST_DIRNAME/../../dom0/examples/four-cases.yaml" | credit_dom0 "cat >$REPORT/four.yaml"
    run credit_dom0 "cd $REPORT && xenbench run --store results.sqlite --report-dir $REPORT/report four.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"under credit the weight of base (4096"*"cannot bind"* ]]
    credit_dom0 "grep -q 'cannot bind' $REPORT/report/report.md"
    [ "$(sql "select count(*) from samples join cells using (run, cell, attempt)
              where state = 'done' and outcome = 'exited' and status = 0")" -eq 12 ]
    # In the last case base has 16 times the others' weight on the CPUs that it shares with them, but
    # gets no more CPU time. Under credit2 it would get a complete CPU, twice a clone's share.
    run sql "select round(2.0 * sum(case guest when 'base' then run_ns end) /
                          sum(case when guest <> 'base' then run_ns end), 2)
             from samples join cells using (run, cell, attempt) where case_no = 3 and state = 'done'"
    echo "base over a clone: $output"
    awk '$1 > 0.6 && $1 < 1.5 { ok = 1 } END { exit !ok }' <<<"$output"
}

@test "no domain is left" {
    [ "$(credit_dom0 'xl list | wc -l')" -eq 2 ]
    run credit_dom0 'dmesg | grep -E "BUG|Oops|segfault"'
    [ "$status" -eq 1 ] || die "$output"
}
