#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Faults at chosen moments (fault-at): a selection from the table that `make faults` makes.

load helper
load storage

setup_file() {
    load helper
    load storage
    "$LAB" push --name "$LAB_NAME" "$BATS_TEST_DIRNAME/fault-at" /root/fault-at
    storage_up
    dom0 /root/fault-at begin
}

teardown_file() {
    load helper
    load storage
    dom0 /root/fault-at end
    storage_down
}

# survives MOMENT FAULT...: lets each fault happen at the moment; the result must be good
survives() {
    local moment=$1 fault said
    shift
    for fault; do
        said=$(dom0 "/root/fault-at $moment $fault" | tail -n 1)
        echo "# $moment, $fault: $said" >&3
        [[ $said == *" good | "* ]] || die "$moment, $fault: $said"
    done
}

@test "while a run's jobs run: its controller killed, a guest destroyed, Dom0's disk full, the clock set back" {
    survives released controller-killed guest-destroyed dom0-disk-full clock-back
}

@test "while the store takes the results: locked, read-only" {
    survives ended store-locked store-read-only
}

@test "while a guest is made, cloned, saved, restored: killed, Ctrl-C, crashed" {
    survives create stopped-one-killed
    survives clone ctrl-c
    survives checkpoint guest-destroyed
    survives restore controller-killed
    survives merge sigterm
}

@test "the power is cut while a run's jobs run: the run continues, and has each sample once" {
    dom0 '/root/fault-at cut released'
    "$LAB" cut --name "$LAB_NAME"
    local said
    said=$(dom0 '/root/fault-at after-cut released' | tail -n 1)
    [[ $said == "good | "* ]] || die "$said"
}
