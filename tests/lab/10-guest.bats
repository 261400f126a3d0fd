#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of guests on real Xen: creating, starting together, monitoring, stopping and removing them,
# by xenbench and by xl.

load helper

setup_file() {
    dom0 'xenbench guest create gpv --image micro --type pv --memory 128M --vcpus 1 --max-vcpus 2 --cmdline loglevel=7 &&
          xenbench guest create gpvh --image micro --type pvh --memory 128M &&
          xenbench guest start --wait gpv gpvh'
}

teardown_file() {
    dom0 'xenbench guest remove --destroy gpv gpvh; xenbench clean --all' >/dev/null 2>&1 || true
}

wait_for() {
    local tries=$1
    shift
    for ((; tries > 0; tries--)); do
        if "$@"; then return 0; fi
        sleep 1
    done
    die "did not come: $*"
}

has_other_domid() { [ "$(fact "$1" domid)" -gt "$2" ] && [ "$(fact "$1" agent)" = true ]; }
is_stopped() { [ "$(fact "$1" state)" = stopped ]; }

@test "doctor finds the lab fit, and a machine without Xen unfit" {
    run dom0 'xenbench doctor'
    [ "$status" -eq 0 ]
    [[ $output == *"Xen 4."* ]]
    [[ $output == *"guest types"*PVH* ]]
    run dom0 "xenbench doctor --json | jq -e '.fit and (.checks | length > 15)'"
    [ "$status" -eq 0 ]
}

# bats test_tags=check
@test "guests are listed with domain, type and agent" {
    [ "$(fact gpv type)" = pv ]
    [ "$(fact gpvh type)" = pvh ]
    [ "$(fact gpv agent)" = true ]
    [ "$(fact gpv image)" = micro ]
    [ "$(fact gpv vcpus)" -eq 1 ]
}

# bats test_tags=check
@test "a guest has no network device but lo, and its own host name" {
    run dom0 'xenbench exec gpv -- ls /sys/class/net'
    [ "$output" = lo ]
}

@test "the console is kept from the first line on, and is harmless on a terminal" {
    run dom0 'xenbench guest console gpv'
    [ "$status" -eq 0 ]
    [[ $output == *"Linux version"* ]]
    dom0 'xenbench exec gpv -- sh -c "printf \"\\033[31mred\\n\" >/dev/hvc0"; sleep 1'
    run dom0 'script -qec "xenbench guest console gpv" /dev/null | tail -1'
    [[ $output == *'\x1b[31mred'* ]]
}

@test "the console can be followed" {
    run dom0 'timeout 8 xenbench guest console --follow gpv >/tmp/followed & sleep 3
              xenbench exec gpv -- sh -c "echo followed-line >/dev/hvc0"; wait; grep -a followed-line /tmp/followed'
    [ "$status" -eq 0 ]
}

@test "a running guest is neither started twice nor removed" {
    run dom0 'xenbench guest start gpv'
    [ "$status" -eq 0 ]
    [[ $output == *"ran already"* ]]
    run dom0 'xenbench guest remove gpv'
    [ "$status" -eq 2 ]
    run dom0 'xenbench guest create gpv --image micro'
    [ "$status" -eq 2 ]
    [[ $output == *"guest remove gpv"* ]]
}

@test "on_reboot: a rebooting guest returns with a new domain, and its monitor stays" {
    local before
    for guest in gpv gpvh; do
        before=$(fact $guest domid)
        dom0 "xl reboot $guest"
        wait_for 60 has_other_domid $guest "$before"
        run dom0 "xenbench exec $guest -- true"
        [ "$status" -eq 0 ]
    done
}

@test "on_crash: a crashing guest is destroyed, and can be started again" {
    dom0 'xenbench exec gpvh -- sh -c "echo c >/proc/sysrq-trigger"' || true
    wait_for 30 is_stopped gpvh
    run dom0 'xenbench guest console gpvh'
    [[ $output == *[Pp]anic* ]]
    run dom0 'xenbench guest start --wait gpvh'
    [ "$status" -eq 0 ]
}

