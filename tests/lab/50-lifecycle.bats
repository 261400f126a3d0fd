#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of guests on real Xen: checkpoints and restores while jobs run, interrupted checkpoints,
# pauses, reboots, migrations, and `xenbench lifecycle`.

load helper

CK=/var/lib/xenbench/checkpoints

setup_file() {
    dom0 'for g in la lb lc; do xenbench guest create $g --image micro --type pv --memory 96M; done &&
          xenbench guest start --wait la'
}

teardown_file() {
    dom0 'xenbench clean; for g in la lb lc lp; do xenbench guest remove --destroy $g; done
          rm -rf /var/lib/xenbench/checkpoints /var/lib/xenbench/under-way /tmp/life; umount /mnt/small' >/dev/null 2>&1 || true
}

runs_ok() {
    run dom0 "xenbench exec $1 -- true"
    [ "$status" -eq 0 ] || die "$1 does not answer: $output"
}

# begin_job NAME: starts a job of 16 steps in la that prints its count at the end. Its result goes to
# /tmp/life/NAME.json.
begin_job() {
    dom0 "mkdir -p /tmp/life; rm -f /tmp/life/$1.*
          nohup xenbench exec --json --connect-timeout 600 la -- sh -c 'i=0; while [ \$i -lt 16 ]; do i=\$((i+1)); sleep 0.5; done; echo counted \$i' \
              >/tmp/life/$1.json 2>/tmp/life/$1.err </dev/null & sleep 1.5"
}

# job_ended_well NAME MS: the job ended well, counted all steps, and reports that it was frozen for at
# least MS milliseconds.
job_ended_well() {
    dom0 "for i in \$(seq 600); do [ -s /tmp/life/$1.json ] && break; sleep 0.5; done; cat /tmp/life/$1.err" >&2
    run dom0 "cat /tmp/life/$1.json"
    [[ $output == *"counted 16"* ]] || die "the job: $output"
    run dom0 "jq '[.. | .frozen_ns? // empty] | max' /tmp/life/$1.json"
    [ "$output" -ge $(($2 * 1000000)) ] || die "frozen for $output ns by the guest's clock"
}

# bats test_tags=check
@test "a checkpoint ends the domain, and a restore lets the guest go on, with a monitor" {
    local uuid
    uuid=$(fact la uuid)
    dom0 'xenbench exec la -- sh -c "echo kept >/tmp/word"'
    run dom0 'xenbench guest checkpoint la'
    [ "$status" -eq 0 ] || die "$output"
    [[ $output == *"MiB of"* ]]
    [ "$(fact la state)" = stopped ]
    run dom0 'ls -A '$CK' /var/lib/xenbench/under-way'
    [[ $output == *la.checkpoint* ]]
    [[ $output != *.new.* && $output != *.json* ]]
    run dom0 'xenbench guest restore --wait la'
    [ "$status" -eq 0 ] || die "$output"
    [[ $output == *"stood still for"* ]]
    [ "$(fact la uuid)" = "$uuid" ]
    run dom0 'xenbench exec la -- cat /tmp/word'
    [ "$output" = kept ]
    dom0 'pgrep -f "[d]omain-helper restore la "'
    run dom0 'xenbench guest restore la'
    [ "$status" -eq 2 ] || die "$status $output"
    [[ $output == *"runs as domain"* ]]
}

@test "a job goes on across a checkpoint of ours, and its sample says how long it was frozen" {
    begin_job ours
    dom0 'xenbench guest checkpoint la --no-compress && sleep 2 && xenbench guest restore la'
    job_ended_well ours 2000
    guest_kernel_is_sound la
}

# bats test_tags=check
@test "a job goes on across a plain xl save and xl restore" {
    begin_job xl
    dom0 'xl save la /tmp/life/la.xl >/dev/null && sleep 2 && xl restore /tmp/life/la.xl >/dev/null && rm /tmp/life/la.xl'
    job_ended_well xl 2000
    guest_kernel_is_sound la
    # The guest still shuts down properly, although the old rings are open in it.
    dom0 'xenbench guest stop la && xenbench guest start --wait la'
}

@test "a checkpoint after which the guest goes on" {
    begin_job going
    run dom0 'mkdir -p /tmp/life/a,b; xenbench guest save -k la /tmp/life/la.checkpoint'
    [ "$status" -eq 0 ] || die "$output"
    job_ended_well going 1
    run dom0 'xenbench guest restore /tmp/life/la.checkpoint'
    [ "$status" -eq 2 ] || die "$status $output"
    dom0 'xenbench guest destroy la'
    run dom0 'cp /tmp/life/la.checkpoint /tmp/life/a,b/ && xenbench guest restore --wait /tmp/life/a,b/la.checkpoint'
    [ "$status" -eq 0 ] || die "$output"
    runs_ok la
}

