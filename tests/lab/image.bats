#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The images boot on real Xen as PV and PVH, and contain what they should, and nothing else.
load helper

setup_file() {
    dom0 'xenbench guest destroy img-m img-d; xenbench guest remove img-m img-d' >/dev/null 2>&1 || true
    dom0 xenbench guest create img-d --image debian --memory 256M --wait=300
    dom0 xenbench guest create img-m --image micro --memory 96M --type pv --wait
}

teardown_file() {
    dom0 'xenbench guest destroy img-m img-d; xenbench guest remove img-m img-d'
}

# guest NAME SCRIPT: runs the script in the guest
guest() {
    local name=$1
    shift
    dom0 "xenbench exec $name -- sh -c $(printf %q "$*")"
}

@test "micro: 96 MB are enough, and only lo is there" {
    [ "$(guest img-m 'ls /sys/class/net')" = lo ]
    [ "$(guest img-m 'awk "/MemAvailable/ { print (\$2 > 16000) }" /proc/meminfo')" = 1 ]
    guest_kernel_is_sound img-m
}

@test "micro: the agent is init, and spin works" {
    [ "$(guest img-m 'cat /proc/1/comm')" = init ] || [ "$(guest img-m 'cat /proc/1/comm')" = xenbench-agent ]
    [[ $(guest img-m 'spin --units 100') == *checksum=11fbf37e6ebc8b8a ]]
}

@test "micro: it shuts down when xl asks it to" {
    dom0 'xl shutdown -w img-m'
    dom0 'xenbench guest start img-m --wait'
}

@test "micro: the same image boots as PVH" {
    dom0 'xenbench guest create img-h --image micro --memory 96M --type pvh --wait'
    [ "$(guest img-h 'ls /sys/class/net')" = lo ]
    dom0 'xenbench guest destroy img-h; xenbench guest remove img-h'
}

@test "debian: the boot settles without failed units or timers" {
    guest img-d 'systemctl is-system-running --wait'
    [ -z "$(guest img-d 'systemctl --failed --plain --no-legend')" ]
    [ -z "$(guest img-d 'systemctl list-timers --plain --no-legend')" ]
}

@test "debian: no network but lo, no logins except the console's, no other processes" {
    [ "$(guest img-d 'ls /sys/class/net')" = lo ]
    local running
    running=$(guest img-d 'systemctl list-units --type=service --state=running --plain --no-legend' | awk '{ print $1 }' | sort | xargs)
    [ "$running" = "console-getty.service systemd-journald.service systemd-udevd.service xenbench-agent.service" ] || die "running: $running"
    [[ $(dom0 'xenbench guest console img-d') == *"login:"* ]]
}

@test "debian: the journal is in memory, the disk is sound and mostly free of what no guest needs" {
    [ -z "$(guest img-d 'find /var/log/journal -type f')" ]
    [ "$(guest img-d 'findmnt -n -o SOURCE,FSTYPE /')" = "/dev/xvda ext4" ]
    [ "$(guest img-d 'du -sm --one-file-system / | cut -f1')" -lt 500 ]
    guest_kernel_is_sound img-d
}

@test "debian: the x264 workload as in the catalogue, in the guest" {
    local workload
    workload=$(dom0 'xenbench workload show x264')
    guest img-d "$(sed -n '/^prepare$/,/^command/s/^    //p' <<<"$workload")"
    [[ $(guest img-d "$(sed -n 's/^command  *//p' <<<"$workload") 2>&1") == *"encoded 25 frames"* ]]
}

@test "debian: it shuts down when xl asks it to" {
    dom0 'xl shutdown -w img-d'
    dom0 'xenbench guest start img-d --wait --timeout 300'
}

@test "a disk is written unchanged into a logical volume, and only over an empty one" {
    dom0 'bash -euc "
        vgcreate -q xbimg /dev/vdd >/dev/null
        trap \"vgremove -q -f xbimg; pvremove -q /dev/vdd\" EXIT
        here=/usr/share/xenbench/debian scratch=/tmp state=/var/lib/xenbench images=/var/lib/xenbench/images name=debian force=
        say() { echo \"\$*\"; }; fail() { echo \"\$*\"; exit 3; }; wrong() { echo \"\$*\"; exit 2; }
        xenbench_program() { echo xenbench; }; fault() { :; }
        . \$here/disk.sh
        part=/var/lib/xenbench/lv-part lv=xbimg/disk
        mkdir -p \$part && cp --sparse=always /var/lib/xenbench/images-ro/debian/disk.img \$part/
        lv_check
        lv_write
        [ \$lv_made = true ]
        cmp -n \$(stat -c %s /var/lib/xenbench/images-ro/debian/disk.img) /var/lib/xenbench/images-ro/debian/disk.img /dev/xbimg/disk
        if (lv_check); then echo \"written over\"; exit 1; fi
        rm -r \$part"'
}
