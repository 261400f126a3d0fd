#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Images of other releases: each boots as PV and as PVH, directly and by GRUB, until its agent serves and the boot settles.
load ../lab/helper

images=/var/lib/xenbench/images-ro

setup_file() {
    load ../lab/helper
    SUITES=$(dom0 "cd $images && ls -d suite-*" | xargs)
    [ -n "$SUITES" ] || die "no image of another release"
    export SUITES
    dom0 "for image in $SUITES; do
              for type in pv pvh; do
                  xenbench guest create \$image-\$type --image \$image --type \$type --memory 320M || exit 1
                  xenbench guest create \$image-\$type-grub --image \$image --type \$type --boot grub --memory 320M || exit 1
              done
          done"
}

teardown_file() {
    load ../lab/helper
    dom0 "cd /var/lib/xenbench/guests && xenbench guest remove --destroy suite-*" >/dev/null 2>&1 || true
}

# in_guest GUEST LINE: runs LINE in the guest's shell
in_guest() { dom0 "xenbench exec $1 -- sh -c $(printf '%q' "$2")"; }

# The guest runs the expected release, and has settled without failed units.
check_guest() {
    local guest=$1 suite=$2 systemd
    run in_guest "$guest" '. /etc/os-release; echo $VERSION_CODENAME; systemctl is-system-running --wait; systemctl --failed --plain --no-legend; hostname'
    [ "$output" = "$suite
running
$guest" ] || die "$guest: $output"
    systemd=$(in_guest "$guest" "systemctl --version | awk 'NR == 1 { print \$2 }'")
    echo "# $guest: kernel $(in_guest "$guest" 'uname -r'), systemd $systemd" >&3
    if [ "$systemd" -ge 255 ]; then
        # These versions of systemd need a merged /usr and, from 256 on, cgroup v2.
        run in_guest "$guest" 'stat -f -c %T /sys/fs/cgroup; readlink /bin /lib /sbin'
        [ "$output" = "cgroup2fs
usr/bin
usr/lib
usr/sbin" ] || die "$guest: $output"
    fi
    guest_kernel_is_sound "$guest"
}

# Jobs, and files both ways, in a guest whose clock is after 2038, which needs 64-bit times.
check_late_clock() {
    in_guest "$1" 'date -s @2209086245'
    dom0 "seq 1000 >/root/late && xenbench push $1 /root/late /root/late && xenbench pull $1 /root/late /root/late.back &&
          cmp /root/late /root/late.back && rm /root/late*"
    run in_guest "$1" 'date -u -r /root/late +%Y'
    [ "$output" = 2040 ] || die "$1: $output"
}

# Two at a time, because the lab has little memory.
@test "each suite boots as PV and PVH, directly and by GRUB, and settles without failed units" {
    local image type guest pair
    for image in $SUITES; do
        for type in pv pvh; do
            pair=("$image-$type" "$image-$type-grub")
            dom0 "xenbench guest start ${pair[*]} --wait --timeout 400" ||
                die "$image: $(dom0 "tail -n 20 /var/lib/xenbench/guests/$image-$type*/console.log")"
            for guest in "${pair[@]}"; do
                check_guest "$guest" "${image#suite-}"
            done
            check_late_clock "${pair[0]}"
            dom0 "xenbench guest stop ${pair[*]} --timeout 120 && xenbench guest remove ${pair[*]}"
        done
    done
}
