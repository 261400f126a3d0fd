#!/usr/bin/env bats
# Rules about the source's structure that no compiler checks.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    objects=${XENBENCH_BIN:-$PWD/build/bin}/../obj
}

@test "no folder of dom0 includes or calls a higher one" {
    tests/code/layers "$objects"
}

@test "an upward include is refused" {
    cp -r dom0 proto "$BATS_TEST_TMPDIR/"
    echo '#include "cell.h"' >>"$BATS_TEST_TMPDIR/dom0/store/store.c"
    layers=$PWD/tests/code/layers objects=$(realpath "$objects")
    cd "$BATS_TEST_TMPDIR"
    run "$layers" "$objects"
    [ "$status" -eq 1 ]
    [ "$output" = 'store reaches up to run: dom0/store/store.c: #include "cell.h"' ]
}

@test "SQL outside of store is refused" {
    cp -r dom0 proto "$BATS_TEST_TMPDIR/"
    echo '#include <sqlite3.h>' >>"$BATS_TEST_TMPDIR/dom0/report/report.c"
    layers=$PWD/tests/code/layers objects=$(realpath "$objects")
    cd "$BATS_TEST_TMPDIR"
    run "$layers" "$objects"
    [ "$status" -eq 1 ]
    [ "$output" = 'report goes round store: dom0/report/report.c: sqlite3.h' ]
}
