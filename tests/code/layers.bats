#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
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

@test "libxenctrl and processes outside of their folders are refused" {
    cp -r dom0 proto "$BATS_TEST_TMPDIR/"
    echo '#include <xenctrl.h>' >>"$BATS_TEST_TMPDIR/dom0/host/host.c"
    mkdir -p "$BATS_TEST_TMPDIR/obj/dom0/run"
    echo 'int fork(void); int x(void); int x(void) { return fork(); }' |
        cc -x c -c -o "$BATS_TEST_TMPDIR/obj/dom0/run/run.o" -
    layers=$PWD/tests/code/layers
    cd "$BATS_TEST_TMPDIR"
    run "$layers" obj
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = 'host goes round app sched trace: dom0/host/host.c: xenctrl.h' ]
    [ "${lines[1]}" = 'run goes round base: obj/dom0/run/run.o: fork' ]
    [ "${#lines[@]}" -eq 2 ]
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
