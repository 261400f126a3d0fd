#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench image export` and `image import`: all or nothing, whenever they are killed.
load helper

setup() {
    export XENBENCH_STATE=$BATS_TEST_TMPDIR/state XENBENCH_RUN=$BATS_TEST_TMPDIR/run XENBENCH_CONF=none
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p state/images/m
    truncate -s 40M state/images/m/disk.img
    for at in 0 7 39; do
        head -c 300000 /dev/urandom | dd of=state/images/m/disk.img bs=1M seek=$at conv=notrunc status=none
    done
    head -c 100000 /dev/urandom >state/images/m/vmlinux
    echo initramfs >state/images/m/initrd.img
    echo "base 1 amd64" >state/images/m/manifest.txt
    image_json m >state/images/m/image.json
}

teardown() {
    ! mountpoint -q mnt || umount mnt
    [ -z "${loop_device:-}" ] || losetup --detach "$loop_device"
}

image_json() {
    jq -n --arg name "$1" '{name: $name, kind: "debian", suite: "s", arch: "a", kernel: "vmlinux", kernel_release: "6",
        initrd: "initrd.img", disk: "disk.img", cmdline: "quiet", min_memory_bytes: 1, agent_version: "0", agent_sha256: "0",
        recipe_sha256: "0", created: "", workloads: ["spin"], sha256: {"vmlinux": "of another", "other": "0"}}'
}

same_image() {
    local file
    for file in disk.img vmlinux initrd.img manifest.txt; do
        cmp "state/images/m/$file" "$1/$file"
    done
    [ "$(du -k "$1/disk.img" | cut -f1)" -lt 2000 ]
}

# nothing_else IMAGE...: there is nothing but these images and locks
nothing_else() {
    local found
    found=$(find state/images -mindepth 1 -maxdepth 1 ! -name '.*.lock' -printf '%f\n' | sort | xargs)
    [ "$found" = "$*" ] || { echo "there is: $found"; return 1; }
}

refused() {
    local expected=$1
    shift
    run --separate-stderr "$XENBENCH" image import "$@"
    [ "$status" = 2 ] || { echo "$status: $stderr"; return 1; }
    [[ $stderr == *"$expected"* ]] || { echo "$stderr"; return 1; }
}

@test "an image goes into a file and comes back under another name" {
    run --separate-stderr "$XENBENCH" image export m m.xbs
    [ "$status" = 0 ]
    [ "$(stat -c %s m.xbs)" -lt 1200000 ]
    [ "$(echo ./*xbs*)" = ./m.xbs ]
    refused "image m exists already" m.xbs
    "$XENBENCH" image import m.xbs --name copy
    same_image state/images/copy
    # The digests are those of the data that arrived, whatever the stream claims.
    for file in vmlinux initrd.img disk.img; do
        [ "$(jq -r --arg file $file '.sha256[$file]' state/images/copy/image.json)" = "$(sha256sum <state/images/m/$file | cut -d' ' -f1)" ]
    done
    [ "$("$XENBENCH" image list --json | jq -r '.[] | select(.name == "copy") | .disk_bytes')" = $((40 << 20)) ]
    nothing_else copy m
}

@test "through a pipe, with one thread and a high level" {
    "$XENBENCH" image export m - --level 12 --threads 1 | "$XENBENCH" image import - --name copy
    same_image state/images/copy
}

@test "an older version's export is imported" {
    old=$BATS_TEST_DIRNAME/../data/old
    "$XENBENCH" image import "$old/image-1.xbs" --name copy
    sha256sum --check --quiet <<'SUMS'
e6bc1f25dcc492443d86507e50550e151f2d37f8479eda25090cd7fd82c26d67  state/images/copy/disk.img
2f77c2c97621e8bf69794e9d12815bb7c46338638f126bea8b18dfe02a684d62  state/images/copy/initrd.img
bf177aeb05a35295b74a5a9185731358d1e883fa80dc078ea29a7280cc4d4410  state/images/copy/manifest.txt
67d4ff71d43921d5739f387da09746f405e425b07d727e4c69d029461d1f051f  state/images/copy/vmlinux
SUMS
    refused "not a stream of xenbench" "$old/checkpoint-1-zstd"
}

@test "an existing file is replaced with --force only; a terminal gets no stream" {
    "$XENBENCH" image export m m.xbs
    run "$XENBENCH" image export m m.xbs
    [ "$status" = 2 ]
    "$XENBENCH" image export m m.xbs --force
    run in_terminal "$XENBENCH" image export m -
    [[ $output == *"not for a terminal"* ]]
}

@test "an image is replaced with --force only" {
    "$XENBENCH" image export m m.xbs
    echo other >state/images/m/vmlinux
    refused "--force" m.xbs
    "$XENBENCH" image import m.xbs --force
    [ "$(stat -c %s state/images/m/vmlinux)" = 100000 ]
    nothing_else m
}