@test "a truncated or changed file is refused before anything is built" {
    dom0 "cp /tmp/life/la.checkpoint /tmp/life/good; xenbench guest destroy la
          cd /tmp/life; size=\$(stat -c %s good)
          head -c \$((size - 1)) good >short.checkpoint; head -c \$((size / 2)) good >half.checkpoint
          cp good changed.checkpoint; printf X | dd of=changed.checkpoint bs=1 seek=\$((size * 2 / 3)) conv=notrunc 2>/dev/null
          head -c 4096 /dev/urandom >noise.checkpoint; : >empty.checkpoint"
    for file in short half changed noise empty; do
        run dom0 "xenbench guest restore /tmp/life/$file.checkpoint"
        [ "$status" -eq 2 ] || die "$file: $status $output"
        [[ $output == *"incomplete or damaged"* || $output == *"not a checkpoint"* ]]
    done
    run dom0 'xl list | grep -w la'
    [ "$status" -eq 1 ]
    dom0 'xenbench guest restore --wait /tmp/life/good.checkpoint 2>/dev/null || (mv /tmp/life/good /tmp/life/good.checkpoint; xenbench guest restore --wait /tmp/life/good.checkpoint)'
    runs_ok la
}

@test "a full disk lets the guest go on and leaves nothing" {
    dom0 'mkdir -p /mnt/small && mount -t tmpfs -o size=4m none /mnt/small'
    run dom0 'xenbench guest checkpoint la --no-compress --dir /mnt/small'
    [ "$status" -eq 3 ] || die "$status $output"
    [[ $output == *"No space left"* ]]
    run dom0 'ls -A /mnt/small; umount /mnt/small; ls -A /var/lib/xenbench/under-way'
    [ -z "$output" ] || die "left: $output"
    runs_ok la
}

@test "SIGKILL of the working process, at every moment, and of all of xenbench: the guest goes on" {
    local at
    for at in 0.05 0.3 0.6 1.0; do
        # The command notices that its helper died, and recovers.
        run dom0 "xenbench guest checkpoint la --zstd 9 --threads 1 & sleep $at; pkill -9 -f '[d]omain-helper checkpoint la'; wait \$!"
        if [ "$status" -ne 0 ]; then
            run dom0 "ls -A $CK /var/lib/xenbench/under-way | grep -E 'new|json'"
            [ "$status" -ne 0 ] || die "left after $at s: $output"
        fi
        # Killed when the file was in place, or not at all.
        [ "$(fact la state)" != stopped ] || dom0 'xenbench guest restore --wait la'
        runs_ok la
    done
    # Nobody is left to recover, so clean does.
    dom0 "xenbench guest checkpoint la --zstd 9 --threads 1 & until ls /var/lib/xenbench/under-way | grep -q json; do sleep 0.02; done
          sleep 0.2; kill -9 \$! \$(pgrep -f '[d]omain-helper checkpoint la')" # both, because either would recover
    run dom0 'xenbench clean --dry-run'
    [[ $output == *"never finished"* || $output == *"goes on"* || $(fact la state) = stopped ]] || die "$output"
    dom0 'xenbench clean'
    run dom0 "ls -A $CK /var/lib/xenbench/under-way | grep -E 'new|json'"
    [ "$status" -ne 0 ] || die "left: $output"
    [ "$(fact la state)" != stopped ] || dom0 'xenbench guest restore --wait la'
    runs_ok la
}

# Kill the process that takes la's checkpoint at a step: `command` while the command waits for it, or
# alone. Alone, its leash may be any pipe that never becomes readable.
kill_at() {
    dom0 "cp /tmp/life/old.checkpoint $CK/la.checkpoint"
    if [ "$1" = command ]; then
        run dom0 "XENBENCH_FAULT=$2 xenbench guest checkpoint la"
        [ "$status" -eq 3 ] || die "at $2: $status $output"
        [[ $output == *"died"* ]] || die "at $2: $output"
    else
        run dom0 "rm -f /tmp/life/leash; mkfifo /tmp/life/leash; exec 9<>/tmp/life/leash
            XENBENCH_FAULT=$2 xenbench domain-helper checkpoint la $CK/la.checkpoint 1 1 ${3:-end} <&9; exit \$?"
        [ "$status" -eq 137 ] || die "at $2: $status $output"
        dom0 'ls /var/lib/xenbench/under-way | grep -q json && xenbench clean' || die "at $2: no record, or clean fails"
    fi
    run dom0 "ls -A $CK /var/lib/xenbench/under-way | grep -E 'new|json'"
    [ "$status" -ne 0 ] || die "left at $2: $output"
}

