#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A run whose controller is killed again and again at random moments ends with exactly the samples of
# an undisturbed run.
load helper

setup() {
    own_state
    start_agents one two
}

# experiment COMMAND [LINES]: writes an experiment with two guests and two cases; COMMAND prints the metric ops.
experiment() {
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: repeated
workload:
  command: "$1"
  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}
guests:
  one: {socket: $BATS_TEST_TMPDIR/one}
  two: {socket: $BATS_TEST_TMPDIR/two}
cases: [{name: first}, {name: second}]
timeout: 30s
${2:-repetitions: 2}
END
}

# counted NAME: prints a run's result: every finished cell with its samples.
counted() {
    ask "SELECT case_no, repetition, cells.warmup, guest, outcome, status, (SELECT count(*) FROM metrics m WHERE m.run = s.run
           AND m.cell = s.cell AND m.attempt = s.attempt AND m.guest = s.guest)
         FROM samples s JOIN cells USING (run, cell, attempt) JOIN runs USING (run)
         WHERE runs.name = '$1' AND cells.state = 'done' ORDER BY 1, 2, 3, 4"
}

# Run the experiment undisturbed as `quiet`; quiet_ms is its duration.
quiet_run() {
    local began
    sed "s/^name: .*/name: quiet/" "$BATS_TEST_TMPDIR/e.yaml" >"$BATS_TEST_TMPDIR/quiet.yaml"
    began=$(date +%s%3N)
    "$XENBENCH" run "$BATS_TEST_TMPDIR/quiet.yaml" --quiet >/dev/null
    quiet_ms=$(($(date +%s%3N) - began))
}

# Run the experiment as $1, killing it at most N times, then to its end. $seed is the random seed.
# Each attempt lives for up to a sixteenth of the undisturbed duration, so a fast machine and a slow
# one both see enough kills.
killed_run() {
    local name=$1 kills=$2 most=$((quiet_ms / 16 + 1)) i pid state delay
    sed "s/^name: .*/name: $name/" "$BATS_TEST_TMPDIR/e.yaml" >"$BATS_TEST_TMPDIR/$name.yaml"
    RANDOM=$seed
    for ((i = 0; i < kills; i++)); do
        setsid "$XENBENCH" run "$BATS_TEST_TMPDIR/$name.yaml" --quiet >/dev/null 2>&1 3>&- &
        pid=$!
        delay=$((RANDOM % most))
        sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
        kill -KILL "$pid" 2>/dev/null || break
        wait "$pid" 2>/dev/null || true
        # It may have been killed while it printed its report: then the run had finished.
        [ "$(ask "SELECT count(*) FROM runs WHERE name = '$name' AND state = 'finished'" 2>/dev/null)" != 1 ] || break
        state=$(ask "SELECT cells.state FROM cells JOIN runs USING (run) WHERE name = '$name' AND cells.state NOT IN ('done',
            'discarded') ORDER BY cell LIMIT 1" 2>/dev/null || true)
        echo "${state:-none}" >>"$BATS_TEST_TMPDIR/states"
    done
    killed=$i
    [ "$(ask "SELECT count(*) FROM runs WHERE name = '$name' AND state = 'finished'")" -eq 1 ] ||
        "$XENBENCH" run "$BATS_TEST_TMPDIR/$name.yaml" --quiet >/dev/null
    [ "$(ask "SELECT count(*) FROM runs WHERE name = '$name'")" -eq 1 ]
}

@test "kill: killed up to sixty times at random moments, a run ends with exactly the samples of an undisturbed one" {
    seed=${XENBENCH_KILL_SEED:-20261125}
    experiment 'sleep 0.08; echo ops=12.5' $'repetitions: 14\nwarmup: 1\norder: random\nseed: 3'
    quiet_run
    killed_run noisy 60
    echo "seed $seed, $killed kills; state of the cell in work at each:"
    sort "$BATS_TEST_TMPDIR/states" | uniq -c
    [ "$killed" -ge 20 ]
    diff <(counted quiet) <(counted noisy)
    [ "$(counted quiet | wc -l)" -eq 60 ]
    # Also in the same order, and without duplicates.
    order="SELECT group_concat(case_no || '.' || repetition) FROM (SELECT * FROM cells JOIN runs USING (run) WHERE name ="
    [ "$(ask "$order 'noisy' AND cells.state = 'done' ORDER BY cell)")" = "$(ask "$order 'quiet' AND cells.state = 'done' ORDER BY cell)")" ]
    [ "$(ask "SELECT count(*) FROM (SELECT 1 FROM cells WHERE state = 'done' GROUP BY run, cell HAVING count(*) > 1)")" -eq 0 ]
    [ "$(ask "SELECT count(*) FROM cells WHERE state NOT IN ('done', 'discarded')")" -eq 0 ]
}

@test "kill: the same when rounds are planned as they are needed" {
    seed=${XENBENCH_KILL_SEED:-4711}
    experiment 'sleep 0.05; echo ops=12.5' $'until: {interval: 1%, min: 12, max: 20}\norder: random\nseed: 9'
    quiet_run
    killed_run noisy 40
    echo "seed $seed, $killed kills"
    [ "$killed" -ge 10 ]
    diff <(counted quiet) <(counted noisy)
    [ "$(counted quiet | wc -l)" -eq 48 ]
    [ "$(ask "SELECT count(*) FROM cases WHERE stopped = 'sure'")" -eq 4 ]
}
