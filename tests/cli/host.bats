#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench host prepare` and `undo` on a system's files in a directory: Debian 12 with Xen and
# GRUB, or without.

load helper

setup() {
    export XENBENCH_STATE=/var/lib/xenbench XENBENCH_RUN=$BATS_TEST_TMPDIR/run
    R=$BATS_TEST_TMPDIR/root
    mkdir -p "$R"/etc/{default,xen,grub.d,modules-load.d} "$R"/boot/grub
    printf 'GRUB_DEFAULT=0\nGRUB_DISTRIBUTOR=Debian\n' >"$R/etc/default/grub"
    printf '# When to balloon.\n#autoballoon="auto"\n#lockfile="x"\n' >"$R/etc/xen/xl.conf"
    : >"$R/boot/xen-4.17-amd64.gz"
}

teardown() {
    [ -z "${loop_device:-}" ] || losetup --detach "$loop_device"
}

prepare() {
    "$XENBENCH" host prepare --root "$R" "$@"
}

undo() {
    "$XENBENCH" host undo --root "$R" "$@"
}

# grub_says: prints the settings that GRUB's scripts would read, from the files in glob order, as in grub-mkconfig.
grub_says() {
    (
        # shellcheck disable=SC2317 # GRUB's files call it
        gettext() { printf '%s' "$1"; }
        # shellcheck disable=SC1091 # made by this test
        . "$R/etc/default/grub"
        for f in "$R"/etc/default/grub.d/*.cfg; do
            # shellcheck disable=SC1090
            . "$f"
        done
        printf '%s\n' "$GRUB_DEFAULT" "$GRUB_CMDLINE_XEN_DEFAULT"
    )
}

@test "without --yes nothing changes; the plan shows the present and the future state" {
    cp -a "$R" "$R.before"
    run prepare --dom0-memory 2G --dom0-vcpus 2
    [ "$status" -eq 0 ]
    [[ $output == *"to do"*"xl.conf"*'autoballoon="off"'* ]]
    [[ $output == *"GRUB's options"*"not there"*"dom0_mem=2048M,max:2048M dom0_max_vcpus=2"* ]]
    [[ $output == *"3 steps to do"* ]]
    diff -r "$R" "$R.before"
}

@test "with --yes the files suit the shell, GRUB and xl; a second call finds nothing to do" {
    run prepare --dom0-memory 2G --dom0-vcpus 2 --dom0-pin --xen sched=credit --yes
    [ "$status" -eq 0 ]
    [ "$(grub_says)" = $'Debian GNU/Linux, with Xen hypervisor\n dom0_mem=2048M,max:2048M dom0_max_vcpus=2 dom0_vcpus_pin sched=credit' ]
    [ "$(cat "$R/etc/xen/xl.conf")" = $'# When to balloon.\nautoballoon="off"\n#lockfile="x"' ]
    grep -qx xen-blkback "$R/etc/modules-load.d/xenbench.conf"
    run prepare --dom0-memory 2G --dom0-vcpus 2 --dom0-pin --xen sched=credit
    [ "$status" -eq 0 ]
    [[ $output == *"nothing to do"* ]]
    run prepare
    [[ $output == *"nothing to do"* ]]
}

@test "a later call changes what it names and keeps the rest" {
    prepare --dom0-memory 2G --dom0-vcpus 2 --xen sched=credit --yes
    prepare --dom0-memory 1G --yes
    [ "$(grub_says | tail -1)" = ' dom0_mem=1024M,max:1024M dom0_max_vcpus=2 sched=credit' ]
    prepare --dom0-memory keep --xen sched=credit2 --yes
    [ "$(grub_says | tail -1)" = ' dom0_max_vcpus=2 sched=credit2' ]
}

@test "an option that is there several times is kept so; one that another option sets is refused; nothing is cut" {
    prepare --dom0-memory 2G --dom0-vcpus keep --xen dom0=pvh --xen dom0=verbose --yes
    prepare --dom0-memory 1G --dom0-vcpus 3 --dom0-vcpus keep --yes
    [ "$(grub_says | tail -1)" = ' dom0_mem=1024M,max:1024M dom0=pvh dom0=verbose' ]
    prepare --dom0-memory 1G --dom0-memory keep --yes
    [ "$(grub_says | tail -1)" = ' dom0=pvh dom0=verbose' ]
    for pair in dom0_mem=1G:--dom0-memory dom0_max_vcpus=4:--dom0-vcpus dom0_vcpus_pin:--dom0-pin; do
        run prepare --xen "${pair%:*}"
        [ "$status" -eq 2 ]
        [[ $output == *"--xen=${pair%:*}: ${pair#*:} sets it"* ]]
    done
    long=console=$(printf '%0400d' 0)
    prepare --xen "$long" --yes
    [ "$(grub_says | tail -1)" = " $long dom0=pvh dom0=verbose" ]
    run prepare --xen "$long" --xen "$long" --xen "$long" --yes
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"longer than Xen takes"* ]]
    [ "$(grub_says | tail -1)" = " $long dom0=pvh dom0=verbose" ]
}

@test "the user's own options stay before ours" {
    echo 'GRUB_CMDLINE_XEN_DEFAULT="com1=115200"' >>"$R/etc/default/grub"
    prepare --dom0-memory 2G --dom0-vcpus keep --yes
    [ "$(grub_says | tail -1)" = 'com1=115200 dom0_mem=2048M,max:2048M' ]
}

@test "undo restores every file, even after several calls, and forgets the changes" {
    cp -a "$R" "$R.before"
    prepare --dom0-memory 2G --yes
    prepare --dom0-memory 1G --yes
    run undo
    [ "$status" -eq 0 ]
    [[ $output == *"to do"*"former contents"* ]]
    [ -e "$R/etc/default/grub.d/xenbench.cfg" ]
    run undo --yes
    [ "$status" -eq 0 ]
    rmdir "$R/etc/default/grub.d"
    rm -r "${R:?}/var"
    diff -r "$R" "$R.before"
    run undo
    [[ $output == "nothing to do" ]]
}

@test "a second call keeps the options of the first, those of Dom0 too, that it does not name" {
    prepare --dom0-memory 2G --dom0-vcpus 2 --xen dom0_nodes=0 --xen sched=credit --yes
    prepare --dom0-memory 1G --dom0-vcpus 2 --yes
    [ "$(grub_says | tail -n 1)" = " dom0_mem=1024M,max:1024M dom0_max_vcpus=2 dom0_nodes=0 sched=credit" ]
}

@test "undo after a reboot leaves Dom0's memory and vcpus to Xen's command line, and forgets all of the menu's changes" {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    XENBENCH_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$XENBENCH_STATE"
    cat >"$XENBENCH_STATE/host-prepare.json" <<'END'
{"format": 1, "changes": [{"kind": "grub"}, {"kind": "dom0", "boot": "earlier", "memory_kb": 16777216, "allocation": {"vcpus": 8}}, {"kind": "grub"}]}
END
    mkdir "$BATS_TEST_TMPDIR/bin"
    ln -s /bin/true "$BATS_TEST_TMPDIR/bin/update-grub"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    run "$XENBENCH" host undo
    [ "$status" -eq 0 ]
    [[ $output == *"ok "*"dom0 now"*"Dom0 has booted since"* ]]
    run "$XENBENCH" host undo --yes
    [ "$status" -eq 0 ]
    run "$XENBENCH" host undo
    echo "$output"
    [ "$output" = "nothing to do" ]
}

@test "undo in another system restores files alone: nothing of this host's changes, and the rest stays recorded" {
    prepare --dom0-memory 2G --yes
    record=$R$XENBENCH_STATE/host-prepare.json
    jq '.changes += [{"kind": "service", "unit": "xen", "enabled_before": false}, {"kind": "dom0", "boot": "earlier"},
        {"kind": "pv", "devices": ["/dev/null"]}, {"kind": "vg", "name": "g", "devices": ["/dev/null"], "tag": "t"},
        {"kind": "thin-pool", "vg": "g", "name": "p", "tag": "t"}, {"kind": "grub"}]' "$record" >"$R/new"
    mv "$R/new" "$record"
    mkdir "$BATS_TEST_TMPDIR/bin"
    for tool in update-grub systemctl vgs pvs lvs vgremove vgreduce pvremove lvremove lvm; do
        printf '#!/bin/sh\necho "$0 $*" >>%q\nexit 0\n' "$BATS_TEST_TMPDIR/called" >"$BATS_TEST_TMPDIR/bin/$tool"
        chmod +x "$BATS_TEST_TMPDIR/bin/$tool"
    done
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    run undo --yes
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"cannot"*"service"*"not a file"*"undo it in that system"* ]]
    [[ $output == *"cannot"*"grub"*"run update-grub in that system"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/called" ]
    [ ! -e "$R/etc/default/grub.d/xenbench.cfg" ]
    [ "$(jq -c '[.changes[].kind]' "$record")" = '["service","dom0","pv","vg","thin-pool","grub"]' ]
}

@test "--root needs a directory that is there, and never means the running system" {
    : >"$R/file"
    for dir in "" "$R/typo" "$R/file"; do
        for verb in prepare undo; do
            run "$XENBENCH" host "$verb" --root "$dir" ${dir:+--yes} # a failure must not change this machine
            echo "$dir: $output"
            [ "$status" -eq 2 ]
            [[ $output == *"--root"* && $output != *"to do"* ]]
        done
    done
    [ ! -e "$R/typo" ]
}

@test "a link in another system that leads out of its directory is not followed" {
    outside=$BATS_TEST_TMPDIR/outside
    mkdir -p "$outside/grub.d"
    echo '#autoballoon="auto"' >"$outside/xl.conf"
    rm "$R/etc/xen/xl.conf"
    ln -s "$outside/xl.conf" "$R/etc/xen/xl.conf"
    run prepare --yes
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"xl.conf is a link, or below one, that leads out of $R"* ]]
    rm "$R/etc/xen/xl.conf"
    ln -s ../default/xl.conf "$R/etc/xen/xl.conf"
    echo '#autoballoon="auto"' >"$R/etc/default/xl.conf"
    ln -s "$outside/grub.d" "$R/etc/default/grub.d"
    run prepare --dom0-memory 2G --yes
    echo "$output"
    [ "$status" -eq 3 ]
    [ -z "$(ls "$outside/grub.d")" ]
    rm "$R/etc/default/grub.d"
    prepare --dom0-memory 2G --yes
    [ "$(cat "$R/etc/default/xl.conf")" = 'autoballoon="off"' ]
    # A file that can no longer be read is not one that is gone.
    rm "$R/etc/default/grub.d/xenbench.cfg"
    ln -s "$outside/xl.conf" "$R/etc/default/grub.d/xenbench.cfg"
    run undo --yes
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(jq -r '.changes[].path' "$R$XENBENCH_STATE/host-prepare.json")" = /etc/default/grub.d/xenbench.cfg ]
    [ "$(cat "$outside/xl.conf")" = '#autoballoon="auto"' ]
}

@test "undo leaves a file alone that somebody has changed since, and says so" {
    prepare --dom0-memory 2G --yes
    echo 'mine=1' >>"$R/etc/xen/xl.conf"
    run undo --yes
    [ "$status" -eq 0 ]
    [[ $output == *"cannot"*"xl.conf was changed since"* ]]
    grep -q mine=1 "$R/etc/xen/xl.conf"
    [ ! -e "$R/etc/default/grub.d/xenbench.cfg" ]
}

@test "a system without Xen or GRUB is told apart from a prepared one" {
    rm "$R/boot/xen-4.17-amd64.gz" "$R/etc/xen/xl.conf"
    run prepare --dom0-memory 2G
    [ "$status" -eq 0 ]
    [[ $output == *"cannot"*"no hypervisor in /boot"*"apt-get install xen-system-amd64"* ]]
    [[ $output == *"cannot"*"xl.conf"*"there is no /etc/xen/xl.conf"* ]]
    rm -r "$R/etc/default/grub" "$R/etc/grub.d"
    run prepare --dom0-memory 2G
    [[ $output == *"GRUB is not what boots this system"*"dom0_mem=2048M,max:2048M"* ]]
}

# menu SED-EXPRESSION...: runs prepare with GRUB's menu as Debian 12's scripts write it, after these changes
menu() {
    sed -e '' "${@/#/-e}" "$BATS_TEST_DIRNAME/../data/grub.cfg" >"$R/boot/grub/grub.cfg"
    run prepare
}

@test "GRUB's menu: grub.cfg shows whether it starts Xen with our options" {
    prepare --dom0-memory 2G --dom0-vcpus keep --yes
    # Recovery entries, and the user's own entry, lack the options, but only the default entry counts.
    menu
    [ "$(grep -c 'multiboot.*dom0_mem' "$R/boot/grub/grub.cfg")" -eq 2 ]
    [ "$(grep -c 'multiboot' "$R/boot/grub/grub.cfg")" -eq 4 ]
    [[ $output == *"ok"*"GRUB's menu"*"starts Xen, with these options"* ]]
    # The default may be the id of an entry in a submenu, or a recovery entry, which then counts.
    id=$(grep -o "xen-gnulinux-[^']*-advanced-[^']*" "$R/boot/grub/grub.cfg")
    menu "s/default=\"Debian.*/default=\"gnulinux-advanced-8c2cb2fa>$id\"/"
    [[ $output == *"ok"*"GRUB's menu"*"starts Xen, with these options"* ]]
    menu 's/default="Debian.*/default="Debian GNU\/Linux, with Xen 4.17-amd64 and Linux 6.1.0-28-amd64 (recovery mode)"/'
    [[ $output == *"GRUB's menu"*"lacks the requested options"* ]]
    # Each word counts as a whole, wherever it is: sched=credit is not in sched=credit2.
    menu '/multiboot/s/dom0_mem/loglvl=all\/all sched=credit2 sched=credit loglvl=all dom0_mem/'
    run prepare --xen sched=credit --xen loglvl=all --yes
    run prepare
    echo "$output"
    [[ $output == *"ok"*"GRUB's menu"*"starts Xen, with these options"* ]]
    menu '/multiboot/s/dom0_mem/loglvl=all\/all sched=credit2 loglvl=all dom0_mem/'
    [[ $output == *"GRUB's menu"*"lacks the requested options"* ]]
    undo --yes
    prepare --dom0-memory 2G --dom0-vcpus keep --yes
    menu '/multiboot/s/dom0_mem=[^ ]*//'
    [[ $output == *"cannot"*"GRUB's menu"*"lacks the requested options"*"run update-grub"* ]]
    # The options are only in the submenu's entry.
    menu '/^\tmultiboot/s/dom0_mem=[^ ]*//'
    [[ $output == *"GRUB's menu"*"lacks the requested options"* ]]
    # The default is plain Linux, a number or a variable; then the title of an entry that does not exist,
    # as with GRUB_DISABLE_SUBMENU.
    for default in 'Debian GNU\/Linux' 0 '${saved_entry}'; do
        menu "s/default=\"Debian.*/default=\"$default\"/"
        echo "$default: $output"
        [[ $output == *"cannot"*"GRUB's menu"*"does not start Xen"*"run update-grub"* ]]
    done
    menu '/^menuentry .*with Xen hypervisor/,/^}/d'
    [[ $output == *"GRUB's menu"*"does not start Xen"* ]]
    menu '/20_linux_xen/,$d'
    [[ $output == *"GRUB's menu"*"it has no entry for Xen"* ]]
    menu
    run prepare --dom0-memory 1G
    [[ $output == *"GRUB's menu"*"lacks the requested options"* ]]
}

@test "a failing step names itself and keeps its record, and a later call continues" {
    local long
    long=$(printf 'x%.0s' {1..254}) # no new file beside it can have a longer name
    printf '#autoballoon="auto"\n' >"$R/etc/xen/$long"
    ln -sf "$long" "$R/etc/xen/xl.conf"
    run prepare --dom0-memory 2G --yes
    [ "$status" -eq 3 ]
    [[ $output == *"done"*"modules at boot"* ]]
    [[ $output == *"step \`xl.conf\` failed after 1 of 3 were done"*"cannot write"* ]]
    mv "$R/etc/xen/$long" "$R/etc/xen/xl.conf"
    prepare --dom0-memory 2G --yes
    run prepare
    [[ $output == *"nothing to do"* ]]
    undo --yes
    [ "$(cat "$R/etc/xen/xl.conf")" = '#autoballoon="auto"' ]
}

@test "a damaged record is reported, and nothing is done" {
    mkdir -p "$R/var/lib/xenbench"
    echo '{"format": 1' >"$R/var/lib/xenbench/host-prepare.json"
    run prepare --yes
    [ "$status" -eq 3 ]
    [ ! -e "$R/etc/default/grub.d" ]
    run undo --yes
    [ "$status" -eq 3 ]
}

@test "usage: conflicting options give status 2" {
    for args in "" "nothing" "prepare x" "prepare --pv /dev/x" "prepare --vg -x" "prepare --vg v --overwrite /dev/x" \
        "prepare --dom0-memory 1" "prepare --dom0-vcpus 0" "prepare --xen a;b" "prepare --root $R --vg v" \
        "prepare --vg v --thin-size 1G" "undo --vg v"; do
        # shellcheck disable=SC2086 # several arguments
        run "$XENBENCH" host $args
        [ "$status" -eq 2 ]
    done
    run "$XENBENCH" host --help
    [ "$status" -eq 0 ]
}

@test "a missing device, and a file, are refused as devices" {
    for device in /dev/none "$R/etc/default/grub" /dev/null; do
        run "$XENBENCH" host prepare --vg v --pv "$device"
        [ "$status" -eq 2 ]
        [[ $output == *"$device"* ]]
    done
}

@test "a device with data, known or not, is refused until named for overwriting; a mounted one always" {
    [ "$(id -u)" -eq 0 ] && [ -w /dev/loop-control ] || skip "needs root and loop devices"
    cd "$BATS_TEST_TMPDIR" || return
    mkdir bin_of_lvm
    # Stand-ins for an lvm without groups.
    printf '#!/bin/sh\nexit 0\n' | tee bin_of_lvm/{lvm,vgs,pvs} >bin_of_lvm/lvs
    chmod +x bin_of_lvm/*
    PATH=$PWD/bin_of_lvm:$PATH XENBENCH_STATE=$BATS_TEST_TMPDIR/state
    truncate -s 16M disk.img
    device=$(losetup --find --show disk.img)
    loop_device=$device
    plan() { "$XENBENCH" host prepare --vg v --pv "$device" "$@"; }

    run plan
    [ "$status" -eq 0 ]
    [[ $output == *"to do"*"device $device"*"empty"*"a physical volume"* ]]
    ln -s "$device" same
    run plan --pv same
    [ "$status" -eq 2 ]
    [[ $output == *"--pv $device and --pv same are one device"* ]]
    # On Xen, where xenstored does not answer, nobody knows whether a guest has the device.
    run unshare --mount bash -ec "mount -t tmpfs none /dev; mkdir /dev/xen; : >/dev/xen/privcmd; mknod /dev/null c 1 3
        mknod '$device' b 7 ${device#/dev/loop}; '$XENBENCH' host prepare --vg v --pv '$device'"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"REFUSED"*"cannot ask xenstored whether a guest has $device"* ]]
    # A failure of LVM is not an answer.
    printf '#!/bin/sh\nexit 5\n' >bin_of_lvm/vgs
    run plan
    [ "$status" -eq 2 ]
    [[ $output == *"REFUSED"*"group v"*"cannot learn from LVM"* ]]
    printf '#!/bin/sh\nexit 0\n' >bin_of_lvm/vgs
    mkfs.ext4 -q -L precious "$device"
    run plan
    [ "$status" -eq 2 ]
    [[ $output == *"REFUSED"*"ext4 filesystem \`precious\`"*"--overwrite $device"*"nothing is done"* ]]
    run plan --overwrite "$device"
    [ "$status" -eq 0 ]
    [[ $output == *"WHAT IS ON IT IS LOST"* ]]
    mkdir mnt
    mount "$device" mnt
    run plan --overwrite "$device"
    umount mnt
    [ "$status" -eq 2 ]
    [[ $output == *"REFUSED"*"in use in Dom0: mounted read-write"* ]]
    dd if=/dev/zero of="$device" bs=1M count=16 status=none
    printf x | dd of="$device" seek=100 status=none
    run plan
    [ "$status" -eq 2 ]
    [[ $output == *"REFUSED"*"something unknown"* ]]
}

# lvm_says: stand-ins for LVM that note each change in `called`, and answer from the files `group`, `pool`, `volumes` and
# `pv`; without them that is "nothing". With the file `fails`, none answers; with `in_use`, no group can be removed.
lvm_says() {
    cd "$BATS_TEST_TMPDIR" || return
    XENBENCH_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p lvm "$XENBENCH_STATE"
    cat >lvm/vgs <<END
#!/bin/sh
cd "$BATS_TEST_TMPDIR"
[ ! -e fails ] || exit 5
case "\$*" in
    *thin_count*) cat volumes ;;
    *lv_full_name*) cat pool ;;
    *"-o vg_name --select vg"*) cat group ;;
    *pv_name*) cat pv ;;
esac 2>/dev/null || :
END
    cat >lvm/vgremove <<END
#!/bin/sh
echo "\${0##*/} \$*" >>"$BATS_TEST_TMPDIR/called"
[ ! -e "$BATS_TEST_TMPDIR/in_use" ] || { echo 'Volume group "g" still contains 1 logical volume(s)' >&2; exit 5; }
END
    chmod +x lvm/*
    ln -s vgs lvm/pvs
    ln -s vgs lvm/lvs
    ln -s vgremove lvm/pvremove
    ln -s vgremove lvm/lvremove
    PATH=$BATS_TEST_TMPDIR/lvm:$PATH
    echo new >file
    cat >"$XENBENCH_STATE/host-prepare.json" <<END
{"format": 1, "changes": [{"kind": "file", "path": "$BATS_TEST_TMPDIR/file", "before": "old\n", "after": "new\n"},
    {"kind": "pv", "devices": ["/dev/loop0"], "uuids": ["U1"]},
    {"kind": "vg", "name": "g", "devices": ["/dev/loop0"], "uuids": ["U1"], "tag": "t1"},
    {"kind": "thin-pool", "vg": "g", "name": "p", "tag": "t2"}]}
END
}

recorded() {
    jq -r '[.changes[].kind] | join(" ")' "$XENBENCH_STATE/host-prepare.json"
}

@test "undo: where LVM does not answer, groups and devices stay as they are and in the record; files are restored" {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    lvm_says
    : >fails
    run "$XENBENCH" host undo --yes
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"cannot"*"group g"*"cannot learn from LVM"*"left as it is, and recorded"* ]]
    [ ! -e called ]
    [ "$(cat file)" = old ]
    [ "$(recorded)" = "pv vg thin-pool" ]
    # They are gone, and another device has the name: nothing is removed, and all is forgotten.
    rm fails
    run "$XENBENCH" host undo --yes
    echo "$output"
    [ "$status" -eq 0 ]
    [ ! -e called ]
    [ ! -e "$XENBENCH_STATE/host-prepare.json" ]
}

@test "undo: a group or pool with volumes stays, and the other steps go on" {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    lvm_says
    : >in_use
    echo '  g' >group
    echo '  g/p' >pool
    echo '  2' >volumes
    run "$XENBENCH" host undo --yes
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"left "*"pool p"*"2 volumes are in the thin pool g/p"*"left "*"group g"*"still contains"* ]]
    [[ ${lines[-1]} == "xenbench: "*"pool p is left"*"group g is left"* ]]
    [ "$(cat called)" = "vgremove --quiet g" ]
    [ "$(cat file)" = old ]
    [ "$(recorded)" = "vg thin-pool" ]
    # The group has another name now; the tag tells.
    rm in_use volumes
    echo '  renamed' >group
    run "$XENBENCH" host undo --yes
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(tail -n 2 called)" = $'lvremove --quiet --yes g/p\nvgremove --quiet renamed' ]
    [ ! -e "$XENBENCH_STATE/host-prepare.json" ]
}

@test "host show --slurm describes a host as a node" {
    run "$XENBENCH" host show --slurm --host "$BATS_TEST_DIRNAME/host.json" --node n1
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 6 ]
    [[ ${lines[2]} == "NodeName=n1 Features=xen,xen-4.17,xen-4.17.5,sched-credit,sched-credit2,guest-pv,guest-pvh,smt-off,gran-cpu Gres=xen_cpus:4,xen_memory:2560" ]]
    [[ ${lines[5]} == "NodeName=n1 Name=xen_memory Count=2560 Flags=CountOnly" ]]
    for wrong in "--slurm --host $BATS_TEST_DIRNAME/host.json" "--node n1" "--slurm --node n,1"; do
        # shellcheck disable=SC2086 # several words
        run "$XENBENCH" host show $wrong
        [ "$status" -eq 2 ]
    done
}
