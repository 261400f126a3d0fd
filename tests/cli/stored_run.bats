#!/usr/bin/env bats
# What xenbench tells of a stored run, whole. tests/data/report/write writes down what is expected.
load helper

@test "a stored run is told as ever: table, Markdown, JSON, HTML, show and list" {
    data=$BATS_TEST_DIRNAME/../data/report
    mkdir "$BATS_TEST_TMPDIR/now"
    XENBENCH_BIN=$BIN "$data/write" "$BATS_TEST_TMPDIR/now"
    for file in report.txt report.md results.json report.html show.txt list.txt list.json; do
        diff -u "$data/$file" "$BATS_TEST_TMPDIR/now/$file"
    done
}
