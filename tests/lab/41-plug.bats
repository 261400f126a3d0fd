#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Interrupted work on disks: SIGKILL at each step of making, cloning and removing guests and of
# building an image into a volume; a full disk; a volume that cannot be removed. Everything visible
# must be complete, and `xenbench clean` must remove the rest.

load helper
load storage

setup_file() {
    storage_up
    dom0 'xenbench guest create slvm --image mdisk --type pv --vg xbvg
          xenbench guest create sthin --image mdisk --type pv --thin-pool xbvg/pool
          xenbench guest create sfile --image mdisk --type pv'
}

teardown_file() {
    storage_down
}

each_step() {
    run dom0 bash -s -- "$@" <"$BATS_TEST_DIRNAME/each-step.sh"
    [ "$status" -eq 0 ] || die "$output"
}

@test "making a guest in a logical volume" {
    each_step xenbench guest create px --image mdisk --type pv --vg xbvg
}

@test "making a guest in a file" {
    each_step xenbench guest create px --image mdisk --type pv --storage file
}

@test "cloning by snapshot" {
    each_step xenbench guest clone slvm px -q
}

@test "cloning by thin snapshot" {
    each_step xenbench guest clone sthin px -q
}

@test "cloning through a backup" {
    each_step xenbench guest clone sfile px -q --method backup
}

@test "removing a guest" {
    for step in hidden disk-removed; do
        dom0 'xenbench guest clone sthin px -q'
        run dom0 "XENBENCH_FAULT=$step xenbench guest remove px; exit \$?"
        [ "$status" -eq 137 ]
        run dom0 'xenbench clean --dry-run'
        [[ $output == *"would: remove"*px.removed* ]]
        dom0 'xenbench clean >/dev/null'
        [[ $(volumes) != *px* ]]
        [ -z "$(dom0 "ls -A $GUESTS | grep '^\\.'")" ]
    done
}

@test "killed at any moment, not only at steps" {
    local before
    before=$(volumes)
    run dom0 'for ms in 1 2 3 5 8 13; do
            timeout -s KILL $(awk "BEGIN { print $ms / 10 }") xenbench guest clone slvm px -q >/dev/null 2>&1
            # The running tool finishes, and its work is not taken for abandoned meanwhile.
            [ ! -e /var/lib/xenbench/guests/px ] || xenbench guest remove px
            for i in 1 2 3 4 5 6; do xenbench clean >/dev/null; sleep 0.3; done
          done'
    [ "$(volumes)" = "$before" ] || die "$before: $(volumes)"
}

@test "a volume in use stays, with its record, and is removed once free" {
    dom0 'xenbench guest clone sthin held -q
          (exec 9</dev/xbvg/xenbench-held; sleep 60) >/dev/null 2>&1 & echo $! >/tmp/holder; sleep 0.5'
    run dom0 'xenbench guest remove held'
    [ "$status" -eq 3 ]
    [[ $output == *"held is not removed"*xenbench-held* ]] || die "$output"
    [ "$(disk_of held storage)" = thin ]
    # A half-removed guest whose volume is in use: clean says so and removes everything else; the next
    # clean, once the volume is free, removes it.
    run dom0 'XENBENCH_FAULT=hidden xenbench guest remove held'
    dom0 'mkdir /var/lib/xenbench/guests/.other.new.999999'
    run dom0 'xenbench clean'
    [ "$status" -eq 3 ]
    [[ $output == *xenbench-held* ]]
    [ "$(dom0 "ls -A $GUESTS | grep -c '^\\.'")" = 1 ]
    dom0 'kill $(cat /tmp/holder); sleep 0.5; xenbench clean'
    [[ $(volumes) != *held* ]]
}

@test "clean removes only recorded volumes, whatever others are called" {
    dom0 'xenbench guest create keep1 --image mdisk --type pv --vg xbvg'
    dom0 'lvcreate -q -y -L 8M -n xenbench-mine xbvg >/dev/null
          lvremove -q -y xbvg/xenbench-keep1 >/dev/null && lvcreate -q -y -L 8M -n xenbench-keep1 xbvg >/dev/null'
    dom0 'xenbench guest remove keep1'
    [[ $(volumes) == *xenbench-keep1*xenbench-mine* ]] # a volume of that name, but not ours
    dom0 'lvremove -q -y xbvg/xenbench-keep1 xbvg/xenbench-mine >/dev/null'
}

