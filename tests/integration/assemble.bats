#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# images/debian/assemble on a tree with almost nothing in it.

setup() {
    top=$(realpath "$BATS_TEST_DIRNAME/../..")
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p tree/etc tree/var/lib/dpkg part scratch
    echo root:x:0:0:root:/root:/bin/sh | tee tree/etc/passwd >tree/etc/shadow
    touch tree/var/lib/dpkg/status
    tar -C tree -cf tree.tar .
    printf '\177ELF' | tee vmlinuz part/vmlinux >agent
    echo initramfs >part/initrd.img
    : >scratch/files
}

# assemble RELEASE: with the kernel's modules of that release
assemble() {
    # The architecture is one that takes no boot sector.
    run env scratch="$PWD/scratch" part="$PWD/part" epoch=1700000000 release="$1" vmlinuz="$PWD/vmlinuz" size=128M free_mb=1 \
        agent="$PWD/agent" agent_files="$top/guest-agent" recipe="$(echo recipe | sha256sum | cut -d' ' -f1)" command_line=quiet arch=none \
        fakeroot -- "$top/images/debian/assemble" tree.tar
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a kernel older than 5.2, as buster's, has no modules.builtin.modinfo" {
    mkdir -p scratch/kernel/lib/modules/4.19.0-27-amd64/kernel/fs
    touch scratch/kernel/lib/modules/4.19.0-27-amd64/modules.{builtin,order}
    assemble 4.19.0-27-amd64
    debugfs -R 'ls -p /lib/modules/4.19.0-27-amd64' part/disk.img 2>/dev/null | grep -q /modules.builtin/
}
