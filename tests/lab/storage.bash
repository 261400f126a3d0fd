# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the tests of disks: a volume group on the lab's spare disk, and a `micro` image with a disk.
# shellcheck shell=bash

GUESTS=/var/lib/xenbench/guests

storage_up() {
    dom0 bash -es <<'DOM0'
vgcreate -q xbvg /dev/vdd >/dev/null
lvcreate -q -y --type thin-pool -L 2G -n pool xbvg >/dev/null
image=/var/lib/xenbench/images/mdisk
mkdir -p /etc/xenbench $image /tmp/tree/etc
cp /var/lib/xenbench/images-ro/micro/* $image/
jq '.name = "mdisk" | .disk = "disk.img"' $image/image.json >/tmp/j && mv /tmp/j $image/image.json
echo debian >/tmp/tree/etc/hostname
: >/tmp/tree/etc/machine-id
head -c 30000000 /dev/urandom >/tmp/tree/data
truncate -s 300M $image/disk.img
mke2fs -q -F -t ext4 -O ^metadata_csum_seed -d /tmp/tree $image/disk.img
DOM0
}

storage_down() {
    dom0 'xenbench clean --all; umount /mnt/xfs; vgremove -q -f xbvg; pvremove -q /dev/vdd
          rm -rf /etc/xenbench /var/lib/xenbench/images/{mdisk,copied} /tmp/tree' >/dev/null 2>&1 || true
}

# disk_of GUEST KEY: a value from a guest's record
disk_of() {
    dom0 "jq -r '.disk.$2' $GUESTS/$1/guest.json"
}

volumes() {
    dom0 "lvs --noheadings -o lv_name xbvg | sort | xargs"
}
