#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# exec over vchan, used like ssh: streaming input, signals, a terminal, long commands; in a PV and a
# PVH guest.

load helper

DIR=/var/lib/xenbench/t22

setup_file() {
    load helper
    dom0 "mkdir -p $DIR && xenbench guest create epv --image micro --type pv --memory 128M &&
          xenbench guest create epvh --image micro --type pvh --memory 128M &&
          xenbench guest start --wait epv epvh"
}

teardown_file() {
    load helper
    dom0 "for g in epv epvh; do xl destroy \$g; xenbench guest remove --destroy \$g; done; rm -rf $DIR" >/dev/null 2>&1 || true
}

# bats test_tags=check
@test "input streams into a guest and returns complete; endless input blocks nothing" {
    local said
    said=$(dom0 "head -c 4M /dev/urandom >$DIR/in && xenbench exec -i epv -- cat <$DIR/in >$DIR/out && cmp $DIR/in $DIR/out &&
          yes | timeout 60 xenbench exec -i epv -- head -n 1") || die "$said"
    [ "$said" = y ] || die "$said"
}

# bats test_tags=check
@test "Ctrl-C reaches the command as SIGINT, and a terminal has a size" {
    local said
    said=$(dom0 "env --default-signal=INT xenbench exec epv -- sh -c 'trap \"echo summary; exit 0\" INT; echo begun
          while :; do sleep 0.2; done' >$DIR/said 2>&1 & job=\$!
          for i in \$(seq 300); do grep -q begun $DIR/said && break; sleep 0.2; done
          kill -INT \$job; wait \$job; cat $DIR/said") || die "$said"
    [ "$said" = $'begun\nsummary' ] || die "$said"
    for guest in epv epvh; do
        said=$(dom0 "script -qec 'stty rows 33 cols 77; xenbench exec -t $guest -- stty size' /dev/null </dev/null" | tr -d '\r') || die "$said"
        [[ $said == *"33 77"* ]] || die "$guest: $said"
    done
}

@test "20 MB of input, to a PVH guest too" {
    local said
    said=$(dom0 "head -c 20M /dev/urandom >$DIR/in && sha256sum <$DIR/in && for g in epv epvh; do
          xenbench exec -i \$g -- sha256sum <$DIR/in || exit; done") || die "$said"
    [ "$(wc -l <<<"$said") $(sort -u <<<"$said" | wc -l)" = "3 1" ] || die "$said"
}

@test "a command of 100 KB" {
    local said
    said=$(dom0 "xenbench exec epv -- sh -c 'echo \${#1}' sh \"\$(head -c 100000 /dev/zero | tr '\\0' x)\"") || die "$said"
    [ "$said" = 100000 ] || die "$said"
}

@test "input continues where it was after xl save and xl restore" {
    local said
    said=$(dom0 "(echo one; sleep 40; echo two) | xenbench exec -i epv -- cat >$DIR/said & job=\$!
          sleep 5; xl save epv $DIR/epv.chk >/dev/null 2>&1 && xl restore $DIR/epv.chk >/dev/null 2>&1 || echo not restored
          wait \$job && cat $DIR/said") || die "$said"
    [ "$said" = $'one\ntwo' ] || die "$said"
    dom0_kernel_is_sound && no_zombie_domains && guest_kernel_is_sound epv
}