# Install a recipe that makes its disk with the debian recipe's code, but downloads nothing.
put_recipe() {
    dom0 bash -es <<'DOM0'
rm -rf /tmp/share && mkdir -p /tmp/share/lv
ln -s /usr/share/xenbench/common /tmp/share/common
cat >/tmp/share/lv/build <<'RECIPE'
#!/usr/bin/env bash
set -euo pipefail
kind=lv suite=none lv=
. "$(dirname "$(readlink -f "$0")")/../common/image.sh"
. /usr/share/xenbench/debian/disk.sh
recipe_option() { [ "$1" = --lv ] && lv=$2; }
recipe_check() { lv_check; }
recipe_settings() { echo "$lv"; }
build_image() {
    release=none
    cp /var/lib/xenbench/images/mdisk/{vmlinux,initrd.img,disk.img} "$part/"
    echo "none 0 all" >"$part/manifest.txt"
    fault disk-made
    lv_write
    write_json "disk=$(jq -n --arg disk "/dev/$lv" '$disk')" "volume_made=$lv_made" "volume=$(lv_json)" min_memory_bytes=1 'cmdline=""'
}
image_main "$@"
RECIPE
chmod +x /tmp/share/lv/build
DOM0
}

build() {
    dom0 "export XENBENCH_SHARE=/tmp/share; ${1:-} xenbench image build lv ilv --lv xbvg/image ${2:-}"
}

@test "building an image into a volume: no image, or a complete one" {
    local steps step before
    before=$(volumes)
    put_recipe
    steps=$(build XENBENCH_FAULT=list 2>&1 | sed -n 's/^fault: //p')
    [ "$(wc -w <<<"$steps")" -ge 5 ] || die "steps: $steps"
    [[ $(volumes) == *image* ]]
    # Rebuild it on its own volume: while the volume is being overwritten, there is no image.
    for step in old-hidden volume-zeroed volume-written built; do
        run build "XENBENCH_FAULT=$step" --force
        [ "$status" -eq 3 ] || die "$step: $status $output"
        run dom0 'xenbench image list --json | jq -r ".[].name"'
        [[ $output != *ilv* ]] || die "after $step there is an image"
        dom0 'xenbench clean >/dev/null'
        [ "$(volumes)" = "$before" ] || die "after $step: $(volumes)"
        build >/dev/null
    done
    dom0 'xenbench image remove ilv'
    [ "$(volumes)" = "$before" ] || die "after its removal: $(volumes)"
    for step in $steps; do
        run build "XENBENCH_FAULT=$step"
        [ "$status" -eq 3 ] || die "$step: $status $output"
        if dom0 'xenbench image list --json | jq -e "any(.name == \"ilv\")" >/dev/null'; then
            dom0 'cmp -n 300000000 /dev/xbvg/image /var/lib/xenbench/images/mdisk/disk.img'
            dom0 'xenbench image remove ilv'
        fi
        dom0 'xenbench clean >/dev/null'
        [ "$(volumes)" = "$before" ] || die "after $step: $(volumes)"
    done
    run dom0 "ls -A /var/lib/xenbench/images | grep -v lock"
    [ "$output" = mdisk ] || die "$output"
}

