#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What `xenbench clean` does with volumes recorded by killed commands. A stand-in for lvm2 keeps its
# volumes in a file; tests/lab/40-storage.bats and 41-plug.bats use the real one.
load helper

setup() {
    export XENBENCH_STATE=$BATS_TEST_TMPDIR/state XENBENCH_RUN=$BATS_TEST_TMPDIR/run XENBENCH_CONF=none
    export LVM_FILE=$BATS_TEST_TMPDIR/lvs.json PATH=$BATS_TEST_TMPDIR/bin:$PATH
    mkdir -p "$BATS_TEST_TMPDIR/bin" "$XENBENCH_STATE/guests"
    cat >"$BATS_TEST_TMPDIR/bin/lvs" <<'SH'
#!/bin/sh
cat "$LVM_FILE"
SH
    cat >"$BATS_TEST_TMPDIR/bin/lvremove" <<'SH'
#!/bin/sh
for name; do :; done
if [ -e "$LVM_FILE.held" ]; then
    echo "  Logical volume $name in use." >&2
    exit 5
fi
jq --arg name "$name" '.report[0].lv |= map(select(.vg_name + "/" + .lv_name != $name))' "$LVM_FILE" >"$LVM_FILE.new"
mv "$LVM_FILE.new" "$LVM_FILE"
SH
    chmod +x "$BATS_TEST_TMPDIR"/bin/*
    echo '{"report": [{"lv": []}]}' >"$LVM_FILE"
}

# volume NAME UUID TAGS [ORIGIN-UUID]: makes a volume
volume() {
    jq --arg name "$1" --arg uuid "$2" --arg tags "$3" --arg origin "${4:-}" '.report[0].lv += [{vg_name: "vg0", lv_name: $name,
        lv_uuid: $uuid, pool_lv: "", origin_uuid: $origin, lv_tags: $tags, lv_size: "4194304", data_percent: "",
        lv_attr: (if $origin == "" then "-wi-a-----" else "swi-a-s---" end)}]' "$LVM_FILE" >"$LVM_FILE.new"
    mv "$LVM_FILE.new" "$LVM_FILE"
}

volumes() {
    jq -r '.report[0].lv[].lv_name' "$LVM_FILE" | sort | xargs
}

# remains DIRECTORY VOLUME UUID-OR-NOTHING TAG: makes a killed command's record of a volume
remains() {
    mkdir -p "$XENBENCH_STATE/$1"
    jq -n --arg lv "$2" --arg uuid "$3" --arg tag "$4" '{format: 1, name: "g", uuid: "8c2cb2fa-2a45-44c2-8a17-d0d5cf7c66ff",
        image: "m", type: "pv", vcpus: 1, memory_bytes: 1, disk: ({storage: "lvm", bytes: 1, vg: "vg0", lv: $lv, tag: $tag} +
        if $uuid == "" then {} else {lv_uuid: $uuid} end)}' >"$XENBENCH_STATE/$1/guest.json"
}

@test "a volume made before its UUID was recorded is recognised by name and tag" {
    volume xenbench-g uuid-1 xenbench_a
    remains guests/.g.new.1 xenbench-g '' xenbench_a
    run "$XENBENCH" clean --dry-run
    [ "$status" = 0 ]
    [[ $output == *"would: remove"*.g.new.1*"vg0/xenbench-g"* ]]
    [ "$(volumes)" = xenbench-g ]
    "$XENBENCH" clean
    [ -z "$(volumes)" ]
    [ -z "$(ls -A "$XENBENCH_STATE/guests")" ]
}

@test "a volume of that name without the tag, or with another UUID, belongs to somebody else and stays" {
    volume xenbench-g uuid-1 xenbench_ab,other
    volume xenbench-h uuid-2 xenbench_h
    remains guests/.g.new.1 xenbench-g '' xenbench_a
    remains guests/.h.removed.2 xenbench-h uuid-3 xenbench_h
    "$XENBENCH" clean
    [ "$(volumes)" = "xenbench-g xenbench-h" ]
    [ -z "$(ls -A "$XENBENCH_STATE/guests")" ]
}

@test "a renamed volume is found by its UUID" {
    volume renamed uuid-1 ''
    remains guests/.g.removed.1 xenbench-g uuid-1 xenbench_a
    "$XENBENCH" clean
    [ -z "$(volumes)" ]
}

@test "a volume in use, or with a snapshot, stays with its record; the rest is removed" {
    volume xenbench-g uuid-1 xenbench_a
    volume theirs uuid-2 '' uuid-1
    remains guests/.g.removed.1 xenbench-g uuid-1 xenbench_a
    mkdir "$XENBENCH_STATE/guests/.other.new.2"
    run "$XENBENCH" clean
    [ "$status" = 2 ]
    [[ $output == *"has a snapshot, theirs"* ]]
    [ "$(ls -A "$XENBENCH_STATE/guests")" = .g.removed.1 ]
    volume xenbench-h uuid-3 xenbench_h
    rm -r "$XENBENCH_STATE/guests/.g.removed.1"
    remains guests/.h.removed.1 xenbench-h uuid-3 xenbench_h
    touch "$LVM_FILE.held"
    run "$XENBENCH" clean
    [ "$status" = 3 ]
    [[ $output == *"cannot remove the logical volume vg0/xenbench-h"*"in use"* ]]
    rm "$LVM_FILE.held"
    "$XENBENCH" clean
    [ "$(volumes)" = "theirs xenbench-g" ]
    run "$XENBENCH" clean
    [ "$output" = "nothing to clean" ]
}

@test "an unreadable record is kept, and reported" {
    mkdir -p "$XENBENCH_STATE/guests/.g.new.1"
    echo '{' >"$XENBENCH_STATE/guests/.g.new.1/guest.json"
    run "$XENBENCH" clean
    [ "$status" = 3 ]
    [[ $output == *"guest.json"* ]]
    [ -e "$XENBENCH_STATE/guests/.g.new.1/guest.json" ]
}

@test "an image's volume: a killed build's is removed, an existing image's is not" {
    volume image uuid-1 xenbench_i
    mkdir -p "$XENBENCH_STATE/images/.i.part"
    echo '{"storage": "lvm", "bytes": 1, "vg": "vg0", "lv": "image", "tag": "xenbench_i"}' >"$XENBENCH_STATE/images/.i.part/volume.json"
    "$XENBENCH" clean
    [ -z "$(volumes)" ]
    [ ! -e "$XENBENCH_STATE/images/.i.part" ]
}

@test "an lvm failure is reported in lvm's words" {
    printf '#!/bin/sh\necho "  WARNING: old" >&2; echo "  Volume group \\"vg0\\" is corrupt." >&2; exit 5\n' >"$BATS_TEST_TMPDIR/bin/lvs"
    remains guests/.g.new.1 xenbench-g '' xenbench_a
    run "$XENBENCH" clean
    [ "$status" = 3 ]
    [[ $output == *'cannot list the logical volumes of vg0: WARNING: old; Volume group "vg0" is corrupt.'* ]]
    [ -e "$XENBENCH_STATE/guests/.g.new.1" ]
}

@test "guest clone and create: conflicting options are refused before anything else is checked" {
    local args
    for args in 'clone' 'clone a' 'clone a b --method magic' 'clone a b --fs-uuid maybe' 'clone a b --size big' \
        'clone a b --vg v --thin-pool v/p' 'create a --image i --storage tape' 'create a --image i --storage file --vg v' \
        'create a --image i --storage lvm --thin-pool v/p' 'create a --image i --storage thin --vg v'; do
        # shellcheck disable=SC2086 # words are wanted
        run "$XENBENCH" guest $args
        [ "$status" = 2 ] || { echo "$args: $status $output"; return 1; }
    done
    run "$XENBENCH" guest clone --help
    [ "$status" = 0 ]
    [[ $output == *snapshot*thin*copy*backup* ]]
}

# Install a recipe whose files need no download.
fake_recipe() {
    local top
    top=$(realpath "$BATS_TEST_DIRNAME/../..")
    export XENBENCH_SHARE=$BATS_TEST_TMPDIR/share XENBENCH_LIB=$BIN
    mkdir -p "$XENBENCH_SHARE/fake"
    ln -s "$top/images/common" "$XENBENCH_SHARE/common"
    cat >"$XENBENCH_SHARE/fake/build" <<SH
#!/bin/bash
set -euo pipefail
kind=fake suite=none
. $top/images/common/image.sh
recipe_option() { false; }
recipe_check() { :; }
recipe_settings() { :; }
build_image() {
    release=new
    echo kernel >\$part/vmlinux
    echo initramfs >\$part/initrd.img
    write_json 'disk=null' min_memory_bytes=1 'cmdline=""'
}
image_main "\$@"
SH
    chmod +x "$XENBENCH_SHARE/fake/build"
}

# image_in DIRECTORY MADE UUID: makes an image whose disk is the volume vg0/image; MADE says whether
# the image's build made the volume
image_in() {
    mkdir -p "$XENBENCH_STATE/images/$1"
    touch "$XENBENCH_STATE/images/$1"/{vmlinux,initrd.img}
    jq -n --argjson made "$2" --arg uuid "$3" '{name: "i", kind: "fake", suite: "s", arch: "a", kernel: "vmlinux", kernel_release: "old",
        initrd: "initrd.img", disk: "/dev/vg0/image", cmdline: "", min_memory_bytes: 1, agent_version: "0", agent_sha256: "0",
        recipe_sha256: "0", created: "", volume_made: $made, volume: (if $made then {storage: "lvm", bytes: 1, vg: "vg0",
        lv: "image", tag: "xenbench_i", lv_uuid: $uuid} else null end)}' >"$XENBENCH_STATE/images/$1/image.json"
}

release_of() {
    jq -r .kernel_release "$XENBENCH_STATE/images/$1/image.json"
}

@test "a build that finds a killed build's remains keeps the record, and clean removes the volume by it" {
    fake_recipe
    volume image uuid-1 xenbench_i
    mkdir -p "$XENBENCH_STATE/images/.i.part"
    echo '{"storage": "lvm", "bytes": 1, "vg": "vg0", "lv": "image", "tag": "xenbench_i"}' >"$XENBENCH_STATE/images/.i.part/volume.json"
    run "$XENBENCH" image build fake i
    [ "$status" = 3 ]
    [[ $output == *"was killed"*"clean"* ]]
    [ -e "$XENBENCH_STATE/images/.i.part/volume.json" ]
    "$XENBENCH" clean
    [ -z "$(volumes)" ]
    "$XENBENCH" image build fake i
}

@test "replacing an image in a volume: the volume that its build made is removed, the user's stays" {
    fake_recipe
    volume image uuid-1 xenbench_i
    volume other uuid-2 ''
    image_in i true uuid-1
    "$XENBENCH" image build fake i
    [ "$(release_of i)" = new ]
    [ "$(volumes)" = other ]
    rm -r "$XENBENCH_STATE/images/i"
    volume image uuid-3 ''
    image_in i false ''
    "$XENBENCH" image build fake i
    [ "$(release_of i)" = new ]
    [ "$(volumes)" = "image other" ]
    [ "$(ls -A "$XENBENCH_STATE/images")" = $'.i.lock\ni' ]
}

@test "the same for an image from a stream" {
    fake_recipe
    "$XENBENCH" image build fake m
    "$XENBENCH" image export m "$BATS_TEST_TMPDIR/m.xbs" -q
    volume image uuid-1 xenbench_i
    image_in i true uuid-1
    "$XENBENCH" image import "$BATS_TEST_TMPDIR/m.xbs" --name i --force -q
    [ "$(release_of i)" = new ]
    [ -z "$(volumes)" ]
    rm -r "$XENBENCH_STATE/images/i"
    volume image uuid-2 ''
    image_in i false ''
    "$XENBENCH" image import "$BATS_TEST_TMPDIR/m.xbs" --name i --force -q
    [ "$(release_of i)" = new ]
    [ "$(volumes)" = image ]
}

@test "a volume with a snapshot keeps its image from being replaced; one in use stays, and clean removes it later" {
    fake_recipe
    "$XENBENCH" image build fake m
    "$XENBENCH" image export m "$BATS_TEST_TMPDIR/m.xbs" -q
    local command replace=("image build fake i" "image import $BATS_TEST_TMPDIR/m.xbs --name i --force -q")
    for command in "${replace[@]}"; do
        image_in i true uuid-1
        volume image uuid-1 xenbench_i
        volume theirs uuid-2 '' uuid-1
        # shellcheck disable=SC2086 # words are wanted
        run "$XENBENCH" $command
        [ "$status" -ne 0 ]
        [[ $output == *"has a snapshot, theirs"* ]] || { echo "$command: $output"; return 1; }
        [ "$(release_of i) $(volumes)" = "old image theirs" ]
        echo '{"report": [{"lv": []}]}' >"$LVM_FILE"
        volume image uuid-1 xenbench_i
        touch "$LVM_FILE.held"
        # shellcheck disable=SC2086
        run "$XENBENCH" $command
        [[ $output == *"clean"* ]] || { echo "$command: $output"; return 1; }
        [ "$(release_of i) $(release_of .i.old) $(volumes)" = "new old image" ]
        # shellcheck disable=SC2086
        run "$XENBENCH" $command
        [ -e "$XENBENCH_STATE/images/.i.old/image.json" ] || { echo "$command, again: $output"; return 1; }
        rm "$LVM_FILE.held"
        "$XENBENCH" clean
        [ "$(release_of i) $(volumes)" = "new " ]
        [ ! -e "$XENBENCH_STATE/images/.i.old" ]
        rm -r "$XENBENCH_STATE/images/i"
    done
}

# Behave like lvm2 with two groups called dup: it lists everything but fails, refuses dup, and works
# for other groups.
two_groups_called_dup() {
    cat >bin/lvs <<'SH'
#!/bin/sh
for last; do :; done
case $last in
    vg0) exec cat "$LVM_FILE" ;;
    dup) echo "  Multiple VGs found with the same name: skipping dup" >&2
        echo "  Use --select vg_uuid=<uuid> in place of the VG name." >&2
        exit 5 ;;
esac
echo '{"report": [{"lv": []}]}'
echo "  WARNING: VG name dup is used by VGs uuid-A and uuid-B." >&2
echo "  Fix duplicate VG names with vgrename uuid, a device filter, or system IDs." >&2
exit 5
SH
    printf '#!/bin/sh\nprintf "  vg0 1.00g uuid-1\\n  dup 2.00g uuid-A\\n  dup 2.00g uuid-B\\n"\necho "  WARNING: VG name dup is used by VGs uuid-A and uuid-B." >&2\nexit 5\n' >bin/vgs
    chmod +x bin/*
}

@test "two volume groups of one name: other groups work, and doctor reports the two" {
    cd "$BATS_TEST_TMPDIR"
    two_groups_called_dup
    volume xenbench-g uuid-1 xenbench_a
    volume theirs uuid-2 ''
    remains guests/.g.removed.1 xenbench-g uuid-1 xenbench_a
    remains guests/.h.removed.1 xenbench-h uuid-3 xenbench_h
    "$XENBENCH" clean
    [ "$(volumes)" = theirs ]
    [ -z "$(ls -A "$XENBENCH_STATE/guests")" ]
    # Nobody can tell whether a volume of such a group exists, so its record stays.
    remains guests/.i.removed.1 xenbench-i uuid-4 xenbench_i
    sed -i 's/"vg0"/"dup"/' "$XENBENCH_STATE/guests/.i.removed.1/guest.json"
    run "$XENBENCH" clean
    [ "$status" = 3 ]
    [[ $output == *"cannot list the logical volumes of dup: Multiple VGs found with the same name: skipping dup; Use"* ]]
    [ -e "$XENBENCH_STATE/guests/.i.removed.1/guest.json" ]
    run "$XENBENCH" doctor
    [[ $output == *"warning  lvm "*"two volume groups are called dup"*"vgrename uuid-B NAME"* ]]
    [[ $output == *"vg0, 1.00g free; dup, 2.00g free"* ]]
}

@test "-v shows all output of a tool, even if the tool succeeds" {
    printf '#!/bin/sh\necho "  WARNING: a device is slow" >&2\nexec cat "$LVM_FILE"\n' >"$BATS_TEST_TMPDIR/bin/lvs"
    volume xenbench-g uuid-1 xenbench_a
    remains guests/.g.new.1 xenbench-g '' xenbench_a
    run "$XENBENCH" --verbose clean
    [ "$status" = 0 ]
    [[ $output == *"ran lvs --reportformat json"*"which says:"*"WARNING: a device is slow"*"ran lvremove"* ]]
}
