#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Disks on real LVM: each back end and each method of cloning, until the guests run a job; what may be
# removed and what may not. (41-plug.bats kills and cuts off.)
#
# The image is `micro` with a disk, so that guests start in seconds; a job in the guest reads the
# disk. A guest made from the real Debian image shows that a clone gets its own identity.

load helper
load storage

setup_file() {
    storage_up
    dom0 'sha256sum </tmp/tree/data | cut -d" " -f1 >/tmp/data.sha256'
}

teardown_file() {
    storage_down
}

create() {
    dom0 "xenbench guest create $* --image mdisk --type pv --memory 96M"
}

# on_disk GUEST FILE: prints a file of a guest's disk, read from Dom0
on_disk() {
    dom0 "debugfs -R 'cat $2' \$(sed -n 's/^disk = .*target=\([^\"]*\)\".*/\1/p' $GUESTS/$1/$1.cfg) 2>/dev/null"
}

has_own_identity() {
    [ "$(on_disk "$1" /etc/hostname)" = "$1" ] || die "$1: hostname is $(on_disk "$1" /etc/hostname)"
    [ "$(on_disk "$1" /etc/machine-id)" = "$(dom0 "jq -r .uuid $GUESTS/$1/guest.json" | tr -d -)" ]
    dom0 "grep -q '^name = \"$1\"' $GUESTS/$1/$1.cfg && grep -q systemd.hostname=$1 $GUESTS/$1/$1.cfg"
    [ "$(dom0 "sed -n 's/^uuid = \"\(.*\)\"/\1/p' $GUESTS/$1/$1.cfg")" = "$(dom0 "jq -r .uuid $GUESTS/$1/guest.json")" ]
}

