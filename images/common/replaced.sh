# shellcheck shell=bash
# replaced.sh: an image that another one of its name takes the place of, and the volume that its build made for it. A
# volume that was there before is its owner's, and stays.
# shellcheck disable=SC2154 # these are set by image.sh

# replaced_volume DIR: of the volume that was made for the image in DIR: "VG/NAME", as it is called now, and the first
# snapshot that needs it. Nothing where there is none. It is known by its UUID, as `xenbench image remove` knows it.
replaced_volume() {
    local uuid
    [ -e "$1/image.json" ] || return 0
    uuid=$(jq -r 'select(.volume_made == true) | .volume.lv_uuid // empty' "$1/image.json") || return 1
    [ -n "$uuid" ] || return 0
    lvs --reportformat json -o vg_name,lv_name,lv_uuid,lv_attr,origin_uuid | jq -r --arg uuid "$uuid" '.report[0].lv |
        (map(select(.origin_uuid == $uuid and (.lv_attr | test("^[sS]"))).lv_name) | first // "") as $snapshot |
        .[] | select(.lv_uuid == $uuid) | "\(.vg_name)/\(.lv_name) \($snapshot)"'
}

# replaced_check DIR: may the image there be replaced? What took its volume away would take the volume's snapshots along.
replaced_check() {
    local found volume snapshot
    found=$(replaced_volume "$1") || fail "cannot tell which volume the image has that is there; is its image.json damaged?"
    read -r volume snapshot <<<"$found"
    [ -z "$snapshot" ] ||
        fail "the volume of the image that is there, $volume, has a snapshot, $snapshot, which needs it: remove that first"
}

# replaced_remove DIR: the image there, which is none any more, and its volume unless the new image has that one. The
# record goes after what it tells of: where the volume is in use, both stay.
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
