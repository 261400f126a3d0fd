#!/usr/bin/env bats
# ROUNDS=N repeats the save, restore and migration tests N times.
# Does a session survive what can happen to a domain? On PV and on PVH, several times over: reconnects, a killed
# controller, a killed domain, `xl save` and `xl restore` by somebody else while a job runs, migration. Afterwards no
# kernel has hit a BUG, no domain is left half dead, and no result was lost.

load helper

ROUNDS=${ROUNDS:-1}

setup_file() {
    load helper
    dom0 'xenbench guest create vpv --image micro --type pv --memory 128M &&
          xenbench guest create vpvh --image micro --type pvh --memory 128M &&
          xenbench guest start --wait vpv vpvh'
}

teardown_file() {
    load helper
    dom0 'for g in vpv vpvh; do xl destroy $g; xenbench guest destroy $g; xenbench guest remove $g; done' >/dev/null 2>&1 || true
}

# A job of SECONDS runs in GUEST while the Dom0 command line WHAT is done to it; its output must arrive.
job_outlives() {
    local guest=$1 seconds=$2 what=$3 round
    for ((round = 0; round < ROUNDS; round++)); do
        dom0 "xenbench exec $guest -- sh -c 'i=0; while [ \$i -lt $seconds ]; do sleep 1; i=\$((i+1)); done; echo done-$round' \
                  >/tmp/out-$guest 2>/tmp/err-$guest & job=\$!
              sleep 2; $what
              wait \$job; status=\$?
              cat /tmp/out-$guest /tmp/err-$guest
              exit \$status" >"$BATS_TEST_TMPDIR/said" 2>&1 ||
            die "round $round, status $?: $(cat "$BATS_TEST_TMPDIR/said")"
        grep -qx "done-$round" "$BATS_TEST_TMPDIR/said" || die "round $round: $(cat "$BATS_TEST_TMPDIR/said")"
    done
}

sound() {
    dom0_kernel_is_sound
    no_zombie_domains
    guest_kernel_is_sound "$1"
    # What the guest's kernel said after a restore went to a console that nobody kept: ask the guest.
    run dom0 "xenbench exec $1 -- sh -c 'dmesg | grep -E \"BUG|Oops|Call Trace\"'"
    [ "$status" -eq 1 ] || die "guest $1's kernel: $output"
}

save_and_restore() {
    echo "xl save $1 /var/lib/xenbench/$1.chk >/dev/null && xl restore /var/lib/xenbench/$1.chk >/dev/null"
}

@test "twenty sessions, one after the other (PV, PVH)" {
    for guest in vpv vpvh; do
        run dom0 "for i in \$(seq 20); do xenbench exec $guest -- echo session \$i || exit; done"
        [ "$status" -eq 0 ]
        [ "${lines[19]}" = "session 20" ]
        sound $guest
    done
}

@test "a controller that is killed in mid-job harms nobody; the next one connects (PV, PVH)" {
    for guest in vpv vpvh; do
        dom0 "for i in 1 2 3; do
                  xenbench exec $guest -- sleep 30 & pid=\$!; sleep 1; kill -9 \$pid; wait \$pid
                  xenbench exec $guest -- echo next || exit
              done" >"$BATS_TEST_TMPDIR/said" 2>&1 || die "$(cat "$BATS_TEST_TMPDIR/said")"
        [ "$(grep -cx next "$BATS_TEST_TMPDIR/said")" -eq 3 ]
        sound $guest
    done
}

@test "a job outlives xl save and xl restore by somebody else (PV)" {
    job_outlives vpv 6 "$(save_and_restore vpv)"
    sound vpv
}

@test "a job outlives xl save and xl restore by somebody else (PVH)" {
    skip_if_emulator_lost_a_guest
    job_outlives vpvh 6 "$(save_and_restore vpvh)"
    sound vpvh
}

@test "a job outlives xl save -c, which leaves the domain running (PV)" {
    job_outlives vpv 6 "xl save -c vpv /var/lib/xenbench/vpv.chk >/dev/null"
    sound vpv
}

@test "a job outlives migration to the same host (PVH)" {
    skip_if_emulator_lost_a_guest
    job_outlives vpvh 8 "xl migrate -s '' vpvh 'xl migrate-receive' >/dev/null 2>&1"
    sound vpvh
}

@test "xl destroy in mid-job ends the session at once and says why; nothing is left (PV, PVH)" {
    for guest in vpv vpvh; do
        run dom0 "xenbench exec $guest -- sleep 60 & job=\$!; sleep 2; xl destroy $guest; start=\$SECONDS; wait \$job
                  status=\$?; [ \$((SECONDS - start)) -lt 20 ] || echo too late; exit \$status"
        [ "$status" -ne 0 ]
        [[ $output == *"$guest"* ]]
        [[ $output != *"too late"* ]]
        no_zombie_domains
        dom0_kernel_is_sound
    done
}
