#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C ends exec, push and pull whatever a guest does (hostile.pl). That takes less than two seconds on a quiet machine; each
# time is printed, and the bound tested is a generous one.
load helper

HELLO=1 PING=3 PONG=4 ARM=7 ARMED=8 RELEASE=9 KILL=11 OUTPUT=12 RESULT=14 FORGET=16 DATA=18 END=19 DONE=20 PULL=21 PULLING=22
BOUND_MS=8000

setup() {
    own_state
    said=$BATS_TEST_TMPDIR/said
    start_agent behind
    start_agent honest
    head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/file"
}

# hostile ATTACK TYPE [NUMBER]: makes `guest bad` one that does this, in place of an earlier one.
hostile() {
    rm -f "$BATS_TEST_TMPDIR/bad"
    "$BATS_TEST_DIRNAME/hostile.pl" "$BATS_TEST_TMPDIR/bad" "$BATS_TEST_TMPDIR/behind" "$@" 2>/dev/null 3>&- 4>&- &
    also_stop "$!"
    wait_for test -S "$BATS_TEST_TMPDIR/bad"
}

now_ms() {
    date +%s%3N
}

# interrupted COUNT ARGUMENT...: runs xenbench, sends it SIGINT COUNT times, and sets ended and took_ms.
interrupted() {
    local count=$1 pid began
    shift
    env --default-signal=INT "$XENBENCH" "$@" >"$said" 2>&1 3>&- 4>&- &
    pid=$!
    sleep 1.5
    for ((; count > 0; count--)); do
        began=$(now_ms)
        kill -INT "$pid" || cat "$said"
        [ "$count" -eq 1 ] || sleep 0.5
    done
    ended=0
    (sleep 60; kill -KILL "$pid") 2>/dev/null 3>&- 4>&- &
    also_stop "$!"
    wait "$pid" || ended=$?
    took_ms=$(($(now_ms) - began))
    echo "status $ended after $took_ms ms: $(tail -n 1 "$said")"
    [ "$took_ms" -lt "$BOUND_MS" ]
}

@test "exec ends at the first Ctrl-C if the guest's agent does not answer, and names it" {
    local attack
    for attack in "half $RESULT" "silent $RESULT" "trickle $OUTPUT 5"; do
        echo "$attack"
        # shellcheck disable=SC2086 # words
        hostile $attack
        interrupted 1 exec "$(guest bad)" -- echo worked
        [ "$ended" -eq 130 ]
        grep -q "guest unix:.*/bad: interrupted, and its agent does not answer" "$said"
    done
}

no_sleep_left() {
    ! pgrep -fx 'sleep 300\.4' >/dev/null
}

# The agent answers at first, because the signal ends the command a little later.
@test "exec ends at Ctrl-C if only what the signal brings about is sent half" {
    hostile half "$RESULT"
    interrupted 1 exec "$(guest bad)" -- sleep 300.4
    [ "$ended" -eq 130 ]
    hostile close "$KILL"
    interrupted 1 exec "$(guest bad)" -- sleep 30.5
    [ "$ended" -eq 130 ]
    wait_for no_sleep_left
}

@test "exec ends at Ctrl-C in the middle of connecting, arming, releasing and forgetting" {
    local attack
    for attack in "swallow $HELLO" "swallow $ARM" "silent $ARMED" "swallow $RELEASE" "swallow $FORGET" "swallow $PING"; do
        echo "$attack"
        # shellcheck disable=SC2086 # words
        hostile $attack
        interrupted 1 exec --together "$(guest bad),$(guest honest)" -- sleep 1
        [ "$ended" -ne 0 ]
        [ "$ended" -ne 137 ]
    done
}

@test "exec ends at the second Ctrl-C whatever the guest does with it, and says what may still run" {
    hostile swallow "$KILL"
    interrupted 2 exec "$(guest bad)" -- sleep 20
    [ "$ended" -eq 130 ]
    grep -q "guest unix:.*/bad: its agent does not report the end of the killed command, which may still run there" "$said"
}

@test "exec: beside a silent guest, the others' commands end as they like" {
    local result=0
    hostile silent "$PONG"
    env --default-signal=INT "$XENBENCH" exec --no-prefix "$(guest bad),$(guest honest)" -- \
        sh -c "trap : INT; echo ready; sleep 1; sleep 6 & wait; wait; echo summary" >"$said" 2>&1 3>&- &
    wait_for grep -q ready "$said"
    kill -INT "$!"
    wait "$!" || result=$?
    cat "$said"
    [ "$result" -eq 130 ]
    grep -qx summary "$said"
    grep -q 'bad: interrupted, and its agent does not answer' "$said"
}

@test "exec: a command that ignores Ctrl-C goes on, as long as its agent answers" {
    local result=0
    env --default-signal=INT "$XENBENCH" exec "$(guest honest)" -- sh -c "trap '' INT; echo ready; sleep 6; echo summary; exit 5" >"$said" 2>&1 3>&- &
    wait_for test -s "$said"
    kill -INT "$!"
    wait "$!" || result=$?
    cat "$said"
    [ "$result" -eq 5 ]
    [ "$(tail -n 1 "$said")" = summary ]
}

@test "push ends at Ctrl-C whatever the guest does" {
    local attack
    for attack in "swallow $END" "half $DONE" "silent $DONE" "trickle $DONE 5" "swallow $HELLO"; do
        echo "$attack"
        # shellcheck disable=SC2086 # words
        hostile $attack
        for guests in "$(guest bad)" "$(guest bad),$(guest honest)"; do
            interrupted 1 push "$guests" "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/pushed"
            [ "$ended" -ne 0 ]
            [ "$ended" -ne 137 ]
        done
    done
}

@test "pull ends at Ctrl-C whatever the guest does" {
    local attack
    for attack in "swallow $PULL" "half $PULLING" "half $DATA" "trickle $DATA 5" "silent $END" "swallow $HELLO"; do
        echo "$attack"
        # shellcheck disable=SC2086 # words
        hostile $attack
        interrupted 1 pull "$(guest bad)" "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/pulled"
        [ "$ended" -ne 0 ]
        [ "$ended" -ne 137 ]
        [ ! -e "$BATS_TEST_TMPDIR/pulled" ]
    done
}

@test "pull of a large file ends at Ctrl-C" {
    truncate -s 100G "$BATS_TEST_TMPDIR/large"
    interrupted 1 pull --max-bytes 200G "$(guest honest)" "$BATS_TEST_TMPDIR/large" /dev/null
    [ "$ended" -eq 130 ]
}
