#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Every way to boot a guest, each until its agent serves: one debian image as PV and PVH directly,
# by PV and PVH GRUB, and as HVM by the GRUB on its disk; a kernel from backports; users' own kernel
# files, packed as distributions pack them; and guests from users' xl.cfg files.
load helper

guests=/var/lib/xenbench/guests
images=/var/lib/xenbench/images-ro
packed=(bt-gzip bt-xz bt-lz4 bt-zstd bt-zstd-pvh bt-early)
all=(bt-pv bt-pvh bt-pvgrub bt-pvhgrub bt-hvm bt-backports bt-file "${packed[@]}")
# The folder with the built images from which the lab's disk was made.
built=${XENBENCH_BUILD:-$BATS_TEST_DIRNAME/../../build}/state/images

setup_file() {
    dom0 "set -e
        cd /var/lib/xenbench
        make() { xenbench guest create \"\$@\"; }
        make bt-pv --image debian --type pv --memory 192M
        make bt-pvh --image debian --type pvh --memory 192M
        make bt-pvgrub --image debian --type pv --boot grub --memory 192M --cmdline xenbench.test=words
        make bt-pvhgrub --image debian --type pvh --boot grub --memory 192M
        make bt-hvm --image debian --type hvm --memory 208M
        make bt-backports --image micro-backports --type pv --memory 128M
        cp images-ro/micro-backports/vmlinuz /root/bt-vmlinuz
        make bt-file --image micro --type pv --memory 128M --kernel /root/bt-vmlinuz \
            --ramdisk images-ro/micro-backports/initrd.img"
}

# One guest at a time: all of them at once, one with a device model in Dom0, are too many for the lab.
teardown() {
    dom0 'xenbench guest destroy $(xl list | awk "\$2 > 0 && /^bt-/ { print \$1 }")' >/dev/null 2>&1 || true
}

teardown_file() {
    dom0 "xenbench guest remove --destroy ${all[*]} bt-own bt-other; xenbench clean --all
          rm -rf /root/bt-*" >/dev/null 2>&1 || true
}

# Boot the guest and run a job in it.
works() {
    dom0 "xenbench guest start $1 --wait --timeout 400 >/tmp/bt-start 2>&1" || true
    run dom0 "xenbench exec $1 -- sh -c 'hostname; cat /proc/cmdline; uname -r'"
    if [ "$status" -ne 0 ]; then
        die "$1: $output; $(dom0 "cat /tmp/bt-start; tail -c 800 $guests/$1/console.log")"
    fi
    [ "${lines[0]}" = "$1" ] || [[ ${lines[0]} == "(none)" ]] || die "host name: $output"
}

# setting GUEST KEY: prints a setting of the guest's xl.cfg
setting() { dom0 "sed -n 's/^$2 = \"\\(.*\\)\"\$/\\1/p' $guests/$1/$1.cfg"; }

@test "PV, direct kernel boot" {
    works bt-pv
    dom0 "cmp $(setting bt-pv kernel) /var/lib/xenbench/images-ro/debian/vmlinux"
}

@test "PVH, direct kernel boot" {
    works bt-pvh
}

@test "PV GRUB: kernel and ramdisk from the guest's disk, with the user's options" {
    works bt-pvgrub
    [[ $(setting bt-pvgrub kernel) == */grub-x86_64-xen.bin ]]
    [ -z "$(setting bt-pvgrub ramdisk)$(setting bt-pvgrub cmdline)" ]
    run dom0 "xenbench exec bt-pvgrub -- cat /proc/cmdline"
    [[ $output == *" xenbench.test=words"* ]] || die "$output"
    run dom0 "grep -a 'GNU GRUB\|GRUB' $guests/bt-pvgrub/console.log | head -1"
    [ -n "$output" ]
}

@test "PVH GRUB: the same" {
    works bt-pvhgrub
    [[ $(setting bt-pvhgrub kernel) == */grub-i386-xen_pvh.bin ]]
    run dom0 "xenbench exec bt-pvhgrub -- cat /proc/cmdline"
    [[ $output == BOOT_IMAGE=/boot/vmlinuz-* ]] || die "$output"
}

@test "HVM: the GRUB on the disk, Xen's drivers, and no network device" {
    works bt-hvm
    [ -z "$(setting bt-hvm kernel)" ]
    run dom0 "xenbench exec bt-hvm -- sh -c 'findmnt -n -o SOURCE /; ls /sys/class/net; cat /sys/hypervisor/guest_type'"
    [ "$output" = "/dev/xvda
lo
HVM" ] || die "$output"
    run dom0 "xenbench guest list --json | jq -r '.[] | select(.name == \"bt-hvm\") | .type'"
    [ "$output" = hvm ]
}

@test "a kernel from backports, and a user's kernel file" {
    local release
    release=$(dom0 "jq -r .kernel_release $images/micro-backports/image.json")
    [ "$release" != "$(dom0 "jq -r .kernel_release $images/micro/image.json")" ]
    for guest in bt-backports bt-file; do
        works $guest
        [ "$(dom0 "xenbench exec $guest -- uname -r")" = "$release" ]
    done
    [ "$(setting bt-file kernel)" = /root/bt-vmlinuz ]
}

# packed_kernel PACKER...: puts micro's kernel into Dom0 as a bzImage packed with PACKER, /root/bt-PACKER
packed_kernel() {
    "$BATS_TEST_DIRNAME/../bzimage" "$built/micro/vmlinux" "$(jq -r .kernel_release "$built/micro/image.json")" "$@" \
        >"$BATS_TEST_TMPDIR/bt-$1"
    "$LAB" push --name "$LAB_NAME" "$BATS_TEST_TMPDIR/bt-$1" "/root/bt-$1"
}

# from_files GUEST TYPE KERNEL RAMDISK: makes a guest from these files and boots it
from_files() {
    dom0 "xenbench guest create $1 --image micro --type $2 --memory 128M --kernel $3 --ramdisk $4"
    works "$1"
    dom0 "xenbench guest destroy $1"
}

@test "a user's kernel packed by gzip, xz, lz4 or zstd, which Xen's builder unpacks" {
    local initrd=$images/micro/initrd.img
    packed_kernel gzip -n -1
    packed_kernel xz -0 --check=crc32
    packed_kernel lz4 -q -l -1 - -
    packed_kernel zstd -q -1
    from_files bt-gzip pv /root/bt-gzip "$initrd"
    from_files bt-xz pv /root/bt-xz "$initrd"
    from_files bt-lz4 pv /root/bt-lz4 "$initrd"
    from_files bt-zstd pv /root/bt-zstd "$initrd"
    from_files bt-zstd-pvh pvh /root/bt-zstd "$initrd"
}

@test "an initramfs that begins with an archive that is not packed, as that of Debian 13" {
    mkdir -p "$BATS_TEST_TMPDIR/early/kernel/x86/microcode"
    { (cd "$BATS_TEST_TMPDIR/early" && find . | cpio --quiet -o -H newc); gzip -1 <"$built/micro/initrd.img"; } >"$BATS_TEST_TMPDIR/initrd"
    "$LAB" push --name "$LAB_NAME" "$BATS_TEST_TMPDIR/initrd" /root/bt-initrd
    from_files bt-early pv "$images/micro/vmlinux" /root/bt-initrd
}

@test "no kernel has reported an error" {
    for guest in "${all[@]}"; do
        guest_kernel_is_sound "$guest"
    done
}

@test "xl alone stops and starts guests that boot by GRUB, and they are the same guests" {
    dom0 "xl create $guests/bt-pvgrub/bt-pvgrub.cfg >/dev/null"
    works bt-pvgrub
    [ "$(dom0 "xl list -v bt-pvgrub | awk 'NR == 2 { print \$7 }'")" = "$(setting bt-pvgrub uuid)" ]
    dom0 "xl shutdown -w bt-pvgrub && for i in \$(seq 30); do xl domid bt-pvgrub >/dev/null 2>&1 || exit 0; sleep 1; done; exit 1"
}

@test "conflicting options are refused with advice" {
    local args
    while read -r args; do
        run dom0 "xenbench guest create bt-no $args"
        [ "$status" -eq 2 ] || die "$args: $status $output"
        [[ $output == *"--boot direct"* || $output == *bzImage* || $output == *"neither"* ]] || die "$args: $output"
    done <<'ARGS'
--image micro --boot grub
--image debian --boot grub --kernel /root/bt-vmlinuz
--image debian --type pv --boot grub --cmdline 'a="b c"'
--image micro --type hvm --kernel /var/lib/xenbench/images-ro/micro/vmlinux
--image micro --type hvvm
ARGS
}

@test "without a device model or GRUB, doctor and guest create say so" {
    dom0 'mv /usr/libexec/xen-qemu-system-i386 /root/bt-qemu; mv /usr/lib/grub-xen /root/bt-grub-xen'
    run dom0 'xenbench doctor'
    local told=$output
    run dom0 'xenbench guest create bt-no --image debian --type hvm; xenbench guest create bt-no --image debian --type pv --boot grub'
    dom0 'mv /root/bt-qemu /usr/libexec/xen-qemu-system-i386; mv /root/bt-grub-xen /usr/lib/grub-xen'
    [[ $told == *"no HVM guests"*qemu-system-xen*grub-xen-host* ]] || die "$told"
    [[ $output == *"no device model"*qemu-system-xen*grub-xen-host* ]] || die "$output"
}

@test "--from: a user's xl.cfg becomes a guest unchanged; its disk stays the user's" {
    dom0 "mkdir -p /root/bt-dir && cd /root/bt-dir && cp $images/micro/vmlinux $images/micro/initrd.img . &&
          truncate -s 16M own.img && cat >own.cfg" <<'CFG'
# a comment that stays
name    = 'bt-own'
type    = "pv"
kernel  = "vmlinux"
ramdisk = "/root/bt-dir/initrd.img"
extra   = "console=hvc0 quiet panic=5"
memory  = 112
vcpus   = 1; maxvcpus = 2
disk    = [
    'format=raw,vdev=xvdb,access=rw,target=/root/bt-dir/own.img',
]
CFG
    run dom0 'cd /root/bt-dir && xenbench guest create --from own.cfg --wait'
    [ "$status" -eq 0 ] || die "$output"
    [[ $output != *warning* ]]
    run dom0 "head -n 11 $guests/bt-own/bt-own.cfg | cmp - /root/bt-dir/own.cfg && xenbench exec bt-own -- ls /dev/xvdb"
    [ "$output" = /dev/xvdb ] || die "$output"
    run dom0 "xenbench guest list --json | jq -rc '.[] | select(.name == \"bt-own\") | [.made_by_xenbench, .type, .vcpus]'"
    [ "$output" = '[true,"pv",1]' ] || die "$output"
    dom0 'xenbench guest stop bt-own && xl create /var/lib/xenbench/guests/bt-own/bt-own.cfg >/dev/null &&
          xenbench guest start bt-own --wait && xenbench exec bt-own -- true'
    dom0 'xenbench guest remove --destroy bt-own && test -e /root/bt-dir/own.img -a -e /root/bt-dir/vmlinux'
}

@test "--from: a network device is warned of; another name; impossible files are refused and leave nothing" {
    dom0 "cd /root/bt-dir && { cat own.cfg; echo \"vif = [ 'bridge=xenbr0' ]\"; } >vif.cfg"
    run dom0 'cd /root/bt-dir && xenbench guest create bt-other --from vif.cfg'
    [ "$status" -eq 0 ] || die "$output"
    [[ $output == *"warning: guest bt-other has 1 network device"* ]] || die "$output"
    run dom0 'xenbench guest create bt-other --from /root/bt-dir/vif.cfg'
    [ "$status" -eq 2 ]
    dom0 'cd /root/bt-dir && sed s,/root/bt-dir/own.img,own.img, own.cfg >relative.cfg && echo "memory = [" >broken.cfg
          sed "s/^name.*/name=\"a b\"/" own.cfg >name.cfg; sed "s/^memory.*/memory = \"x\"/" own.cfg >memory.cfg'
    local cfg
    # What xl ignores with a warning is reported and ignored.
    run dom0 'cd /root/bt-dir && xenbench guest create --from memory.cfg'
    [[ $output == *"warning: xl says about "*"not a valid number"* ]] || die "$output"
    dom0 'xenbench guest remove bt-own'
    for cfg in relative broken name none; do
        run dom0 "cd /root/bt-dir && xenbench guest create --from $cfg.cfg"
        [ "$status" -eq 2 ] || die "$cfg: $status $output"
        [[ $output == *"$cfg.cfg"* || $output == *"a b"* ]] || die "$cfg: $output"
    done
    run dom0 'xenbench guest create bt-no --from /root/bt-dir/own.cfg --memory 1G'
    [ "$status" -eq 2 ]
    run dom0 "ls -A $guests | grep -e bt-own -e bt-no -e new"
    [ "$status" -eq 1 ] || die "$output"
    dom0 'xenbench guest remove bt-other'
}
