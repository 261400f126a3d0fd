#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# All output about a stored run. tests/data/report/write records the expected output.
load helper

@test "a stored run is shown unchanged: table, Markdown, JSON, HTML, show and list" {
    data=$BATS_TEST_DIRNAME/../data/report
    mkdir "$BATS_TEST_TMPDIR/now"
    XENBENCH_BIN=$BIN "$data/write" "$BATS_TEST_TMPDIR/now"
    for file in report.txt report.md results.json report.html show.txt list.txt list.json; do
        diff -u "$data/$file" "$BATS_TEST_TMPDIR/now/$file"
    done
}

@test "differences are not judged by one repetition each" {
    own_state
    mkdir -p "$XENBENCH_STATE"
    sqlite3 "$store" <"$BATS_TEST_DIRNAME/../data/report/run.sql"
    run "$XENBENCH" report
    [[ $output != *"one repetition"* ]]
    ask "PRAGMA foreign_keys = OFF; DELETE FROM metrics WHERE (run, cell) IN (SELECT run, cell FROM cells WHERE repetition > 0);
         DELETE FROM samples WHERE (run, cell) IN (SELECT run, cell FROM cells WHERE repetition > 0)"
    run "$XENBENCH" report
    [[ ${output//$'\n'/ } == *"cannot be judged by one repetition each: give it more (\`repetitions\`)."* ]]
    [[ $output != *"beyond the"* ]]
}
