# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# replaced.sh: removes the image that a new one replaces, with the volume that its build made. A
# volume that existed before belongs to its owner and stays.
# shellcheck disable=SC2154 # these are set by image.sh

# replaced_volume DIR: "VG/NAME" of the volume that was made for the image in DIR, and the first
# snapshot that depends on the volume. Empty if there is none. The UUID identifies the volume, as in
# `xenbench image remove`.
replaced_volume() {
    local uuid
    [ -e "$1/image.json" ] || return 0
    uuid=$(jq -r 'select(.volume_made == true) | .volume.lv_uuid // empty' "$1/image.json") || return 1
    [ -n "$uuid" ] || return 0
    lvs --reportformat json -o vg_name,lv_name,lv_uuid,lv_attr,origin_uuid | jq -r --arg uuid "$uuid" '.report[0].lv |
        (map(select(.origin_uuid == $uuid and (.lv_attr | test("^[sS]"))).lv_name) | first // "") as $snapshot |
        .[] | select(.lv_uuid == $uuid) | "\(.vg_name)/\(.lv_name) \($snapshot)"'
}

# replaced_check DIR: may the image be replaced? Removing its volume would remove the volume's
# snapshots too.
replaced_check() {
    local found volume snapshot
    found=$(replaced_volume "$1") || fail "cannot tell which volume the existing image has (is its image.json damaged?)"
    read -r volume snapshot <<<"$found"
    [ -z "$snapshot" ] ||
        fail "the existing image's volume, $volume, has a snapshot, $snapshot, which depends on it: remove the snapshot first"
}

# replaced_remove DIR: removes the replaced image and its volume, unless the new image uses the
# volume. The volume goes before its record, so if it is in use, both stay.
replaced_remove() {
    local found volume snapshot
    [ -e "$1" ] || return 0
    found=$(replaced_volume "$1") || return 1
    read -r volume snapshot <<<"$found"
    if [ -n "$volume" ] && [ "$(jq -r '.disk // empty' "$images/$name/image.json")" != "/dev/$volume" ]; then
        [ -z "$snapshot" ] || return 1
        lvremove -q -y "$volume" || return 1
        fault replaced-volume-removed
    fi
    rm -rf "$1"
}
