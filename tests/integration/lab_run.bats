#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lab/run with scripts instead of labs: two runs do not end each other's labs.

setup() {
    top=$BATS_TEST_TMPDIR/top
    mkdir -p "$top"/{tests/lab,images/lab}
    cp "$BATS_TEST_DIRNAME/../lab/run" "$top/tests/lab/"
    cp "$BATS_TEST_DIRNAME/../../images/lab/suite.sh" "$top/images/lab/"
    export LABS=$BATS_TEST_TMPDIR/labs GO=$BATS_TEST_TMPDIR/go RUN_LOCK=$top/build/lab/mine.run LAB_NAME=mine
    program images/lab/lab <<<'echo "$*" >>"$LABS"'
    # What a lab leaves running does not have the lock.
    program images/lab/with-xenbench <<<'echo "up $2" >>"$LABS"; until [ -e "$GO" ]; do sleep 0.05; done'
    program tests/lab/in-lab <<<'! flock -n "$RUN_LOCK" true && ! readlink /proc/self/fd/* | grep -qxF "$RUN_LOCK" && echo 1..1 && echo ok 1'
}

program() {
    { echo '#!/bin/bash'; cat; } >"$top/$1"
    chmod +x "$top/$1"
}

@test "a run ends its labs before and after, and another with the same labs is refused" {
    "$top/tests/lab/run" 10-some.bats >"$BATS_TEST_TMPDIR/first" 3>&- &
    local first=$!
    until grep -qs '^up' "$LABS"; do sleep 0.05; done
    run "$top/tests/lab/run" 10-some.bats
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"labs mine are in use"* ]]
    touch "$GO"
    wait "$first"
    [ "$(paste -sd ';' <"$LABS")" = "down --name mine-1;up mine-1;down --name mine-1" ]
    LAB_NAME=other run "$top/tests/lab/run"
    [ "$status" -eq 0 ]
}
