#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The hotplug program for disks: its effects as xl and the kernel see them, which guests may share a
# disk, and that no loop device is left.

load helper

W=/var/lib/xenbench/hotplug

setup_file() {
    dom0 "mkdir -p $W && cd $W && truncate -s 16M a.img b.img && ln -f a.img hard.img"
    local guest
    for guest in h1 h2; do
        dom0 "xenbench guest create $guest --image micro --memory 128M"
    done
}

teardown_file() {
    dom0 'xenbench guest remove --destroy h1 h2; delpart /dev/vdd 1; delpart /dev/vdd 2; umount /dev/vdd 2>/dev/null; wipefs -qa /dev/vdd' || true
    dom0 "rm -rf $W"
}

teardown() {
    dom0 'for g in h1 h2; do ! xl domid $g >/dev/null 2>&1 || xl destroy $g; done'
}

# disks GUEST SPEC...: sets the disks of the guest's xl.cfg. A SPEC is "vdev=...,target=..."
disks() {
    local guest=$1 list='' spec
    shift
    for spec in "$@"; do
        list+="\"format=raw,script=/usr/lib/xenbench/block,$spec\","
    done
    dom0 "sed -i '/^disk = /d' /var/lib/xenbench/guests/$guest/$guest.cfg
        echo 'disk = [ $list ]' >>/var/lib/xenbench/guests/$guest/$guest.cfg"
}

# Create the guest paused: nothing boots, so it takes only a second.
create_paused() {
    dom0 "xl create -qp /var/lib/xenbench/guests/$1/$1.cfg"
}

# loops FILE COLUMNS: prints these columns of each of the file's loop devices.
loops() {
    dom0 "losetup --list --noheadings --output '$2' --associated $W/$1"
}

no_loop_left() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ -n "$(dom0 'losetup --list --noheadings')" ] || return 0
        sleep 1
    done
    dom0 'losetup --list' >&2
    die "a loop device was left behind"
}

@test "a guest whose disks the program attaches: keys in xenstore, a loop device that frees itself, a read-only disk" {
    disks h1 "vdev=xvda,access=rw,target=$W/a.img" "vdev=xvdb,access=ro,target=$W/b.img"
    dom0 'xenbench guest start h1'
    run dom0 'xenbench exec h1 -- sh -c "cat /sys/block/xvda/ro /sys/block/xvdb/ro /sys/block/xvda/size; echo written >/dev/xvda"'
    [ "$status" -eq 0 ]
    [ "$output" = $'0\n1\n32768' ]
    run loops a.img AUTOCLEAR,RO,DIO
    [[ $output =~ ^\ *1\ +0\ +0$ ]]
    run loops b.img AUTOCLEAR,RO
    [[ $output =~ ^\ *1\ +1$ ]]
    run dom0 'b=/local/domain/0/backend/vbd/$(xl domid h1)/51712
        for k in hotplug-status node physical-device-path physical-device; do xenstore-read $b/$k; done
        stat -c %t:%T $(xenstore-read $b/node)'
    [ "${lines[0]}" = connected ]
    [ "${lines[1]}" = "${lines[2]}" ]
    [ "${lines[3]}" = "${lines[4]}" ]
    dom0 'xenbench guest destroy h1'
    no_loop_left
    [ "$(dom0 "head -c 7 $W/a.img")" = written ]
}

@test "xl create with the same file, direct I/O if the disk says that it is safe, xl block-attach and detach" {
    disks h1 "vdev=xvda,access=rw,direct-io-safe,target=$W/a.img"
    create_paused h1
    run loops a.img AUTOCLEAR,DIO
    [[ $output =~ ^\ *1\ +1$ ]]
    dom0 "xl block-attach h1 format=raw,vdev=xvdc,access=ro,script=/usr/lib/xenbench/block,target=$W/b.img"
    [ -n "$(loops b.img NAME)" ]
    dom0 'xl destroy h1'
    no_loop_left
}

@test "a second guest is refused the same file under another name, with the first guest's name; readers may share" {
    disks h1 "vdev=xvda,access=rw,target=$W/a.img"
    disks h2 "vdev=xvda,access=rw,target=$W/hard.img"
    create_paused h1
    run dom0 'xenbench guest start h2'
    [ "$status" -eq 3 ]
    [[ $output == *"$W/hard.img is, in whole or in part, the disk of domain"*"(h1) already"* ]]
    disks h2 "vdev=xvda,access=ro,target=$W/hard.img"
    run create_paused h2
    [ "$status" -ne 0 ]
    dom0 'xl destroy h1'
    disks h1 "vdev=xvda,access=ro,target=$W/a.img"
    create_paused h1
    create_paused h2
    [ "$(dom0 'losetup --list --noheadings | wc -l')" -eq 2 ]
    dom0 'xl destroy h1; xl destroy h2'
    no_loop_left
}

