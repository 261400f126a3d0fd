#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Real-world files of xl users: long names, old keys, per-vcpu lists over many lines, unset memory.

load helper

cases=$BATS_TEST_DIRNAME/../cli/cases
images=/var/lib/xenbench/images-ro

setup_file() {
    dom0 "rm -rf /root/cfg && mkdir /root/cfg"
}

teardown() {
    dom0 'for g in pinned pinned2 nomem winxp; do xenbench guest remove --destroy $g; done; xl destroy build-worker-04.staging.eu-central-1.vm.example.test' \
        >/dev/null 2>&1 || true
}

# put FILE: copies one of the cases to Dom0, with the micro image's kernel.
put() {
    dom0 "ls $images/micro/vmlinux >/dev/null"
    sed "s,KERNEL,$images/micro/vmlinux,; s,RAMDISK,$images/micro/initrd.img," "$cases/$1" | dom0 "cat >/root/cfg/$(basename "$1")"
}

# bats test_tags=check
@test "a guest of xl's with a name of 52 characters is listed in full, and served" {
    local name=build-worker-04.staging.eu-central-1.vm.example.test
    put 12-long-name/guest.cfg
    dom0 'xl create /root/cfg/guest.cfg >/dev/null'
    run dom0 "xenbench exec --connect-timeout 60 $name -- uname -s"
    [ "$output" = Linux ] || die "$output"
    run dom0 'xenbench guest list'
    [[ $output == *"$name "* ]] || die "$output"
    run dom0 "echo hello >/tmp/hello && xenbench push $name /tmp/hello /tmp/hello && xenbench pull $name /tmp/hello /tmp/back && cat /tmp/back"
    [ "$output" = hello ] || die "$output"
    # A guest made by xenbench may have such a name too.
    run dom0 "xl destroy $name; xenbench guest create --from /root/cfg/guest.cfg --wait && xenbench exec $name -- true &&
              xenbench guest stop $name && xenbench guest remove $name"
    [ "$status" -eq 0 ] || die "$output"
}

@test "an HVM file of xm's days: each of xl's warnings is passed on" {
    put 14-cfg-warnings/old-hvm.cfg
    run dom0 'xl -N create /root/cfg/old-hvm.cfg 2>&1 >/dev/null | grep -vc "^Parsing config"'
    local all=$output
    run dom0 'xenbench guest create --from /root/cfg/old-hvm.cfg 2>&1 | grep -c "^warning: xl says about "'
    echo "$output of $all"
    [ "$all" -gt 1 ] && [ "$output" -eq "$all" ]
}

@test "cpus per vcpu, a ^ in a range, mixed quotes, lists over many lines: as in xl, and in a rebuilt guest" {
    put 19-cfg-pinned/pinned.cfg
    run dom0 'xenbench guest create --from /root/cfg/pinned.cfg --start && xl vcpu-list pinned && xl sched-credit2 -d pinned'
    [ "$status" -eq 0 ] || die "$output"
    [[ $output =~ pinned\ +[0-9]+\ +0\ .*\ 2\ /\ all ]] || die "$output"
    [[ $output =~ pinned\ +[0-9]+\ +1\ .*\ 1,3\ /\ all ]] || die "$output"
    [[ $output =~ pinned\ +[0-9]+\ +1024\ +0 ]] || die "$output"
    run dom0 'xenbench guest stop pinned; xenbench guest clone pinned pinned2 && xenbench guest start pinned2 && xl vcpu-list pinned2'
    [ "$status" -eq 0 ] || die "$output"
    [[ $output =~ pinned2\ +[0-9]+\ +1\ .*\ 1,3\ /\ all ]] || die "$output"
}

@test "memory that a file does not set is unknown, and reported so" {
    put 37-cfg-no-memory/nomem.cfg
    run dom0 'xenbench guest create --from /root/cfg/nomem.cfg'
    [[ $output == *"warning: guest nomem: "*"does not set \`memory\`"* ]] || die "$output"
    run dom0 'xenbench guest list'
    [[ $output =~ nomem\ +-\ +stopped\ +pv\ +1\ +\? ]] || die "$output"
    run dom0 "xenbench guest list --json | jq '.[] | select(.name == \"nomem\") | .memory_bytes'"
    [ "$output" = null ]
}
