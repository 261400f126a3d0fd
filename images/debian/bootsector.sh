# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# bootsector.sh: GRUB for HVM guests, which boot from their disk as a PC does. The disk has no
# partition table. ext4 leaves its first sector free; the boot sector there lists the blocks of
# boot/grub/core.img (GRUB's manual: block list), which holds until somebody rewrites that file.
# shellcheck disable=SC2154 # set by build and by image.sh

grub_pc=/usr/lib/grub/i386-pc

bootsector_possible() {
    case $arch in
    amd64 | i386) ;;
    *) return 1 ;;
    esac
}

bootsector_check() {
    bootsector_possible || return 0
    { command -v grub-mkimage && [ -e "$grub_pc/boot.img" ]; } >/dev/null ||
        wrong "grub-mkimage or $grub_pc is not there: install grub-common and grub-pc-bin"
}

# bootsector_core FILE: makes GRUB's core image with all that our grub.cfg needs
bootsector_core() {
    grub-mkimage -O i386-pc -d "$grub_pc" -p '(hd0)/boot/grub' -o "$1" biosdisk ext2 normal configfile linux test
}

# bootsector_runs DISK FILE: where the file is on the disk: a line "START COUNT" in sectors for each
# run of blocks
bootsector_runs() {
    local block_sectors
    block_sectors=$(($(dumpe2fs -h "$1" 2>/dev/null | awk '/^Block size:/ { print $3 }') / 512))
    debugfs -R "blocks $2" "$1" 2>/dev/null | tr -s ' ' '\n' | awk -v per="$block_sectors" '
        !NF { next }
        count && $1 == last + 1 { count++; last = $1; next }
        count { print start * per, count * per }
        { start = last = $1; count = 1 }
        END { if (count) print start * per, count * per }'
}

# le_bytes NUMBER BYTES: prints the number as little-endian bytes
le_bytes() {
    local number=$1 i
    for ((i = 0; i < $2; i++)); do
        printf '%b' "$(printf '\\x%02x' $((number & 255)))"
        number=$((number >> 8))
    done
}

# put_bytes FILE OFFSET: writes stdin into the file
put_bytes() {
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# bootsector_write DISK: does what grub-bios-setup does, on an unmounted filesystem. boot.img loads
# the sector named at 0x5c, the first of core.img. The block list of the rest is at the end of that
# sector and grows downwards: start (8 bytes), count (2), segment (2).
bootsector_write() {
    local disk=$1 start count first='' segment=$((0x820)) at=$((512 - 12))
    while read -r start count; do
        if [ -z "$first" ]; then
            first=$start
            start=$((start + 1)) count=$((count - 1))
        fi
        [ "$count" -gt 0 ] || continue
        { le_bytes "$start" 8; le_bytes "$count" 2; le_bytes "$segment" 2; } | put_bytes "$disk" $((first * 512 + at))
        segment=$((segment + count * 32)) at=$((at - 12))
    done < <(bootsector_runs "$disk" /boot/grub/core.img)
    [ -n "$first" ] || return 1
    head -c 440 "$grub_pc/boot.img" | put_bytes "$disk" 0
    le_bytes "$first" 8 | put_bytes "$disk" $((0x5c))
    printf '\x90\x90' | put_bytes "$disk" $((0x66)) # trust the BIOS about the boot drive
    printf '\x55\xaa' | put_bytes "$disk" 510
}
