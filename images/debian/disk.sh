# shellcheck shell=bash
# disk.sh: the tree becomes a disk: ext4 in a sparse file, or in a logical volume.
# shellcheck disable=SC2034 # and lv_made and lv_to_remove are read there
# shellcheck disable=SC2154 # set by build and by image.sh

# The owners of files are kept by fakeroot where the caller is not root.
make_disk() {
    local as_root=(fakeroot --)
    [ "$(id -u)" != 0 ] || as_root=()
    printf '%s\n' "${files[@]}" >"$scratch/files"
    env scratch="$scratch" part="$part" epoch="$epoch" release="$release" vmlinuz="$vmlinuz" size="$size" \
        free_mb="$free_mb" agent="$agent" agent_files="$(agent_files)" recipe="$recipe" \
        command_line="$(command_line)" "${as_root[@]}" "$here/assemble" "$1"
    cat "$scratch/manifest.txt" >>"$part/manifest.txt"
    LC_ALL=C sort -u -o "$part/manifest.txt" "$part/manifest.txt"
    e2fsck -fn "$part/disk.img" || fail "the new filesystem is not sound"
}

# Where the agent's unit lies: installed, or in the source tree.
agent_files() {
    local dir
    for dir in "${XENBENCH_SHARE:-}/agent" "$here/../agent" "$here/../../guest-agent"; do
        if [ -e "$dir/xenbench-agent.service" ]; then
            realpath "$dir"
            return
        fi
    done
    fail "no xenbench-agent.service in ${XENBENCH_SHARE:-/usr/share/xenbench}/agent: is xenbench installed?"
}

# A volume that holds something is only written over if it is this image's, or with --force.
lv_check() {
    local device=/dev/$lv mine
    [ -e "$device" ] || return 0
    mine=$(jq -r '.disk // empty' "$images/$name/image.json" 2>/dev/null) || true
    if [ -z "$force" ] && [ "$mine" != "$device" ] && blkid -p "$device" >/dev/null; then
        wrong "--lv $lv: the volume is there and holds data ($(blkid -p -o value -s TYPE "$device")); --force writes over it"
    fi
}

lv_write() {
    local device=/dev/$lv bytes
    bytes=$(stat -c %s "$part/disk.img")
    say "writing $device"
    lv_made=$(jq '.volume_made // false' "$images/$name/image.json" 2>/dev/null) || lv_made=false
    if [ ! -e "$device" ]; then
        lvcreate -q -y -Wy -L "${bytes}b" -n "${lv#*/}" "${lv%/*}"
        lv_made=true
        lv_to_remove=$lv
    fi
    [ "$(blockdev --getsize64 "$device")" -ge "$bytes" ] || fail "$device is smaller than the disk's $bytes bytes"
    # Zeroed first, where the device can by discarding, so that only what is not zero need be written.
    blkdiscard -f -z "$device"
    dd if="$part/disk.img" of="$device" bs=4M conv=sparse,notrunc,fsync status=none
    rm "$part/disk.img"
}
