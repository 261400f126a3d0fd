#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Each command that takes part in an experiment, run once; the slow tests cover the rest.
load helper

setup() {
    own_state
}

@test "plan, run, report and runs: an experiment from beginning to end" {
    start_agent one
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: brief
workload: {name: nothing, command: "true"}
guests: {one: {socket: $BATS_TEST_TMPDIR/one}}
repetitions: 2
END
    "$XENBENCH" plan --json "$BATS_TEST_TMPDIR/e.yaml" | jq -e '.cells | length == 2'
    run --separate-stderr "$XENBENCH" run --quiet "$BATS_TEST_TMPDIR/e.yaml"
    [ "$status" -eq 0 ]
    [[ $output == *brief*as\ configured* ]]
    run "$XENBENCH" report --format md
    [ "$status" -eq 0 ]
    [[ $output == *brief* ]]
    run "$XENBENCH" runs list
    [ "$status" -eq 0 ]
    [[ $output == *brief* ]]
    "$XENBENCH" run --quiet "$BATS_TEST_TMPDIR/e.yaml" --shard 1/1 >/dev/null
    run "$XENBENCH" fleet report
    [ "$status" -eq 0 ]
    [[ $output == *"brief: 1 of 1 shards by round"* ]]
}

@test "trace: a file of xentrace" {
    run --separate-stderr "$XENBENCH" trace --khz 2000000 --format json "$BATS_TEST_DIRNAME/../data/dom0.xentrace"
    [ "$status" -eq 0 ]
    jq -e . <<<"$output"
}

@test "run: the table's columns line up for Chinese names" {
    start_agent one
    sed "s|SOCKET|$BATS_TEST_TMPDIR/one|" "$BATS_TEST_DIRNAME/cases/26-cjk-names/cjk.yaml" >"$BATS_TEST_TMPDIR/e.yaml"
    "$XENBENCH" run --quiet "$BATS_TEST_TMPDIR/e.yaml" >"$BATS_TEST_TMPDIR/table"
    # The figures are right-aligned, so all rows have the same width.
    local row widths=()
    while IFS= read -r row; do
        widths+=("$(LC_ALL=C.UTF-8 wc -L <<<"$row")")
    done < <(grep -E '^  (case|不绑核|绑定在核二和核三|plain) ' "$BATS_TEST_TMPDIR/table" | head -n 4)
    [ "${#widths[@]}" -eq 4 ]
    [ "$(printf '%s\n' "${widths[@]}" | sort -u | wc -l)" -eq 1 ]
}
