# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the tests of schedulers, which run the experiments beside this file in a lab whose Xen has all schedulers.

load ../helper

setup_file() {
    export REPORT=/var/lib/xenbench/schedulers
    export STORE=$REPORT/results.sqlite
    dom0 "rm -rf $REPORT && mkdir -p $REPORT"
}

teardown() {
    dom0 'xenbench clean' >/dev/null 2>&1 || true
}

# The hypervisor's own settings, to compare before and after.
host_state() {
    dom0 'xl cpupool-list -c; xl cpupool-list; xl list | awk "{ print \$1 }"'
}

push_experiment() {
    dom0 "cat >$REPORT/$1.yaml" <"$BATS_TEST_DIRNAME/$1.yaml"
}

# experiment NAME: runs NAME.yaml, which must leave the host as it was. The results are in $BATS_TEST_TMPDIR/NAME.json.
experiment() {
    local before
    push_experiment "$1"
    domains_are_forgotten
    before=$(host_state)
    run dom0 "cd $REPORT && XENBENCH_RISK_POOLS=1 xenbench run --afresh --store $STORE --report-dir $REPORT/$1 $1.yaml"
    echo "$output"
    [ "$status" -eq 0 ] || return 1
    host_is_as "$before" || return 1
    dom0 "cat $REPORT/$1/results.json" >"$BATS_TEST_TMPDIR/$1.json"
    shares "$1"
}

# shares NAME: prints what each guest was promised and got, also for the table that `run` prints.
shares() {
    jq -r --arg scheduler "$1" 'def percent: 1000 * . | round / 10 | tostring + " %";
        .summary[] | .case as $case | .guests | to_entries[] | select(.value.promised_cpus.median != null) |
        "| \($scheduler) | \($case) | \(.key) | \(.value.promised_cpus.median | percent) | \(.value.cpu_share.median | percent) | \(.value.host_steal.median // 0 | percent) | \(.value.promised_by) |"' \
        "$BATS_TEST_TMPDIR/$1.json" | tee -a "${SHARES:-/dev/null}"
}

# within NAME POINTS: in each case, each guest got what it was promised, within POINTS per cent of a CPU.
within() {
    jq -e --argjson points "$2" '[.summary[].guests[] | select(.promised_cpus.median != null) |
        100 * (.cpu_share.median - .promised_cpus.median) | . < $points and . > -$points] | length > 0 and all' \
        "$BATS_TEST_TMPDIR/$1.json"
}

# in_force: all settings were in force at both ends of every window of this file's runs.
in_force() {
    local said
    said=$(sql "select domain || ': ' || differs from settings_read where differs is not null")
    [ -z "$said" ] || die "$said"
    said=$(sql "select code || ': ' || message from warnings where code like 'settings-%'")
    [ -z "$said" ] || die "$said"
}
