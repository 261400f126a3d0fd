# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# disk.sh: makes a disk from the tree: ext4 in a sparse file or in a logical volume.
# shellcheck disable=SC2034 # other files read lv_made, lv_to_remove and disk_sha256
# shellcheck disable=SC2154 # set by build and by image.sh

# If the caller is not root, fakeroot keeps track of the files' owners.
make_disk() {
    local as_root=(fakeroot --)
    [ "$(id -u)" != 0 ] || as_root=()
    printf '%s\n' "${files[@]}" >"$scratch/files"
    env scratch="$scratch" part="$part" epoch="$epoch" release="$release" vmlinuz="$vmlinuz" size="$size" \
        free_mb="$free_mb" agent="$agent" agent_files="$(agent_files)" recipe="$recipe" \
        command_line="$(command_line)" arch="$arch" "${as_root[@]}" "$here/assemble" "$1"
    cat "$scratch/manifest.txt" >>"$part/manifest.txt"
    LC_ALL=C sort -u -o "$part/manifest.txt" "$part/manifest.txt"
    e2fsck -fn "$part/disk.img" || fail "the new filesystem is not sound"
}

# The folder of the agent's unit: installed, or in the source tree.
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

# lv_look REFUSE: may the existing volume be overwritten? Not while Dom0, a guest or a snapshot uses
# it, nor if it is the disk of a guest or another image. Its data may be lost only if it is this
# image's, or with --force. Even a volume without a signature may have data.
lv_look() {
    local device=/dev/$lv mine said status=0 may_be_lost=()
    mine=$(jq -r '.disk // empty' "$images/$name/image.json" 2>/dev/null) || true
    if [ -n "$force" ] || [ "$mine" = "$device" ]; then
        may_be_lost=(--force)
    fi
    said=$("$(xenbench_program)" image check-device --image "$name" "${may_be_lost[@]}" "$device" 2>&1) || status=$?
    case $status in
    0) ;;
    2) "$1" "--lv $lv: ${said#xenbench: }" ;;
    *) fail "--lv $lv: ${said#xenbench: }" ;;
    esac
    if [ -n "$(lvs --noheadings -o lv_name -S "origin=${lv#*/} && vg_name=${lv%/*}" 2>/dev/null)" ]; then
        "$1" "--lv $lv: there are snapshots of the volume, which would change with it: remove them first"
    fi
}

# Check before the build, and again before writing, because a build takes minutes.
lv_check() {
    [ ! -e "/dev/$lv" ] || lv_look wrong
}

# Record the volume before making it, with a tag that lvm sets at its creation, so that `xenbench
# clean` recognises it after a kill. image.json has the volume's UUID.
lv_make() {
    local tag
    tag=xenbench_$(cat /proc/sys/kernel/random/uuid)
    lv_record=$(jq -n --arg vg "${lv%/*}" --arg lv "${lv#*/}" --arg tag "$tag" --argjson bytes "$1" \
        '{storage: "lvm", bytes: $bytes, vg: $vg, lv: $lv, tag: $tag}')
    echo "$lv_record" >"$part/volume.json"
    sync "$part/volume.json" "$part"
    fault volume-planned
    lvcreate -q -y -Wy -L "${1}b" --addtag "$tag" -n "${lv#*/}" "${lv%/*}"
    lv_made=true
    lv_to_remove=$lv
    fault volume-made
    lv_record=$(jq --arg uuid "$(lvs --noheadings -o lv_uuid "$lv" | tr -d ' ')" '.lv_uuid = $uuid' <<<"$lv_record")
}

# Remove the old image of this volume: once its disk is being overwritten, that image is lost even if
# this build fails.
lv_take_over() {
    local old=$images/$name
    [ "$(jq -r '.disk // empty' "$old/image.json" 2>/dev/null)" = "/dev/$lv" ] || return 0
    if [ "$(jq -r '.volume_made // false' "$old/image.json")" = true ]; then
        lv_made=true
        lv_to_remove=$lv
        lv_record=$(jq '.volume // empty' "$old/image.json")
        echo "$lv_record" >"$part/volume.json"
        sync "$part/volume.json" "$part"
    fi
    rm -rf "$images/.$name.removed"
    mv "$old" "$images/.$name.removed"
    sync "$images"
    fault old-hidden
}

lv_write() {
    local device=/dev/$lv bytes
    bytes=$(stat -c %s "$part/disk.img")
    say "writing $device"
    lv_made=false lv_record=''
    if [ -e "$device" ]; then
        lv_look fail
        [ "$(blockdev --getsize64 "$device")" -ge "$bytes" ] || fail "$device is smaller than the disk's $bytes bytes"
        lv_take_over
    else
        lv_make "$bytes"
    fi
    # Zero the device first (by discarding, if it can), so that only non-zero data needs writing.
    # blkdiscard opens the device exclusively, and would ask a terminal about existing data.
    blkdiscard -z "$device" </dev/null
    fault volume-zeroed
    dd if="$part/disk.img" of="$device" bs=4M conv=sparse,notrunc,fsync status=none
    disk_sha256=$(sha256sum <"$part/disk.img" | cut -d' ' -f1)
    rm "$part/disk.img"
    fault volume-written
}

# The volume for image.json; null if the volume existed before.
lv_json() {
    [ -n "${lv_record:-}" ] && echo "$lv_record" || echo null
}
