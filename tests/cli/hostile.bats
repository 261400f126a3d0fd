#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# One of two guests is hostile (hostile.pl). If the experiment goes on without lost guests, all samples of the honest guest
# count, and the run ends within a bound and says which guest did what. Many attacks run at once, because they mostly wait.
load helper

HELLO=1 PING=3 PONG=4 STATUS_REQUEST=5 STATUS=6 ARM=7 ARMED=8 RELEASE=9 KILL=11 OUTPUT=12 RESULT=14 FETCH=15 FORGET=16 DONE=20

# The slowest attack keeps ARM waiting for a minute, but only once.
LONGEST=150

# attack POLICY NAME ATTACK TYPE [NUMBER]: starts a run of two repetitions with one hostile guest, in its own folder.
# attack POLICY NAME lab ATTACK: the same with an attack of tests/lab/hostile.
attack() {
    local policy=$1 dir=$BATS_TEST_TMPDIR/$2
    mkdir "$dir"
    echo "${*:2}" >>"$BATS_TEST_TMPDIR/attacks"
    cat >"$dir/e.yaml" <<END
name: $2
workload: {${PREPARE:+prepare: $PREPARE, }command: "${COMMAND:-echo worked}"}
guests:
  honest: {socket: $dir/honest}
  bad: {socket: $dir/bad${BAD:+, $BAD}}
repetitions: 2
warmup: 0
timeout: ${TIMEOUT:-5s}
boot_timeout: ${BOOT_TIMEOUT:-15s}
on_guest_failure: $policy
max_attempts: 1
max_release_error: 1s
END
    BATS_TEST_TMPDIR=$dir start_agents honest behind
    if [ "$3" = lab ]; then
        "$BIN/hostile" "$4" 600 --socket "$dir/bad" "$dir/behind" 3>&- 4>&- &
    else
        "$BATS_TEST_DIRNAME/hostile.pl" "$dir/bad" "$dir/behind" "${@:3}" 2>>"$dir/attack" 3>&- 4>&- &
    fi
    also_stop "$!"
    wait_for test -S "$dir/bad"
    XENBENCH_STATE=$dir/state XENBENCH_RUN=$dir/run timeout -s KILL "$LONGEST" "$XENBENCH" run --report-dir "$dir/report" "$dir/e.yaml" \
        >"$dir/table" 2>"$dir/said" 3>&- 4>&- && echo 0 >"$dir/status" || echo "$?" >"$dir/status" &
    runs+=("$!")
    while [ "$(runs_alive)" -ge "$((10 * $(nproc)))" ]; do sleep 0.1; done
}

# With forty runs at once, results would come late because of the machine, not because of an attack.
runs_alive() {
    local pid alive=0
    for pid in "${runs[@]}"; do
        ! kill -0 "$pid" 2>/dev/null || alive=$((alive + 1))
    done
    echo "$alive"
}

# honest_counts NAME: the honest guest has both samples in cells that count, the run is finished, and the controller did not
# crash.
honest_counts() {
    local dir=$BATS_TEST_TMPDIR/$1 got
    got="$(cat "$dir/status") $(ask "SELECT (SELECT group_concat(state) FROM runs),
        (SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND guest = 'honest' AND outcome = 'exited'
         AND collected = 1)" "$dir/state/results.sqlite")"
    # Status 1 means that a sample of the other guest failed.
    [[ $got =~ ^[01]\ finished\|2$ ]] || {
        echo "$1: $got: $(tail -n 5 "$dir/said")"
        return 1
    }
}

# blamed NAME GUEST: a warning names the guest, or its sample is lost.
blamed() {
    grep -v 'network device' "$BATS_TEST_TMPDIR/$1/said" | grep -q "warning: .*\\b$2\\b" ||
        [ "$(ask "SELECT count(*) FROM samples WHERE guest = '$2' AND outcome = 'lost'" "$BATS_TEST_TMPDIR/$1/state/results.sqlite")" -gt 0 ]
}

