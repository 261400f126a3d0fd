#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that experiments can express, run with real agents behind unix sockets instead of guests.
load helper

setup() {
    own_state
    start_agents one two
}

@test "different workloads in different guests; several metrics; each guest has its own figures" {
    write_experiment <<'END'
name: two workloads
guests:
  one: @one, workload: {name: a, command: "echo x=1; echo y=2", metrics: [{name: x, pattern: "x=([0-9]+)", better: more}, {name: y, pattern: "y=([0-9]+)", better: less}]}}
  two: @two, workload: {name: b, command: "echo z=3", metric: {name: z, pattern: "z=([0-9]+)", better: more}}}
repetitions: 2
END
    run_experiment --quiet
    [ "$(ask "SELECT group_concat(guest || name || value, ' ') FROM (SELECT DISTINCT guest, name, value FROM metrics ORDER BY 1, 2)")" = "onex1.0 oney2.0 twoz3.0" ]
    [ "$(ask "SELECT count(*) FROM results WHERE guest = 'one' AND metric = 'x' AND value = 1")" -eq 2 ]
    [ "$(ask "SELECT count(*) FROM results WHERE guest = 'two' AND metric = 'z' AND value = 3")" -eq 2 ]
}

@test "workload: [a, b] makes a case of each; exclude leaves some out" {
    write_experiment <<'END'
name: lists
workload: [{name: a, command: "true"}, {name: b, command: "true"}]
guests: {one: @one}, two: @two}}
cases:
  - name: first
  - name: second
exclude: [{case: second, workload: b}]
repetitions: 1
END
    run_experiment --quiet
    [ "$(ask "SELECT group_concat(name, '; ') FROM (SELECT name FROM cases ORDER BY case_no)")" = "first: workload a; first: workload b; second: workload a" ]
}

@test "an idle guest has no sample; the others have theirs" {
    write_experiment <<'END'
name: idle
workload: {name: a, command: "true"}
guests: {one: @one}, two: @two}}
cases:
  - name: both
  - name: only one
    active: [one]
  - name: as many
    active: {all: 1..2}
repetitions: 1
END
    run run_experiment
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$(ask "SELECT group_concat(n) FROM (SELECT count(*) AS n FROM samples JOIN cells USING (run, cell, attempt) GROUP BY case_no ORDER BY case_no)")" = "2,1,1,2" ]
    [ "$(ask "SELECT count(*) FROM samples WHERE outcome = 'exited'")" -eq 6 ]
}

@test "solo baselines run each guest alone, once per distinct settings" {
    write_experiment <<'END'
name: solo
workload: {name: a, command: "sleep 0.1"}
guests: {one: @one}, two: @two}}
solo: true
repetitions: 1
END
    run_experiment --quiet
    [ "$(ask "SELECT group_concat(name, '; ') FROM (SELECT name FROM cases ORDER BY case_no)")" = "as configured; one alone: as configured; two alone: as configured" ]
    [ "$(ask "SELECT group_concat(solo_case) FROM (SELECT solo_case FROM parts WHERE case_no = 0 ORDER BY guest)")" = "1,2" ]
    [ "$(ask "WITH walls AS (SELECT case_no, guest, wall_ns FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done')
              SELECT count(*) FROM slowdowns JOIN parts p USING (run, case_no, guest)
              JOIN walls shared ON shared.case_no = p.case_no AND shared.guest = p.guest
              JOIN walls alone ON alone.case_no = p.solo_case AND alone.guest = p.guest
              WHERE abs(slowdown * alone.wall_ns / shared.wall_ns - 1) < 1e-9")" -eq 2 ]
}

@test "hooks run in Dom0 before and after each cell and know which cell it is" {
    write_experiment <<'END'
name: hooks
workload: {name: a, command: "echo job >>@dir/log"}
guests: {one: @one}}
hooks:
  before: 'echo "$XENBENCH_HOOK $XENBENCH_CASE $XENBENCH_CELL $XENBENCH_REPETITION $XENBENCH_WARMUP" >>@dir/log'
  after: 'echo "$XENBENCH_HOOK" >>@dir/log'
warmup: 1
repetitions: 1
END
    run_experiment --quiet
    [ "$(tr '\n' ';' <"$BATS_TEST_TMPDIR/log")" = "before as configured 0 0 1;job;after;before as configured 1 0 0;job;after;" ]
}

