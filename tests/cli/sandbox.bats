#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Sessions run in processes without rights; when one dies, only its guest is lost. --no-sandbox turns
# that off, and results say so.
load helper

setup() {
    own_state
}

# session_of PID: prints the session process of this controller; there is one.
session_of() {
    pgrep -P "$1" -x xenbench-sessio
}

# status_of PID KEY: prints a value from /proc/PID/status
status_of() {
    awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"
}

is_locked() {
    [ "$(status_of "$1" Seccomp)" = 2 ]
}

@test "a session's process has no rights and a user of its own" {
    start_agent a
    "$XENBENCH" exec "$(guest a)" -- sleep 5 3>&- 4>&- &
    local pid=$! session
    wait_for session_of "$pid"
    session=$(session_of "$pid")
    wait_for is_locked "$session"
    [ "$(status_of "$session" NoNewPrivs)" = 1 ]
    [ "$(status_of "$session" CapEff)" = 0000000000000000 ]
    [ "$(status_of "$session" CapPrm)" = 0000000000000000 ]
    if [ "$(id -u)" -eq 0 ]; then
        [ "$(status_of "$session" Uid)" -ge $((0x78620000)) ]
        [ "$(status_of "$session" CapBnd)" = 0000000000000000 ]
    fi
    kill "$pid"
    wait "$pid" || true
    run ! session_of "$pid"
}

@test "without the sandbox there is no such process" {
    start_agent a
    "$XENBENCH" --no-sandbox exec "$(guest a)" -- sleep 5 3>&- 4>&- &
    local pid=$!
    sleep 1
    run ! session_of "$pid"
    kill "$pid"
    wait "$pid" || true
}

@test "a session's process that is killed: the message says so, the job lives, and others go on" {
    start_agents a b
    "$XENBENCH" exec "$(guest a)" -- sleep 30.17 2>"$BATS_TEST_TMPDIR/said" 3>&- 4>&- &
    local pid=$! other
    "$XENBENCH" exec "$(guest b)" -- sh -c 'sleep 3; echo fine' >"$BATS_TEST_TMPDIR/other" 3>&- 4>&- &
    other=$!
    wait_for pgrep -f '^sleep 30\.17'
    also_stop "$(pgrep -f '^sleep 30\.17')"
    kill -KILL "$(session_of "$pid")"
    ! wait "$pid" || return 1
    pgrep -f '^sleep 30\.17'
    grep -q 'process of its session died (signal 9)' "$BATS_TEST_TMPDIR/said"
    wait "$other"
    [ "$(cat "$BATS_TEST_TMPDIR/other")" = fine ]
    "$XENBENCH" exec "$(guest a)" -- true
}

@test "a controller that is killed leaves no session" {
    start_agent a
    "$XENBENCH" exec "$(guest a)" -- sleep 30 3>&- 4>&- &
    local pid=$! session
    wait_for session_of "$pid"
    session=$(session_of "$pid")
    kill -KILL "$pid"
    wait "$pid" || true
    wait_for test ! -e "/proc/$session"
}

@test "results say what the sandbox was, and that there was none" {
    start_agent a
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: sandbox
workload: {command: ["true"]}
guests:
  a: {socket: $BATS_TEST_TMPDIR/a}
repetitions: 1
END
    run_experiment --report-dir "$BATS_TEST_TMPDIR/report"
    [[ $(ask "SELECT value FROM host WHERE key = 'sandbox'") == seccomp* ]]
    grep -q 'Sandbox of what reads guests: seccomp' "$BATS_TEST_TMPDIR/report/report.md"
    "$XENBENCH" --no-sandbox run --afresh "$BATS_TEST_TMPDIR/e.yaml"
    [ "$(ask "SELECT count(*) FROM host WHERE key = 'sandbox' AND value = 'off'")" = 1 ]
    # State and records are accessible only to their owner.
    run find "$XENBENCH_STATE" "$XENBENCH_RUN" \( -type d -o -type f \) -perm /077
    [ -z "$output" ] || {
        echo "others may enter: $output"
        return 1
    }
}

@test "doctor tries the sandbox" {
    run "$XENBENCH" doctor
    [[ $output == *sandbox*seccomp* ]]
    run "$XENBENCH" --no-sandbox doctor
    [[ $output == *"sandbox"*"off"*"--no-sandbox"* ]]
}
