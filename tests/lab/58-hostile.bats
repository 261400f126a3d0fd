#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Hostile guests (hostile/) beside an honest one, g1, over vchan. In each attack all of g1's samples
# count, the run ends by its policy within a bound, the message names the guest, and Dom0 is left as it
# was. docs/reliability.md has a table of the attacks.

load helper

DIR=/var/lib/xenbench/t58
ATTACKERS="g2 g3 g4 g5 g6"

# How much more memory the largest xenbench process may need than in a run without an attack.
MOST_MORE_KB=16384
# How often an attacker makes new rings; 1000 take ten minutes.
ANEW=${ANEW:-150}
# The most wake-ups per second while a storm is throttled: 50 looks, and what a busy machine adds.
MOST_WAKEUPS=120

setup_file() {
    load helper
    "$LAB" push --name "$LAB_NAME" "$LAB_BIN/hostile" /root/hostile
    "$LAB" push --name "$LAB_NAME" "$LAB_BIN/domid" /root/domid
    dom0 "mkdir -p $DIR && for g in g1 $ATTACKERS; do xenbench guest create \$g --image micro --type pv --memory 128M; done &&
          xenbench guest start --wait --timeout 300 g1 $ATTACKERS && xenbench push g2,g3,g4,g5,g6 /root/hostile /tmp/hostile &&
          for g in g1 g2; do xenbench exec \$g -- sh -c \"echo \$g >/tmp/who\"; done"
    dom0 'cat >/root/beside && chmod +x /root/beside' <<'SH'
#!/bin/bash
# beside NAME SECONDS: runs NAME.yaml for at most SECONDS; notes its status, its duration, and the memory in kB of the
# largest xenbench process.
cd /var/lib/xenbench/t58 || exit
watch() {
    local pids kb most=0
    while [ ! -e "$1.over" ]; do
        pids=$(pgrep -x 'xenbench|exe|xenbench-sessio')
        kb=$(for pid in $pids; do grep -h VmHWM "/proc/$pid/status" 2>/dev/null; done | awk '$2 > kb { kb = $2 } END { print kb + 0 }')
        [ "$kb" -le "$most" ] || most=$kb
        echo "$most" >"$1.most"
        sleep 1
    done
}
rm -f "$1.over"
watch "$1" &
began=$SECONDS
timeout -s KILL "$2" xenbench run --store "$1.sqlite" --report-dir "$1.report" "$1.yaml" >"$1.table" 2>"$1.said"
echo "$? $((SECONDS - began))" >"$1.status"
touch "$1.over"
wait
SH
    # wakes PATTERN SECONDS: prints a process's context switches in that time, and its CPU time in ms.
    dom0 'cat >/root/wakes && chmod +x /root/wakes' <<'SH'
#!/bin/bash
look() {
    awk '/ctxt_switches/ { n += $2 } END { printf "%d ", n }' "/proc/$1/status"
    awk '{ print 10 * ($14 + $15) }' "/proc/$1/stat"
}
pid=$(pgrep -n -f "$1")
read -r switches ms < <(look "$pid")
sleep "$2"
[ -e "/proc/$pid/stat" ] || { echo "process $pid of $1 has ended"; exit; }
read -r switches_then ms_then < <(look "$pid")
echo "$(((switches_then - switches) / $2)) $(((ms_then - ms) / $2))"
SH
    # shellcheck disable=SC2086 # several guests
    experiment quiet g1 $ATTACKERS
    dom0 "/root/beside quiet 120; cat $DIR/quiet.said" >&2
    dom0 "cat $DIR/quiet.most" >"$BATS_FILE_TMPDIR/quiet"
    traces >"$BATS_FILE_TMPDIR/before"
}

# End the attacks of a test that failed, so that they do not disturb the next.
teardown() {
    local guest
    for guest in $ATTACKERS; do
        [ ! -e "$BATS_FILE_TMPDIR/attacks-$guest" ] || call_off "$guest" || true
    done
}

teardown_file() {
    load helper
    dom0 "/root/domid destroy \$(cat $DIR/reused) 2>/dev/null
          for g in g1 $ATTACKERS; do xl destroy \$g; xenbench guest remove --destroy \$g; done; rm -rf $DIR" >/dev/null 2>&1 || true
}

