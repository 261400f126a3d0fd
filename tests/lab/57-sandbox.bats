#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The process that reads a guest's rings has no rights: the process as Dom0's kernel sees it, and the
# work that goes through it over vchan.

load helper

DIR=/var/lib/xenbench/t57
export STORE=$DIR/s.sqlite

setup_file() {
    load helper
    dom0 "mkdir -p $DIR && xenbench guest create sba --image micro --type pv --memory 128M &&
          xenbench guest create sbb --image micro --type pv --memory 128M && xenbench guest start --wait sba sbb"
}

teardown_file() {
    load helper
    dom0 "for g in sba sbb; do xl destroy \$g; xenbench guest remove --destroy \$g; done; rm -rf $DIR" >/dev/null 2>&1 || true
}

# with_sessions COMMAND: runs COMMAND in Dom0 while a job runs in both guests; $pids are their session
# processes.
with_sessions() {
    dom0 "execs=
          for g in sba sbb; do xenbench exec \$g -- sh -c 'echo runs; exec sleep 600' >$DIR/\$g & execs=\"\$execs \$!\"; done
          for try in \$(seq 600); do grep -q runs $DIR/sba && grep -q runs $DIR/sbb && break; sleep 0.1; done
          pids=\$(pgrep -f '^xenbench-session domain'); $1
          kill \$execs; wait; sleep 1; pgrep -f '^xenbench-session' && echo 'a session is left'"
}

# bats test_tags=check
@test "each session's process: seccomp, no capabilities, no new privileges, a user of its own" {
    local said
    # shellcheck disable=SC2016 # awk's fields
    said=$(with_sessions 'for p in $pids; do
          awk '"'"'/^(Seccomp|NoNewPrivs):/ { printf "%s%s ", $1, $2 } /^Cap(Eff|Prm|Bnd|Inh|Amb):/ { rights = rights $2 }
                /^Uid:/ { print "uid", $2, $3, $4, $5 > "/dev/stderr" }
                END { print "rights:" (rights ~ /^0+$/ ? "none" : rights) }'"'"' /proc/$p/status 2>>'"$DIR"'/uids; done') || true
    [ "$said" = $'NoNewPrivs:1 Seccomp:2 rights:none\nNoNewPrivs:1 Seccomp:2 rights:none' ] || die "$said"
    # Two users, and neither is root or has a name.
    said=$(dom0 "cut -d' ' -f2- $DIR/uids | tr ' ' '\n' | sort -u | while read -r u; do getent passwd \$u || echo \$((u >= 0x78620000)); done")
    [ "$said" = $'1\n1' ] || die "$(dom0 "cat $DIR/uids")"
}

# bats test_tags=check
@test "it holds its rings, its event channel and the controller, and no other file" {
    local said
    # shellcheck disable=SC2016
    said=$(with_sessions 'for p in $pids; do ls -l /proc/$p/fd | sed -n "s/.* -> //p" | sed "s/:.*//" | sort | tr "\n" " "; echo; done') || true
    [[ $said =~ ^(/dev/null\ /dev/null\ /dev/xen/[a-z]+\ /dev/xen/[a-z]+\ socket\ $'\n'?){2}$ ]] || die "$said"
}

# bats test_tags=check
@test "run, exec, push and pull through the sandbox" {
    local said
    said=$(dom0 "head -c 8M /dev/urandom >$DIR/in && xenbench push sba -- $DIR/in /tmp/x && xenbench pull sba /tmp/x $DIR/out &&
          cmp $DIR/in $DIR/out && xenbench exec sbb -- sh -c 'echo hello; exit 7'; echo \$?") || die "$said"
    [ "$said" = $'hello\n7' ] || die "$said"
    dom0 "cat >$DIR/e.yaml" <<'END'
name: sandbox
workload: {command: "echo worked"}
guests:
  sba:
  sbb:
repetitions: 9
warmup: 0
END
    said=$(dom0 "xenbench run --store $DIR/s.sqlite $DIR/e.yaml 2>&1; echo \$?") || die "$said"
    [[ $said == *$'\n0' ]] || die "$said"
    [ "$(sql "SELECT count(*) FROM samples WHERE outcome = 'exited'")" -ge 18 ] || die "$said"
    [[ $(sql "SELECT value FROM host WHERE key = 'sandbox'") == seccomp*"own user" ]] || die "$(sql "SELECT * FROM host")"
    said=$(dom0 "xenbench --no-sandbox run --afresh --store $DIR/s.sqlite $DIR/e.yaml >/dev/null 2>&1; echo \$?")
    [ "$said" = 0 ] || die "without the sandbox: $said"
    [ "$(sql "SELECT count(*) FROM host WHERE key = 'sandbox' AND value = 'off'")" = 1 ] || die "the results do not say so"
}

@test "clocks are fitted as well through the sandbox as without" {
    local with without
    # The median over cells of the release error, in ns. The emulated lab is noisy, so up to twice the error passes.
    median() {
        sql "SELECT release_error_ns FROM cells WHERE state = 'done' AND run IN (SELECT run FROM host WHERE key = 'sandbox' AND value $1 'off')
            ORDER BY 1 LIMIT 1 OFFSET 4"
    }
    with=$(median '!=') without=$(median '=')
    echo "# release error: $with ns with the sandbox, $without ns without" >&3
    [ "$with" -le $((2 * without)) ] || die "$with ns with the sandbox, $without ns without"
}

@test "a session's process that is killed costs its guest alone, and the message says so" {
    local said
    said=$(dom0 "xenbench exec sba -- sleep 20 2>$DIR/said & sleep 3; xenbench exec sbb -- sh -c 'sleep 4; echo fine' &
          sleep 1; kill -KILL \$(pgrep -f \"^xenbench-session domain \$(xl domid sba) \"); wait; cat $DIR/said") || die "$said"
    [[ $said == *fine*"guest sba"*"process of its session died (signal 9)"* ]] || die "$said"
    dom0 "xenbench exec sba -- true" || die "sba does not answer any more"
    dom0_kernel_is_sound && no_zombie_domains
}

@test "a controller that is killed leaves no session, and its job can be met again" {
    local said
    said=$(dom0 "xenbench exec sba -- sleep 91 & pid=\$!; sleep 3; kill -KILL \$pid; sleep 1; pgrep -c -f '^xenbench-session'") || true
    [ "$said" = 0 ] || die "$said sessions are left"
    dom0 "xenbench exec sba -- ps | grep -q 'sleep [9]1'" || die "its job is gone"
}

# bats test_tags=check
@test "state is for root alone, and doctor says what the sandbox is made of" {
    local said
    said=$(dom0 "find /var/lib/xenbench/guests /run/xenbench -xdev \\( -type d -o -type f \\) -perm /077 ! -path '*/images/*' ! -path '$DIR*'") || true
    [ -z "$said" ] || die "others may enter: $said"
    dom0 "xenbench doctor" | grep -q 'ok.*sandbox.*seccomp'
}
