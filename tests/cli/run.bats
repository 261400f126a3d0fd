#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench run` and `report` with real agents behind unix sockets instead of guests.
load helper

setup() {
    own_state
    start_agents one two
    experiment sleep 0.2
}

# experiment COMMAND...: writes an experiment with two guests, two cases, two repetitions and a warm-up:
# 6 cells of 2 samples. No cell is repeated because a busy machine delays a start.
experiment() {
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: a test
workload:
  command: "$*; echo ops=12.5"
  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}
guests:
  one: {socket: $BATS_TEST_TMPDIR/one}
  two: {socket: $BATS_TEST_TMPDIR/two}
cases:
  - name: first
  - name: second
repetitions: 2
warmup: 1
timeout: 30s
max_release_error: 1s
END
}

# Run the experiment in the background, as process $run_pid.
start_run() {
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" --quiet >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    run_pid=$!
}

# wait_for_cells COUNT STATE: waits until COUNT cells are in STATE.
wait_for_cells() {
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM cells WHERE state = '$2'\" 2>/dev/null)\" = $1 ]"
}

kill_run() {
    kill "-$1" "$run_pid" 2>/dev/null || true
    wait "$run_pid" 2>/dev/null || true
}


# The run is complete: every cell ran once, every sample has its metric, and nothing is there twice.
whole() {
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'")" -eq 6 ]
    [ "$(ask "SELECT count(*) FROM cells WHERE state NOT IN ('done', 'discarded')")" -eq 0 ]
    [ "$(ask "SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt) JOIN metrics USING (run, cell, attempt, guest)
              WHERE state = 'done' AND outcome = 'exited' AND collected = 1")" -eq 12 ]
    [ "$(ask "SELECT count(*) FROM runs WHERE state = 'finished'")" -eq 1 ]
}

@test "run: the table on stdout, progress on stderr, all of it in the store" {
    run --separate-stderr run_experiment
    [ "$status" -eq 0 ]
    [[ $output == *"ops in 1/s, more is better"* ]]
    [[ $output == *first*"12.50 ± 0.00"*second* ]]
    # shellcheck disable=SC2154 # bats sets stderr
    [[ $stderr == *"[6/6] second: one 0."* ]]
    whole
    # The release error is a duration. Its size is tested in the lab (tests/lab/30-run.bats).
    [ "$(ask "SELECT min(release_error_ns) >= 0 AND max(release_error_ns) < 1e9 FROM cells")" -eq 1 ]
    [ "$(ask "SELECT count(*) FROM samples WHERE dispatch_delay_ns IS NOT NULL AND agent_wakeups <= 2")" -eq 12 ]
    [ "$(ask "SELECT count(*) FROM guests WHERE net LIKE '%\"lo\"%'")" -eq 2 ]
}

@test "run: reports in a directory, and again from the store" {
    run_experiment --quiet --report-dir "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/table"
    jq -e '.schema == "xenbench-results/1" and (.samples | length) == 12 and .summary[1].guests.two.value.median == 12.5' \
        "$BATS_TEST_TMPDIR/out/results.json"
    grep -qF '| second | 12.50 ± 0.00<br><sub>12.50 to 12.50 (50 %)</sub> | 12.50 ± 0.00<br>' "$BATS_TEST_TMPDIR/out/report.md"
    grep -q '<span>second</span></th>' "$BATS_TEST_TMPDIR/out/report.html"
    run ! grep -qE '<(script|link|img|iframe)[^>]*(src|href)=' "$BATS_TEST_TMPDIR/out/report.html"
    "$XENBENCH" report | cmp - "$BATS_TEST_TMPDIR/table"
    "$XENBENCH" report --format md --output "$BATS_TEST_TMPDIR/again.md"
    cmp "$BATS_TEST_TMPDIR/again.md" "$BATS_TEST_TMPDIR/out/report.md"
}

