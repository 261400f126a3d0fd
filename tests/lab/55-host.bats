#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench host prepare` and `undo` for real: LVM on /dev/vdd, Dom0's memory and vcpus, and GRUB as a
# stand-in script, because the lab has no GRUB.

load helper

PLAN='--vg prep --pv /dev/vdd --thin-pool pool --dom0-memory 1400M --dom0-vcpus 1 --dom0-pin'

setup_file() {
    dom0 'wipefs -qa /dev/vdd; dd if=/dev/zero of=/dev/vdd bs=1M count=1 status=none'
}

teardown() {
    dom0 'umount /mnt 2>/dev/null; xenbench host undo --yes >/dev/null; rm -rf /usr/local/sbin/update-grub
        [ ! -e /etc/default/grub.lab ] || rm -f /etc/default/grub /etc/default/grub.lab /boot/grub/grub.cfg /boot/xen-lab.gz
        wipefs -qa /dev/vdd'
}

dom0_memory_mib() {
    dom0 "xl list Domain-0 | awk 'NR == 2 { print \$3 }'"
}

@test "the plan changes nothing; --yes carries it out; a second call finds nothing to do; undo restores everything" {
    run dom0 "xenbench host prepare $PLAN"
    [ "$status" -eq 0 ]
    [[ $output == *"to do"*"/dev/vdd"*"8.0 GiB, empty"* ]]
    [ -z "$(dom0 'pvs --noheadings')" ]
    before=$(dom0_memory_mib)

    dom0 "xenbench host prepare $PLAN --yes"
    [[ $(dom0 'lvs --noheadings -o lv_layout prep/pool') == *thin,pool* ]]
    [ "$(dom0_memory_mib)" -eq 1400 ]
    [[ $(dom0 'xl vcpu-list 0') == *"0     1    -   --p"* ]]
    [[ $(dom0 'xl vcpu-list 0') == *" 0 / all"* ]]
    dom0 'grep -qx autoballoon=\"off\" /etc/xen/xl.conf'

    run dom0 "xenbench host prepare $PLAN"
    [[ $output == *"nothing to do"* ]]
    run dom0 "xenbench doctor"
    [[ $output == *"ok"*"thin pool"*"prep/pool"* ]]

    dom0 'xenbench host undo --yes'
    [ "$(dom0_memory_mib)" -eq "$before" ]
    [[ $(dom0 'xl vcpu-list 0') != *"--p"* ]]
    [ -z "$(dom0 'pvs --noheadings')" ]
    dom0 '! grep -q ^autoballoon /etc/xen/xl.conf && [ ! -e /etc/modules-load.d/xenbench.conf ]'
    [ "$(dom0 'xenbench host undo')" = "nothing to do" ]
}

@test "a device with data is refused and untouched until named for overwriting; one in use always" {
    dom0 'mkfs.ext4 -q -L precious /dev/vdd'
    sum=$(dom0 'head -c 64M /dev/vdd | sha256sum')
    run dom0 'xenbench host prepare --vg prep --pv /dev/vdd --yes'
    [ "$status" -eq 2 ]
    [[ $output == *"REFUSED"*"ext4 filesystem \`precious\`"*"--overwrite /dev/vdd"* ]]
    [ "$(dom0 'head -c 64M /dev/vdd | sha256sum')" = "$sum" ]
    dom0 '[ ! -e /etc/modules-load.d/xenbench.conf ]'

    dom0 'mount /dev/vdd /mnt'
    run dom0 'xenbench host prepare --vg prep --pv /dev/vdd --overwrite /dev/vdd --yes'
    [ "$status" -eq 2 ]
    [[ $output == *"in use in Dom0: mounted read-write"* ]]
    dom0 'umount /mnt'

    run dom0 'xenbench host prepare --vg prep --pv /dev/vdd --overwrite /dev/vdd --yes'
    [ "$status" -eq 0 ]
    [[ $output == *"WHAT IS ON IT IS LOST"* ]]
    dom0 'vgs prep && lvcreate -qq -n data -L 16M prep'
    run dom0 'xenbench host prepare --vg other --pv /dev/vdd --overwrite /dev/vdd --yes'
    [ "$status" -eq 2 ]
    [[ $output == *"in use in Dom0"* ]] || [[ $output == *"part of the volume group prep"* ]]
    # A group with somebody's volume stays, and the command reports what it had already undone.
    run dom0 'xenbench host undo --yes'
    [ "$status" -eq 3 ]
    [[ $output == *"cannot remove the volume group prep"* ]]
    dom0 'vgs prep && lvremove -qqy prep/data'
}

