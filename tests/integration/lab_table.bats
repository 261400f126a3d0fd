#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The table of lab tests (tests/lab/table), made from results as tests/lab/in-lab stores them.

setup() {
    tests=$BATS_TEST_DIRNAME/..
    export LAB_RESULTS_DIR=$BATS_TEST_TMPDIR/results
}

# results SUITE/FILE/NAME: stores stdin as the output of one run of a file
results() {
    mkdir -p "$LAB_RESULTS_DIR/$(dirname "$1")"
    cat >"$LAB_RESULTS_DIR/$1"
}

in_file() { grep -c '^@test ' "$tests/$1"; }

@test "a file that was not run is called so; results have their counts, names and reasons" {
    results bookworm/lab/30-run.bats/all.tap <<'TAP'
# commit abc1234
# Xen 4.17.5
# Linux 6.1.0-41-amd64
1..4
ok 1 shares: 1 to 2 # in all pools in 394ms
ok 2 a kernel of one's own in 122ms # skip no such kernel
not ok 3 weights bind in 495ms
# (in test file tests/lab/30-run.bats, line 3)
#   `[ "$status" -eq 0 ]' failed
# # Xen 9.9
ok 4 the rest in 3ms
TAP
    run "$tests/lab/table" bookworm trixie
    echo "$output"
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == "| tests | bookworm, Xen 4.17.5, Linux 6.1.0-41-amd64, commit abc1234 | trixie |" ]]
    grep -qxF "| lab/30-run | 2 passed, 1 failed, 1 skipped, $(($(in_file lab/30-run.bats) - 4)) not run | not run |" <<<"$output"
    grep -qxF '| lab/schedulers/null | not run | not run |' <<<"$output"
    grep -qxF -e '- bookworm: lab/30-run.bats: weights bind: failed: `[ "$status" -eq 0 ]`' <<<"$output"
    grep -qxF -e "- bookworm: lab/30-run.bats: a kernel of one's own: skipped: \`no such kernel\`" <<<"$output"
}

@test "a test that was run twice counts as it ended last, and a start that failed is forgotten once the file ran" {
    results trixie/lab/20-vchan.bats/all.tap <<'TAP'
1..2
not ok 1 one
#   `false' failed
ok 2 two
TAP
    results trixie/lab/20-vchan.bats/check.tap <<<'not ok 1 setup_file failed'
    touch -d '1 hour ago' "$LAB_RESULTS_DIR/trixie/lab/20-vchan.bats/all.tap"
    run "$tests/lab/table" trixie
    [[ $output == *"| lab/20-vchan | 1 passed, 2 failed, "* ]]
    results trixie/lab/20-vchan.bats/suites.tap <<<'ok 1 one'
    touch -d '1 minute ago' "$LAB_RESULTS_DIR/trixie/lab/20-vchan.bats/check.tap"
    run "$tests/lab/table" trixie
    echo "$output"
    [[ $output == *"| lab/20-vchan | 2 passed, $(($(in_file lab/20-vchan.bats) - 2)) not run |"* ]]
    [[ $output != *"Did not pass"* ]]
}
