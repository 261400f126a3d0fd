#!/usr/bin/env bats
# `xenbench watch`: a run followed from another process, by its store.
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

# start_run COMMAND...: in the background, as process $run_pid.
start_run() {
    "$XENBENCH" run --quiet "${line[@]}" -- "$@" >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    run_pid=$!
    wait_for released
}

@test "watch: a line for each cell where there is no terminal, and the run's exit state" {
    start_run sleep 0.5
    run --separate-stderr "$XENBENCH" watch
    [ "$status" -eq 0 ]
    [[ $output == *"[1/4] first: one 0.5"*", two 0.5"*"[4/4] "*" of \`watched\`: finished, 4 of 4 cells"* ]]
    wait "$run_pid"
    "$XENBENCH" watch | grep -c '^\[./4\]' | grep -qx 4
}

@test "watch: the view on a terminal has medians and the guests' states" {
    start_run sleep 1
    in_terminal "$XENBENCH" watch >"$BATS_TEST_TMPDIR/view"
    grep -q 'watched: 0 of 4 cells, 0 %' "$BATS_TEST_TMPDIR/view"
    grep -q 'one  *runs' "$BATS_TEST_TMPDIR/view"
    grep -q 'first  *2  one 1.00. s, two 1.00. s' "$BATS_TEST_TMPDIR/view"
    grep -q ' s left' "$BATS_TEST_TMPDIR/view"
    wait "$run_pid"
}

@test "watch: Ctrl-C ends it and not the run; a failed or abandoned run gives 1" {
    start_run sh -c 'sleep 1; exit 3'
    "$XENBENCH" watch >/dev/null 2>"$BATS_TEST_TMPDIR/watched" 3>&- &
    watcher=$!
    wait_for grep -q SigBlk:.*[1-9a-f] "/proc/$watcher/status"
    sleep 0.3
    kill -INT "$watcher"
    status=0
    wait "$watcher" || status=$?
    [ "$status" -eq 1 ]
    grep -q 'stopped watching; run ........ goes on' "$BATS_TEST_TMPDIR/watched"
    run "$XENBENCH" watch
    [ "$status" -eq 1 ]
    [[ $output == *failed* && $output == *"8 of 8 samples failed"* ]]
    wait "$run_pid" || true
    ask "UPDATE runs SET state = 'unfinished'"
    run "$XENBENCH" watch
    [ "$status" -eq 1 ]
    [[ $output == *"nobody works on run"*"xenbench run --resume"* ]]
}

@test "watch: it takes no lock that a run waits for, and changes nothing" {
    run "$XENBENCH" watch
    [ "$status" -eq 2 ]
    [[ $output == *"there is no store"* ]]
    start_run sleep 0.2
    wait "$run_pid"
    ask 'PRAGMA user_version = 3'
    run "$XENBENCH" watch
    [ "$status" -eq 2 ]
    [[ $output == *"has version 3"*"brings it up to date"* ]]
    [ "$(ask 'PRAGMA user_version')" -eq 3 ]
}
