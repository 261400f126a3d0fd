#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The commands about guests without Xen: they report its absence, and what needs no Xen works.

load helper

setup() {
    own_state
    [ ! -e /proc/xen/capabilities ] || skip "this machine runs Xen"
}

@test "doctor without Xen: a line for each check, and exit status 3" {
    run "$XENBENCH" doctor
    [ "$status" -eq 3 ]
    [[ $output == *"FAIL"*"does not run on Xen"* ]]
    [[ $output == *"FAIL"*"scheduler"*"unknown"* ]]
    [[ $output == *"ok"*"earlier runs"* ]]
    [ "${#lines[@]}" -gt 15 ]
}

@test "doctor: volume groups and thin pools by lvm; a full pool fails, an almost full one warns" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    # Stand-ins for lvm2's tools.
    printf '#!/bin/sh\necho "  guests 12.00g uuid-1"\n' >"$BATS_TEST_TMPDIR/bin/vgs"
    printf '#!/bin/sh\nprintf "  guests/a 10.00 3.25\\n  guests/b 81.20 3.25\\n  guests/c 12.00 96.00\\n"\n' \
        >"$BATS_TEST_TMPDIR/bin/lvs"
    chmod +x "$BATS_TEST_TMPDIR"/bin/*
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run "$XENBENCH" doctor
    [[ $output == *"ok "*"lvm"*"guests, 12.00g free"* ]]
    [[ $output == *"ok "*"thin pool"*"guests/a: 10 %"*"3 %"* ]]
    [[ $output == *"warning"*"thin pool"*"guests/b: 81 %"*"lvextend -L"* ]]
    [[ $output == *"FAIL"*"thin pool"*"guests/c: 12 %"*"96 %"*"lvextend --poolmetadatasize"* ]]
}

@test "doctor has a line for everything that a host needs" {
    run "$XENBENCH" doctor
    for check in dom0 "device nodes" xenstored xenconsoled disk virtualisation clocksource hypervisor "guest types" \
        cpus "dom0 vcpus" "dom0 memory" "free memory" scheduler disks lvm frequency messages "kernel messages"; do
        grep -qE "^(ok|warning|FAIL) +$check  " <<<"$output" || {
            echo "no line for $check"
            false
        }
    done
}

@test "doctor --json is JSON with the same content" {
    "$XENBENCH" doctor --json >"$BATS_TEST_TMPDIR/doctor.json" || [ $? -eq 3 ]
    run jq -r '.fit, (.checks | length > 15), (.checks[] | select(.check == "scheduler") | .status)' "$BATS_TEST_TMPDIR/doctor.json"
    [ "$output" = "false
true
failure" ]
}

@test "guest commands without Xen fail with status 3 and point to doctor" {
    for verb in list "start a" "stop a" "destroy a" "remove a"; do
        # shellcheck disable=SC2086 # verb and argument
        run "$XENBENCH" guest $verb
        [ "$status" -eq 3 ]
        [[ $output == *"cannot talk to Xen"*"xenbench doctor"* ]]
    done
}

@test "usage errors are status 2, help is status 0" {
    for args in "" "nothing" "create" "create a --memory x --image i" "create a --type hvvm --image i" "start" \
        "start a --timeout x" "stop a --timeout 0" "console" "console a b" "list a" "start a,a" "remove a --force"; do
        # shellcheck disable=SC2086 # several arguments
        run "$XENBENCH" guest $args
        [ "$status" -eq 2 ] || { echo "guest $args: $status $output"; return 1; }
    done
    for verb in create list start stop destroy remove console; do
        run "$XENBENCH" guest $verb --help
        [ "$status" -eq 0 ]
        [[ $output == *"xenbench guest $verb"* ]]
    done
    run "$XENBENCH" clean --nothing
    [ "$status" -eq 2 ]
}

@test "clean without anything to clean" {
    run "$XENBENCH" clean
    [ "$status" -eq 0 ]
    [ "$output" = "nothing to clean" ]
}

@test "clean removes what a dead process left unfinished, not a live one's work" {
    mkdir -p "$XENBENCH_STATE/guests/.a.new.999999999" "$XENBENCH_STATE/guests/.b.new.$$"
    # A process that is still at work holds a lock.
    exec 7<"$XENBENCH_STATE/guests/.b.new.$$"
    flock 7
    run "$XENBENCH" clean --dry-run
    [ "$status" -eq 0 ]
    [[ $output == "would: remove"*".a.new.999999999"* ]]
    [ -d "$XENBENCH_STATE/guests/.a.new.999999999" ]
    run "$XENBENCH" clean
    [ ! -d "$XENBENCH_STATE/guests/.a.new.999999999" ]
    [ -d "$XENBENCH_STATE/guests/.b.new.$$" ]
    exec 7<&-
    "$XENBENCH" clean
    [ ! -d "$XENBENCH_STATE/guests/.b.new.$$" ]
}

@test "options about the disk of an image without one are refused, in every form" {
    mkdir -p "$XENBENCH_STATE/images/m"
    echo kernel >"$XENBENCH_STATE/images/m/vmlinux"
    echo initramfs >"$XENBENCH_STATE/images/m/initrd.img"
    jq -n '{name: "m", kind: "micro", suite: "s", arch: "a", kernel: "vmlinux", kernel_release: "6", initrd: "initrd.img",
        disk: null, cmdline: "quiet", min_memory_bytes: 1, agent_version: "0", agent_sha256: "0", recipe_sha256: "0", created: "",
        workloads: [], sha256: {}}' >"$XENBENCH_STATE/images/m/image.json"
    for words in "--vg vg0" "--thin-pool vg0/pool" "--storage file" "--storage lvm --vg vg0" "--size 1G"; do
        # shellcheck disable=SC2086 # words are wanted
        run "$XENBENCH" guest create g --image m $words
        [ "$status" -eq 2 ] || { echo "$words: $status $output"; return 1; }
        [[ $output == *"guest g: image m has no disk"* ]]
    done
    # Without such an option, only Xen is missing.
    run "$XENBENCH" guest create g --image m
    [ "$status" -eq 3 ]
    [[ $output == *"cannot talk to Xen"* ]]
}

@test "guest console -i: a signal ends it, and the terminal edits lines again" {
    local uuid=11111111-2222-3333-4444-555555555555
    mkdir -p "$XENBENCH_STATE/guests/web" "$XENBENCH_RUN"
    echo "{\"format\": 1, \"uuid\": \"$uuid\", \"image\": \"micro\", \"type\": \"pvh\", \"vcpus\": 1, \"memory_bytes\": 1, \"disk\": null}" \
        >"$XENBENCH_STATE/guests/web/guest.json"
    cd "$BATS_TEST_TMPDIR"
    socat UNIX-LISTEN:"$XENBENCH_RUN/console-$uuid",fork SYSTEM:'echo login; cat' 3>&- 4>&- &
    local monitor=$! signal
    wait_for test -S "$XENBENCH_RUN/console-$uuid"
    for signal in TERM HUP; do
        script --quiet --return --flush --command "tty >term; sh -c 'echo \$\$ >pid; exec \"$XENBENCH\" guest console -i web'
            echo \"ended \$?\"; stty -a | grep -o ' icanon'" /dev/null <<<"" >shown 2>&1 3>&- &
        local terminal=$!
        wait_for grep -q login shown
        wait_for eval 'stty -F "$(cat term)" | grep -q -- -icanon'
        kill "-$signal" "$(cat pid)"
        wait "$terminal"
        grep -q " icanon" shown
        grep -q "ended 1[24]" shown
    done
    kill "$monitor"
}
