#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# All output about a stored run. tests/data/report/write records what is expected.
load helper

@test "a stored run is shown unchanged: table, Markdown, JSON, HTML, show and list" {
    data=$BATS_TEST_DIRNAME/../data/report
    mkdir "$BATS_TEST_TMPDIR/now"
    XENBENCH_BIN=$BIN "$data/write" "$BATS_TEST_TMPDIR/now"
    for file in report.txt report.md results.json report.html show.txt list.txt list.json; do
        diff -u "$data/$file" "$BATS_TEST_TMPDIR/now/$file"
    done
}