@test "a block device: no loop device; refused if Dom0 has it mounted or another guest writes to it" {
    disks h1 'vdev=xvda,access=rw,target=/dev/vdd'
    disks h2 'vdev=xvda,access=rw,target=vdd'
    create_paused h1
    [ "$(dom0 'xenstore-read /local/domain/0/backend/vbd/$(xl domid h1)/51712/physical-device-path')" = /dev/vdd ]
    no_loop_left
    run create_paused h2
    [ "$status" -ne 0 ]
    [[ $output == *"(h1) already"* ]]
    dom0 'xl destroy h1; mkfs.ext4 -q /dev/vdd && mount /dev/vdd /mnt'
    run create_paused h1
    [ "$status" -ne 0 ]
    [[ $output == *"in use in Dom0: mounted read-write"* ]]
    dom0 'umount /mnt; wipefs -qa /dev/vdd'
}

@test "a disk is in use if a guest has a partition of it, and the reverse; two partitions are two disks" {
    dom0 'addpart /dev/vdd 1 2048 65536 && addpart /dev/vdd 2 67584 65536 && udevadm settle'
    disks h1 'vdev=xvda,access=rw,target=/dev/vdd1'
    disks h2 'vdev=xvda,access=rw,target=/dev/vdd2'
    create_paused h1
    create_paused h2
    dom0 'xl destroy h2'
    disks h2 'vdev=xvda,access=rw,target=/dev/vdd'
    run create_paused h2
    [ "$status" -ne 0 ]
    [[ $output == *"/dev/vdd is, in whole or in part, the disk of domain"*"(h1) already"* ]]
    run dom0 'xenbench host prepare --vg prep --pv /dev/vdd --overwrite /dev/vdd'
    [ "$status" -eq 2 ]
    [[ $output == *"REFUSED"*"is, in whole or in part, the disk of domain"*"(h1) already"* ]]
    dom0 'xl destroy h1'
    create_paused h2
    disks h1 'vdev=xvda,access=rw,target=/dev/vdd1'
    run create_paused h1
    [ "$status" -ne 0 ]
    [[ $output == *"/dev/vdd1 is, in whole or in part, the disk of domain"*"(h2) already"* ]]
    dom0 'xl destroy h2; delpart /dev/vdd 1; delpart /dev/vdd 2'
}

@test "a missing target and a read-only one are reported, and nothing is left" {
    disks h1 "vdev=xvda,access=rw,target=$W/none.img"
    run create_paused h1
    [ "$status" -ne 0 ]
    [[ $output == *"the disk's target $W/none.img: No such file"* ]]
    disks h1 "vdev=xvda,access=rw,target=$W/b.img"
    dom0 "chmod a-w $W/b.img"
    run create_paused h1
    dom0 "chmod u+w $W/b.img"
    [ "$status" -ne 0 ]
    [[ $output == *"$W/b.img is read-only"* ]]
    no_loop_left
}

@test "no loop device is left when nobody runs the script: the toolstack killed, the backend removed by hand" {
    disks h1 "vdev=xvda,access=rw,target=$W/a.img"
    dom0 'xenbench guest start h1'
    dom0 'kill -9 "$(cut -d" " -f1 /run/xenbench/monitor-*.lock)"'
    # Remove a disk as libxl does, but without running its hotplug script.
    dom0 'id=$(xl domid h1); xenstore-write /local/domain/0/backend/vbd/$id/51712/online 0
        xenstore-write /local/domain/0/backend/vbd/$id/51712/state 5; xl destroy h1'
    no_loop_left
    dom0 'xenbench guest start h1 && xenbench guest destroy h1'
    no_loop_left
}

@test "guests with disks are built at the same time" {
    disks h1 "vdev=xvda,access=rw,target=$W/a.img"
    disks h2 "vdev=xvda,access=rw,target=$W/b.img"
    dom0 'xenbench guest start h1 h2 && xenbench exec h1,h2 -- test -b /dev/xvda && xenbench guest destroy h1 h2'
    no_loop_left
    no_zombie_domains
    dom0_kernel_is_sound
}