@test "run: a wrong file is refused with its line before anything changes" {
    sed -i 's/^repetitions/repetition/' "$BATS_TEST_TMPDIR/e.yaml"
    run run_experiment
    [ "$status" -eq 2 ]
    [[ $output == *"e.yaml:11: no key \`repetition\` here; did you mean \`repetitions\`?"* ]]
    [ ! -e "$store" ]
    run "$XENBENCH" run /no/such/file.yaml
    [ "$status" -eq 2 ]
    run "$XENBENCH" run
    [ "$status" -eq 2 ]
}

@test "run: failed jobs are reported, and the others count" {
    # shellcheck disable=SC2016 # for the guest's shell
    experiment '[ -e /proc/$PPID/nothing ] || { echo oh dear >&2; exit 3; }'
    run run_experiment
    [ "$status" -eq 1 ]
    [[ $output == *"8 of 8 samples failed; the first: guest one, case \`first\`: exit status 3; it last said: oh dear"* ]]
    [[ $output == *failed* ]]
}

@test "run: a missing command stops the run at its first cell" {
    sed -i 's|command: .*|command: [/no/such/program]|' "$BATS_TEST_TMPDIR/e.yaml"
    run run_experiment
    [ "$status" -eq 1 ]
    [[ $output == *"the workload cannot be run"* ]]
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'")" -eq 1 ]
}

@test "run: output without the metric is a failed sample" {
    sed -i 's/ops=12.5"/ops=none"/' "$BATS_TEST_TMPDIR/e.yaml"
    run run_experiment
    [ "$status" -eq 1 ]
    [[ $output == *"8 of 8 samples failed"*"nothing in stdout matches"* ]]
}

@test "run: prepare runs once in each guest, and its failure stops the run" {
    sed -i "s|^  metric|  prepare: 'echo made >>$BATS_TEST_TMPDIR/prepared'\n  metric|" "$BATS_TEST_TMPDIR/e.yaml"
    run_experiment --quiet
    [ "$(wc -l <"$BATS_TEST_TMPDIR/prepared")" -eq 2 ]
    sed -i "s|prepare: .*|prepare: 'echo no disk >\&2; exit 4'|" "$BATS_TEST_TMPDIR/e.yaml"
    run run_experiment
    [ "$status" -eq 1 ]
    [[ $output == *"\`prepare\` failed (exited 4): no disk"* ]]
}

@test "run: Ctrl-C ends the jobs, keeps what was committed and says how to continue" {
    experiment "[ \$XENBENCH_CELL -lt 1 ] || [ -e $BATS_TEST_TMPDIR/go ] || sleep 25.0718"
    start_run
    wait_for_cells 1 'done'
    wait_for_cells 1 released
    kill -TERM "$run_pid"
    status=0
    wait "$run_pid" || status=$?
    [ "$status" -eq 1 ]
    grep -q "interrupted (1 of 6 cells are kept; \`xenbench run --resume" "$BATS_TEST_TMPDIR/said"
    run ! pgrep -f 'sleep 25\.0718'
    touch "$BATS_TEST_TMPDIR/go"
    run_experiment --quiet
    whole
}

# A job that lasts from the second cell on until the file `go` exists.
gated() {
    echo "[ \$XENBENCH_CELL -lt 1 ] || until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.05; done"
}

# Leave an interrupted run of the experiment with one finished cell.
interrupted_run() {
    rm -f "$BATS_TEST_TMPDIR/go"
    experiment "$(gated)"
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" --quiet "$@" >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    run_pid=$!
    wait_for_cells 1 'done'
    kill_run TERM
    touch "$BATS_TEST_TMPDIR/go"
    [ "$(ask "SELECT state FROM runs")" = unfinished ]
}

