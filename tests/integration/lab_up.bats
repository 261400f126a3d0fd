#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `lab up` with scripts instead of QEMU and ssh: when it freezes a lab, thaws one, or boots instead.
#
# The machine prints `lab-ready: $(cat $WORDS)` on its console. Dom0 answers ssh unless the file
# $MUTE says `always`, or says `thawed` and the machine was started from a frozen state.

setup() {
    lab=$BATS_TEST_DIRNAME/../../images/lab/lab
    export XENBENCH_LAB_DIR=$BATS_TEST_TMPDIR/state XENBENCH_LAB_QEMU=$BATS_TEST_TMPDIR/bin/qemu
    export XENBENCH_LAB_ANSWER_SECONDS=1 WORDS=$BATS_TEST_TMPDIR/words MUTE=$BATS_TEST_TMPDIR/mute
    export STARTS=$BATS_TEST_TMPDIR/starts QMP=$BATS_TEST_TMPDIR/bin/qmp
    echo running >"$WORDS"
    : >"$MUTE"
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    export PATH=$BATS_TEST_TMPDIR/bin:$PATH
    fake_image
    script qemu <<'SCRIPT'
[ "$1" != --version ] || { echo fake; exit 0; }
trap 'kill $(jobs -p)' EXIT
trap 'exit 0' TERM
echo "$*" | tee args >>"$STARTS"
socat UNIX-LISTEN:qmp.sock,fork EXEC:"$QMP" 3>&- 4>&- &
echo "lab-ready: $(cat "$WORDS")" >&4
sleep 600 &
wait -n
SCRIPT
    script qmp <<'SCRIPT'
echo '{"QMP": {}}'
while read -r command; do
    case $command in
    *usernet*) echo '{"return": "  TCP[HOST_FORWARD]  12  127.0.0.1 40000  10.0.2.15  22  0  0\r\n"}' ;;
    *'"migrate"'*) echo frozen >state; echo '{"return": {}}' ;;
    *query-migrate*) echo '{"return": {"status": "completed"}}' ;;
    *quit*) echo '{"return": {}}'; kill "$(cat qemu.pid)" ;;
    *) echo '{"return": {}}' ;;
    esac
done
SCRIPT
    script ssh <<'SCRIPT'
case $(cat "$MUTE") in
always) exit 255 ;;
thawed) ! grep -q -e -incoming args || exit 255 ;;
esac
exec cat >/dev/null
SCRIPT
}

teardown() {
    "$lab" down --all 2>/dev/null || true
}

script() {
    { echo '#!/bin/bash'; cat; } >"$BATS_TEST_TMPDIR/bin/$1"
    chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

# in_recipe COMMAND...: runs COMMAND with the functions of build.sh.
# shellcheck disable=SC2317 # the recipe calls them
in_recipe() (
    say() { echo "$*"; }
    fail() { say "$*"; exit 3; }
    here=$(dirname "$lab")
    # shellcheck disable=SC1091 # its place is not known before
    . "$here/build.sh"
    "$@"
)

# shellcheck disable=SC2034 # the recipe reads them
suite_recipe() {
    suite=$1 kernel=${2:-default}
    recipe_hash
}

# fake_image [SUITE [KERNEL]]: makes an image's files where build.sh puts them, with dummy contents.
fake_image() {
    local image file
    image=$XENBENCH_LAB_DIR/dom0/$(if [ $# -gt 0 ]; then in_recipe suite_recipe "$@"; else in_recipe recipe_hash; fi)
    mkdir -p "$image"
    for file in xen.elf vmlinux initrd id known_hosts; do
        echo "$file" >"$image/$file"
    done
    truncate -s 1M "$image/root.img"
}

@test "a lab is frozen once, and thawed from then on" {
    run "$lab" up --xen sched=credit 3>&-
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"booting a lab to freeze it"*"is up"* ]]
    "$lab" down
    run "$lab" up --xen sched=credit 3>&-
    [ "$status" -eq 0 ]
    [[ $output != *"to freeze it"* ]]
    [ "$(grep -c . "$STARTS")" -eq 3 ]
    [ "$(grep -c -e '-incoming' "$STARTS")" -eq 2 ]
    [ "$(grep -c 'sched=credit' "$STARTS")" -eq 3 ]
}

@test "a mute thawed lab is ended, and booted" {
    echo thawed >"$MUTE"
    run "$lab" up 3>&-
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"booting instead"*"is up"* ]]
    # The third machine is up: it was neither thawed nor started to be frozen.
    [ "$(grep -c . "$STARTS")" -eq 3 ]
    run tail -n 1 "$STARTS"
    [[ $output != *-incoming* ]]
    [[ $output != *lab.freeze* ]]
    [ "$(pgrep -cf "^/bin/bash $XENBENCH_LAB_QEMU ")" -eq 1 ]
}