@test "killed at each step: before the file is in place the guest goes on, afterwards the file is complete and the guest has ended" {
    local who step
    dom0 'xenbench guest save -k la /tmp/life/old.checkpoint'
    for who in command nobody; do
        for step in recorded suspended written verified; do
            kill_at $who $step
            # The earlier file is unchanged, and runs_ok would fail for a suspended guest.
            dom0 "cmp /tmp/life/old.checkpoint $CK/la.checkpoint" || die "at $step: another file"
            runs_ok la
        done
        for step in renamed destroyed; do
            dom0 "xenbench exec la -- sh -c 'echo $who-$step >/tmp/word'"
            kill_at $who $step
            [ "$(fact la state)" = stopped ] || die "at $step: $(fact la state)"
            dom0 'xenbench guest restore --wait la' || die "at $step: the file is not whole"
            [ "$(dom0 'xenbench exec la -- cat /tmp/word')" = "$who-$step" ]
        done
    done
    # With go-on, the guest goes on, and the new file stays.
    kill_at nobody renamed go-on
    ! dom0 "cmp -s /tmp/life/old.checkpoint $CK/la.checkpoint" || die "the file is the old one"
    runs_ok la
    guest_kernel_is_sound la
}

# libxl crashes if it is aborted before it has begun (docs/lifecycle.md).
@test "Ctrl-C ends a checkpoint in order at any moment" {
    local at
    for at in 0.1 0.2 0.3 0.6; do
        run dom0 "xenbench guest checkpoint la --zstd 9 --threads 1 & sleep $at; kill -TERM \$!; wait \$!"
        if [ "$status" -ne 0 ]; then
            run dom0 "ls -A $CK /var/lib/xenbench/under-way | grep -E 'new|json'"
            [ "$status" -ne 0 ] || die "left: $output"
        else
            dom0 'xenbench guest restore --wait la'
        fi
        runs_ok la
    done
    dom0_kernel_is_sound
}

@test "pause, unpause, reboot; a paused guest is not saved" {
    local before
    dom0 'xenbench guest pause la'
    [ "$(fact la state)" = paused ]
    run dom0 'xenbench guest checkpoint la'
    [ "$status" -eq 1 ]
    [[ $output == *"guest unpause la"* ]]
    dom0 'xenbench guest unpause la'
    runs_ok la
    before=$(fact la domid)
    run dom0 'xenbench guest reboot --wait la'
    [ "$status" -eq 0 ] || die "$output"
    [ "$(fact la domid)" -gt "$before" ]
    runs_ok la
}

@test "a domain of xl's with a guest's name is not taken for the guest" {
    local verb uuid=00000000-1111-4222-8333-444444444444
    dom0 "xenbench guest stop lc; sed 's/^uuid = .*/uuid = \"$uuid\"/' /var/lib/xenbench/guests/lc/lc.cfg >/tmp/life/other.cfg
          xl create -q /tmp/life/other.cfg"
    for verb in checkpoint 'checkpoint --keep-running' migrate pause unpause reboot stop; do
        run dom0 "xenbench guest $verb lc"
        [ "$status" -eq 2 ] || die "$verb: $status $output"
        [[ $output == *"is not xenbench's guest lc: its uuid is $uuid"* ]] || die "$verb: $output"
    done
    run dom0 'xenbench exec lc -- true'
    [ "$status" -ne 0 ]
    dom0 'xenbench guest destroy lc' # by UUID, which matches no domain
    run dom0 "xl list -v lc; ls -A $CK"
    [[ $output == *"$uuid"* ]] || die "$output"
    [[ $output != *lc.checkpoint* ]] || die "$output"
    dom0 'xl destroy lc'
}

@test "migrating a PV guest is refused if the hypervisor does not support it" {
    run dom0 'xenbench guest migrate la'
    [ "$status" -eq 2 ]
    [[ $output == *"shadow paging"* ]]
    runs_ok la
}