# bats test_tags=check
@test "guests are made in a file, a logical volume and a thin volume; the filesystem fills a larger disk" {
    create sfile --storage file
    create slvm --vg xbvg --size 500M
    create sthin --thin-pool xbvg/pool --size 4G
    [ "$(disk_of sfile storage)" = file ]
    [ "$(disk_of slvm storage) $(disk_of slvm bytes)" = "lvm $((500 << 20))" ]
    [ "$(disk_of sthin storage) $(disk_of sthin bytes)" = "thin $((4 << 30))" ]
    [ "$(disk_of sthin lv_uuid)" = "$(dom0 'lvs --noheadings -o lv_uuid xbvg/xenbench-sthin' | tr -d ' ')" ]
    run dom0 'for d in /dev/xbvg/xenbench-slvm /dev/xbvg/xenbench-sthin; do e2fsck -fn $d >/dev/null 2>&1 || echo bad $d
              dumpe2fs -h $d 2>/dev/null | awk "/^Block count/ { b = \$3 } /^Block size/ { print b * \$3 / 1048576 }"; done'
    [ "$output" = "500
4096" ] || die "$output"
    for guest in sfile slvm sthin; do has_own_identity $guest; done
}

@test "the configuration decides where disks go by default" {
    dom0 'printf "storage = \"thin\"\nthin_pool = \"xbvg/pool\"\n" >/etc/xenbench/xenbench.conf'
    create sconf
    dom0 'rm /etc/xenbench/xenbench.conf'
    [ "$(disk_of sconf storage)" = thin ]
    dom0 'xenbench guest remove sconf'
    [[ $(volumes) != *sconf* ]]
}

# bats test_tags=check
@test "each method makes a clone with an identity of its own" {
    dom0 'xenbench guest clone slvm csnap'
    dom0 'xenbench guest clone sthin cthin --method thin'
    dom0 'xenbench guest clone sfile ccopy --method copy --vg xbvg --size 400M'
    dom0 'xenbench guest clone slvm cback1 cback2 --method backup'
    [ "$(disk_of csnap snapshot_of)" = "$(disk_of slvm lv_uuid)" ]
    [ "$(disk_of cthin pool)" = pool ]
    [ "$(disk_of ccopy storage) $(disk_of cback1 storage) $(disk_of cback2 storage)" = "lvm file file" ]
    [ "$(dom0 "stat -c %s $GUESTS/cback2/disk.img")" = $((500 << 20)) ]
    for guest in csnap cthin ccopy cback1 cback2; do has_own_identity $guest; done
    # The sources keep their identity.
    for guest in slvm sthin; do has_own_identity $guest; done
    # Checksums in this filesystem depend on its UUID (storage.bash), so snapshots keep the source's; copies get another.
    run dom0 'for d in /dev/xbvg/xenbench-{slvm,csnap,ccopy} /var/lib/xenbench/guests/cback1/disk.img; do blkid -p -o value -s UUID $d; done'
    echo "$output"
    [ "${lines[0]}" = "${lines[1]}" ]
    [ "${lines[0]}" != "${lines[2]}" ]
    [ "${lines[0]}" != "${lines[3]}" ]
    [ "${#lines[3]}" = 36 ]
}

@test "a kept backup gives the disk of its time; a damaged one gives nothing" {
    dom0 'xenbench guest clone sfile cback3 --method backup --keep-backup /tmp/kept.xbs && xenbench guest remove cback3
          xenbench guest clone sfile cback3 --from-backup /tmp/kept.xbs && xenbench guest remove cback3'
    run dom0 'printf x | dd of=/tmp/kept.xbs bs=1 seek=2000000 conv=notrunc status=none
              xenbench guest clone sfile cback3 --from-backup /tmp/kept.xbs'
    [ "$status" -eq 2 ]
    [[ $output == *"a checksum does not fit"* ]]
    dom0 'head -c 9000000 /tmp/kept.xbs >/tmp/cut.xbs'
    run dom0 'xenbench guest clone sfile cback3 --from-backup /tmp/cut.xbs; s=$?; rm /tmp/kept.xbs /tmp/cut.xbs; exit $s'
    [ "$status" -eq 2 ]
    [ -z "$(dom0 "ls -A $GUESTS | grep -e '^\\.' -e cback3")" ]
}

@test "for a damaged filesystem the advice repairs the remaining disk, not the clone's" {
    dom0 'xenbench guest clone sfile sdam && d=/var/lib/xenbench/guests/sdam/disk.img && debugfs -w -R "clri <2>" $d && debugfs -w -R "ssv state 0" $d'
    run dom0 'xenbench guest clone sdam sdam2 --method backup --keep-backup /tmp/damaged.xbs'
    [ "$status" -eq 3 ]
    [[ $output == *"is damaged"*"that of guest sdam is damaged, too: \`e2fsck -f $GUESTS/sdam/disk.img\` repairs it; the backup"* ]] || die "$output"
    run dom0 'xenbench guest clone sdam sdam2 --from-backup /tmp/damaged.xbs; s=$?; rm /tmp/damaged.xbs; exit $s'
    [ "$status" -eq 3 ]
    [[ $output == *"when the backup /tmp/damaged.xbs was written"* ]] || die "$output"
    dom0 '! e2fsck -n /var/lib/xenbench/guests/sdam/disk.img >/dev/null 2>&1 && xenbench guest remove sdam'
    [ -z "$(dom0 "ls -A $GUESTS | grep -e '^\\.' -e sdam")" ]
}

@test "all clones run a job at once; each disk holds the data and only its own guest's writes" {
    local guests='slvm sthin csnap cthin ccopy cback1'
    dom0 "xenbench guest start --wait --timeout 400 $guests"
    for guest in $guests; do
        # On a fresh disk the data is contiguous: found by its first bytes, it has the written
        # checksum.
        dom0 "xenbench exec $guest -- sh -c 'echo written-by-$guest | dd of=/dev/xvda bs=512 seek=0 conv=notrunc,fsync 2>/dev/null
            head -c 20 /dev/xvda | head -n 1'" >"$BATS_TEST_TMPDIR/$guest"
        [ "$(cat "$BATS_TEST_TMPDIR/$guest")" = "written-by-$guest" ]
    done
    run dom0 'xenbench exec slvm,sthin,csnap,cthin,ccopy,cback1 --together -- spin --units 100'
    [ "$status" -eq 0 ] || die "$output"
    for guest in $guests; do
        [ "$(dom0 "xenbench exec $guest -- head -c 20 /dev/xvda | head -n 1")" = "written-by-$guest" ]
    done
}

@test "a running guest is not cloned, and a disk in use is not removed" {
    run dom0 'xenbench guest clone slvm other'
    [ "$status" -eq 2 ]
    [[ $output == *"slvm runs"*"guest stop slvm"* ]]
    dom0 'xenbench guest stop slvm sthin csnap cthin ccopy cback1'
}

@test "each clone has the image's data" {
    local sum
    sum=$(dom0 'cat /tmp/data.sha256')
    for disk in /dev/xbvg/xenbench-{csnap,cthin,ccopy} "$GUESTS/cback1/disk.img"; do
        [ "$(dom0 "debugfs -R 'cat /data' $disk 2>/dev/null | sha256sum | cut -d' ' -f1")" = "$sum" ] || die "$disk"
    done
}

@test "xl alone starts and stops guests of every back end and method" {
    local guests='sfile slvm csnap sthin cthin cback1'
    for guest in $guests; do
        dom0 "xl create $GUESTS/$guest/$guest.cfg >/dev/null"
    done
    for guest in $guests; do
        dom0 "for i in \$(seq 100); do xenbench exec $guest -- true 2>/dev/null && exit 0; sleep 1; done; exit 1"
        dom0 "xl shutdown -w $guest >/dev/null"
    done
    # `xl shutdown -w` returns when the domain has shut down; xl's daemon destroys it afterwards.
    run dom0 'for i in $(seq 20); do said=$(xl list | tail -n +3); [ -n "$said" ] || break; sleep 0.5; done; echo "$said"'
    [ -z "$output" ] || die "$output"
}

# Restore sthin's checkpoint, which works until somebody else has used its volume.
checkpoint_is_refused() {
    run dom0 'xenbench guest restore sthin'
    [ "$status" -eq 2 ] || die "$1: $status $output"
    [[ $output == *"$2"*"--stale"* ]] || die "$1: $output"
    run dom0 'xl list sthin'
    [ "$status" -ne 0 ] || die "$1: it runs"
}

@test "a checkpoint is not restored onto a volume written since by the guest, xl or Dom0" {
    dom0 'xenbench guest start --wait sthin && xenbench guest checkpoint sthin && xenbench guest restore --wait sthin'
    [ "$(dom0 'xenbench exec sthin -- echo goes-on')" = goes-on ]
    # The guest ran on after that checkpoint.
    dom0 'xenbench guest destroy sthin'
    checkpoint_is_refused restored "was restored since"
    dom0 'xenbench guest start --wait sthin && xenbench guest checkpoint sthin &&
          xenbench guest start --wait sthin && xenbench guest stop sthin'
    checkpoint_is_refused started "was started"
    # A mount outside of xenbench does not count as a generation: only the filesystem shows it.
    dom0 'xenbench guest start --wait sthin && xenbench guest checkpoint sthin &&
          mkdir -p /mnt/other && mount /dev/xbvg/xenbench-sthin /mnt/other && umount /mnt/other'
    checkpoint_is_refused mounted "was written to since"
    dom0 'xenbench guest restore --stale --wait sthin && xenbench exec sthin -- true &&
          xenbench guest save -k sthin && xenbench guest destroy sthin'
    checkpoint_is_refused kept-running "went on"
    dom0 'rm -rf /var/lib/xenbench/checkpoints'
}

@test "impossible clones are refused with advice, and leave nothing" {
    local before after args
    before=$(volumes)
    for args in 'sfile x --method snapshot' 'sfile x --method thin' 'slvm x --method thin' 'csnap x --method snapshot' \
        'slvm x --method copy --size 1M' 'slvm x --size 1G' 'slvm x --method backup --vg xbvg' 'slvm csnap' 'none x' 'slvm ../x'; do
        run dom0 "xenbench guest clone $args"
        [ "$status" -eq 2 ] || die "$args: $status $output"
    done
    run dom0 'xenbench guest create x --image mdisk --vg nope'
    [ "$status" -eq 2 ]
    [[ $output == *"no volume group nope"*xbvg* ]]
    run dom0 'xenbench guest create x --image mdisk --thin-pool xbvg/xenbench-slvm'
    [ "$status" -eq 2 ]
    run dom0 'lvcreate -q -y -L 8M -n xenbench-x xbvg >/dev/null; xenbench guest create x --image mdisk --vg xbvg; s=$?
              lvremove -q -y xbvg/xenbench-x >/dev/null; exit $s'
    [ "$status" -eq 2 ]
    [[ $output == *"xbvg/xenbench-x exists already"* ]]
    run dom0 'xenbench guest create x --image mdisk --vg xbvg --size 100G'
    [ "$status" -eq 3 ]
    [[ $output == *"free space"* ]] || die "$output"
    after=$(volumes)
    [ "$before" = "$after" ] || die "$before: $after"
    [ -z "$(dom0 "ls -A $GUESTS | grep '^\\.'")" ]
}

# bats test_tags=check
@test "an origin stays while it has a snapshot; both can be removed together" {
    run dom0 'xenbench guest remove slvm'
    [ "$status" -eq 2 ]
    [[ $output == *"snapshot, xenbench-csnap"* ]]
    [ "$(disk_of slvm storage)" = lvm ]
    create o1 --vg xbvg
    dom0 'xenbench guest clone o1 a1 && xenbench guest remove o1 a1'
    [[ $(volumes) != *1* ]] || [[ $(volumes) != *[oa]1* ]]
}

@test "a filesystem that supports it copies by reference" {
    dom0 'set -e; lvcreate -q -y -L 600M -n xfs xbvg >/dev/null; mkfs.xfs -q /dev/xbvg/xfs; mkdir -p /mnt/xfs; mount /dev/xbvg/xfs /mnt/xfs
          mkdir -p /mnt/xfs/s/images; cp -r --sparse=always /var/lib/xenbench/images/mdisk /mnt/xfs/s/images/; sync
          export XENBENCH_STATE=/mnt/xfs/s; before=$(df --output=used -k /mnt/xfs | tail -1)
          xenbench guest create x1 --image mdisk --type pv --memory 96M; xenbench guest clone x1 x2 x3 --fs-uuid keep; sync
          after=$(df --output=used -k /mnt/xfs | tail -1); echo $before $after; [ $((after - before)) -lt 10000 ]'
    dom0 'export XENBENCH_STATE=/mnt/xfs/s; xenbench guest start --wait x2 && xenbench exec x2 -- true && xenbench guest stop x2 &&
          xenbench guest remove x1 x2 x3; umount /mnt/xfs; lvremove -q -y xbvg/xfs >/dev/null'
}

@test "an image passes through a stream, and a guest of the copy runs a job" {
    dom0 'xenbench image export mdisk - | xenbench image import - --name copied &&
          cmp /var/lib/xenbench/images/mdisk/disk.img /var/lib/xenbench/images/copied/disk.img'
    dom0 'xenbench guest create gcopied --image copied --type pv --memory 96M --wait && xenbench exec gcopied -- spin --units 100'
    dom0 'xenbench guest remove --destroy gcopied && xenbench image remove copied'
}

@test "a guest keeps its kernel when its image is rebuilt, and no longer needs the image; so do its clones" {
    dom0 'set -e; cd /var/lib/xenbench; cp -r --sparse=always images/mdisk images/copied
          jq ".name = \"copied\"" images/copied/image.json >/tmp/j && mv /tmp/j images/copied/image.json
          xenbench guest create gown --image copied --type pv --memory 96M && xenbench guest clone gown gown2
          [ $(stat -c %i images/copied/vmlinux) = $(stat -c %i guests/gown/kernel) ]
          [ $(stat -c %i guests/gown/kernel) = $(stat -c %i guests/gown2/kernel) ]'
    [ "$(dom0 "sed -n 's/^kernel = //p; s/^ramdisk = //p' $GUESTS/gown2/gown2.cfg")" = "\"$GUESTS/gown2/kernel\"
\"$GUESTS/gown2/ramdisk\"" ]
    # Replace the files as a build does, with new files of the same names.
    dom0 'set -e; cd /var/lib/xenbench/images/copied; echo none >k && mv k vmlinux; echo none >i && mv i initrd.img
          xenbench guest start --wait gown gown2; xenbench exec gown -- true; xenbench exec gown2 -- true
          xenbench guest stop gown gown2; xenbench image remove copied
          xenbench guest start --wait gown2; xenbench exec gown2 -- true
          xenbench guest remove --destroy gown gown2; [ ! -e /var/lib/xenbench/guests/gown2 ]'
    # A guest made by an older xenbench boots the image's own files: the image stays, and the guest starts.
    dom0 'set -e; cd /var/lib/xenbench; xenbench guest create gold --image mdisk --type pv --memory 96M; cd guests/gold
          sed -i "s|^kernel = .*|kernel = \"/var/lib/xenbench/images/mdisk/vmlinux\"|
                  s|^ramdisk = .*|ramdisk = \"/var/lib/xenbench/images/mdisk/initrd.img\"|" gold.cfg; rm kernel ramdisk'
    run dom0 'xenbench image remove mdisk'
    [ "$status" -eq 2 ]
    [[ $output == *"guest gold starts with the kernel of image mdisk"* ]] || die "$output"
    dom0 'xenbench guest start --wait gold && xenbench exec gold -- true && xenbench guest remove --destroy gold'
}

@test "a Debian guest and its clones: each system knows its own name and machine id" {
    dom0 'xenbench guest remove csnap slvm && xenbench guest create deb --image debian --type pv --memory 192M --vg xbvg --size 1500M'
    dom0 'xenbench guest clone deb deb2 && xenbench guest start --wait --timeout 300 deb2'
    [ "$(dom0 'xenbench exec deb2 -- hostname')" = deb2 ]
    [ "$(dom0 'xenbench exec deb2 -- cat /etc/machine-id')" = "$(dom0 "jq -r .uuid $GUESTS/deb2/guest.json" | tr -d -)" ]
    [ "$(dom0 'xenbench exec deb2 -- df --output=size -m / | tail -1')" -gt 1300 ]
    dom0 'xenbench guest remove --destroy deb2 deb'
}

# bats test_tags=check
@test "clean --all removes guests and volumes, and leaves the group as it was" {
    run dom0 'xenbench clean --all --dry-run'
    [[ $output == *"would: remove guest cthin and its thin volume xbvg/xenbench-cthin"* ]] || die "$output"
    dom0 'xenbench clean --all'
    [ "$(volumes)" = pool ] || die "$(volumes)"
    [ -z "$(dom0 "ls -A $GUESTS")" ]
    no_zombie_domains
    dom0_kernel_is_sound
}

# As with a cloned disk: each group is made while lvm sees only that group's device.
# bats test_tags=check
@test "two volume groups of one name do not affect others, and doctor reports them" {
    dom0 bash -es <<'DOM0' >/dev/null
cd /var/tmp
for n in 1 2; do
    truncate -s 64M dup$n
    loop=$(losetup --find --show dup$n)
    pvcreate -q --devices $loop $loop
    vgcreate -q --devices $loop dup $loop
done
DOM0
    create w --storage lvm --vg xbvg
    run dom0 'xenbench guest create v --image mdisk --type pv --memory 96M --storage lvm --vg dup'
    [ "$status" -eq 2 ] || die "$status $output"
    [[ $output == *"2 volume groups are called dup"* ]] || die "$output"
    run dom0 'xenbench doctor'
    [[ $output == *"two volume groups are called dup"*vgrename* ]] || die "$output"
    dom0 'xenbench guest remove w && xenbench clean' >/dev/null
    dom0 '! lvs --noheadings -o lv_name xbvg 2>/dev/null | grep -q xenbench-w'
    dom0 'for loop in $(losetup -n -O NAME,BACK-FILE | grep /var/tmp/dup | cut -d" " -f1); do
        vgremove -q --devices $loop dup; pvremove -q --devices $loop $loop; losetup -d $loop; done; rm /var/tmp/dup?' >/dev/null 2>&1
}