@test "run: it is not resumed on a different host; harmless differences are reported" {
    interrupted_run
    kernel=$(ask "SELECT value FROM host WHERE key = 'dom0_kernel'")
    ask "UPDATE host SET value = '4.19.0' WHERE key = 'dom0_kernel'"
    before=$(ask "SELECT * FROM runs; SELECT * FROM cells; SELECT * FROM host")
    for how in "$BATS_TEST_TMPDIR/e.yaml" --resume=latest; do
        run "$XENBENCH" run "$how"
        echo "$output"
        [ "$status" -eq 2 ]
        [[ $output == *"dom0_kernel is $kernel and was 4.19.0"*"--afresh"* ]]
    done
    [ "$(ask "SELECT * FROM runs; SELECT * FROM cells; SELECT * FROM host")" = "$before" ]
    ask "UPDATE host SET value = '$kernel' WHERE key = 'dom0_kernel'; UPDATE host SET value = 'elsewhere' WHERE key = 'host_name'"
    run_experiment --quiet
    whole
    # The host facts from the first cells stay in the store.
    [ "$(ask "SELECT value FROM host WHERE key = 'host_name'")" = elsewhere ]
    [ "$(ask "SELECT message FROM warnings WHERE code = 'host-changed-host_name'")" = \
        "since the run was resumed the host's host_name is $(uname -n); when the run began it was elsewhere" ]
}

@test "run: --afresh starts anew instead of resuming another host's run" {
    interrupted_run
    ask "UPDATE host SET value = '4.19.0' WHERE key = 'dom0_kernel'"
    run_experiment --quiet --afresh
    whole_run=$(ask "SELECT run FROM runs WHERE state = 'finished'")
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done' AND run = '$whole_run'")" -eq 6 ]
    [ "$(ask "SELECT count(*) FROM runs WHERE state = 'abandoned'")" -eq 1 ]
}

@test "run: --afresh abandons nothing if the new run cannot begin" {
    mkdir -p "$XENBENCH_STATE/workloads"
    printf 'name: mine\nsummary: mine\ncommand: "%s"\n' "$(gated)" >"$XENBENCH_STATE/workloads/mine.yaml"
    sed -i '/^workload:/,/^  metric:/c workload: mine' "$BATS_TEST_TMPDIR/e.yaml"
    start_run
    wait_for_cells 1 'done'
    kill_run KILL
    touch "$BATS_TEST_TMPDIR/go"
    mv "$XENBENCH_STATE/workloads/mine.yaml" "$BATS_TEST_TMPDIR"
    run -2 run_experiment --afresh
    [ "$(ask "SELECT group_concat(state) FROM runs")" = unfinished ]
    mv "$BATS_TEST_TMPDIR/mine.yaml" "$XENBENCH_STATE/workloads"
    "$XENBENCH" run --resume latest --quiet
    [ "$(ask "SELECT group_concat(state) FROM runs")" = finished ]
}

@test "run: all cells of a run are traced or none, whoever resumes it" {
    interrupted_run
    [ "$(ask "SELECT trace FROM runs")" = 0 ]
    run run_experiment --trace
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"began without --trace"* ]]
    run_experiment --quiet
    whole
    rm "$store"*
    interrupted_run --trace
    [ "$(ask "SELECT trace FROM runs")" = 1 ]
    run --separate-stderr run_experiment
    [ "$status" -eq 0 ]
    # shellcheck disable=SC2154 # bats sets stderr
    [[ $stderr == *"began with --trace, and continues with it"* ]]
    [ "$(ask "SELECT trace FROM runs")" = 1 ]
}

