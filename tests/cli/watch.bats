#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench watch`: follows a run from another process, through its store.
load helper

setup() {
    own_state
    start_agents one two
    line=(--guests "one,two" --set "one.socket=$BATS_TEST_TMPDIR/one" --set "two.socket=$BATS_TEST_TMPDIR/two"
        --set max_release_error=1s --name watched --case first --case second --repetitions 2)
}

released() {
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'released'" 2>/dev/null)" = 1 ]
}

# start_run [STATUS]: starts a run in the background, as process $run_pid. Its jobs exit with STATUS once a file `go-CASE`
# exists.
start_run() {
    local job="while ! [ -e '$BATS_TEST_TMPDIR'/go-\$XENBENCH_CASE ]; do sleep 0.05; done; exit ${1:-0}"
    "$XENBENCH" run --quiet "${line[@]}" -- "$job" >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    run_pid=$!
    wait_for released
}

go() {
    touch "$BATS_TEST_TMPDIR/go-first" "$BATS_TEST_TMPDIR/go-second"
}

@test "watch: a line for each cell where there is no terminal, and the run's exit state" {
    start_run
    "$XENBENCH" watch >"$BATS_TEST_TMPDIR/watched" 3>&- &
    watcher=$!
    go
    wait "$watcher"
    wait "$run_pid"
    grep -c '^\[./4\] \(first\|second\): one [0-9.]* s, two [0-9.]* s' "$BATS_TEST_TMPDIR/watched" | grep -qx 4
    tail -1 "$BATS_TEST_TMPDIR/watched" | grep -q "^run ........ of .watched.: finished, 4 of 4 cells$"
    # After the run, watch prints the same at once.
    "$XENBENCH" watch | cut -d, -f 1,2 | cmp - <(cut -d, -f 1,2 "$BATS_TEST_TMPDIR/watched")
}

@test "watch: the view on a terminal has medians and the guests' states" {
    start_run
    in_terminal "$XENBENCH" watch >"$BATS_TEST_TMPDIR/view" 3>&- &
    watcher=$!
    wait_for grep -q 'one  *runs' "$BATS_TEST_TMPDIR/view"
    grep -q 'watched: 0 of 4 cells, 0 %' "$BATS_TEST_TMPDIR/view"
    grep -q 'cell 1: first, repetition 1, released' "$BATS_TEST_TMPDIR/view"
    sleep 2 # so that the first cell has taken long enough to estimate the time left
    touch "$BATS_TEST_TMPDIR/go-first"
    wait_for grep -q ' left' "$BATS_TEST_TMPDIR/view"
    go
    wait "$watcher"
    grep -q 'first  *2  one [0-9.]* s, two [0-9.]* s' "$BATS_TEST_TMPDIR/view"
    grep -q 'watched: 4 of 4 cells, 100 %' "$BATS_TEST_TMPDIR/view"
    wait "$run_pid"
}

@test "watch: Ctrl-C ends it and not the run; a failed or abandoned run gives 1" {
    start_run 3
    "$XENBENCH" watch >"$BATS_TEST_TMPDIR/told" 2>"$BATS_TEST_TMPDIR/watched" 3>&- &
    watcher=$!
    wait_for grep -q 'SigBlk:[[:space:]]*0*400[0-7]$' "/proc/$watcher/status"
    kill -TERM "$watcher"
    status=0
    wait "$watcher" || status=$?
    [ "$status" -eq 1 ]
    grep -q 'stopped watching; run ........ goes on' "$BATS_TEST_TMPDIR/watched"
    go
    wait "$run_pid" || true
    run "$XENBENCH" watch
    [ "$status" -eq 1 ]
    [[ $output == *failed* && $output == *"4 of 4 cells"* && $output == *"8 of 8 samples failed"* ]]
    ask "UPDATE runs SET state = 'unfinished'"
    run "$XENBENCH" watch
    [ "$status" -eq 1 ]
    [[ $output == *"nobody works on run"*"xenbench run --resume"* ]]
}

rows() {
    ask "SELECT * FROM runs; SELECT * FROM cells; SELECT * FROM samples"
}

@test "watch: it takes no lock that a run waits for, and changes nothing" {
    local before watcher
    run "$XENBENCH" watch
    [ "$status" -eq 2 ]
    [[ $output == *"there is no store"* ]]
    start_run
    before=$(rows)
    "$XENBENCH" watch >"$BATS_TEST_TMPDIR/watched" 3>&- &
    watcher=$!
    wait_for grep -q 'SigBlk:[[:space:]]*0*400[0-7]$' "/proc/$watcher/status"
    sleep 1
    [ "$(rows)" = "$before" ]
    go
    wait "$run_pid"
    wait "$watcher"
    before=$(rows)
    "$XENBENCH" watch
    [ "$(rows)" = "$before" ]
    ask 'PRAGMA user_version = 3'
    run "$XENBENCH" watch
    [ "$status" -eq 2 ]
    [[ $output == *"has version 3"*"brings it up to date"* ]]
    [ "$(ask 'PRAGMA user_version')" -eq 3 ]
}