# all_attacks POLICY: starts every attack with this policy.
all_attacks() {
    attack "$1" control late 99 0
    attack "$1" arm-unseen swallow $ARM
    attack "$1" fetch-unseen swallow $FETCH
    attack "$1" forget-unseen swallow $FORGET
    attack "$1" status-unseen swallow $STATUS_REQUEST
    attack "$1" ping-unseen swallow $PING
    attack "$1" release-unseen swallow $RELEASE
    attack "$1" hello-unseen swallow $HELLO
    attack "$1" arm-closes close $ARM
    attack "$1" ping-closes close $PING
    attack "$1" fetch-closes close $FETCH
    attack "$1" forget-closes close $FORGET
    attack "$1" release-closes close $RELEASE
    attack "$1" hello-closes close $HELLO
    attack "$1" pong-late late $PONG 3
    attack "$1" result-late late $RESULT 3
    attack "$1" result-twice double $RESULT
    attack "$1" armed-twice double $ARMED
    attack "$1" pong-twice double $PONG
    attack "$1" done-twice double $DONE
    attack "$1" status-twice double $STATUS
    attack "$1" output-twice double $OUTPUT
    attack "$1" hello-twice double $HELLO
    attack "$1" result-before-armed before $ARMED $RESULT
    attack "$1" armed-unasked before $PONG $ARMED
    attack "$1" unknown-type before $ARMED 99
    attack "$1" result-of-another renumber $RESULT
    attack "$1" output-of-another renumber $OUTPUT
    attack "$1" armed-of-another renumber $ARMED
    attack "$1" output-trickles trickle $OUTPUT 5
    attack "$1" result-trickles trickle $RESULT 1
    attack "$1" half-a-result half $RESULT
    attack "$1" half-an-armed half $ARMED
    attack "$1" result-is-cut cut $RESULT
    attack "$1" pong-is-cut cut $PONG
    attack "$1" half-an-output half $OUTPUT
    attack "$1" garbage-for-a-result garbage $RESULT
    attack "$1" garbage-for-a-pong garbage $PONG
    attack "$1" silent-after-armed silent $RESULT
}

# Some attacks do no harm: what comes late or twice may be accepted or ignored.
harmless='^(control|pong-late|result-late|hello-twice)$'

judge_all() {
    local name rest failed=0
    wait "${runs[@]}" || true
    while read -r name rest; do
        honest_counts "$name" || failed=1
        if [[ $name =~ $harmless ]]; then
            continue
        fi
        if ! blamed "$name" bad || blamed "$name" honest; then
            echo "$name: who was blamed: $(cat "$BATS_TEST_TMPDIR/$name/said")"
            failed=1
        fi
    done <"$BATS_TEST_TMPDIR/attacks"
    return "$failed"
}

setup() {
    own_state
    runs=()
}

@test "keep: whatever one guest does, each sample of the other counts, and the run ends" {
    all_attacks keep
    judge_all
    run ! blamed control bad
    run ! blamed control honest
}

@test "mark: the others' samples count, each with a warning; discard: the run ends, and says so" {
    attack mark marked swallow $RELEASE
    attack mark left-out close $ARM
    attack discard discarded close $ARM
    wait "${runs[@]}" || true
    honest_counts marked
    honest_counts left-out
    for name in marked left-out; do
        [ "$(ask "SELECT count(*) FROM warnings WHERE guest = 'honest' AND code = 'guest-lost'" \
            "$BATS_TEST_TMPDIR/$name/state/results.sqlite")" -eq 2 ]
    done
    [ "$(ask "SELECT count(*) FROM warnings WHERE guest = 'bad' AND code = 'guest-left-out'" \
        "$BATS_TEST_TMPDIR/left-out/state/results.sqlite")" -eq 1 ]
    [ "$(cat "$BATS_TEST_TMPDIR/discarded/status")" -eq 1 ]
    blamed discarded bad
}

# The guest comes back each time and still has its result: without a bound it would keep Dom0 busy until the cell's time-out.
@test "a guest whose connection ends whenever its result comes is lost after so many times, and named; exec ends, too" {
    attack keep cut cut $RESULT
    wait "${runs[@]}" || true
    honest_counts cut
    [ "$(ask "SELECT count(*) FROM samples WHERE guest = 'bad' AND outcome = 'lost' AND detail LIKE '%closed the connection, 33 times in a row'" \
        "$BATS_TEST_TMPDIR/cut/state/results.sqlite")" -eq 2 ]
    run timeout -s KILL 60 "$XENBENCH" exec "unix:$BATS_TEST_TMPDIR/cut/bad" -- true
    echo "$status: $output"
    [ "$status" -ne 0 ]
    [ "$status" -ne 137 ]
    [[ $output == *"closed the connection, 33 times in a row"* ]]
}

