# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# kernel.sh: kernels in the form that Xen starts fastest, and the modules for an initramfs.

# le_number FILE OFFSET BYTES: reads a little-endian number from a file
le_number() {
    od -An -v --endian=little -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

kernel_is_elf() {
    [ "$(le_number "$1" 0 4)" = 1179403647 ] # "\x7fELF"
}

# kernel_unpacker FILE: the command that unpacks FILE, chosen by its magic number
kernel_unpacker() {
    case $(od -An -v -t x1 -N 6 "$1" | tr -d ' ') in
    fd377a585a00) echo xz -dc ;;
    28b52ffd*) echo zstd -dcq ;;
    1f8b*) echo gzip -dc ;;
    425a68*) echo bzip2 -dc ;;
    02214c18* | 04224d18*) echo lz4 -dcq ;;
    5d0000*) echo xz -dc --format=lzma ;;
    *) return 1 ;;
    esac
}

# kernel_payload VMLINUZ: the packed kernel's "OFFSET LENGTH" in a bzImage, from the image's header
# (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length)
kernel_payload() {
    echo $((($(le_number "$1" 497 1) + 1) * 512 + $(le_number "$1" 584 4))) "$(le_number "$1" 588 4)"
}

# kernel_grub_unpacks VMLINUZ: can PV GRUB start this bzImage? Of today's compressions it knows gzip
# and xz.
kernel_grub_unpacks() {
    local start
    read -r start _ <<<"$(kernel_payload "$1")"
    case $(od -An -v -t x1 -j "$start" -N 6 "$1" | tr -d ' ') in
    fd377a585a00 | 1f8b*) return 0 ;;
    *) return 1 ;;
    esac
}

# kernel_unpack VMLINUZ VMLINUX: extracts the ELF kernel from a bzImage. The payload ends with the
# unpacked size in four bytes: gzip's own, and added to the other formats by Linux's build.
kernel_unpack() {
    local from=$1 to=$2 start length size unpacker
    if kernel_is_elf "$from"; then
        cp "$from" "$to"
        return
    fi
    [ "$(le_number "$from" 514 4)" = 1400005704 ] || # "HdrS"
        fail "$from is neither an ELF kernel nor a bzImage"
    read -r start length <<<"$(kernel_payload "$from")"
    tail -c "+$((start + 1))" "$from" | head -c "$length" >"$to.packed" || true
    size=$(tail -c 4 "$to.packed" | od -An -v --endian=little -t u4 | tr -d ' ')
    unpacker=$(kernel_unpacker "$to.packed") || fail "$from has an unknown compression"
    [ "$unpacker" = 'gzip -dc' ] || truncate -s -4 "$to.packed"
    $unpacker <"$to.packed" >"$to" 2>/dev/null || true
    rm "$to.packed"
    if ! kernel_is_elf "$to" || [ "$(stat -c %s "$to")" != "$size" ]; then
        fail "cannot unpack $from with \`$unpacker\`: is the program installed, and is the file complete?"
    fi
}

# kernel_put VMLINUZ DIR: puts the kernel's forms for all ways to boot into DIR: vmlinux, unpacked,
# which Xen starts at once, and vmlinuz, unchanged, for an HVM guest's loaders. For a kernel given as
# ELF there is no vmlinuz.
kernel_put() {
    kernel_unpack "$1" "$2/vmlinux"
    kernel_is_elf "$1" || cp "$1" "$2/vmlinuz"
}

# kernel_release VMLINUZ: the kernel's uname -r, from the bzImage's header or the ELF kernel's
# banner
kernel_release() {
    if kernel_is_elf "$1"; then
        LC_ALL=C grep -aom1 'Linux version [^ %]*' "$1" | awk 'NR == 1 { print $3 }'
    else
        dd if="$1" bs=1 skip=$(($(le_number "$1" 526 2) + 512)) count=128 status=none | tr '\0' '\n' | awk 'NR == 1 { print $1 }'
    fi
}

# kernel_xen_types VMLINUX: the guest types that the kernel's ELF notes
# (xen/include/public/elfnote.h) allow: "pv" with a PV entry (type 1), "pvh" with a 32-bit entry
# (type 18)
kernel_xen_types() {
    local note
    for note in pv:1 pvh:18; do
        if LC_ALL=C grep -qaP "$(printf '\\x04\\0\\0\\0[\\x04\\x08]\\0\\0\\0\\x%02x\\0\\0\\0Xen\\0' "${note#*:}")" "$1"; then
            echo "${note%%:*}"
        fi
    done
}

# modules_copy ROOT RELEASE DEST MODULE...: copies modules and their dependencies from tree ROOT to
# tree DEST, unpacked, with a modules.dep of their own. Skips built-in modules; all others must
# exist.
modules_copy() {
    local root=$1 release=$2 dest=$3/lib/modules/$2 module action file
    shift 3
    mkdir -p "$dest"
    cp "$root/lib/modules/$release"/modules.builtin* "$root/lib/modules/$release/modules.order" "$dest/"
    depmod -b "$root" "$release"
    for module; do
        modprobe -d "$root" -S "$release" --show-depends "$module" >"$dest/depends" ||
            fail "kernel $release has no module $module"
        while read -r action file _; do
            if [ "$action" = insmod ]; then
                module_copy "$file" "$dest/${file##*/lib/modules/"$release"/}"
            fi
        done <"$dest/depends"
    done
    rm "$dest/depends"
    depmod -b "${dest%/lib/modules/*}" "$release"
    rm -f "$dest"/modules.{order,builtin.modinfo,devname,symbols,symbols.bin}
}

module_copy() {
    local from=$1 to=$2
    mkdir -p "$(dirname "$to")"
    case $from in
    *.xz) xz -dc "$from" >"${to%.xz}" ;;
    *.zst) zstd -dcq "$from" >"${to%.zst}" ;;
    *.gz) gzip -dc "$from" >"${to%.gz}" ;;
    *) cp "$from" "$to" ;;
    esac
}