@test "nothing is restored onto a disk that has been written to since" {
    dom0 'truncate -s 8M /tmp/life/disk.img; xenbench guest destroy la
          cd /var/lib/xenbench/guests/lb && cp lb.cfg /tmp/life/lb.cfg &&
          echo "disk = [ \"format=raw,vdev=xvdb,access=rw,target=/tmp/life/disk.img\" ]" >>lb.cfg
          xenbench guest start --wait lb && xenbench guest checkpoint lb && touch /tmp/life/disk.img'
    run dom0 'xenbench guest restore lb'
    [ "$status" -eq 2 ]
    [[ $output == *"was written to since"* ]]
    run dom0 'xenbench guest restore --stale --wait lb'
    [ "$status" -eq 0 ] || die "$output"
    dom0 'xenbench guest destroy lb; cp /tmp/life/lb.cfg /var/lib/xenbench/guests/lb/lb.cfg'
}

@test "three guests at once through the four phases, with xl in the same run" {
    run dom0 'xenbench lifecycle la lb lc --repeat 1 --parallel --phases boot,shutdown,checkpoint,restore --json /tmp/life/l.json --quiet'
    [ "$status" -eq 0 ] || die "$output"
    echo "$output" >&3
    [[ $output == *"time xl"* ]]
    run dom0 "jq -e '(.summary | length == 12) and ([.summary[] | select(.ratio_to_xl_command > 0)] | length == 12) and
        (.samples | length == 24) and ([.samples[] | select(.by == \"xenbench\" and .phase == \"boot\") |
        .parts | map(.name) == [\"toolstack\", \"loader\", \"kernel\", \"user space\", \"agent\", \"answer\"]] | all) and
        ([.samples[] | select(.by == \"xenbench\" and (.parts | length > 0)) | (.total_ns - (.parts | map(.ns) | add)) | fabs < 100000000] | all)' /tmp/life/l.json"
    [ "$status" -eq 0 ] || die "$(dom0 cat /tmp/life/l.json)"
    run dom0 "xl list | tail -n +3; ls -A $CK | grep lifecycle"
    [ -z "$output" ] || die "left: $output"
}

@test "a killed lifecycle: clean stops its guests and removes its files" {
    local what
    for what in '--phases boot,checkpoint,shutdown' --zstd-levels; do
        # Kill it once it has made a file, so that a guest or a file is left.
        dom0 "nohup xenbench lifecycle la lb $what --parallel --repeat 3 --quiet >/dev/null 2>&1 </dev/null & pid=\$!
              for i in \$(seq 3000); do ls -A $CK | grep -q '^.lifecycle-' && break; sleep 0.02; done; kill -9 \$pid"
        dom0 'ls /var/lib/xenbench/under-way | grep -q ^lifecycle-' || die "$what: no record"
        run dom0 'for i in $(seq 100); do pgrep -f "[d]omain-helper (checkpoint|xl)" >/dev/null || break; sleep 0.2; done
            xenbench clean --dry-run'
        [[ $output == *"would: "*"killed lifecycle"* ]] || die "$what: $output"
        dom0 'xenbench clean'
        lifecycle_left_nothing
    done
}

# Install a wrapper of xl that hangs when it is to shut a guest down.
hanging_xl() {
    dom0 'mkdir -p /tmp/life/bin && cat >/tmp/life/bin/xl && chmod +x /tmp/life/bin/xl' <<'XL'
#!/bin/sh
[ "$1" != shutdown ] || { sleep 4321 & wait; }
PATH=${PATH#/tmp/life/bin:}
exec xl "$@"
XL
}

# The guest is down, and neither xl nor a file is left.
lifecycle_left_nothing() {
    run dom0 "xl list | tail -n +3; ls -A $CK | grep lifecycle; pgrep -f '[s]leep 4321'; ls /var/lib/xenbench/under-way; pgrep -f '[d]omain-helper xl'"
    [ -z "$output" ] || die "left: $output"
}

@test "a hanging xl is ended at the time-out, and at Ctrl-C" {
    hanging_xl
    run dom0 'PATH=/tmp/life/bin:$PATH timeout 300 xenbench lifecycle lb --repeat 1 --phases boot,shutdown --timeout 40 --quiet; exit $?'
    [ "$status" -eq 1 ] || die "$status $output"
    [[ $output == *"xl shutdown"*"did not end in time"* ]] || die "$output"
    lifecycle_left_nothing
    run dom0 'PATH=/tmp/life/bin:$PATH; export PATH
        timeout -s KILL 300 xenbench lifecycle lb --repeat 1 --phases boot,shutdown --timeout 3000 --quiet & pid=$!
        for i in $(seq 1000); do pgrep -f "[s]leep 4321" >/dev/null && break; sleep 0.1; done
        kill -TERM $pid; wait $pid'
    [ "$status" -ne 0 ] || die "it ended well: $output"
    [ "$status" -ne 137 ] || die "it hung: $output"
    lifecycle_left_nothing
}

@test "guests are stopped, or saved and restored, when Dom0 goes down" {
    dom0 'systemctl daemon-reload; systemctl start xenbench-guests && xenbench guest start --wait lb lc && systemctl stop xenbench-guests'
    [ "$(fact lb state)" = stopped ]
    [ "$(fact lc state)" = stopped ]
    dom0 'echo ON_SHUTDOWN=checkpoint >/etc/default/xenbench-guests; systemctl start xenbench-guests
          xenbench guest start --wait lb && xenbench exec lb -- sh -c "echo kept >/tmp/word" && systemctl stop xenbench-guests'
    [ "$(fact lb state)" = stopped ]
    dom0 'systemctl start xenbench-guests; rm /etc/default/xenbench-guests'
    run dom0 'xenbench exec lb -- cat /tmp/word'
    [ "$output" = kept ]
    dom0 'systemctl stop xenbench-guests'
    [ "$(fact lb state)" = stopped ]
}

@test "a PVH guest migrates live with a job in it, and goes on" {
    dom0 'xenbench guest create lp --image micro --type pvh --memory 96M && xenbench guest start --wait lp'
    local before
    before=$(fact lp domid)
    dom0 "nohup xenbench exec --json --connect-timeout 600 lp -- sh -c 'i=0; while [ \$i -lt 16 ]; do i=\$((i+1)); sleep 0.5; done; echo counted \$i' \
              >/tmp/life/move.json 2>/tmp/life/move.err </dev/null & sleep 1"
    run dom0 'xenbench guest migrate --wait lp'
    [ "$status" -eq 0 ] || die "$output"
    echo "$output" >&3
    [ "$(fact lp domid)" -gt "$before" ]
    dom0 "for i in \$(seq 60); do [ -s /tmp/life/move.json ] && break; sleep 0.5; done"
    run dom0 'cat /tmp/life/move.json'
    [[ $output == *"counted 16"* ]] || die "$output $(dom0 cat /tmp/life/move.err)"
    run dom0 'xl list | grep -E "incoming|migratedaway"'
    [ "$status" -ne 0 ]
    guest_kernel_is_sound lp
}

@test "a migration whose process is killed leaves one domain, which goes on, and no file" {
    dom0 'xenbench guest migrate lp >/dev/null 2>&1 & until pgrep -f "[d]omain-helper receive lp" >/dev/null; do sleep 0.02; done
          pkill -9 -f "[d]omain-helper migrate lp$"; wait'
    dom0 'xenbench clean'
    run dom0 'xl list | grep -E "incoming|migratedaway"; ls -A /run/xenbench /var/lib/xenbench/under-way | grep -E "^incoming|json$"'
    [ -z "$output" ] || die "$output"
    runs_ok lp
}

@test "a PV guest in the group does not keep PVH guests from migrating, and is named" {
    dom0 'xenbench guest stop la lp'
    run dom0 'xenbench lifecycle la lp --parallel --repeat 1 --no-xl --phases boot,migrate,shutdown --json /tmp/life/m.json'
    [ "$status" -eq 0 ] || die "$output"
    [[ $output == *"not migrated live, because it is PV: la"* ]] || die "$output"
    run dom0 "jq -c '[.samples[] | select(.phase == \"migrate\") | .guest], ([.samples[] | select(.phase == \"boot\")] | length)' /tmp/life/m.json"
    [ "$output" = $'["lp"]\n2' ] || die "$output $(dom0 cat /tmp/life/m.json)"
}

# bats test_tags=check
@test "nothing is left, and Dom0's kernel is sound" {
    dom0 'for g in la lb lc lp; do xenbench guest remove --destroy $g; done; sleep 1; xenbench clean'
    run dom0 'for i in $(seq 20); do said=$(xl list | tail -n +3); [ -n "$said" ] || break; sleep 0.5; done; echo "$said"
              pgrep -af "[d]omain-helper"'
    [ -z "$output" ] || die "$output"
    run dom0 'ls /run/xenbench /var/lib/xenbench/under-way'
    [[ $output != *.lock* && $output != *domain* && $output != *l[abcp]* ]] || die "$output"
    no_zombie_domains
    dom0_kernel_is_sound
}