@test "a Dom0 without network, or that does not answer, is not frozen" {
    echo unreachable >"$WORDS"
    run "$lab" up 3>&-
    echo "$output"
    [ "$status" -ne 0 ]
    [[ $output == *"without its network"* ]]
    echo running >"$WORDS"
    echo always >"$MUTE"
    run "$lab" up 3>&-
    echo "$output"
    [ "$status" -ne 0 ]
    [[ $output == *"not frozen"* ]]
    [ -z "$(find "$XENBENCH_LAB_DIR/frozen" -mindepth 1 ! -name '*.lock')" ]
    run pgrep -f "^/bin/bash $XENBENCH_LAB_QEMU "
    [ "$status" -eq 1 ]
}

@test "down: a lab that is still starting is named, no process of others is ended, and all other labs are" {
    "$lab" up --name zebra --cold 3>&-
    rm "$WORDS"
    mkfifo "$WORDS"
    sleep 600 3>&- &
    local other=$!
    # What a labd that was killed has left.
    mkdir -p "$XENBENCH_LAB_DIR/labs/default"
    echo "$other" >"$XENBENCH_LAB_DIR/labs/default/labd.pid"
    "$lab" up --name default 3>&- &
    local starting=$!
    until [ "$(grep -c . "$STARTS")" -eq 2 ]; do sleep 0.1; done
    run "$lab" down --all
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"lab default is still starting"*"lab zebra is down"* ]]
    kill "$other"
    echo unreachable >"$WORDS"
    wait "$starting" || true
}

@test "whoever looks whether a lab is up keeps nobody from starting it" {
    mkdir -p "$XENBENCH_LAB_DIR/labs/default"
    flock -s "$XENBENCH_LAB_DIR/labs/default/lock" sleep 0.5 3>&- &
    sleep 0.1
    [ "$("$lab" list)" = "default down" ]
    run "$lab" up --cold 3>&-
    echo "$output"
    [ "$status" -eq 0 ]
}

# Prints a 32-bit ELF file, as far as `lab` examines it.
fake_hypervisor() {
    printf '\x7fELF\x01%s\n' "$1"
}

@test "--hypervisor boots another Xen, packed or not, and each is frozen separately" {
    fake_hypervisor one >"$BATS_TEST_TMPDIR/xen-one"
    fake_hypervisor two | gzip >"$BATS_TEST_TMPDIR/xen-two.gz"
    for xen in xen-one xen-two.gz; do
        run "$lab" up --hypervisor "$BATS_TEST_TMPDIR/$xen" 3>&-
        echo "$output"
        [ "$status" -eq 0 ]
        [[ $output == *"booting a lab to freeze it"*"is up"* ]]
        zcat -f "$BATS_TEST_TMPDIR/$xen" | cmp - "$XENBENCH_LAB_DIR/labs/default/xen.elf"
        "$lab" down
    done
    [ "$(cat "$XENBENCH_LAB_DIR"/dom0/*/xen.elf)" = xen.elf ]
}

@test "--hypervisor refuses what QEMU cannot boot" {
    run "$lab" up --hypervisor "$BATS_TEST_TMPDIR/none" 3>&-
    [ "$status" -eq 2 ]
    [[ $output == *"no hypervisor $BATS_TEST_TMPDIR/none"* ]]
    printf '\x7fELF\x02' >"$BATS_TEST_TMPDIR/xen-syms"
    run "$lab" up --hypervisor "$BATS_TEST_TMPDIR/xen-syms" 3>&-
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"holds no 32-bit ELF"* ]]
    [ ! -e "$STARTS" ]
}

@test "--threads and --numa lay out the machine's CPUs and memory" {
    run "$lab" up --cold --threads 2 --numa 2 3>&-
    echo "$output"
    [ "$status" -eq 0 ]
    cat "$STARTS"
    grep -q -e "-smp 4,threads=2 -m 4096 " "$STARTS"
    grep -q -e "memory-backend-ram,id=node0,size=2048M -numa node,nodeid=0,cpus=0-1,memdev=node0 " "$STARTS"
    grep -q -e "memory-backend-ram,id=node1,size=2048M -numa node,nodeid=1,cpus=2-3,memdev=node1 " "$STARTS"
}

@test "a lab is of a suite and of its kernel, and frozen for itself" {
    fake_image bookworm
    fake_image trixie
    fake_image bookworm backports
    "$lab" up --suite bookworm 3>&-
    run "$lab" up --name new --suite trixie 3>&-
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"booting a lab to freeze it"*"lab new is up"* ]]
    run "$lab" up --name newer --suite bookworm --kernel backports 3>&-
    [ "$status" -eq 0 ]
    [[ $output == *"booting a lab to freeze it"*"lab newer is up"* ]]
    cmp "$XENBENCH_LAB_DIR/labs/new/root.img" "$XENBENCH_LAB_DIR"/dom0/trixie-default-*/root.img
    for wrong in '--suite ../x' '--kernel newest'; do
        # shellcheck disable=SC2086 # two words
        run "$lab" up --name other $wrong 3>&-
        [ "$status" -eq 2 ]
    done
}