# The other guest must not be measured while its own prepare still runs, and prepare must not run twice at once.
@test "a guest that takes a failure of prepare back is lost, and the others' prepare has ended before they are measured" {
    # shellcheck disable=SC2016 # for the guest's shell
    PREPARE='"[ $XENBENCH_GUEST = bad ] || sleep 3.0817"' COMMAND='! pgrep -f sleep.3[.]0817' attack keep retract retract $RESULT
    wait "${runs[@]}" || true
    honest_counts retract
    blamed retract bad
    run ! blamed retract honest
    grep -q "guest bad, workload command: \`prepare\` failed, and asked again the guest says that it did not" "$BATS_TEST_TMPDIR/retract/said"
    [ "$(ask "SELECT count(*) FROM samples WHERE guest = 'honest' AND status = 0" "$BATS_TEST_TMPDIR/retract/state/results.sqlite")" -eq 2 ]
}

@test "a guest whose background load does not end is lost, so that the policy applies" {
    TIMEOUT=90s BAD='background: true, workload: {name: load, command: sleep 90}' attack stop endless swallow $KILL
    wait "${runs[@]}" || true
    grep -q 'guest bad: its background load could not be ended; what was measured is kept' "$BATS_TEST_TMPDIR/endless/said"
    [ "$(ask "SELECT group_concat(guest || outcome) FROM (SELECT * FROM samples ORDER BY guest)" \
        "$BATS_TEST_TMPDIR/endless/state/results.sqlite")" = badlost,honestexited ]
}

# Eight jobs of prepare are to be forgotten when the guest is connected to again.
@test "a guest that does not end an earlier controller's jobs is lost at the first of them" {
    PREPARE='"true", env: {N: [1, 2, 3, 4, 5, 6, 7, 8]}' attack keep crowded swallow $FORGET
    wait "${runs[@]}" || true
    tail -n 3 "$BATS_TEST_TMPDIR/crowded/said"
    grep -q 'warning: guest bad: jobs of an earlier controller do not end' "$BATS_TEST_TMPDIR/crowded/said"
    [ "$(ask "SELECT state, (SELECT count(*) FROM samples WHERE guest = 'honest' AND outcome = 'exited' AND collected = 1) FROM runs" \
        "$BATS_TEST_TMPDIR/crowded/state/results.sqlite")" = 'finished|16' ]
    [ "$(ask "SELECT count(*) FROM warnings WHERE guest = 'bad' AND code = 'guest-left-out' AND message LIKE '%jobs of an earlier controller%'" \
        "$BATS_TEST_TMPDIR/crowded/state/results.sqlite")" -eq 1 ]
}

# Eight connections follow each other at once, then there are two per second, until boot_timeout.
@test "a guest that ends each connection at HELLO gets few of them" {
    BOOT_TIMEOUT=5s attack keep turned-away close $HELLO
    wait "${runs[@]}" || true
    honest_counts turned-away
    run grep -c connected "$BATS_TEST_TMPDIR/turned-away/attack"
    echo "$output connections"
    [ "$output" -ge 8 ]
    [ "$output" -le 30 ]
}

@test "times, clocks, amounts and strings that cannot be: marked or lost, and nothing of them in terminal and reports" {
    local name dir
    for name in times clock flood evil; do
        attack keep "$name" lab "$name"
    done
    wait "${runs[@]}" || true
    for name in times clock flood evil; do
        honest_counts "$name"
        [ "$name" = evil ] || blamed "$name" bad
        dir=$BATS_TEST_TMPDIR/$name
        run -1 grep -aP '[\x00-\x08\x0b-\x1f\x7f]' "$dir/said" "$dir/table" "$dir"/report/*
        run -1 grep -l '<script>alert' "$dir"/report/report.*
        jq . "$dir/report/results.json" >/dev/null
    done
    grep -q 'with 0 of credit left' "$BATS_TEST_TMPDIR/flood/said"
}

# Without a bound on waiting for guests after Ctrl-C, each of these attacks would delay the controller by 20 s to a minute.
@test "Ctrl-C ends a run whatever the guest does" {
    local name began
    attack keep armless swallow $ARM
    attack keep pingless swallow $PING
    attack keep trickle trickle $OUTPUT 5
    attack keep half half $RESULT
    attack keep forgetless swallow $FORGET
    attack keep gone silent $RESULT
    sleep 4
    began=$SECONDS
    pkill -INT -f "^$XENBENCH run .*$BATS_TEST_TMPDIR/"
    wait "${runs[@]}" || true
    echo "ended after $((SECONDS - began)) s"
    for name in armless pingless trickle half forgetless gone; do
        tail -n 1 "$BATS_TEST_TMPDIR/$name/said"
        [ "$(cat "$BATS_TEST_TMPDIR/$name/status")" -eq 1 ]
        grep -q interrupted "$BATS_TEST_TMPDIR/$name/said"
    done
    [ $((SECONDS - began)) -lt 15 ]
}
