#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Allocations take effect and are read back, and the host is left as it was found, even by a killed
# run.

load helper

probe() { dom0 "/root/settings_probe $*"; }

setup_file() {
    "$LAB" push --name "$LAB_NAME" "$LAB_BIN/settings_probe" /root/settings_probe
    dom0 'xenbench guest create set1 --image micro --memory 128M --vcpus 2 && xenbench guest start --wait set1'
}

teardown_file() {
    dom0 'xenbench clean; xl cpupool-destroy one; xl cpupool-destroy prod; xl cpupool-cpu-add Pool-0 2; xenbench guest remove --destroy set1' >/dev/null 2>&1 || true
}

domid() { dom0 'xl domid set1'; }

# The state of everything that a run may change.
host_state() {
    dom0 'xl vcpu-list | awk "{print \$1, \$2, \$3, \$7, \$8, \$9}" | sed "s/  *[0-9.]* / /"; xl cpupool-list -c
          xl sched-credit2; for d in 0 $(xl domid set1); do /root/settings_probe read $d; done' |
        sed 's/^\(Name.*\|Pool.*\)$/\1/' | grep -v '^Cpupool'
}

@test "the settings in force can be read: every field" {
    run probe read "$(domid)"
    [ "$status" -eq 0 ]
    [[ $output == '{"vcpus":2,"hard":["all","all"],"soft":["all","all"],"weight":256,"cap":0,"memory_bytes":'*',"pool":"Pool-0"}' ]]
}

# bats test_tags=check,suites
@test "affinity per vcpu, soft affinity, weight and cap take effect; xl sees the same" {
    run probe apply "$(domid)" "'{\"hard\":[\"2-3\",\"3\"],\"soft\":[\"2\",\"all\"],\"weight\":512,\"cap\":40}'"
    [ "$status" -eq 0 ] || die "$output"
    run dom0 'xl vcpu-list set1'
    [[ $output == *"2-3 / 2"* ]]
    [[ $output == *"3 / all"* ]]
    run dom0 'xl sched-credit2 -d set1'
    [[ $output == *512*40* ]]
    run probe apply "$(domid)" "'{\"hard\":[\"all\"],\"soft\":[\"all\"],\"weight\":256,\"cap\":0}'"
    [ "$status" -eq 0 ]
}

@test "what the host cannot provide is refused before anything changes" {
    local want
    for want in '{"hard":["9"]}' '{"hard":["none"]}' '{"hard":["0","1","2"]}' '{"pool":"none"}' '{"vcpus":3}' \
        '{"weight":0}' '{"cap":900}'; do
        run probe apply "$(domid)" "'$want'"
        [ "$status" -eq 2 ] || die "$want: status $status, $output"
    done
    run probe read "$(domid)"
    [[ $output == *'"hard":["all","all"]'*'"weight":256,"cap":0'* ]]
}

@test "vcpus are taken away and given back, in a guest and in Dom0" {
    run probe apply "$(domid)" "'{\"vcpus\":1}'"
    [ "$status" -eq 0 ] || die "$output"
    run probe apply 0 "'{\"vcpus\":1}'"
    [ "$status" -eq 0 ] || die "$output"
    run probe apply 0 "'{\"vcpus\":2}'"
    [ "$status" -eq 0 ] || die "$output"
    run dom0 nproc
    [ "$output" = 2 ]
    run probe apply "$(domid)" "'{\"vcpus\":2}'"
    [ "$status" -eq 0 ] || die "$output"
}

@test "a scheduler that the hypervisor lacks is refused, and no pool is left" {
    run probe pool one rtds 3
    [ "$status" -eq 2 ]
    run dom0 'xl cpupool-list | grep -c one'
    [ "$output" = 0 ]
    run dom0 'xl cpupool-list | awk "/Pool-0/ {print \$2}"'
    [ "$output" = 4 ]
}

# xl cpupool-destroy hangs the hypervisor within this many rounds if the host keeps the emulator's
# threads waiting (docs/measurement.md).
@test "removing a pool of credit does not hang the hypervisor" {
    local load=()
    for _ in 1 2 3 4 5 6; do
        timeout 120 sh -c 'while :; do :; done' 3>&- &
        load+=("$!")
    done
    run timeout 110 "$LAB" exec --name "$LAB_NAME" -- 'for i in $(seq 20); do
        /root/settings_probe pool one credit 3 && /root/settings_probe unpool one || exit; done; xl cpupool-list'
    kill "${load[@]}"
    [ "$status" -eq 0 ] || die "$output"
    [[ $output == *"Pool-0               4"* ]]
}

@test "run times and idle times are the hypervisor's counts" {
    local before after
    before=$(probe times "$(domid)" | awk '{n += $4} END {printf "%.0f", n}')
    dom0 'xenbench exec set1 -- sh -c "timeout 4 sh -c \"while :; do :; done\""' || true
    after=$(probe times "$(domid)" | awk '{n += $4} END {printf "%.0f", n}')
    [ "$after" -gt "$((before + 500000000))" ]
    run probe pcpus
    [ "${#lines[@]}" -eq 4 ]
}

# bats test_tags=check
@test "a killed run leaves a record, and clean restores everything" {
    host_state >"$BATS_TEST_TMPDIR/before"
    dom0 '/root/settings_probe record one </dev/null >/tmp/recorded 2>&1 & echo $! >/tmp/recorder; sleep 3; cat /tmp/recorded' | grep -x recorded
    run probe record
    [ "$status" -eq 3 ] # a second run is refused
    [[ $output == *"another run"* ]]
    probe pool one credit 3
    probe params one 2000
    probe params Pool-0 500
    probe apply "$(domid)" "'{\"weight\":1024}'"
    if xen_is_before 418; then # these versions can panic when a domain changes its pool
        run probe apply "$(domid)" "'{\"pool\":\"one\"}'"
        [ "$status" -eq 2 ]
    fi
    probe apply 0 "'{\"vcpus\":1,\"hard\":[\"0\"],\"weight\":512}'"
    dom0 'kill -9 $(cat /tmp/recorder)'
    run dom0 'xenbench doctor'
    [[ $output == *"died and left"* ]]
    run dom0 'xenbench clean'
    [ "$status" -eq 0 ] || die "$output"
    host_state >"$BATS_TEST_TMPDIR/after"
    diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    run dom0 'xenbench clean'
    [ "$output" = "nothing to clean" ]
    dom0_kernel_is_sound
}

@test "clean leaves a cpupool alone that somebody else made after the run died" {
    host_state >"$BATS_TEST_TMPDIR/before"
    dom0 '/root/settings_probe record one </dev/null >/tmp/recorded 2>&1 & echo $! >/tmp/recorder; sleep 3; cat /tmp/recorded' | grep -x recorded
    probe pool one credit2 3
    dom0 'kill -9 $(cat /tmp/recorder)'
    dom0 'printf "name = \"prod\"\nsched = \"credit2\"\ncpus = [\"2\"]\n" >/tmp/prod.cfg
          xl cpupool-cpu-remove Pool-0 2 && xl cpupool-create /tmp/prod.cfg'
    run dom0 'xenbench clean'
    echo "$output"
    [ "$status" -eq 0 ]
    run dom0 'xl cpupool-list -c'
    echo "$output"
    [[ $output == *prod* ]]
    [[ $output != *$'\none '* ]]
    [ "$(awk '$1 == "prod" { print $2 }' <<<"$output")" = 2 ]
    dom0 'xl cpupool-destroy prod && xl cpupool-cpu-add Pool-0 2'
    host_state >"$BATS_TEST_TMPDIR/after"
    diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
    dom0_kernel_is_sound
}
