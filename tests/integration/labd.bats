#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# labd, the parent of a lab's QEMU, with a script instead of QEMU: what ends the lab, and what labd
# tells Dom0.
load ../cli/helper

setup() {
    labd=$BATS_TEST_DIRNAME/../../build/lab/labd
    make -s -C "$BATS_TEST_DIRNAME/../.." lab
    cd "$BATS_TEST_TMPDIR" || return
}

# Start a lab whose machine runs SCRIPT: start_lab SCRIPT LABD-OPTION...
start_lab() {
    local script=$1
    shift
    "$labd" "$@" -- bash -c "$script" 3>&- 8>&- >labd.log 2>&1 &
    lab=$!
    wait_for test -s qemu.pid
    qemu=$(cat qemu.pid)
}

is_gone() {
    for _ in $(seq 100); do
        [ ! -d "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status" || { sleep 0.05; continue; }
        return 0
    done
    return 1
}

@test "a machine ends with labd, even if labd is killed" {
    start_lab 'sleep 60 & wait'
    kill -KILL "$lab"
    is_gone "$qemu"
}

@test "labd ends its machine on SIGTERM and leaves no sockets" {
    start_lab 'sleep 60 & wait'
    kill "$lab"
    wait "$lab"
    is_gone "$qemu"
    [ ! -e console.sock ]
    [ ! -e qemu.pid ]
    grep -q 'told to end' labd.log
}

@test "a machine that ignores SIGTERM is killed" {
    start_lab 'trap "" TERM; echo deaf >&4; while :; do sleep 1; done'
    wait_for grep -qs deaf console.log
    kill "$lab"
    wait "$lab"
    is_gone "$qemu"
}

@test "a machine ends with its owner" {
    sleep 60 3>&- &
    owner=$!
    start_lab 'sleep 60 & wait' --owner "$owner"
    kill "$owner"
    is_gone "$qemu"
    wait "$lab"
    grep -q 'the owner ended' labd.log
}

@test "a machine ends after its maximum time" {
    start_lab 'sleep 60 & wait' --max-hours 0.001
    wait "$lab"
    is_gone "$qemu"
    grep -q 'the longest time is over' labd.log
}

@test "an abandoned start-up ends the machine; a completed one does not" {
    mkfifo ready
    # shellcheck disable=SC2094 # a FIFO
    exec 8<>ready 9<ready
    start_lab 'sleep 60 & wait' --until-ready 9
    exec 9<&-
    echo >&8
    exec 8>&-
    sleep 0.5
    kill -0 "$qemu"
    kill "$lab"
    wait "$lab"

    # shellcheck disable=SC2094 # a FIFO
    exec 8<>ready 9<ready
    start_lab 'sleep 60 & wait' --until-ready 9
    exec 9<&- 8>&-
    wait "$lab"
    is_gone "$qemu"
    grep -q 'the start-up was given up' labd.log
}

@test "Dom0 learns what the host took from each CPU, with its own word in the answer" {
    start_lab 'echo "CPU 2/TCG" >/proc/$$/comm; echo steal mine-1 >&3; read -r answer <&3; echo "$answer" >&4; sleep 60'
    wait_for test -s console.log
    jq -e '.id == "mine-1" and .cpus[0].cpu == 2 and .cpus[0].run_ns > 0 and .cpus[0].delay_ns >= 0 and
        .host_cpus > 0 and .time_ns > 0' console.log
    kill "$lab"
}

@test "nonsense from Dom0 gets no answer, however long it is" {
    start_lab 'head -c 100000 /dev/zero | tr "\0" x >&3; printf "\nsteal \"\nstealing\nsteal ok\n" >&3; read -r answer <&3; echo "$answer" >&4; sleep 60'
    wait_for test -s console.log
    jq -e '.id == "ok"' console.log
    kill "$lab"
}

@test "the console's log is bounded" {
    start_lab 'head -c 9000000 /dev/zero | tr "\0" x >&4; echo done >&4; sleep 60'
    wait_for grep -qs 'done' console.log
    [ "$(stat -c %s console.log)" -le 4194304 ]
    [ "$(stat -c %s console.log.1)" -le 4194304 ]
    kill "$lab"
}