@test "a guest's volume is never built into or exported to; --force is about data, not about owners" {
    local sum
    put_recipe
    dom0 'xenbench guest create busy --image mdisk --type pv --vg xbvg && xl create -qp /var/lib/xenbench/guests/busy/busy.cfg'
    sum=$(dom0 'sha256sum </dev/xbvg/xenbench-busy')
    run dom0 'XENBENCH_SHARE=/tmp/share xenbench image build lv ilv --lv xbvg/xenbench-busy --force'
    [ "$status" -eq 2 ] || die "$status: $output"
    [[ $output == *"--lv xbvg/xenbench-busy: "*"(busy) already"* ]] || die "$output"
    run dom0 'xenbench image export mdisk /dev/xbvg/xenbench-busy --force -q'
    [ "$status" -eq 2 ] || die "$status: $output"
    [[ $output == *"(busy) already"* ]] || die "$output"
    [ "$(dom0 'sha256sum </dev/xbvg/xenbench-busy')" = "$sum" ]
    dom0 'xl destroy busy'
    run dom0 'XENBENCH_SHARE=/tmp/share xenbench image build lv ilv --lv xbvg/xenbench-busy'
    [ "$status" -eq 2 ] || die "$status: $output"
    [[ $output == *"carries data: ext4 filesystem"*"--force"* ]] || die "$output"
    # The volume is no longer in use, but it still belongs to the guest.
    run dom0 'XENBENCH_SHARE=/tmp/share xenbench image build lv ilv --lv xbvg/xenbench-busy --force'
    [ "$status" -eq 2 ] || die "$status: $output"
    [[ $output == *"is the disk of guest busy"* ]] || die "$output"
    run dom0 'xenbench image export mdisk /dev/xbvg/xenbench-busy --force -q'
    [ "$status" -eq 2 ] || die "$status: $output"
    [[ $output == *"is the disk of guest busy"* ]] || die "$output"
    dom0 'xenbench guest remove busy'
}

@test "an image that replaces one in a volume: that volume is removed, whenever the plug is pulled; the user's own stays" {
    local before step
    before=$(volumes)
    put_recipe
    for step in none old-hidden published replaced-volume-removed; do
        build >/dev/null
        run dom0 "export XENBENCH_SHARE=/tmp/share XENBENCH_FAULT=$step; xenbench image build lv ilv --lv xbvg/image2"
        if [ "$step" = none ]; then
            [ "$status" -eq 0 ] || die "$output"
        else
            [ "$status" -eq 3 ] || die "$step: $status $output"
            dom0 'xenbench clean >/dev/null'
        fi
        # Either the old image or the new one is left, and only that image's volume.
        run dom0 'jq -r .disk /var/lib/xenbench/images/ilv/image.json'
        [ "$output" = "/dev/xbvg/image$([ "$step" = old-hidden ] || echo 2)" ] || die "$step: $output"
        [ "$(volumes)" = "$(xargs -n1 <<<"$before ${output##*/}" | sort | xargs)" ] || die "$step: $(volumes)"
        dom0 'xenbench image remove ilv'
    done
    # Wipe the volume, because data that an earlier volume left in its extents counts as data.
    dom0 'lvcreate -q -y -L 400M -n image xbvg >/dev/null && blkdiscard -z /dev/xbvg/image'
    build >/dev/null
    dom0 'export XENBENCH_SHARE=/tmp/share; xenbench image build lv ilv --lv xbvg/image2 >/dev/null; xenbench image remove ilv'
    [[ $(volumes) == *image* && $(volumes) != *image2* ]] || die "$(volumes)"
    dom0 'lvremove -q -y xbvg/image >/dev/null'
}

@test "a disk that fills up during a clone is reported, and nothing is left" {
    dom0 'truncate -s 60M /tmp/small.img && mkfs.ext4 -q /tmp/small.img && mkdir -p /mnt/small && mount -o loop /tmp/small.img /mnt/small
          mkdir -p /mnt/small/guests/sfile && cd /var/lib/xenbench/guests/sfile &&
          cp --sparse=always guest.json sfile.cfg sfile.cfg.json disk.img /mnt/small/guests/sfile/'
    run dom0 'export XENBENCH_STATE=/mnt/small; xenbench guest clone sfile full --method copy -q'
    local said=$output ended=$status
    run dom0 'ls -A /mnt/small/guests; umount /mnt/small; rm /tmp/small.img'
    [ "$ended" -eq 3 ]
    [[ $said == *"No space left"* ]] || die "$said"
    [ "$output" = sfile ] || die "$output"
}
