#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Several commands use one guest over vchan: at the same time, beside a run and from its hooks, more
# than the agent serves, across a save and a restore, and after killed controllers. Afterwards all
# kernels are sound.

load helper

REPORT=/var/lib/xenbench/sessions
STORE=$REPORT/results.sqlite

setup_file() {
    load helper
    dom0 "mkdir -p $REPORT && xenbench guest create spv --image micro --type pv --memory 128M &&
          xenbench guest start --wait spv"
}

teardown_file() {
    load helper
    dom0 "xl destroy spv; xenbench guest remove --destroy spv; rm -rf $REPORT" >/dev/null 2>&1 || true
}

sound() {
    local said
    dom0_kernel_is_sound && no_zombie_domains && guest_kernel_is_sound spv || return
    said=$(dom0 "xenbench exec spv -- sh -c 'dmesg | grep -E \"BUG|Oops|Call Trace\" || echo sound'") || return
    [ "$said" = sound ] || die "the guest's kernel: $said"
}

# bats test_tags=check
@test "exec, pull and push next to an exec" {
    local said
    said=$(dom0 "xenbench exec spv -- sh -c 'while [ ! -e /tmp/go ]; do sleep 0.2; done; echo the end' & long=\$!
          xenbench exec spv -- echo beside && echo text >$REPORT/in && xenbench push spv $REPORT/in /tmp/in &&
          xenbench pull spv /tmp/in $REPORT/out && cmp $REPORT/in $REPORT/out || exit
          kill -0 \$long && echo still && xenbench exec spv -- touch /tmp/go && wait \$long") || die "$said"
    [ "$said" = $'beside\nstill\nthe end' ] || die "$said"
    sound
}

# bats test_tags=check
@test "a hook of a run has its own exec; a command during a measurement waits and is then served" {
    local said
    dom0 "cat >$REPORT/e.yaml" <<YAML
name: beside
workload: {name: work, command: [sh, -c, "cat /tmp/by-hook; sleep 6"]}
guests: {spv: }
repetitions: 1
warmup: 0
hooks: {before: "xenbench exec spv -- sh -c 'echo by hook >/tmp/by-hook'"}
YAML
    said=$(dom0 "xenbench run --store $STORE $REPORT/e.yaml >$REPORT/said 2>&1 & run=\$!
          for i in \$(seq 300); do
              [ \"\$(sqlite3 -cmd '.timeout 10000' $STORE \"select count(*) from cells join runs using (run)
                  where name = 'beside' and cells.state = 'released'\")\" = 1 ] && break; sleep 0.2
          done
          xenbench exec spv -- echo served 2>&1; wait \$run || cat $REPORT/said") || die "$said"
    [[ $said == *served ]] || die "$said"
    # A waiting command wakes nobody during the measurement. Other warnings may come from a busy host.
    [ "$(sql "select count(*) from warnings where code in ('agent-wakeups', 'controller-wakeups', 'other-job')")" = 0 ]
    sound
}

@test "commands beyond the agent's limit wait, and each is served; guest list sees the agent meanwhile" {
    local said
    said=$(dom0 "for i in 1 2 3 4 5 6 7; do xenbench exec spv -- sh -c \"sleep 4; echo \$i\" & done; sleep 3
          xenbench guest list --json | jq -r '.[] | select(.name == \"spv\") | .agent'; wait" | sort | tr '\n' ' ')
    [ "$said" = "1 2 3 4 5 6 7 true " ] || die "$said"
    sound
}

@test "two conversations outlive xl save and xl restore by somebody else" {
    local said
    said=$(dom0 "for i in 1 2; do
              xenbench exec spv -- sh -c \"i=0; while [ \\\$i -lt 8 ]; do sleep 1; i=\\\$((i+1)); done; echo end \$i\" &
          done 2>/dev/null; sleep 2
          xl save spv $REPORT/spv.chk >/dev/null 2>&1 && xl restore $REPORT/spv.chk >/dev/null 2>&1 || echo failed
          wait" 2>/dev/null) || die "$said"
    [ "$(grep -c '^end ' <<<"$said")" -eq 2 ] || die "$said"
    sound
}

@test "a checkpoint of ours closes all connections for its duration, and they continue" {
    local said
    said=$(dom0 "for i in 1 2; do xenbench exec spv -- sh -c 'sleep 8; echo the end' & done; sleep 2
          xenbench guest checkpoint spv >/dev/null 2>$REPORT/said || cat $REPORT/said
          xenbench guest restore spv >/dev/null 2>>$REPORT/said || cat $REPORT/said; wait" 2>/dev/null) || die "$said"
    [ "$(grep -c '^the end' <<<"$said")" -eq 2 ] || die "$said"
    sound
}

@test "killed controllers leave their places to others" {
    local said
    said=$(dom0 "for round in 1 2 3; do
              pids=; for i in 1 2 3 4; do xenbench exec spv -- sleep 30 & pids=\"\$pids \$!\"; done
              sleep 3; kill -9 \$pids; wait
              xenbench exec --connect-timeout 10 spv -- echo next || exit
          done 2>/dev/null") || die "$said"
    [ "$(grep -cx next <<<"$said")" -eq 3 ] || die "$said"
    sound
}