# busy EXPECTED ARGUMENT...: the command is refused because another process works on the image
busy() {
    local expected=$1
    shift
    run --separate-stderr "$XENBENCH" "$@"
    [ "$status" = 3 ] || { echo "$*: $status $stderr"; return 1; }
    [[ $stderr == *"$expected"* ]] || { echo "$*: $stderr"; return 1; }
}

@test "an image is not read while being made or removed, nor the reverse; any number may read it" {
    "$XENBENCH" image export m m.xbs -q
    exec 7>state/images/.m.lock
    flock 7
    busy "is being built, imported or removed" image export m other.xbs -q
    busy "is being built, imported or removed" guest create g --image m
    [ ! -e other.xbs ]
    flock -s 7
    "$XENBENCH" image export m other.xbs -q
    # Xen is missing here, which the command notices only after it has locked the image.
    run --separate-stderr "$XENBENCH" guest create g --image m
    [[ $stderr != *"just now"* ]]
    busy "or exported, or a guest is being made" image import m.xbs --force -q
    busy "or exported, or a guest is being made" image remove m
    exec 7>&-
    "$XENBENCH" image import m.xbs --force -q
    # Now an export, not the test, locks the image.
    mkfifo pipe
    "$XENBENCH" image export m - -q >pipe 3>&- &
    also_stop $!
    exec 7<pipe
    head -c 100 <&7 >/dev/null
    busy "or exported, or a guest is being made" image remove m
    cat <&7 >/dev/null
    exec 7<&-
    stop_agents
    "$XENBENCH" image remove m
}

@test "images that came with the host are read without a folder for others" {
    mkdir -p alone
    mv state/images alone/images-ro
    XENBENCH_STATE=$PWD/alone "$XENBENCH" image export m m.xbs -q
    [ -s m.xbs ]
    [ ! -e alone/images ]
}

@test "a truncated or damaged stream is refused before anything is written" {
    "$XENBENCH" image export m m.xbs
    for bytes in 0 10 32 500 60000 -1; do
        head -c "$bytes" m.xbs >cut.xbs
        refused "" cut.xbs --name copy
        nothing_else m
        refused "" - --name copy <cut.xbs
        nothing_else m
    done
    [[ $stderr == *"was cut off"* ]]
    cp m.xbs bad.xbs
    printf x | dd of=bad.xbs bs=1 seek=300000 conv=notrunc status=none
    refused "a checksum does not fit" bad.xbs --name copy
    # A pipe cannot be read twice, so the error shows only while importing.
    run bash -c '"$0" image import - --name copy < <(cat bad.xbs)' "$XENBENCH"
    [ "$status" = 2 ]
    nothing_else m
    refused "not a stream of xenbench" state/images/m/vmlinux --name copy
    refused "something follows" <(cat m.xbs m.xbs) --name copy
    nothing_else m
}

@test "nothing in a stream becomes a path, and image.json is only text" {
    cp -r state/images/m state/images/evil
    jq '.disk = "/dev/null" | .volume_made = true' state/images/m/image.json >state/images/evil/image.json
    "$XENBENCH" image export evil evil.xbs
    "$XENBENCH" image import evil.xbs --name copy
    jq -e '.name == "copy" and .disk == "disk.img" and .volume_made == false' state/images/copy/image.json
    jq '.cmdline = "a\nkernel = \"/etc/shadow\""' state/images/m/image.json >state/images/evil/image.json
    "$XENBENCH" image export evil evil.xbs --force
    refused "image.json is invalid" evil.xbs --name other
    "$XENBENCH" image export m m.xbs
    for name in ../x .x a/b ''; do
        refused "cannot be an image's name" m.xbs --name "$name"
    done
}

@test "the plug is pulled at each step of an export: no file, or a complete one" {
    local step steps before
    steps=$(XENBENCH_FAULT=list "$XENBENCH" image export m x.xbs -q 2>&1 | sed -n 's/^fault: //p')
    [ "$(wc -l <<<"$steps")" -ge 5 ]
    [[ $steps == *file-written* ]]
    rm x.xbs
    before=$(ls -A)
    for step in $steps; do
        run env XENBENCH_FAULT="$step" "$XENBENCH" image export m x.xbs -q
        [ "$status" = 137 ]
        # The tests' filesystem has nameless files (O_TMPFILE), so not even a partial file is left.
        [ "$(ls -A)" = "$before" ] || { echo "after $step: $(ls -A)"; return 1; }
    done
}

@test "the plug is pulled at each step of an export over a file: the old one, or the new one" {
    local step steps
    echo old >x.xbs
    steps=$(XENBENCH_FAULT=list "$XENBENCH" image export m x.xbs -q --force 2>&1 | sed -n 's/^fault: //p')
    [[ $steps == *file-linked* ]]
    for step in $steps; do
        echo old >x.xbs
        run env XENBENCH_FAULT="$step" "$XENBENCH" image export m x.xbs -q --force
        [ "$status" = 137 ]
        [ "$(cat x.xbs)" = old ]
    done
    "$XENBENCH" image export m x.xbs -q --force
    [ "$(ls)" = $'state\nx.xbs' ]
    "$XENBENCH" image import x.xbs --name copy -q
    same_image state/images/copy
}

