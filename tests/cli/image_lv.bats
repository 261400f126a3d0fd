#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `image build --lv` on an existing volume: what it may overwrite, and what it must not. The volume is
# a loop device, and lvm2 a stand-in. tests/lab/41-plug.bats uses the real lvm2, and guests.
load helper

setup() {
    if [ "$(id -u)" != 0 ] || [ ! -w /dev/loop-control ]; then
        skip "needs root and loop devices"
    fi
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p bin part images mnt
    group=/dev/xenbench-test-$$
    printf '#!/bin/sh\ncat snapshots 2>/dev/null || true\n' >bin/lvs
    chmod +x bin/lvs
    truncate -s 16M volume.img
    device=$(losetup --find --show volume.img)
    truncate -s 8M disk.img
    printf 'of the image' | dd of=disk.img bs=1k seek=100 conv=notrunc status=none
}

teardown() {
    ! mountpoint -q mnt || umount mnt
    [ -z "${device:-}" ] || losetup --detach "$device"
    [ -z "${group:-}" ] || rm -rf "$group"
}

# recipe FORCE COMMAND: runs a function of the recipe on the volume; sets output and status like `run`
recipe() {
    local PATH=$PWD/bin:$PATH
    cp --sparse=always disk.img part/
    # shellcheck disable=SC2016 # expanded there; disk.sh's variables are those of a recipe; /dev/$lv is the loop device.
    run env XENBENCH="$XENBENCH" force="$1" lv="./${device##*/}" name=i images="$PWD/images" part="$PWD/part" \
        bash -euo pipefail -c '
            say() { :; }; fault() { :; }; wrong() { echo "$*"; exit 2; }; fail() { echo "$*"; exit 3; }
            xenbench_program() { echo "$XENBENCH"; }
            . "$0/../../images/debian/disk.sh"
            eval "$1"' "$BATS_TEST_DIRNAME" "$2"
}

refused() {
    recipe "$1" lv_check
    [ "$status" = 2 ] || { echo "status $status: $output"; return 1; }
    [[ $output == *"--lv ./${device##*/}: "*"$2"* ]] || { echo "$output"; return 1; }
    # Data that existed, or appeared after the check before the build, is not overwritten either.
    sum=$(sha256sum <"$device")
    recipe "$1" lv_write
    [ "$status" = 3 ] || { echo "status $status: $output"; return 1; }
    [[ $output == *"$2"* ]] || { echo "$output"; return 1; }
    [ "$(sha256sum <"$device")" = "$sum" ]
}

written() {
    recipe "$1" 'lv_check; lv_write'
    [ "$status" = 0 ] || { echo "status $status: $output"; return 1; }
    cmp -n $((8 << 20)) disk.img "$device"
}

@test "an empty volume is written to" {
    written ''
}

@test "a volume with a filesystem, two kinds of signatures or unknown data is overwritten with --force only" {
    mkfs.ext4 -q "$device"
    refused '' "carries data: ext4 filesystem"
    # blkid finds two filesystems here and gives no answer: status 8, from util-linux 2.41 on 2.
    { printf hsqs; head -c 24 /dev/zero; printf '\x04\x00\x00\x00'; } | dd of="$device" conv=notrunc status=none
    run blkid -p "$device"
    [[ $status = [28] && $output != *TYPE=* ]] || { echo "status $status: $output"; return 1; }
    refused '' "carries data: ext4 filesystem, squashfs filesystem"
    dd if=/dev/zero of="$device" bs=1M count=16 status=none
    head -c 4096 /dev/urandom | dd of="$device" bs=4k seek=10 conv=notrunc status=none
    run blkid -p "$device"
    [ "$status" = 2 ]
    refused '' "carries data: something unknown"
    written 1
}

@test "this image's own volume is overwritten without --force" {
    mkfs.ext4 -q "$device"
    mkdir images/i
    echo "{\"disk\": \"/dev/./${device##*/}\", \"volume_made\": false}" >images/i/image.json
    written ''
    [ ! -e images/i ]
}