@test "run: killed and run again, it loses nothing and repeats nothing" {
    local i seen
    for ((i = 0; i < 6; i++)); do
        start_run
        sleep "0.$((RANDOM % 500 + 100))"
        kill_run KILL
        [ -e "$store" ] || continue
        # Committed samples are unchanged.
        seen=$(ask "SELECT group_concat(token || wall_ns) FROM (SELECT * FROM samples JOIN cells USING (run, cell, attempt)
                    WHERE outcome IS NOT NULL AND state != 'discarded' ORDER BY token)") || continue # killed before it had tables
        echo "$seen" >>"$BATS_TEST_TMPDIR/seen"
        [ "$(ask "SELECT count(*) FROM runs WHERE state = 'finished'")" -eq 0 ] || break
    done
    # If it was killed before its run was recorded, this starts the run.
    [ "$(ask "SELECT count(*) FROM runs WHERE state = 'finished'" || echo 0)" -gt 0 ] || run_experiment --quiet
    [ "$(ask "SELECT count(*) FROM runs")" -eq 1 ]
    whole
    seen=$(ask "SELECT group_concat(token || wall_ns) FROM (SELECT * FROM samples ORDER BY token)")
    local line sample
    while read -r line; do
        for sample in ${line//,/ }; do
            [[ ,$seen, == *",$sample,"* ]]
        done
    done <"$BATS_TEST_TMPDIR/seen"
}

@test "run: a cell whose jobs survive the dead controller is adopted, not repeated" {
    experiment "echo x >>$BATS_TEST_TMPDIR/ran; until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.05; done"
    start_run
    wait_for_cells 1 released
    kill_run KILL
    (sleep 0.5; touch "$BATS_TEST_TMPDIR/go") 3>&- &
    run --separate-stderr run_experiment
    [ "$status" -eq 0 ]
    [[ $stderr == *"found after the restart"* ]]
    whole
    [ "$(wc -l <"$BATS_TEST_TMPDIR/ran")" -eq 12 ]
    [ "$(ask "SELECT count(*) FROM cells WHERE resumed = 1")" -eq 1 ]
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'discarded'")" -eq 0 ]
}

# As after a power cut: the result of one is committed, and two's job is gone.
@test "run: a cell of which a guest lost its job while no controller ran is repeated, whole" {
    experiment "[ \$XENBENCH_GUEST = one ] || until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.05; done"
    start_run
    wait_for_cells 1 released
    wait_for eval "[ \"\$(ask \"SELECT count(*) FROM samples WHERE outcome = 'exited'\")\" = 1 ]"
    kill_run KILL
    # shellcheck disable=SC2154 # of the helper
    kill -KILL "${agent_pids[1]}"
    start_agent two
    touch "$BATS_TEST_TMPDIR/go"
    run_experiment --quiet
    whole
    [ "$(ask "SELECT group_concat(why) FROM cells WHERE state = 'discarded'")" = \
        "a guest lost its job or its output while no controller ran" ]
    [ "$(ask "SELECT count(*) FROM samples WHERE outcome = 'lost'")" -eq 0 ]
}

@test "run: a cell whose only measured guest was lost before the controller died keeps the loss" {
    experiment sleep 2
    sed -i -e 's|^  two: {|  two: {background: true, |' -e '$a on_guest_failure: keep' "$BATS_TEST_TMPDIR/e.yaml"
    XENBENCH_FAULT=cell-all-in start_run
    wait_for_cells 1 released
    # shellcheck disable=SC2154 # of the helper
    kill -KILL "${agent_pids[0]}"
    start_agent one
    wait "$run_pid" || true
    [ "$(ask "SELECT outcome FROM samples WHERE cell = 0 AND guest = 'one'")" = lost ]
    run_experiment --quiet
    [ "$(ask "SELECT attempt, state, resumed, outcome FROM samples JOIN cells USING (run, cell, attempt)
              WHERE cell = 0 AND guest = 'one'")" = '1|done|1|lost' ]
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'")" -eq 6 ]
    [ "$(ask "SELECT count(*) FROM samples WHERE outcome IS NULL")" -eq 0 ]
}

@test "run: Ctrl-C while the cell of a dead controller is awaited ends its jobs like any others" {
    experiment sleep 25.0719
    start_run
    wait_for_cells 1 released
    kill_run KILL
    "$XENBENCH" run "$BATS_TEST_TMPDIR/e.yaml" >/dev/null 2>"$BATS_TEST_TMPDIR/said" 3>&- &
    run_pid=$!
    wait_for grep -q 'looking for its jobs' "$BATS_TEST_TMPDIR/said"
    sleep 1
    kill_run TERM
    run ! pgrep -f 'sleep 25\.0719'
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'released'")" -eq 0 ]
}

