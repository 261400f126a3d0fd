#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Background load: its start before the window, its restarts, its end, and what becomes of its guest's connection.
load helper

setup() {
    own_state
    start_agents one two
}

@test "background load starts before the window and lasts until after it, restarts when it ends, and does not count" {
    write_experiment <<'END'
name: background
guests:
  one: @one, workload: {name: victim, command: "date +%s%N >>@dir/victim; until [ $(wc -l <@dir/noise) -ge $((3 * $(wc -l <@dir/victim))) ]; do sleep 0.1; done"}}
  two: @two, background: true, workload: {name: noise, command: "date +%s%N >>@dir/noise; [ $(($(wc -l <@dir/noise) % 3)) -eq 0 ] && exec sleep 3141; sleep 0.417"}}
repetitions: 2
background_lead: 300ms
END
    run --separate-stderr run_experiment
    [ "$status" -eq 0 ] || { echo "$output $stderr"; false; }
    # In each repetition the load ends by itself twice, and its third run is killed.
    ask "SELECT cell, attempt, guest, outcome, status FROM samples"
    [ "$(ask "SELECT group_concat(DISTINCT outcome) FROM samples WHERE guest = 'two'")" = killed ]
    [ "$(ask "SELECT count(*) FROM samples WHERE guest = 'one' AND outcome = 'exited'")" -eq 2 ]
    [ "$(ask "SELECT count(*) FROM results WHERE role = 'background'")" -eq 2 ]
    [ "$(head -1 "$BATS_TEST_TMPDIR/noise")" -lt "$(head -1 "$BATS_TEST_TMPDIR/victim")" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/noise")" -eq 6 ]
    # No process of the load is left.
    run ! pgrep -f 'sleep (0\.417|3141)'
}

@test "failing background load is reported, and the victim's sample stands" {
    write_experiment <<'END'
name: background
guests:
  one: @one, workload: {name: victim, command: "touch @dir/opened; until [ -e @dir/failed ]; do sleep 0.05; done; sleep 1"}}
  two: @two, background: true, workload: {name: noise, command: "until [ -e @dir/opened ]; do sleep 0.05; done; touch @dir/failed; exit 3"}}
background_lead: 50ms
repetitions: 1
END
    run run_experiment
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ $output == *"guest two: its background load failed in the window (exited 3)"* ]]
    [ "$(ask "SELECT outcome || status FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND guest = 'two'")" = exited3 ]
}

@test "after a controller is killed during background load, its run is completed as if nothing had happened" {
    write_experiment <<'END'
name: killed
guests:
  one: @one, workload: {name: victim, command: "sleep 1.03"}}
  two: @two, background: true, workload: {name: noise, command: "sleep 0.31"}}
repetitions: 2
END
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" --quiet >/dev/null 2>&1 3>&- &
    run_pid=$!
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM cells WHERE state = 'released'\" 2>/dev/null)\" = 1 ]"
    sleep 0.5
    kill -KILL "$run_pid"
    wait "$run_pid" || true
    run_experiment --quiet
    [ "$(ask "SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND guest = 'one' AND outcome = 'exited'")" -eq 2 ]
    [ "$(ask "SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND guest = 'two' AND outcome IS NOT NULL")" -eq 2 ]
    run ! pgrep -f 'sleep 0\.31'
}

# Start a run with a victim, and a neighbour whose load first runs alone for a while; wait for the load.
start_with_lead() {
    write_experiment <<'END'
name: lead
guests:
  one: @one, workload: {name: victim, command: "sleep 0.6173"}}
  two: @two, background: true, workload: {name: noise, command: "touch @dir/noise; sleep 60"}}
background_lead: 5s
repetitions: 2
on_guest_failure: mark
END
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    run_pid=$!
    wait_for test -e "$BATS_TEST_TMPDIR/noise"
}

@test "a cell whose background load is lost before the window is repeated, and no job stays armed" {
    start_with_lead
    # shellcheck disable=SC2154 # of the helper
    kill -KILL "${agent_pids[1]}"
    start_agent two
    status=0
    wait "$run_pid" || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 0 ]
    grep -q 'background load, before the window: the guest' "$BATS_TEST_TMPDIR/out"
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'discarded' AND cell = 0 AND why LIKE 'background load, before the window%'")" -eq 1 ]
    [ "$(ask "SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND guest = 'one' AND outcome = 'exited'")" -eq 2 ]
    [ "$(ask "SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND guest = 'two' AND outcome = 'killed'")" -eq 2 ]
    [ "$(ask "SELECT count(*) FROM cells WHERE state NOT IN ('done', 'discarded')")" -eq 0 ]
    run ! pgrep -f 'sleep 0\.6173'
}