@test "GRUB: the file, update-grub, and an unchanged menu is a failure that says so" {
    dom0 'touch /etc/default/grub.lab; echo GRUB_DISTRIBUTOR=Debian >/etc/default/grub; mkdir -p /boot/grub; : >/boot/xen-lab.gz
        cat >/usr/local/sbin/update-grub && chmod +x /usr/local/sbin/update-grub' <<'SH'
#!/bin/sh
# Read the settings as grub-mkconfig does, and write the menu as 20_linux_xen would.
gettext() { printf %s "$1"; }
[ ! -e /etc/default/grub.broken ] || exit 1
. /etc/default/grub
for f in /etc/default/grub.d/*.cfg; do [ ! -e "$f" ] || . "$f"; done
entry() { # TITLE ID OPTIONS
    printf "menuentry '%s' --class xen \$menuentry_id_option '%s' {\n" "$1" "$2"
    printf '\tmultiboot2\t/boot/xen-lab.gz placeholder %s ${xen_rm_opts}\n}\n' "$3"
}
{
    printf 'if [ "${next_entry}" ] ; then\n   set default="${next_entry}"\nelse\n   set default="%s"\nfi\n' "$GRUB_DEFAULT"
    os="$GRUB_DISTRIBUTOR GNU/Linux"
    entry "$os, with Xen hypervisor" xen-gnulinux-simple-uuid "$GRUB_CMDLINE_XEN $GRUB_CMDLINE_XEN_DEFAULT"
    echo "submenu 'Advanced options for $os (with Xen hypervisor)' {"
    entry "$os, with Xen lab and Linux 6.1" xen-gnulinux-6.1-advanced-uuid "$GRUB_CMDLINE_XEN $GRUB_CMDLINE_XEN_DEFAULT"
    entry "$os, with Xen lab and Linux 6.1 (recovery mode)" xen-gnulinux-6.1-recovery-uuid "$GRUB_CMDLINE_XEN"
    echo '}'
} >/boot/grub/grub.cfg
SH
    dom0 'touch /etc/default/grub.broken'
    run dom0 'xenbench host prepare --dom0-memory 1536M --xen sched=credit2 --yes'
    dom0 'rm /etc/default/grub.broken'
    [ "$status" -eq 3 ]
    [[ $output == *"done"*"GRUB's options"*"step \`GRUB's menu\` failed"* ]]
    dom0 'xenbench host prepare --dom0-memory 1536M --xen sched=credit2 --yes'
    dom0 'grep -q "dom0_mem=1536M,max:1536M sched=credit2 " /boot/grub/grub.cfg'
    run dom0 'xenbench host prepare'
    [[ $output == *"ok"*"GRUB's menu"*"starts Xen, with these options"* ]]
    [[ $output == *"nothing to do"* ]]
    dom0 'xenbench host undo --yes'
    dom0 '[ ! -e /etc/default/grub.d/xenbench.cfg ] && ! grep -q dom0_mem /boot/grub/grub.cfg'
}

@test "host prepare killed after its first steps continues when called again" {
    dom0 'xenbench host prepare --vg prep --pv /dev/vdd --thin-pool pool --yes >/run/prep.out & pid=$!
        while ! grep -q "done .*vdd" /run/prep.out; do sleep 0.05; done; kill -9 $pid; wait $pid || true'
    dom0 'xenbench host prepare --vg prep --pv /dev/vdd --thin-pool pool --yes'
    run dom0 'xenbench host prepare --vg prep --pv /dev/vdd --thin-pool pool'
    [[ $output == *"nothing to do"* ]]
    dom0 'xenbench host undo --yes'
    [ -z "$(dom0 'pvs --noheadings; vgs --noheadings')" ]
}