# Print counts of what an attack might leave in Dom0: processes, event channels, records of work, monitors' descriptors.
traces() {
    # shellcheck disable=SC2016
    dom0 'echo "sessions $(pgrep -c -x xenbench-sessio)"; echo "channels $(grep -c evtchn: /proc/interrupts)"
          echo "records $(ls /run/xenbench | grep -c -E "^(monitor|console|guest|hold|build)-")"
          for p in $(pgrep -x "xenbench|exe"); do ls /proc/$p/fd | wc -l; done | sort -n | tail -n 1 | sed "s/^/descriptors /"'
}

# attack GUEST ATTACK SECONDS [ARGUMENT...]: begins an attack; the guest's agent is back when it is over.
attack() {
    touch "$BATS_FILE_TMPDIR/attacks-$1"
    dom0 "xenbench exec $1 -- /tmp/hostile ${*:2}" || die "guest $1 cannot attack"
}

# call_off GUEST...: ends the guests' attacks and waits for their agents.
call_off() {
    rm -f "${@/#/$BATS_FILE_TMPDIR/attacks-}"
    dom0 "for g in $*; do xenstore-write /local/domain/\$(xl domid \$g)/data/xenbench/halt now; done
          for g in $*; do
              for i in \$(seq 100); do
                  [ \"\$(xenstore-read /local/domain/\$(xl domid \$g)/data/xenbench/halt)\" = over ] && break; sleep 0.2
              done
              log=\$(xenbench exec --connect-timeout 20 \$g -- cat /tmp/hostile.log) || exit
              printf '%s\n' \"\$log\" | sed \"s/^/# \$g: /\"
          done" >&3 || die "an agent did not come back after an attack: $*"
}

# experiment NAME GUEST... [-- LINE...]: writes an experiment with two repetitions of a 3 s job.
experiment() {
    local name=$1 guests=""
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        guests+="  $1:"$'\n'
        shift
    done
    shift || true
    dom0 "cat >$DIR/$name.yaml" <<END
name: $name
workload: {command: "sleep 3; printf 'worked \\\\033[2J\\\\377<script>\\\\n'; cat /tmp/who || true"}
guests:
$guests
repetitions: 2
warmup: 0
timeout: 10s
boot_timeout: 8s
on_guest_failure: keep
max_attempts: 1
max_release_error: 1s
$(printf '%s\n' "$@")
END
}

# honest NAME CELLS SECONDS: all samples of g1 count, and the run ended in time, with 0 or 1, and with bounded memory.
honest() {
    local status seconds kb most said
    read -r status seconds <<<"$(dom0 "cat $DIR/$1.status")"
    kb=$(dom0 "cat $DIR/$1.most")
    most=$(($(cat "$BATS_FILE_TMPDIR/quiet") + MOST_MORE_KB))
    echo "# $1: ended with $status after $seconds s; the largest process had $((kb / 1024)) MiB, at most $((most / 1024)) MiB" >&3
    export STORE=$DIR/$1.sqlite
    said=$(sql "SELECT (SELECT group_concat(state) FROM runs), (SELECT count(*) FROM samples JOIN cells USING (run, cell, attempt)
        WHERE state = 'done' AND guest = 'g1' AND outcome = 'exited' AND status = 0 AND collected = 1)")
    [ "$said" = "finished|$2" ] || die "$1: $said, not finished|$2: $(dom0 "cat $DIR/$1.said")"
    [[ $status =~ ^[01]$ ]] || die "$1: status $status: $(dom0 "cat $DIR/$1.said")"
    [ "$seconds" -le "$3" ] || die "$1: took $seconds s, not $3: $(dom0 "cat $DIR/$1.said")"
    [ "$kb" -le "$most" ] || die "$1: a process had $kb kB, not at most $most"
    said=$(dom0 "du -ck $DIR/$1.sqlite* $DIR/$1.report | tail -n 1 | cut -f 1")
    [ "$said" -le 20480 ] || die "$1: store and report have $said KiB"
}

# blamed NAME GUEST...: a warning names each guest, or its sample is lost with a reason; g1 is never named.
blamed() {
    local name=$1 said guest
    shift
    said=$(dom0 "cat $DIR/$name.said")
    for guest; do
        grep -q "warning: .*\\b$guest\\b\|\\b$guest lost: " <<<"$said" || die "$name: $guest is not named: $said"
    done
    ! grep -v 'clock\|short of CPU' <<<"$said" | grep -q 'warning: .*\bg1\b' || die "$name: g1 is named: $said"
}

sound() {
    dom0_kernel_is_sound
}

@test "keys of garbage, huge, changing between reads and without pause; rings that lie; rings made anew again and again" {
    local began
    attack g2 keys 300
    attack g3 rings 300
    attack g4 anew 300 "$ANEW"
    attack g5 restless 300
    experiment before g1 g2 g3 g4 g5
    dom0 "/root/beside before 120"
    honest before 2 90
    blamed before g2 g3 g4 g5
    # Other commands end too and name the guest, and the honest guest answers.
    began=$SECONDS
    run dom0 "for g in g2 g3 g5; do xenbench exec --connect-timeout 8 \$g -- true && echo \$g answered; done
              xenbench guest list --json | jq -r '.[].name' | xargs echo listed; xenbench exec g1 -- echo fine"
    echo "# ${output//$'\n'/$'\n# '}" >&3
    [[ $output == *"guest g2"*"guest g3"*"guest g5: "*"listed"*fine* && $output != *answered* ]]
    [ $((SECONDS - began)) -le 60 ] || die "$((SECONDS - began)) s"
    for _ in $(seq 90); do
        [ "$(dom0 "xenstore-read /local/domain/\$(xl domid g4)/data/xenbench/generation")" != 1 ] || break
        sleep 1
    done
    call_off g2 g3 g4 g5
    [ "$(dom0 "xenbench exec g4 -- tail -n 1 /tmp/hostile.log")" = "anew $ANEW" ]
    sound
}

@test "while jobs run: a storm of events, ring indices that lie, rings closed in mid-frame, times that cannot be" {
    attack g2 storm 300
    attack g3 indices 300
    attack g5 ends-in-mid-frame 300
    attack g6 times 300
    experiment within g1 g2 g3 g5 g6
    dom0 "/root/beside within 240"
    honest within 2 180
    blamed within g2 g3 g5 g6
    # The storm marks the cells, with the guest's name.
    [ "$(sql "SELECT count(DISTINCT cell), group_concat(DISTINCT guest) FROM warnings WHERE code = 'event-storm'")" = "2|g2" ] ||
        die "$(sql "SELECT cell, guest, code, message FROM warnings"): $(dom0 "cat $DIR/within.said")"
    [ "$(sql "SELECT count(*) FROM samples WHERE guest = 'g2' AND outcome = 'exited'")" = 2 ] || die "$(sql "SELECT * FROM samples")"
    call_off g2 g3 g5 g6
    sound
}

@test "a storm of events is held down, and the user is told" {
    local held free
    attack g2 storm 120
    held=$(dom0 "xenbench exec g2 -- sleep 14 2>$DIR/storm.said & sleep 5; /root/wakes \"^xenbench-session domain \$(xl domid g2) \" 4; wait")
    free=$(dom0 "xenbench --no-sandbox exec g2 -- sleep 14 2>/dev/null & sleep 5; /root/wakes '^xenbench --no-sandbox exec' 4; wait")
    echo "# held down: ${held% *} wake-ups and ${held#* } ms of CPU time in a second; without the sandbox: ${free% *} and ${free#* }" >&3
    [[ "$held $free" =~ ^[0-9]+\ [0-9]+\ [0-9]+\ [0-9]+$ && ${free% *} -gt "$MOST_WAKEUPS" ]] || die "$held; $free"
    [ "${held% *}" -le "$MOST_WAKEUPS" ] || die "$held"
    [ "${held#* }" -le $((${free#* } / 2)) ] || die "held down $held, not $free"
    dom0 "grep -q 'guest g2: its event channel wakes Dom0 without a message' $DIR/storm.said" || die "$(dom0 "cat $DIR/storm.said")"
    call_off g2
    # An honest guest's files and output are no storm.
    dom0 "cd $DIR && head -c 4M /dev/urandom >in && { xenbench push g1 in /tmp/in && xenbench pull g1 /tmp/in out && cmp in out &&
          xenbench exec g1 -- sh -c 'cat /tmp/in; i=0; while [ \$i -lt 2000 ]; do echo \$i; i=\$((i + 1)); done' >/dev/null; } 2>honest.said &&
          ! grep 'event channel' honest.said" || die "$(dom0 "cat $DIR/honest.said")"
    sound
}

@test "10 GB of output, strings of escapes, a clock that runs backwards, a flooded console, a balloon that refuses" {
    local said
    attack g2 flood 300
    attack g3 evil 300
    attack g4 clock 300
    attack g5 console 300
    attack g6 balloon 300
    experiment after g1 g2 g3 g4 g5 g6 -- "cases:" "  - {name: as made, guests: {g6: {memory: 128M}}}" \
        "  - {name: smaller, guests: {g6: {memory: 96M}}}"
    dom0 "sed -i 's/^  g6:/  g6: {resize: balloon}/; s/^repetitions: 2/repetitions: 1/' $DIR/after.yaml; /root/beside after 300"
    honest after 2 240
    blamed after g2 g4 g6
    # What guests sent is harmless to terminals, and reports are well-formed.
    said=$(dom0 "cd $DIR && cat after.said after.table after.report/* | grep -c -aP '[\\x00-\\x08\\x0b-\\x1f\\x7f]'") || true
    [ "$said" = 0 ] || die "control bytes: $said"
    dom0 "cd $DIR/after.report && iconv -f UTF-8 -t UTF-8 * >/dev/null && jq . *.json >/dev/null && ! grep -q '<script>alert' *.html *.md" ||
        die "reports: $(dom0 "grep -n '<script>alert' $DIR/after.report/*")"
    said=$(dom0 "du -ck /var/lib/xenbench/guests/g5/console.log* | tail -n 1 | cut -f 1")
    echo "# g5's console: $said KiB" >&3
    [ "$said" -le 20480 ] || die "the console's log has $said KiB"
    call_off g2 g3 g4 g5 g6
    sound
}

@test "a domain that is destroyed in mid-frame, and its number used again: the new one is not taken for it" {
    local old new
    attack g5 stops-in-mid-frame 300
    experiment destroyed g1 g5
    old=$(fact g5 domid)
    dom0 "sed -i 's/^boot_timeout: .*/boot_timeout: 60s/' $DIR/destroyed.yaml; echo $old >$DIR/reused; /root/beside destroyed 240 & run=\$!
          for i in \$(seq 300); do
              n=\$(sqlite3 -cmd '.timeout 10000' $DIR/destroyed.sqlite \"select count(*) from cells where state = 'released'\" 2>/dev/null)
              [ \"\$n\" = 1 ] && break; sleep 0.2
          done
          sleep 6; xl destroy g5; /root/domid make $old || exit; wait \$run" ||
        die "domain $old cannot be made again: $(dom0 "xl list; cat $DIR/destroyed.said")"
    honest destroyed 2 180
    blamed destroyed g5
    new=$(fact g5 domid)
    [ "$new" -gt "$old" ] || die "g5 is domain $new, was $old: $(dom0 "cat $DIR/destroyed.said")"
    [ "$(dom0 "xenbench exec g5 -- echo usable")" = usable ]
    dom0 "xl list | awk '\$2 == $old { found = 1 } END { exit !found }' && /root/domid destroy $old; rm $DIR/reused"
    sound
}

@test "a guest with another's keys: its rings are its own, and nothing of the other's is taken for it" {
    local keys said
    # shellcheck disable=SC2016
    keys=$(dom0 'd=/local/domain/$(xl domid g1)/data/xenbench; n=$(xenstore-read $d/generation)
          echo $n $(xenstore-read $d/boot $d/rings/$n/ring-ref $d/rings/$n/event-channel)')
    attack g2 claims 300 "$keys"
    experiment claims g1 g2
    dom0 "/root/beside claims 120"
    honest claims 2 90
    # If g2 claims numbers that its own agent uses, its own agent answers; all other numbers lead nowhere.
    said=$(sql "SELECT count(*) FROM samples WHERE guest = 'g2' AND outcome = 'lost'")
    [ "$said" = 0 ] || blamed claims g2
    said=$(sql "SELECT guest, min(instr(bytes, CAST(guest || char(10) AS BLOB)) > 0) FROM outputs WHERE stream = 'stdout' GROUP BY guest")
    [[ $said == "g1|1" || $said == $'g1|1\ng2|1' ]] || die "whose output is whose: $(sql "SELECT * FROM outputs")"
    run dom0 "xenbench exec --connect-timeout 5 g2 -- touch /tmp/was-here; xenbench exec g1 -- ls /tmp"
    [[ $status -eq 0 && $output != *was-here$'\n'* && $output != *was-here ]] || die "$status: $output"
    call_off g2
    sound
}

@test "afterwards nothing is left in Dom0" {
    traces >"$BATS_FILE_TMPDIR/after"
    diff "$BATS_FILE_TMPDIR/before" "$BATS_FILE_TMPDIR/after" || die "left in Dom0"
    dom0 "for g in $ATTACKERS; do xenbench guest destroy \$g; done"
    # A page that somebody still maps would keep the domain.
    no_zombie_domains
    sound
}
