#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Commands killed at random moments of a guest's life, by SIGKILL and by SIGINT as from Ctrl-C:
# `xenbench clean` must leave nothing behind.

load helper

setup_file() {
    # One line of `faults` runs a command that is killed after a random time, all within the lab's
    # Dom0.
    dom0 'cat >/root/faults && chmod +x /root/faults' <<'SH'
#!/bin/bash
# faults SEED SIGNAL LONGEST-MS COMMAND...: signals the command or, for INT, its whole process
# group, as a terminal does.
RANDOM=$1 signal=$2
wait_ms=$((RANDOM % $3 + 1))
shift 3
set -m
"$@" >/run/faults.out 2>&1 </dev/null &
pid=$!
sleep "$(printf '%d.%03d' $((wait_ms / 1000)) $((wait_ms % 1000)))"
if [ "$signal" = INT ]; then kill -INT -- -$pid; else kill -KILL $pid; fi 2>/dev/null
wait $pid
echo "status $? after $wait_ms ms: $*"
SH
}

teardown_file() {
    dom0 'xenbench clean --all; rm -f /root/faults' >/dev/null
}

# Wait for unfinished work, then clean; afterwards nothing may be left of any guest.
nothing_is_left() {
    dom0 'xenbench clean --all >/run/clean.out 2>&1; status=$?
        for i in $(seq 30); do
            left=$(xl list | sed 1,2d; ls -A /var/lib/xenbench/guests; losetup --list --noheadings
                ls /run/xenbench 2>/dev/null | grep -E "^(monitor|console|guest|hold|build)-"
                xenstore-list /local/domain/0/backend/vbd 2>/dev/null; ps -C xenbench,exe -o pid=,args=)
            [ -n "$left" ] || break
            sleep 1
        done
        [ $status -eq 0 ] && [ -z "$left" ] || { echo "clean: status $status"; cat /run/clean.out; echo "left: $left"; exit 1; }' >&2
}

guest_with_disk() {
    dom0 "xenbench guest create $1 --image micro --memory 96M && truncate -s 8M /var/lib/xenbench/guests/$1/data.img &&
        echo 'disk = [ \"format=raw,vdev=xvda,access=rw,script=/usr/lib/xenbench/block,target=/var/lib/xenbench/guests/$1/data.img\" ]' \
            >>/var/lib/xenbench/guests/$1/$1.cfg"
}

faults() {
    dom0 "/root/faults $*"
}

@test "guest create" {
    local seed
    for seed in 1 2 3; do
        faults $seed KILL 600 xenbench guest create f1 --image micro
        faults 1$seed INT 600 xenbench guest create f2 --image micro
    done
    nothing_is_left
}

@test "guest start, with a disk" {
    local seed
    for seed in 1 2; do
        guest_with_disk f1
        faults $seed KILL 4000 xenbench guest start f1
        nothing_is_left
        guest_with_disk f1
        faults 1$seed INT 4000 xenbench guest start --wait f1
        nothing_is_left
    done
}

# Count a guest's domains by UUID, because a half-built domain may have no name.
domains_of() {
    dom0 "uuid=\$(jq -r .uuid /var/lib/xenbench/guests/$1/guest.json); xl list -v | grep -c \"\$uuid\" || true"
}

@test "a killed builder's domain is no guest, and the next start, or clean, destroys it" {
    local at built=0
    guest_with_disk f1
    for at in 0.1 0.2 0.3 0.5 0.8 1.2; do
        # The command notices that its helper died.
        run dom0 "xenbench guest start f1 & sleep $at; pkill -9 -f '[d]omain-helper start f1'; wait \$!"
        if [ "$status" -ne 0 ]; then
            [[ $output == *"died"* ]] || die "after $at s: $output"
            [ "$(domains_of f1)" = 0 ] || die "after $at s a domain is left: $(dom0 xl list)"
        else
            dom0 'xenbench guest destroy f1'
        fi
        # Kill the command too, so that nobody recovers: a plain clean, then a start.
        dom0 "xenbench guest start f1 & sleep $at; kill -9 \$!; pkill -9 -f '[d]omain-helper start f1'; true"
        if dom0 'ls /run/xenbench | grep -q "^build-"'; then
            built=$((built + 1))
            dom0 'xenbench clean'
            [ "$(domains_of f1)" = 0 ] || die "after $at s and clean a domain is left: $(dom0 xl list)"
            run dom0 'ls /run/xenbench | grep "^build-"'
            [ "$status" -ne 0 ] || die "clean leaves $output"
        fi
        run dom0 'xenbench guest start --wait f1 && xenbench exec f1 -- echo usable'
        [[ $output == *usable* ]] || die "after $at s: $output"
        dom0 'xenbench guest destroy f1'
    done
    # At least one of the six moments must have hit a build.
    [ "$built" -ge 1 ] || die "no build was cut off"
    # Kill the helper while it destroys the domain that it built, because its command is dead.
    for at in 0 0.02 0.05 0.1 0.2; do
        dom0 "xenbench guest start f1 & until xl list f1 >/dev/null 2>&1; do sleep 0.01; done; kill -9 \$!
              until ! ls /run/xenbench | grep -q '^build-' || xl list f1 2>/dev/null | grep -q -- '[rb]----'; do sleep 0.01; done
              sleep $at; pkill -9 -f '[d]omain-helper start f1'; true"
        run dom0 'xenbench guest start --wait --timeout 60 f1 && xenbench exec f1 -- echo usable'
        [[ $output == *usable* ]] || die "undone for $at s: $output"
        dom0 'xenbench guest destroy f1'
    done
    # The next start alone, without clean.
    dom0 "xenbench guest start f1 & until ls /run/xenbench | grep -q '^build-'; do sleep 0.01; done
          sleep 0.1; kill -9 \$!; pkill -9 -f '[d]omain-helper start f1'; true"
    run dom0 'xenbench guest start --wait f1 && xenbench exec f1 -- echo usable'
    [[ $output == *usable* && $output != *"ran already"* ]] || die "$output"
    nothing_is_left
}

@test "guest stop, guest destroy, exec on a running guest, which is usable afterwards if it still exists" {
    guest_with_disk f1
    dom0 'xenbench guest start --wait f1'
    faults 1 KILL 1500 xenbench exec f1 -- sleep 30
    faults 2 INT 1500 xenbench exec f1 -- sleep 30
    # A dead controller's hold blocks nobody.
    [ "$(dom0 'xenbench exec f1 -- echo usable')" = usable ]
    faults 3 KILL 800 xenbench guest stop f1
    faults 4 INT 800 xenbench guest stop f1
    faults 5 KILL 400 xenbench guest destroy f1
    dom0 'xenbench guest destroy f1 >/dev/null 2>&1; xenbench guest start --wait f1' >/dev/null
    [ "$(dom0 'xenbench exec f1 -- echo usable')" = usable ]
    faults 6 INT 400 xenbench guest destroy f1
    nothing_is_left
}

@test "the monitor of a running guest is killed: the guest goes on, is listed, and can be cleaned" {
    guest_with_disk f1
    dom0 'xenbench guest start --wait f1; kill -9 "$(cut -d" " -f1 /run/xenbench/monitor-*.lock)"'
    [ "$(dom0 'xenbench exec f1 -- echo usable')" = usable ]
    nothing_is_left
    no_zombie_domains
    dom0_kernel_is_sound
}