@test "paths in an experiment are relative to its file, even when the run is resumed from elsewhere" {
    mkdir "$BATS_TEST_TMPDIR/exp"
    ln -s "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/exp/agent"
    cat >"$BATS_TEST_TMPDIR/exp/e.yaml" <<'END'
name: hook beside the file
workload: {command: "true"}
guests: {one: {socket: agent}}
hooks: {before: ./prep.sh, after: [./prep.sh, after]}
repetitions: 2
max_release_error: 1s
END
    cat >"$BATS_TEST_TMPDIR/exp/prep.sh" <<'END'
#!/bin/sh
[ -e fail ] && exit 9
echo "$PWD $XENBENCH_HOOK $XENBENCH_REPETITION $1" >>seen
[ "$XENBENCH_HOOK $XENBENCH_REPETITION" != "after 0" ] || touch fail
END
    chmod +x "$BATS_TEST_TMPDIR/exp/prep.sh"
    cd "$BATS_TEST_TMPDIR"
    run "$XENBENCH" run exp/e.yaml --quiet
    [ "$status" -eq 1 ]
    [[ $output == *"exp/e.yaml:4: cell 2"*"ended with status 9"* ]]
    rm exp/fail
    cd /
    "$XENBENCH" run --resume latest --quiet
    [ "$(ask "SELECT file FROM runs")" = "$BATS_TEST_TMPDIR/exp/e.yaml" ]
    grep -c "^$BATS_TEST_TMPDIR/exp " "$BATS_TEST_TMPDIR/exp/seen" | grep -qx 4
    # A file that the shell passes as stdin has no folder, so hooks run in the current one.
    cd "$BATS_TEST_TMPDIR/exp" || return
    rm seen
    run "$XENBENCH" run --quiet --set repetitions=1 /dev/stdin <e.yaml
    [ "$status" -eq 0 ]
    grep -c "^$BATS_TEST_TMPDIR/exp " seen | grep -qx 2
}

@test "a cell's duration covers everything, to the end of its hook" {
    write_experiment <<'END'
name: spent
workload: {name: a, command: "true"}
guests: {one: @one}}
hooks: {after: 'sleep 0.7'}
repetitions: 2
END
    run_experiment --quiet
    [ "$(ask "SELECT count(*) FROM cells WHERE spent_ns >= 700000000")" -eq 2 ]
}

@test "a failing hook stops the run, marks the cell or repeats it, as the file says" {
    hooked() {
        write_experiment <<END
name: hooks $1
workload: {name: a, command: "true"}
guests: {one: @one}}
hooks: {before: 'echo oh no; [ -e $BATS_TEST_TMPDIR/seen ] || { touch $BATS_TEST_TMPDIR/seen; exit 7; }', on_failure: $1}
repetitions: 1
END
        rm -f "$BATS_TEST_TMPDIR/seen"
    }
    hooked stop
    run run_experiment
    [ "$status" -eq 1 ]
    [[ $output == *"e.yaml:4: cell 1, case \`as configured\`: the hook \`before\` ended with status 7; it last said: oh no"* ]]
    hooked mark
    run run_experiment
    [ "$status" -eq 0 ]
    [ "$(ask "SELECT count(*) FROM warnings WHERE code = 'hook-before'")" -eq 1 ]
    hooked discard
    run run_experiment
    [ "$status" -eq 0 ]
    [ "$(ask "SELECT count(*) FROM cells JOIN runs USING (run) WHERE name = 'hooks discard' AND cells.state = 'discarded' AND why = 'a hook failed'")" -eq 1 ]
}

@test "a hook after a cell stops the run, and the cell that was measured counts" {
    write_experiment <<'END'
name: hooks after
workload: {name: a, command: "true"}
guests: {one: @one}}
hooks: {after: 'exit 7'}
repetitions: 2
END
    run run_experiment
    [ "$status" -eq 1 ]
    [[ $output == *"cell 1, case \`as configured\`: the hook \`after\` ended with status 7 (1 of 2 cells are kept"* ]]
    [ "$(ask "SELECT group_concat(state) FROM cells")" = 'done,planned' ]
}

@test "a hook that cannot start is a hook that fails, and the run says why" {
    write_experiment <<'END'
name: hooks
workload: {name: a, command: "true"}
guests: {one: @one}}
hooks: {before: [no-such-program, now]}
repetitions: 1
END
    run run_experiment
    [ "$status" -eq 1 ]
    [[ $output == *"the hook \`before\` did not run: cannot start no-such-program: No such file or directory"* ]]
}

@test "a hook that does not end is killed with all its children" {
    write_experiment <<'END'
name: hooks
workload: {name: a, command: "true"}
guests: {one: @one}}
hooks: {after: 'sleep 41.7; true', timeout: 200ms, on_failure: mark}
repetitions: 1
END
    run run_experiment
    [ "$status" -eq 0 ]
    [[ $output == *"the hook \`after\` did not end within 0.2 s and was killed"* ]]
    run ! pgrep -f 'sleep 41\.7'
}

