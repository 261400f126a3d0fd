#!/usr/bin/env bats
# Images of other releases: each boots directly and by GRUB until its agent serves and the boot
# settles.
load ../lab/helper

images=/var/lib/xenbench/images-ro

setup_file() {
    load ../lab/helper
    dom0 "for image in \$(cd $images && ls -d suite-*); do
              xenbench guest create \$image-direct --image \$image --type pv --memory 320M || exit 1
              xenbench guest create \$image-grub --image \$image --type pv --boot grub --memory 320M || exit 1
          done"
}

teardown_file() {
    load ../lab/helper
    dom0 "cd /var/lib/xenbench/guests && xenbench guest remove --destroy suite-*" >/dev/null 2>&1 || true
}

# Two at a time, because the lab has little memory.
@test "each suite boots, directly and by GRUB, and settles without failed units" {
    local image guest
    for image in $(dom0 "cd $images && ls -d suite-*"); do
        dom0 "xenbench guest start $image-direct $image-grub --wait --timeout 400" ||
            die "$image: $(dom0 "tail -n 20 /var/lib/xenbench/guests/$image-*/console.log")"
        for guest in "$image-direct" "$image-grub"; do
            run dom0 "xenbench exec $guest -- sh -c '. /etc/os-release; echo \$VERSION_CODENAME; systemctl is-system-running --wait; systemctl --failed --plain --no-legend; hostname'"
            echo "# $guest: $(dom0 "xenbench exec $guest -- uname -r"), ${lines[*]}" >&3
            [ "$output" = "${image#suite-}
running
$guest" ] || die "$guest: $output"
            guest_kernel_is_sound "$guest"
        done
        dom0 "xenbench guest stop $image-direct $image-grub --timeout 120 && xenbench guest remove $image-direct $image-grub"
    done
}