@test "run: a dead agent ends its own sample with the reason, and the run says how to continue" {
    experiment "until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.05; done"
    start_run
    wait_for_cells 1 released
    # shellcheck disable=SC2154 # of the helper
    kill -KILL "${agent_pids[1]}"
    start_agent two
    touch "$BATS_TEST_TMPDIR/go"
    status=0
    wait "$run_pid" || status=$?
    [ "$status" -eq 1 ]
    grep -q -- '--resume' "$BATS_TEST_TMPDIR/said"
    [ "$(ask "SELECT outcome FROM samples WHERE cell = 0 AND guest = 'two'")" = lost ]
    [ "$(ask "SELECT outcome FROM samples WHERE cell = 0 AND guest = 'one'")" = exited ]
    run_experiment --quiet
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'")" -eq 6 ]
}

@test "run: a case whose only measured guest is left out is passed over, and the others are measured" {
    kill -KILL "${agent_pids[1]}"
    rm "$BATS_TEST_TMPDIR/two"
    printf 'solo: true\non_guest_failure: keep\nmax_attempts: 1\nboot_timeout: 1s\n' >>"$BATS_TEST_TMPDIR/e.yaml"
    run -1 run_experiment
    [ "$(ask "SELECT state FROM runs")" = finished ]
    [ "$(ask "SELECT group_concat(DISTINCT state) FROM cells")" = 'done' ]
    [ "$(ask "SELECT count(*), guest, outcome FROM samples GROUP BY guest, outcome")" = "$(printf '9|one|exited\n9|two|lost')" ]
    [[ $output == *": its measured guests are left out"* ]]
    "$XENBENCH" report --format json | jq -e '.samples | length == 18'
}

@test "run: in a case that is passed over, background load has a lost sample with the reason, and no figures are told" {
    kill -KILL "${agent_pids[1]}"
    rm "$BATS_TEST_TMPDIR/two"
    write_experiment <<'END'
name: passed over
workload: {name: w, command: sleep 0.1}
guests:
  one: @one}
  two: @two}
cases:
  - {name: loaded, guests: {one: {background: true}}}
  - {name: plain}
repetitions: 2
background_lead: 50ms
on_guest_failure: mark
max_attempts: 1
boot_timeout: 1s
END
    run run_experiment
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$(ask "SELECT group_concat(DISTINCT state) FROM cells")" = 'done' ]
    [ "$(ask "SELECT count(*), outcome, detail FROM samples JOIN cells USING (run, cell, attempt)
              WHERE case_no = 0 AND guest = 'one' GROUP BY outcome, detail")" = "2|lost|its case's measured guests are left out" ]
    [ "$(ask "SELECT count(*) FROM samples WHERE outcome IS NULL")" -eq 0 ]
    [ "$(grep -cE '] loaded: its measured guests are left out' <<<"$output")" -eq 2 ]
    [ "$(grep -cE '^warning: cell .*one: measured while another guest was lost' <<<"$output")" -eq 2 ]
    "$XENBENCH" report --format json | jq -e '.samples | length == 8'
}

@test "run: one experiment at a time per host" {
    experiment sleep 2
    start_run
    wait_for_cells 1 released
    run run_experiment
    [ "$status" -eq 3 ]
    [[ $output == *"another experiment runs on this host"*"process $run_pid "* ]]
    kill_run TERM
}

@test "run: a changed file is another experiment; --resume finishes the first" {
    experiment sleep 0.3
    start_run
    wait_for_cells 1 'done'
    kill_run KILL
    echo '# a remark' >>"$BATS_TEST_TMPDIR/e.yaml"
    run_experiment --quiet
    [ "$(ask "SELECT count(*) FROM runs")" -eq 2 ]
    rm "$BATS_TEST_TMPDIR/e.yaml"
    "$XENBENCH" run --resume latest --quiet
    [ "$(ask "SELECT count(*) FROM runs WHERE state = 'finished'")" -eq 2 ]
    run "$XENBENCH" run --resume latest
    [ "$status" -eq 2 ]
}

@test "report: no store, no run, no such format" {
    run "$XENBENCH" report
    [ "$status" -eq 2 ]
    [[ $output == *"no store at"* ]]
    run_experiment --quiet >/dev/null
    run "$XENBENCH" report ffffffff
    [ "$status" -eq 2 ]
    run "$XENBENCH" report --format pdf
    [ "$status" -eq 2 ]
    [[ $output == *"is none of table, md, html, json"* ]]
}