# lose_a_guest POLICY: starts a run in whose second cell an agent is killed and, at once, restarted.
lose_a_guest() {
    write_experiment <<END
name: loss $1
workload: {name: a, command: "[ \$XENBENCH_REPETITION != 1 ] || until [ -e @dir/go ]; do sleep 0.05; done"}
guests: {one: @one}, two: @two}}
repetitions: 3
on_guest_failure: $1
END
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    run_pid=$!
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM cells WHERE state = 'released' AND cell = 1\" 2>/dev/null)\" = 1 ]"
    # shellcheck disable=SC2154 # of the helper
    kill -KILL "${agent_pids[1]}"
    start_agent two
    touch "$BATS_TEST_TMPDIR/go"
    status=0
    wait "$run_pid" || status=$?
}

@test "a lost guest ends its own sample, and the run continues with the others marked" {
    lose_a_guest mark
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 1 ] # one sample failed, which the status reports
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'")" -eq 3 ]
    [ "$(ask "SELECT outcome FROM samples WHERE cell = 1 AND guest = 'two'")" = lost ]
    [ "$(ask "SELECT outcome FROM samples WHERE cell = 1 AND guest = 'one'")" = exited ]
    [ "$(ask "SELECT group_concat(guest) FROM warnings WHERE code = 'guest-lost' AND cell = 1")" = one ]
    [ "$(ask "SELECT outcome FROM samples WHERE cell = 2 AND guest = 'two'")" = exited ]
}

@test "a cell with a lost guest is discarded and repeated if the file says so" {
    lose_a_guest discard
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 0 ]
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'discarded' AND cell = 1 AND why = 'a guest was lost'")" -eq 1 ]
    [ "$(ask "SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND outcome = 'exited'")" -eq 6 ]
}

@test "a start that reaches a guest late is a release error, and the cell is repeated" {
    write_experiment <<'END'
name: late
guests:
  one: @one, workload: {name: a, command: "true"}}
  two: @two, background: true, workload: {name: noise, command: "touch @dir/noise; sleep 60"}}
background_lead: 5s
max_release_error: 1s
repetitions: 1
END
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    run_pid=$!
    # While only the background load runs, everything is armed. Stop the agent before its RELEASE
    # comes.
    wait_for test -e "$BATS_TEST_TMPDIR/noise"
    # shellcheck disable=SC2154 # of the helper
    kill -STOP "${agent_pids[0]}"
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM cells WHERE state = 'released'\" 2>/dev/null)\" = 1 ]"
    sleep 2.5
    kill -CONT "${agent_pids[0]}"
    status=0
    wait "$run_pid" || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 0 ]
    grep -q 'attempt 1: guest one was told to start [0-9.]* ms after the instant' "$BATS_TEST_TMPDIR/out"
    [ "$(ask "SELECT release_error_ns > 1e9 FROM cells WHERE state = 'discarded' AND why = 'release error'")" -eq 1 ]
    [ "$(ask "SELECT dispatch_delay_ns < 1e9 FROM samples WHERE attempt = 1 AND guest = 'one'")" -eq 1 ]
    [ "$(ask "SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND guest = 'one' AND outcome = 'exited'")" -eq 1 ]
}

# wait_for, but for six times as long.
wait_long_for() {
    local i
    for ((i = 0; i < 6; i++)); do
        if wait_for "$@" 2>/dev/null; then return 0; fi
    done
    wait_for "$@"
}

# start_hanging COMMAND [LINE]: starts a run of three cells with guests one and two in the background.
start_hanging() {
    write_experiment <<END
name: hang
workload: {name: a, command: "$1", timeout: 10s}
guests: {one: @one}, two: @two}}
repetitions: 3
on_guest_failure: mark
${2:-}
END
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    run_pid=$!
}

@test "a guest that hangs in a cell is restarted for the next one" {
    start_hanging '[ $XENBENCH_CELL != 1 ] || until [ -e @dir/go ]; do sleep 0.05; done'
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM cells WHERE state = 'released' AND cell = 1\" 2>/dev/null)\" = 1 ]"
    # shellcheck disable=SC2154 # of the helper
    kill -STOP "${agent_pids[1]}"
    touch "$BATS_TEST_TMPDIR/go"
    # The connection still works, but no result comes.
    wait_long_for grep -q 'lost: bringing it up again' "$BATS_TEST_TMPDIR/out"
    kill -CONT "${agent_pids[1]}"
    status=0
    wait "$run_pid" || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 1 ] # one sample failed, which the status reports
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'")" -eq 3 ]
    [ "$(ask "SELECT outcome FROM samples WHERE cell = 1 AND guest = 'two'")" = lost ]
    [ "$(ask "SELECT group_concat(outcome) FROM samples WHERE cell = 2")" = exited,exited ]
}

