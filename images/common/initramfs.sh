# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# initramfs.sh: packs busybox, some modules and an /init into an initramfs.
# shellcheck disable=SC2154 # $epoch is set by image.sh

# initramfs_busybox BUSYBOX TREE: installs the static busybox with a link for each of its commands
initramfs_busybox() {
    local busybox=$1 tree=$2 path
    mkdir -p "$tree"/{bin,sbin,usr/bin,usr/sbin,dev,proc,sys,run,tmp,etc,root}
    while read -r path; do
        ln -s /bin/busybox "$tree/$path"
    done < <("$busybox" --list-full)
    cp --remove-destination "$busybox" "$tree/bin/busybox"
    rm "$tree/linuxrc"
}

# initramfs_pack TREE FILE: uncompressed, because unpacking costs more than reading; reproducible
initramfs_pack() {
    local tree=$1 file
    file=$(realpath "$2")
    find "$tree" -exec touch -h -d "@$epoch" {} +
    (cd "$tree" && find . -mindepth 1 -print0 | LC_ALL=C sort -z | cpio --quiet -0 -o -H newc --reproducible -R 0:0) >"$file"
}