@test "a volume recorded as the disk of a guest or another image is never overwritten" {
    local place
    export XENBENCH_STATE=$PWD
    mkdir "$group"
    ln -s "$device" "$group/v"
    mkfs.ext4 -q "$device"
    for place in images/other images/.other.part guests/g guests/.g.new.1; do
        mkdir -p "$place"
        record "$place"
        refused 1 "$(owner "$place")"
        refused '' "carries data: ext4"
        rm -r "$place"
    done
    # The remains of an earlier build of the same image do not count as another image.
    mkdir -p images/.i.part
    record images/.i.part
    written 1
}

# record PLACE: records the device as the disk of the guest or image there
record() {
    local volume="{\"storage\": \"lvm\", \"bytes\": 1, \"vg\": \"${group##*/}\", \"lv\": \"v\", \"tag\": \"t\"}"
    case $1 in
    images/.*) echo "$volume" >"$1/volume.json" ;;
    images/*)
        touch "$1/vmlinux" "$1/initrd.img"
        jq -n --arg disk "$device" --arg name "${1#*/}" '{format: 1, name: $name, kind: "debian", suite: "s", arch: "amd64",
            kernel: "vmlinux", kernel_release: "6", initrd: "initrd.img", disk: $disk, cmdline: "c", min_memory_bytes: 1,
            agent_version: "1", agent_sha256: "a", recipe_sha256: "r", created: "c", volume_made: true}' >"$1/image.json" ;;
    guests/*)
        jq -n --argjson disk "$volume" '{format: 1, name: "g", uuid: "8c2cb2fa-2a45-44c2-8a17-d0d5cf7c66ff", image: "m",
            type: "pv", vcpus: 1, memory_bytes: 1, disk: $disk}' >"$1/guest.json" ;;
    esac
}

owner() {
    case $1 in
    */.*) echo "is the disk of $PWD/$1, which was never finished, which --force does not overwrite" ;;
    images/*) echo "is the disk of image ${1#*/}, which --force does not overwrite" ;;
    guests/*) echo "is the disk of guest ${1#*/}, which --force does not overwrite" ;;
    esac
}

@test "a volume in use is never overwritten, with --force or without" {
    mkfs.ext4 -q "$device"
    mount "$device" mnt
    recipe 1 lv_check
    [ "$status" = 2 ]
    [[ $output == *"in use in Dom0: mounted read-write"* ]]
    echo precious >mnt/file
    umount mnt
    mount -o ro "$device" mnt # so that nobody else writes to it meanwhile
    refused '' "in use in Dom0: mounted"
    refused 1 "in use in Dom0: mounted"
    [ "$(cat mnt/file)" = precious ]
    umount mnt
    echo snap >snapshots
    refused 1 "there are snapshots of the volume"
    rm snapshots
    written 1
}

@test "a volume too small for the disk is refused before its present image is given up" {
    truncate -s 4M volume.img
    losetup --set-capacity "$device"
    mkdir images/i
    echo "{\"disk\": \"/dev/./${device##*/}\", \"volume_made\": true, \"volume\": {}}" >images/i/image.json
    recipe '' lv_write
    [ "$status" = 3 ]
    [[ $output == *"smaller than the disk"* ]]
    [ -e images/i/image.json ]
}

@test "a volume that cannot be checked is not taken for free" {
    printf '#!/bin/sh\necho "xenbench: cannot ask xenstored" >&2; exit 3\n' >bin/xenbench
    chmod +x bin/xenbench
    XENBENCH=$PWD/bin/xenbench recipe 1 lv_check
    [ "$status" = 3 ]
    [[ $output == *"cannot ask xenstored"* ]]
    XENBENCH=$PWD/bin/none recipe 1 lv_check
    [ "$status" = 3 ]
}
