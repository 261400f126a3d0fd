#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What `xenbench clean` does with the records of dead commands, as far as it needs no Xen.

load helper

WEB=8c2cb2fa-2a45-44c2-8a17-d0d5cf7c66ff

setup() {
    own_state
    [ ! -e /proc/xen/capabilities ] || skip "this machine runs Xen"
    mkdir -p "$XENBENCH_STATE/under-way" "$XENBENCH_STATE/guests/.a.new.1" "$XENBENCH_RUN"
}

@test "a record of a later version or an unknown kind is refused by name; the rest is cleaned" {
    for record in "$XENBENCH_RUN/host-record.json" "$XENBENCH_RUN/build-$WEB.json" "$XENBENCH_STATE/under-way/$WEB.json" \
        "$XENBENCH_STATE/under-way/lifecycle-7-700.json" "$XENBENCH_STATE/under-way/snapshot-$WEB.json"; do
        mkdir -p "$XENBENCH_STATE/guests/.a.new.1"
        echo '{"format": 99, "name": "web"}' >"$record"
        run "$XENBENCH" clean
        [ "$status" -eq 3 ]
        [[ $output == *"$record was written by"*" version of xenbench"* ]] || { echo "$output"; return 1; }
        [ -e "$record" ]
        [ ! -e "$XENBENCH_STATE/guests/.a.new.1" ]
        rm "$record"
    done
}

@test "each action is announced, and what fails keeps its record" {
    rmdir "$XENBENCH_STATE/guests/.a.new.1"
    echo '{"format": 2, "pools": [], "domains": []}' >"$XENBENCH_RUN/host-record.json"
    run "$XENBENCH" clean --dry-run
    [ "$status" -eq 0 ]
    [ "$output" = "would: restore the host's settings" ]
    run "$XENBENCH" clean
    [ "$status" -eq 3 ]
    [[ $output == *"cannot talk to Xen"* ]]
    [ -e "$XENBENCH_RUN/host-record.json" ]
    run "$XENBENCH" doctor
    [[ $output == *"one died and left this host's settings changed"* ]]
}

@test "a live run is left alone, by its lock or, for an earlier version, by its record" {
    echo '{"format": 2, "pools": [], "domains": []}' >"$XENBENCH_RUN/host-record.json"
    # The lock is an open file description lock, which the shell cannot take.
    perl -MFcntl -e 'open my $lock, "+>", $ARGV[0] or die;
        syswrite $lock, "$$ a run\n";
        my $whole = pack("ssx4qqlx4", F_WRLCK, 0, 0, 0, 0);
        fcntl $lock, 37, $whole or die; # F_OFD_SETLK
        $| = 1; print "held\n"; sleep 60' "$XENBENCH_RUN/host-record.lock" >"$BATS_TEST_TMPDIR/held" 3>&- 4>&- &
    also_stop "$!"
    wait_for grep -q held "$BATS_TEST_TMPDIR/held"
    run "$XENBENCH" clean
    stop_agents
    [ "$status" -eq 3 ]
    [[ $output == *"a run is under way: process "[0-9]*"; end it first" ]]
    start=$(awk '{ sub(/.*\) /, ""); print $20 }' /proc/$$/stat)
    echo "{\"format\": 1, \"pid\": $$, \"pid_start\": $start, \"pools\": [], \"domains\": []}" >"$XENBENCH_RUN/host-record.json"
    run "$XENBENCH" clean
    [ "$status" -eq 3 ]
    [[ $output == *"a run is under way: process $$; end it first" ]]
    [ -e "$XENBENCH_RUN/host-record.json" ]
}