@test "changes to the xl.cfg take effect at the next start; xl's words explain its refusals" {
    dom0 'xenbench guest stop gpvh && sed -i "s/^memory = .*/memory = 160/" /var/lib/xenbench/guests/gpvh/gpvh.cfg'
    dom0 'xenbench guest start gpvh'
    [ "$(fact gpvh memory_bytes)" -gt $((150 << 20)) ]
    dom0 'xenbench guest destroy gpvh && cp /var/lib/xenbench/guests/gpvh/gpvh.cfg /tmp/ && echo "memory = [" >>/var/lib/xenbench/guests/gpvh/gpvh.cfg'
    run dom0 'xenbench guest start gpvh'
    dom0 'cp /tmp/gpvh.cfg /var/lib/xenbench/guests/gpvh/gpvh.cfg'
    [ "$status" -eq 2 ]
    [[ $output == *"xl cannot use"* ]]
}

@test "xl create with the same xl.cfg starts the same guest, and xenbench stops it" {
    dom0 'xenbench guest destroy gpvh; xl create /var/lib/xenbench/guests/gpvh/gpvh.cfg >/dev/null'
    wait_for 60 has_other_domid gpvh 0
    run dom0 'xenbench exec gpvh -- true && xenbench guest stop gpvh'
    [ "$status" -eq 0 ]
    is_stopped gpvh
}

# bats test_tags=check
@test "guests stop when asked, all at once; one that does not is named and left running" {
    dom0 'xenbench guest start --wait gpvh && xl pause gpvh'
    run dom0 'xenbench guest stop gpv gpvh --timeout 20'
    [ "$status" -eq 1 ]
    [[ $output == *gpvh* ]]
    [[ $output != *"gpv "* ]]
    is_stopped gpv
    dom0 'xl unpause gpvh && xenbench guest stop gpvh && xenbench guest start --wait gpv gpvh'
}

@test "a stop ends with the domain and not at its time-out, however xenstored reports the end" {
    # xenstored reports a dying domain, but may not report again when it is gone.
    dom0 'xenbench guest stop gpvh
          for i in 1 2 3 4; do
              xenbench guest start --wait gpvh && timeout 100 xenbench guest stop --timeout 600 gpvh || exit 1
          done; xenbench guest start --wait gpvh'
}

@test "a dead monitor is replaced at the next start, and a guest stops without one" {
    dom0 'kill -9 $(pgrep -f "domain-helper start gpv$")'
    run dom0 'xenbench guest start gpv && pgrep -f "domain-helper adopt gpv$"'
    [ "$status" -eq 0 ]
    dom0 'kill -9 $(pgrep -f "domain-helper adopt gpv$"); xenbench guest stop gpv'
    is_stopped gpv
    dom0 'xenbench guest start --wait gpv'
}

@test "an interrupted start leaves no domain" {
    dom0 'xenbench guest create gint --image micro --memory 128M; xenbench guest start gint & sleep 0.3; kill -TERM $!; wait $! || true
          sleep 20; xenbench guest list' >"$BATS_TEST_TMPDIR/said"
    [ "$(fact gint state)" = stopped ] || die "$(cat "$BATS_TEST_TMPDIR/said")"
    dom0 'xenbench guest remove gint'
}

@test "a guest whose start waits for its turn, without a domain yet, is not removed" {
    # With xl's own hotplug script, builders wait for each other on a lock, which this test holds.
    dom0 'truncate -s 8M /tmp/wait.img; xenbench guest create gwait --image micro --memory 128M
          echo "disk = [ \"format=raw,vdev=xvda,access=rw,target=/tmp/wait.img\" ]" >>/var/lib/xenbench/guests/gwait/gwait.cfg'
    run dom0 '(flock /run/xenbench/disks.lock sleep 30) >/dev/null 2>&1 &
          sleep 1; xenbench guest start gwait >/tmp/gwait.log 2>&1 & start=$!
          sleep 3; ! xl domid gwait >/dev/null 2>&1 || echo early
          xenbench guest remove gwait; echo removed $?; wait $start; echo started $?'
    [[ $output != *early* ]] || die "$output"
    [[ $output == *"guest gwait is being started"*"removed 2"*"started 0"* ]] || die "$output $(dom0 cat /tmp/gwait.log)"
    [ "$(fact gwait domid)" -gt 0 ]
    dom0 'xenbench guest remove --destroy gwait; rm /tmp/wait.img /tmp/gwait.log'
}

