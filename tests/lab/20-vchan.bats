#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Does a session survive whatever can happen to a domain? On PV and PVH, repeatedly: reconnects, a
# killed controller, a killed domain, `xl save` and `xl restore` during a job, migration. Afterwards
# no kernel has hit a BUG, no zombie domain is left, and no result is lost. ROUNDS=N repeats the save,
# restore and migration tests N times.
#
# Tests of a PVH guest are functions that report failure by their status, so that `unless_lost` can
# repeat them if QEMU lost the guest.

load helper

ROUNDS=${ROUNDS:-1}

setup_file() {
    dom0 'xenbench guest create vpv --image micro --type pv --memory 128M &&
          xenbench guest create vpvh --image micro --type pvh --memory 128M &&
          xenbench guest start --wait vpv vpvh'
}

teardown_file() {
    dom0 'for g in vpv vpvh; do xl destroy $g; xenbench guest destroy $g; xenbench guest remove $g; done
          rm -f /var/lib/xenbench/vpv.chk /var/lib/xenbench/vpvh.chk /tmp/out-vpv* /tmp/err-vpv*' >/dev/null 2>&1 || true
}

# job_outlives GUEST SECONDS WHAT: runs a job of SECONDS in GUEST and, meanwhile, the command line WHAT
# in Dom0. The job's output must arrive.
job_outlives() {
    local guest=$1 seconds=$2 what=$3 said=$BATS_TEST_TMPDIR/said
    dom0 "xenbench exec $guest -- sh -c 'i=0; while [ \$i -lt $seconds ]; do sleep 1; i=\$((i+1)); done; echo the end' \
              >/tmp/out-$guest 2>/tmp/err-$guest & job=\$!
          sleep 2; { $what; } >/tmp/what-$guest 2>&1; result=\$?
          wait \$job; status=\$?
          cat /tmp/out-$guest /tmp/err-$guest
          [ \$result = 0 ] || { echo \"what was done to it failed: \$(cat /tmp/what-$guest)\"; exit 99; }
          exit \$status" >"$said" 2>&1 || die "status $?: $(cat "$said")" || return
    grep -qx "the end" "$said" || die "no output: $(cat "$said")"
}

sound() {
    local said
    dom0_kernel_is_sound && no_zombie_domains && guest_kernel_is_sound "$1" || return
    # After a restore nobody logs the console, so ask the guest for its kernel's messages.
    said=$(dom0 "xenbench exec $1 -- sh -c 'dmesg | grep -E \"BUG|Oops|Call Trace\" || echo sound'") || return
    [ "$said" = sound ] || die "guest $1's kernel: $said"
}

# sound_after GUEST COMMAND...: runs COMMAND; then all kernels must be sound.
sound_after() {
    local guest=$1
    shift
    "$@" && sound "$guest"
}

rounds() {
    local round
    for ((round = 1; round <= ROUNDS; round++)); do
        "$@" || die "in round $round of $ROUNDS"
    done
}

save_and_restore() {
    echo "xl save $1 /var/lib/xenbench/$1.chk && xl restore /var/lib/xenbench/$1.chk"
}

twenty_sessions() {
    local said
    said=$(dom0 "for i in \$(seq 20); do xenbench exec $1 -- echo session \$i || exit; done") || return
    [ "$(grep -c '^session ' <<<"$said")" -eq 20 ] || die "$said"
}

killed_controllers() {
    local said=$BATS_TEST_TMPDIR/said
    dom0 "for i in 1 2 3; do
              xenbench exec $1 -- sleep 30 & pid=\$!; sleep 1; kill -9 \$pid; wait \$pid
              xenbench exec $1 -- echo next || exit
          done" >"$said" 2>&1 || die "$(cat "$said")" || return
    [ "$(grep -cx next "$said")" -eq 3 ] || die "$(cat "$said")"
}

destroyed_in_mid_job() {
    local said status=0
    said=$(dom0 "xenbench exec $1 -- sleep 60 & job=\$!; sleep 2; xl destroy $1; start=\$SECONDS; wait \$job
              status=\$?; echo after \$((SECONDS - start)) s; exit \$status" 2>&1) || status=$?
    [ "$status" -ne 0 ] || die "the session ended well: $said" || return
    [[ $said == *"$1"* ]] || die "the guest is not named: $said" || return
    [ "$(sed -n 's/^after \([0-9]*\) s$/\1/p' <<<"$said")" -lt 20 ] || die "too late: $said" || return
    no_zombie_domains && dom0_kernel_is_sound
}

@test "twenty sessions in a row (PV)" {
    sound_after vpv twenty_sessions vpv
}

@test "twenty sessions in a row (PVH)" {
    unless_lost vpvh sound_after vpvh twenty_sessions vpvh
}

@test "a controller killed during a job harms nobody; the next one connects (PV)" {
    sound_after vpv killed_controllers vpv
}

@test "a controller killed during a job harms nobody; the next one connects (PVH)" {
    unless_lost vpvh sound_after vpvh killed_controllers vpvh
}

# bats test_tags=check,suites
@test "a job outlives xl save and xl restore by somebody else (PV)" {
    rounds sound_after vpv job_outlives vpv 6 "$(save_and_restore vpv)"
}

@test "a job outlives xl save and xl restore by somebody else (PVH)" {
    rounds unless_lost vpvh sound_after vpvh job_outlives vpvh 6 "$(save_and_restore vpvh)"
}

@test "a job outlives xl save -c, which leaves the domain running (PV)" {
    rounds sound_after vpv job_outlives vpv 6 "xl save -c vpv /var/lib/xenbench/vpv.chk"
}

@test "a job outlives migration to the same host (PVH)" {
    rounds unless_lost vpvh sound_after vpvh job_outlives vpvh 8 "xl migrate -s '' vpvh 'xl migrate-receive'"
}

# bats test_tags=check,suites
@test "xl destroy during a job ends the session at once and says why; nothing is left (PV)" {
    destroyed_in_mid_job vpv
}

@test "xl destroy during a job ends the session at once and says why; nothing is left (PVH)" {
    unless_lost vpvh destroyed_in_mid_job vpvh
}