@test "options' numbers are checked before anything is written" {
    local args
    for args in '--level 0' '--level 20' '--level x' '--threads 0' '--threads 17' '--threads 2x' '--threads +2'; do
        # shellcheck disable=SC2086 # words are wanted
        run "$XENBENCH" image export m m.xbs $args
        [ "$status" = 2 ] || { echo "$args: $status"; return 1; }
        [[ $output == *"${args/ /=} is not a number from 1 to 1"* ]] || { echo "$args: $output"; return 1; }
    done
    [ ! -e m.xbs ]
}

@test "a device is overwritten with --force only, and never while in use" {
    [ "$(id -u)" = 0 ] && [ -w /dev/loop-control ] || skip "needs root and loop devices"
    local sum
    truncate -s 16M device.img
    loop_device=$(losetup --find --show device.img)
    mkfs.ext4 -q "$loop_device"
    sum=$(sha256sum <"$loop_device")
    run "$XENBENCH" image export m "$loop_device" -q
    [ "$status" = 2 ]
    [[ $output == *"$loop_device is a device (--force"* ]]
    [ "$(sha256sum <"$loop_device")" = "$sum" ]
    mkdir mnt
    mount "$loop_device" mnt
    run "$XENBENCH" image export m "$loop_device" -q --force
    umount mnt
    [ "$status" = 2 ]
    [[ $output == *"$loop_device is in use in Dom0: mounted read-write"* ]]
    e2fsck -fn "$loop_device"
    # The disk of another image must not be overwritten, not even with --force.
    cp -r state/images/m state/images/in_a_volume
    jq --arg disk "$loop_device" '.disk = $disk' state/images/m/image.json >state/images/in_a_volume/image.json
    run "$XENBENCH" image export m "$loop_device" -q --force
    [ "$status" = 2 ]
    [[ $output == *"$loop_device is the disk of image in_a_volume, which --force does not overwrite"* ]]
    rm -r state/images/in_a_volume
    "$XENBENCH" image export m "$loop_device" -q --force
    "$XENBENCH" image export m m.xbs -q
    cmp -n "$(stat -c %s m.xbs)" m.xbs "$loop_device"
    truncate -s 512K device.img
    losetup --set-capacity "$loop_device"
    run "$XENBENCH" image export m "$loop_device" -q --force
    [ "$status" = 3 ]
    [[ $output == *"No space left"* ]]
}

@test "the plug is pulled at each step of an import: no image, or a complete one, and clean removes the rest" {
    local step steps
    "$XENBENCH" image export m m.xbs -q
    steps=$(XENBENCH_FAULT=list "$XENBENCH" image import m.xbs --name copy -q 2>&1 | sed -n 's/^fault: //p')
    [ "$(wc -l <<<"$steps")" -ge 6 ]
    for step in $steps; do
        run env XENBENCH_FAULT="$step" "$XENBENCH" image import m.xbs --name fresh -q
        [ "$status" = 137 ]
        [ "$("$XENBENCH" image list --json | jq -r '.[].name' | xargs)" = "copy m" ]
        # After a clean, at the latest, an existing image is either the old one or the new one.
        run env XENBENCH_FAULT="$step" "$XENBENCH" image import m.xbs --name copy --force -q
        [ "$status" = 137 ]
        run "$XENBENCH" clean --dry-run
        [[ $output == *"would: remove"* ]]
        "$XENBENCH" clean
        nothing_else copy m
        same_image state/images/copy
    done
}

@test "Ctrl-C ends an import in order" {
    "$XENBENCH" image export m m.xbs -q
    mkfifo pipe
    "$XENBENCH" image import - --name copy <pipe 3>&- &
    local importer=$!
    exec 5>pipe
    head -c 400000 m.xbs >&5
    wait_for test -e state/images/.copy.part/disk.img
    kill -TERM "$importer" # a shell's background jobs ignore SIGINT
    tail -c +400001 m.xbs >&5 || true
    exec 5>&-
    local ended=0
    wait "$importer" || ended=$?
    [ "$ended" = 1 ]
    nothing_else m
}

@test "a full disk is reported, and nothing is left" {
    [ "$(id -u)" = 0 ] || skip "mounting needs root"
    "$XENBENCH" image export m m.xbs -q
    mkdir -p small
    mount -t tmpfs -o size=900k none small 2>/dev/null || skip "no tmpfs can be mounted here"
    run "$XENBENCH" image export m small/m.xbs -q
    [ "$status" = 3 ]
    [[ $output == *"No space left"* ]]
    [ -z "$(ls -A small)" ]
    run env XENBENCH_STATE="$PWD/small" "$XENBENCH" image import m.xbs -q
    [ "$status" = 3 ]
    [[ $output == *"free"* ]]
    run env XENBENCH_STATE="$PWD/small" bash -c '"$0" image import - -q < <(cat m.xbs)' "$XENBENCH"
    local ended=$status said=$output
    rm -rf small/images/.m.lock
    run find small -type f
    umount small
    [ "$ended" = 3 ]
    [[ $said == *"No space left"* ]]
    [ -z "$output" ]
}