@test "a cell whose background load fails before the window is repeated, and marked if no attempt is left" {
    loaded() {
        write_experiment <<END
name: load $1
guests:
  one: @one, workload: {name: victim, command: "echo x >>@dir/ran$1; sleep 0.3"}}
  two: @two, background: true, workload: {name: noise, command: "echo x >>@dir/tries$1; [ \$(wc -l <@dir/tries$1) -ge $1 ] || { sleep 0.1; exit 3; }; sleep 30"}}
repetitions: 1
END
    }
    loaded 2
    run run_experiment
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ $output == *"attempt 1: guest two: its background load does not run when the window opens (exit status 3); the cell is repeated"* ]]
    [ "$(ask "SELECT why FROM cells WHERE state = 'discarded'")" = "background load does not run" ]
    # Without its neighbour the victim did not start.
    [ "$(wc -l <"$BATS_TEST_TMPDIR/ran2")" -eq 1 ]
    [ "$(ask "SELECT group_concat(outcome) FROM (SELECT outcome FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' ORDER BY guest)")" = exited,killed ]
    loaded 9
    run run_experiment
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ $output == *"attempt 3: guest two: its background load does not run"*"its samples count, with this warning"* ]]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/ran9")" -eq 1 ]
    [ "$(ask "SELECT count(*) FROM cells JOIN runs USING (run) WHERE name = 'load 9' AND cells.state = 'discarded'")" -eq 2 ]
}

# neighbour_cut VICTIM LOAD: runs a victim of VICTIM seconds beside a load of LOAD seconds, whose
# connection is cut. When the load has ended, it is restarted, and then it lasts beyond the window.
neighbour_cut() {
    write_experiment <<END
name: broken
guests:
  one: @one, workload: {name: victim, command: "sleep $1"}}
  two: {socket: @dir/between, background: true, workload: {name: noise, command: "echo x >>@dir/noise; [ \$(wc -l <@dir/noise) -lt 2 ] || sleep 60; sleep $2"}}
repetitions: 1
END
    run_experiment >"$BATS_TEST_TMPDIR/out" 2>&1 || status=$?
    cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/cuts"
    [ "${status:-0}" -eq 0 ]
    [ "$(cat "$BATS_TEST_TMPDIR/cuts")" = cut ]
    [ "$(ask "SELECT outcome FROM samples WHERE guest = 'two'")" = killed ]
    [ "$(ask "SELECT outcome FROM samples WHERE guest = 'one'")" = exited ]
}

@test "a neighbour survives the loss of its connection as its ended job is forgotten" {
    cut_wire two 16 1
    neighbour_cut 3 1
    [ "$(wc -l <"$BATS_TEST_TMPDIR/noise")" -ge 2 ]
}

@test "a neighbour survives the loss of its connection as it is armed again" {
    cut_wire two 7 2
    neighbour_cut 3 1
    [ "$(wc -l <"$BATS_TEST_TMPDIR/noise")" -ge 2 ]
}

@test "a neighbour survives the loss of its connection as it is released again" {
    cut_wire two 9 2
    neighbour_cut 3 1
    [ "$(wc -l <"$BATS_TEST_TMPDIR/noise")" -ge 2 ]
}

@test "a neighbour survives the loss of its connection as it is killed at the end" {
    cut_wire two 11 1
    neighbour_cut 1 60
}

@test "a neighbour without connection at the window's end is killed when it returns" {
    command -v socat || skip "no socat here"
    wire="UNIX-LISTEN:$BATS_TEST_TMPDIR/between,fork"
    socat "$wire" "UNIX-CONNECT:$BATS_TEST_TMPDIR/two" 3>&- 4>&- &
    between=$!
    wait_for test -S "$BATS_TEST_TMPDIR/between"
    {
        wait_for test -s "$BATS_TEST_TMPDIR/noise"
        kill "$between" $(pgrep -P "$between") 2>/dev/null
        wait_for eval "[ -n \"\$(ask \"SELECT 1 FROM samples WHERE guest = 'one' AND outcome = 'exited'\")\" ]"
        rm -f "$BATS_TEST_TMPDIR/between"
        echo cut >"$BATS_TEST_TMPDIR/cuts"
        exec socat "$wire" "UNIX-CONNECT:$BATS_TEST_TMPDIR/two"
    } 3>&- 4>&- &
    also_stop "$!"
    neighbour_cut 2 60
}
