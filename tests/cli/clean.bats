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

@test "a selftest without Xen makes nothing" {
    run "$XENBENCH" selftest
    [ "$status" -eq 3 ]
    [ ! -e "$XENBENCH_STATE/.selftest" ]
    [ ! -e "$XENBENCH_STATE/under-way/selftest.json" ]
}

@test "what a killed selftest left is removed" {
    mkdir "$XENBENCH_STATE/.selftest"
    echo '{"format": 1, "name": "selftest", "guests": []}' >"$XENBENCH_STATE/under-way/selftest.json"
    run "$XENBENCH" clean --dry-run
    [[ $output == *"would: remove $XENBENCH_STATE/.selftest, left by a killed selftest"* ]] || { echo "$output"; return 1; }
    [ -d "$XENBENCH_STATE/.selftest" ]
    run "$XENBENCH" clean
    [ "$status" -eq 0 ]
    [ ! -e "$XENBENCH_STATE/.selftest" ]
    [ ! -e "$XENBENCH_STATE/under-way/selftest.json" ]
}

@test "each part that fails is named, not only the first" {
    for record in "$XENBENCH_RUN/build-$WEB.json" "$XENBENCH_RUN/host-record.json"; do
        echo '{"format": 99, "name": "web"}' >"$record"
    done
    run "$XENBENCH" clean
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"$XENBENCH_RUN/host-record.json was written by"* ]]
    [[ $output == *"$XENBENCH_RUN/build-$WEB.json was written by"* ]]
}

@test "what a killed workload check left is removed, a running one's is not" {
    sleep 60 3>&- 4>&- &
    also_stop "$!"
    : >"$XENBENCH_RUN/workload-check-$!.sqlite"
    ended=$(sh -c 'echo $$')
    for name in "$ended.sqlite" "$ended.sqlite-wal" "$ended.sqlite-shm" "notes.sqlite" "1.txt"; do
        : >"$XENBENCH_RUN/workload-check-$name"
    done
    run "$XENBENCH" clean
    echo "$output"
    [ "$(cd "$XENBENCH_RUN" && echo workload-check-*)" = "workload-check-$!.sqlite workload-check-1.txt workload-check-notes.sqlite" ] ||
        [ "$(cd "$XENBENCH_RUN" && echo workload-check-*)" = "workload-check-1.txt workload-check-$!.sqlite workload-check-notes.sqlite" ]
    stop_agents
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