@test "a guest that hangs between cells is restarted before the next one" {
    # shellcheck disable=SC2154 # of the helper
    start_hanging true "hooks: {after: '[ -e @dir/stopped ] || { touch @dir/stopped; kill -STOP ${agent_pids[1]}; }'}"
    wait_long_for grep -q 'lost: bringing it up again' "$BATS_TEST_TMPDIR/out"
    kill -CONT "${agent_pids[1]}"
    status=0
    wait "$run_pid" || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 0 ]
    grep -q 'no answer to PING' "$BATS_TEST_TMPDIR/out"
    [ "$(ask "SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND outcome = 'exited'")" -eq 6 ]
}

@test "Ctrl-C after a lost guest leaves nothing in the others" {
    write_experiment <<'END'
name: stopped
guests:
  one: @one, workload: {name: a, command: "sleep 21.73"}}
  two: @two, workload: {name: b, command: "sleep 5"}}
repetitions: 1
on_guest_failure: mark
END
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    run_pid=$!
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM cells WHERE state = 'released'\" 2>/dev/null)\" = 1 ]"
    kill -KILL "${agent_pids[1]}"
    start_agent two
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM samples WHERE outcome = 'lost'\" 2>/dev/null)\" = 1 ]"
    kill -TERM "$run_pid"
    status=0
    wait "$run_pid" || status=$?
    cat "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 1 ]
    [ "$(ask "SELECT group_concat(state) FROM (SELECT state FROM cells ORDER BY attempt)")" = discarded,planned ]
    run ! pgrep -f 'sleep 21\.73'
}

@test "a guest that loses its connection before its release is released when it returns" {
    cut_wire one 9 1
    write_experiment <<'END'
name: late
workload: {name: victim, command: "true"}
guests: {one: {socket: @dir/between}, two: @two}}
repetitions: 1
timeout: 20s
END
    run_experiment --quiet
    [ "$(cat "$BATS_TEST_TMPDIR/cuts")" = cut ]
    [ "$(ask "SELECT group_concat(outcome) FROM samples JOIN cells USING (cell, attempt) WHERE state = 'done'")" = exited,exited ]
}

# start_hooked COMMAND: starts a run of one job in the background whose hooks record that they ran.
start_hooked() {
    write_experiment <<END
name: pairs
workload: {name: a, command: "$1"}
guests: {one: @one}}
hooks: {before: 'echo before >>@dir/log', after: 'sleep 0.2; echo after >>@dir/log'}
repetitions: 1
END
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" --quiet >/dev/null 2>&1 3>&- &
    run_pid=$!
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM cells WHERE state = 'released'\" 2>/dev/null)\" = 1 ]"
}

hooks_ran() {
    tr '\n' ' ' <"$BATS_TEST_TMPDIR/log"
}

@test "the hook after runs when Ctrl-C cuts the cell short" {
    start_hooked 'sleep 19.61'
    kill -TERM "$run_pid"
    status=0
    wait "$run_pid" || status=$?
    [ "$status" -eq 1 ]
    [ "$(hooks_ran)" = "before after " ]
    run ! pgrep -f 'sleep 19\.61'
}

@test "the hook after runs when before failed" {
    write_experiment <<'END'
name: pairs
workload: {name: a, command: "true"}
guests: {one: @one}}
hooks: {before: 'echo before >>@dir/log; exit 3', after: 'echo after >>@dir/log'}
repetitions: 1
END
    run run_experiment
    [ "$status" -eq 1 ]
    [[ $output == *"the hook \`before\` ended with status 3"* ]]
    [ "$(hooks_ran)" = "before after " ]
}

@test "the hook after runs for a cell that had ended, or will be repeated, when the controller was killed" {
    start_hooked 'until [ -e @dir/go ]; do sleep 0.05; done'
    kill -KILL "$run_pid"
    wait "$run_pid" || true
    [ "$(hooks_ran)" = "before " ]
    touch "$BATS_TEST_TMPDIR/go"
    # shellcheck disable=SC2154 # of the helper
    wait_for eval '! pgrep -P "${agent_pids[0]}" >/dev/null'
    # As if it had been killed a little later: the outcome is in the store, but the guest still has the job.
    ask "UPDATE cells SET state = 'ended'; UPDATE samples SET outcome = 'exited', status = 0, collected = 1"
    run_experiment --quiet
    [ "$(hooks_ran)" = "before after " ]
    [ "$(ask "SELECT group_concat(state) FROM cells")" = 'done' ]

    rm "$BATS_TEST_TMPDIR/log" "$store"
    start_hooked 'sleep 12.43'
    kill -KILL "$run_pid"
    wait "$run_pid" || true
    # If the guest has lost the job, the cell counts as not having happened.
    # shellcheck disable=SC2154 # of the helper
    kill -KILL "${agent_pids[0]}"
    start_agent one
    sed -i 's/sleep 12.43/true/' "$BATS_TEST_TMPDIR/e.yaml"
    ask "UPDATE runs SET experiment = replace(experiment, 'sleep 12.43', 'true')"
    run_experiment --quiet
    [ "$(hooks_ran)" = "before after before after " ]
}