@test "too little memory is refused with the numbers, before anything is built" {
    dom0 'xenbench guest create gbig --image micro --memory 64G'
    run dom0 'xenbench guest start gbig'
    [ "$status" -eq 3 ]
    [[ $output == *"MiB free"* ]]
    dom0 'xenbench guest remove gbig'
}

@test "a guest may have the name of a file in its directory" {
    for name in guest generation; do
        dom0 "xenbench guest create $name --image micro --memory 128M && xenbench guest list | grep -w ^$name && xenbench guest remove $name"
    done
}

@test "impossible guests are refused and leave nothing" {
    local args
    for args in '1 --image micro' 'a/b --image micro' 'x --image none' 'x --image micro --memory 1M' \
        'x --image micro --vcpus 0' 'x --image micro --vcpus 4 --max-vcpus 2' 'x' 'x --image micro --type hvvm' \
        'x --image micro --kernel /none'; do
        run dom0 "xenbench guest create $args"
        [ "$status" -eq 2 ] || die "$args: $status $output"
    done
    run dom0 'ls -A /var/lib/xenbench/guests | grep -vx -e gpv -e gpvh'
    [ "$status" -eq 1 ]
}

# bats test_tags=check
@test "clean removes unfinished guests and those of runs, and keeps people's" {
    dom0 'mkdir -p /var/lib/xenbench/guests/.half.new.999999
          cp -r /var/lib/xenbench/guests/gpvh /var/lib/xenbench/guests/grun
          cd /var/lib/xenbench/guests/grun && uuid=$(cat /proc/sys/kernel/random/uuid) &&
          jq ".uuid = \"$uuid\" | .run = \"r1\"" guest.json >g && mv g guest.json'
    run dom0 'xenbench clean --dry-run'
    [[ $output == *".half.new"* ]]
    [[ $output == *"guest grun"* ]]
    run dom0 'xenbench clean >/dev/null && ls -A /var/lib/xenbench/guests'
    [[ $output != *half* ]]
    run dom0 'ls -A /var/lib/xenbench/guests'
    [ "$output" = $'gpv\ngpvh' ] || die "$output"
}

@test "a selftest passes and leaves nothing; an interrupted one too; a killed one is undone by clean" {
    run dom0 'xenbench selftest --type pv --json /tmp/selftest.json'
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^ok ' <<<"$output")" -eq 7 ]
    dom0 'jq -e ".passed and (.steps | length) == 7 and .failed == null" /tmp/selftest.json'
    none_of_selftest
    run dom0 'timeout -s INT --foreground 15 xenbench selftest --type pv'
    [ "$status" -eq 124 ]
    [[ $output == *"interrupted"* ]] || die "$output"
    none_of_selftest
    run dom0 'timeout -s KILL --foreground 15 xenbench selftest --type pv'
    [ "$status" -eq 137 ]
    run dom0 'xenbench clean'
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"remove guest selftest-1, which a killed selftest had made"* ]]
    none_of_selftest
}

@test "a selftest says at which step a guest failed, and removes its guests" {
    dom0 'xenbench guest create selftest-2 --image micro --type pv'
    run dom0 'xenbench selftest --type pv'
    [ "$status" -eq 2 ]
    [[ $output == *"there is already a guest selftest-2"* ]] || die "$output"
    dom0 'xenbench guest remove selftest-2'
    run dom0 'xenbench selftest --type pv --image none'
    [ "$status" -eq 2 ]
    [[ $output == *'step 1 of 7, "guests are made from the image"'*none* ]] || die "$output"
    none_of_selftest
}

none_of_selftest() {
    run dom0 'xl list | grep selftest; ls -A /var/lib/xenbench/guests | grep selftest; ls -d /var/lib/xenbench/.selftest 2>/dev/null;
        ls /var/lib/xenbench/under-way 2>/dev/null'
    [ -z "$output" ] || die "$output"
}

# bats test_tags=check
@test "nothing is left: no domain, no monitor, no lock, no loop device" {
    dom0 'xenbench guest remove --destroy gpv gpvh; sleep 2; xenbench clean'
    run dom0 'xl list | tail -n +3; pgrep -f "[d]omain-helper"; ls /run/xenbench; losetup -a'
    [ -z "$output" ] || die "$output"
    no_zombie_domains
    dom0_kernel_is_sound
}
