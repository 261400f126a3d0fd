#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench history`: the runs of one experiment over time, and where their figures changed.
load helper

setup() {
    own_state
    start_agents one
    cd "$BATS_TEST_TMPDIR" || return 1
    # One real run, of which the others are copies with other times.
    "$XENBENCH" run --quiet --guests one --set one.socket=one --set max_release_error=1s --name nightly --case all \
        --repetitions 1 -- true >/dev/null
}

# days SECONDS...: adds a finished run for each day, whose median is SECONDS.
days() {
    local seconds day=10 first table columns
    first=$(ask 'SELECT run FROM runs')
    for seconds; do
        day=$((day + 1))
        for table in runs host guests cases parts cells samples; do
            columns=$(ask "SELECT group_concat(name) FROM pragma_table_info('$table') WHERE name NOT IN ('run', 'started_at', 'token', 'wall_ns')")
            case $table in
            runs) ask "INSERT INTO runs (run, started_at, $columns) SELECT 'bead$day', '2026-05-${day}T00:00:00Z', $columns FROM runs WHERE run = '$first'" ;;
            cells) ask "INSERT INTO cells (run, started_at, $columns) SELECT 'bead$day', started_at, $columns FROM cells WHERE run = '$first'" ;;
            samples) ask "INSERT INTO samples (run, token, wall_ns, $columns) SELECT 'bead$day', 'token$day' || guest, $seconds * 1e9 + 0, $columns FROM samples WHERE run = '$first'" ;;
            *) ask "INSERT INTO $table (run, $columns) SELECT 'bead$day', $columns FROM $table WHERE run = '$first'" ;;
            esac
        done
    done
    ask "PRAGMA foreign_keys = ON; DELETE FROM runs WHERE run = '$first'"
}

@test "history: a step is found, with the run, its size, and what differs there" {
    days 1.00 1.01 0.99 1.00 1.02 1.08 1.09 1.10 1.08 1.09
    ask "UPDATE host SET value = 'another' WHERE key = 'dom0_kernel' AND run >= 'bead16';
         UPDATE runs SET overrides = '[\"memory=1G\",\"cap=50\"]' WHERE run >= 'bead16';
         UPDATE cases SET settings = '{\"guests\": {\"one\": {\"cap\": 50}}}' WHERE run >= 'bead16'"
    run "$XENBENCH" history nightly
    [ "$status" -eq 0 ]
    [[ $output == *"nightly: 10 runs, 2026-05-11 to 2026-05-20"*"1 change in 1 series"* ]]
    [[ $output == *"all, one: slower since run bead16 of 2026-05-16: +9.0 %, from 1.000 to 1.090 s (p "* ]]
    [[ $output == *"Dom0's kernel"*another* ]]
    [[ $(tr -s ' \n' ' ' <<<"$output") == *"Settings by --set: A none; B memory=1G, cap=50"* ]]
    [[ $(tr -s ' \n' ' ' <<<"$output") == *"Case all: guests.one.cap: A not set; B 50"* ]]
    "$XENBENCH" history --format json | jq -e '.schema == "xenbench-history/1" and .series[0].changes[0].since == "bead16" and
        .series[0].changes[0].sense == "worse" and (.series[0].points | length) == 10'
}

@test "history: noise is no change, and few runs cannot show one" {
    days 1.00 1.03 0.99 1.01 1.02 0.98 1.03 1.00 1.01 0.99
    run "$XENBENCH" history
    [ "$status" -eq 0 ]
    [[ $output == *"0 changes in 1 series"* ]]
    ask "DELETE FROM runs WHERE run > 'bead14'"
    run "$XENBENCH" history nightly
    [[ $output == *"Too few runs to show a change: 1 series of medians need 8 runs each."* ]]
}

@test "history: a plot in the HTML" {
    days 1.00 1.01 0.99 1.00 1.02 1.08 1.09 1.10 1.08 1.09
    "$XENBENCH" history --format html --output h.html
    grep -q '<figure class="plot" id="chart-history">' h.html
    grep -q '<span class="who">all, one</span>' h.html
    [ "$(grep -o '<circle' h.html | wc -l)" -eq 10 ]
    [ "$(grep -o '<line class="change' h.html | wc -l)" -eq 1 ]
    run ! grep -qE '<(script|link|img|iframe)' h.html
}

@test "history: a mistyped name is answered with the nearest" {
    run "$XENBENCH" history nihgtly
    [ "$status" -eq 2 ]
    [[ $output == *"no finished run of \`nihgtly\`; did you mean \`nightly\`?"* ]]
    run "$XENBENCH" history something-else
    [ "$status" -eq 2 ]
    [[ $output == *"there are: \`nightly\`"* ]]
}
