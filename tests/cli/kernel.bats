#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# images/common/kernel.sh: kernels as distributions pack them, and as they are stored in an image.
bats_require_minimum_version 1.5.0

top=$BATS_TEST_DIRNAME/../..

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # Larger than the window of a fast compressor, and not all the same.
    { printf '\177ELF\2\1\1'; echo "Linux version 6.12.0-1-amd64 (builder@host)"; seq 60000; } >vmlinux
}

# kernel FUNCTION ARGUMENT...: calls a function of kernel.sh as a recipe does
# shellcheck disable=SC2317 # kernel.sh calls fail
kernel() (
    set -euo pipefail
    fail() { echo "$*"; exit 3; }
    # shellcheck source=images/common/kernel.sh
    . "$top/images/common/kernel.sh"
    "$@"
)

packed() { "$top/tests/bzimage" vmlinux 6.12.0-1-amd64 "$@" >vmlinuz; }

# The compressors as Linux's own build calls them (scripts/Makefile.lib).
packers=('gzip -n -9' 'xz --check=crc32 --lzma2=dict=1MiB' 'zstd -q -19' 'lz4 -q -l -9 - -' 'bzip2 -9' 'xz --format=lzma -9')

@test "a kernel is unpacked, whatever packed it" {
    for packer in "${packers[@]}"; do
        # shellcheck disable=SC2086 # words are wanted
        packed $packer
        kernel kernel_unpack vmlinuz unpacked
        cmp vmlinux unpacked || { echo "$packer"; false; }
        [ "$(kernel kernel_release vmlinuz)" = 6.12.0-1-amd64 ]
        [ ! -e unpacked.packed ]
    done
}

@test "PV GRUB gets the kernels that it can unpack, and no others" {
    for packer in "${packers[@]}"; do
        # shellcheck disable=SC2086
        packed $packer
        case $packer in
        gzip* | 'xz --check'*) kernel kernel_grub_unpacks vmlinuz ;;
        *) run ! kernel kernel_grub_unpacks vmlinuz ;;
        esac
    done
}

@test "an ELF kernel stays as it is, and has no vmlinuz in an image" {
    mkdir image
    kernel kernel_put vmlinux image
    cmp vmlinux image/vmlinux
    [ ! -e image/vmlinuz ]
    [ "$(kernel kernel_release vmlinux)" = 6.12.0-1-amd64 ]
    packed zstd -q
    kernel kernel_put vmlinuz image
    cmp vmlinux image/vmlinux
    cmp vmlinuz image/vmlinuz
}

@test "a kernel that cannot be unpacked is an error that names it" {
    for packer in "${packers[@]}"; do
        # shellcheck disable=SC2086
        packed $packer
        head -c -4096 vmlinuz >short
        run kernel kernel_unpack short unpacked
        [ "$status" -eq 3 ]
        [[ $output == "cannot unpack short with \`"* || $output == "short has an unknown compression" ]] || { echo "$output"; false; }
    done
    packed rev
    run kernel kernel_unpack vmlinuz unpacked
    [ "$status" -eq 3 ]
    [ "$output" = "vmlinuz has an unknown compression" ]
    seq 1000 >text
    run kernel kernel_unpack text unpacked
    [ "$status" -eq 3 ]
    [ "$output" = "text is neither an ELF kernel nor a bzImage" ]
}

@test "a kernel whose program for unpacking is missing is an error that says so" {
    packed zstd -q
    mkdir bin
    printf '#!/bin/sh\nexit 127\n' >bin/zstd
    chmod +x bin/zstd
    PATH=$PWD/bin:$PATH run kernel kernel_unpack vmlinuz unpacked
    [ "$status" -eq 3 ]
    [[ $output == *'cannot unpack vmlinuz with `zstd -dcq`: is the program installed'* ]]
}

@test "modules are unpacked, whatever packed them" {
    for packer in 'xz .xz' 'zstd -q .zst' 'gzip .gz' 'cat .'; do
        file=m.ko${packer##* }
        # shellcheck disable=SC2086
        ${packer% *} <vmlinux >"${file%.}"
        kernel module_copy "${file%.}" "tree/lib/${file%.}"
        cmp vmlinux tree/lib/m.ko
        rm -r tree
    done
}