@test "the PATH of Debian's users, without /usr/sbin, is enough" {
    PATH=$BATS_TEST_TMPDIR/bin:/usr/local/bin:/usr/bin:/bin run "$lab" up --cold 3>&-
    echo "$output"
    [ "$status" -eq 0 ]
    PATH=/usr/local/bin:/usr/bin:/bin run "${lab%/lab}/mkdisk" "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/disk"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a build that fails leaves no image" {
    rm -r "$XENBENCH_LAB_DIR/dom0"
    mkdir -p "$BATS_TEST_TMPDIR/tree/boot"
    fake_hypervisor | gzip >"$BATS_TEST_TMPDIR/tree/boot/xen-4-amd64.gz"
    fake_hypervisor >"$BATS_TEST_TMPDIR/tree/boot/vmlinuz-6"
    echo initramfs | gzip >"$BATS_TEST_TMPDIR/tree/boot/initrd.img-6"
    # mmdebstrap OPTION... SUITE TAR SOURCES
    script mmdebstrap <<<"tar -C $BATS_TEST_TMPDIR/tree -cf \"\${@: -2:1}\" ."
    script mke2fs <<<'echo "mke2fs: No space left on device" >&2; exit 1'
    for verb in up build; do
        run "$lab" $verb 3>&-
        echo "$output"
        [ "$status" -ne 0 ]
        [[ $output == *"No space left"* ]]
        [ -z "$(find "$XENBENCH_LAB_DIR/dom0" -name root.img)" ]
        [ ! -e "$STARTS" ]
    done
    script mke2fs <<<'exit 0'
    "$lab" build 3>&-
    [ -s "$(echo "$XENBENCH_LAB_DIR"/dom0/*/root.img)" ]
}

# boot_files INITRD: extracts the boot files of a Dom0 whose initramfs is this file into $work.
boot_files() {
    work=$BATS_TEST_TMPDIR/work tree=$BATS_TEST_TMPDIR/tree
    rm -rf "$work" "$tree"
    mkdir -p "$work" "$tree/boot"
    fake_hypervisor | gzip >"$tree/boot/xen-4-amd64.gz"
    fake_hypervisor >"$tree/boot/vmlinuz-6"
    cp "$1" "$tree/boot/initrd.img-6"
    tar -C "$tree" -cf "$work/root.tar" .
    run in_recipe image_boot_files "$work"
}

@test "an initramfs is unpacked, unless an early archive comes before what is packed" {
    packed=$BATS_TEST_TMPDIR/packed early=$BATS_TEST_TMPDIR/early
    for packer in gzip 'zstd -q' xz; do
        echo 070701archive | $packer -c >"$packed"
        boot_files "$packed"
        [ "$status" -eq 0 ]
        [ "$(cat "$work/initrd")" = 070701archive ]
    done
    { echo 070701early; cat "$packed"; } >"$early"
    boot_files "$early"
    [ "$status" -eq 0 ]
    cmp "$early" "$work/initrd"
}

@test "an empty module is an error of the build" {
    gzip -c </dev/null >"$BATS_TEST_TMPDIR/packed"
    boot_files "$BATS_TEST_TMPDIR/packed"
    [ "$status" -eq 3 ]
    [[ $output == *"initrd of the Dom0 image is empty"* ]]
}

# untar_as NAME DST, as push runs it in Dom0 and pull runs it here
untar_as() {
    bash -euc '. "$1/access.sh"; shift; untar_as "$@"' bash "${lab%/lab}" "$@"
}

@test "push and pull: a file that could not be unpacked is an error and leaves nothing" {
    echo some >"$BATS_TEST_TMPDIR/file"
    tar -C "$BATS_TEST_TMPDIR" -cf "$BATS_TEST_TMPDIR/tar" file
    mkdir "$BATS_TEST_TMPDIR/to"
    run untar_as file "$BATS_TEST_TMPDIR/to/copy" <<<'no archive'
    [ "$status" -ne 0 ]
    run untar_as other "$BATS_TEST_TMPDIR/to/copy" <"$BATS_TEST_TMPDIR/tar"
    [ "$status" -ne 0 ]
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/to")" ]
    untar_as file "$BATS_TEST_TMPDIR/to/copy" <"$BATS_TEST_TMPDIR/tar"
    [ "$(ls -A "$BATS_TEST_TMPDIR/to")" = copy ]
}
