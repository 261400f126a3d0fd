#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# In a Dom0: commands report output that cannot be written, ignored signals stay ignored, and lvm has
# two groups of one name.

load helper

teardown_file() {
    dom0 'xenbench guest destroy go life; xenbench guest remove go life; rm -rf /tmp/out' >/dev/null 2>&1 || true
}

# bats test_tags=check
@test "every command that needs Xen reports unwritable output, with status 3" {
    dom0 'xenbench guest create go --image micro --memory 128M --start --wait &&
        xenbench guest create life --image micro --memory 128M' >/dev/null
    local command
    for command in 'guest list' 'guest list --json' 'host show' 'host prepare' 'doctor' 'clean --dry-run' 'guest console go' \
        'exec --json go -- true' 'exec go -- echo hello'; do
        run dom0 "xenbench $command >/dev/full"
        [ "$status" -eq 3 ] || die "$command: $status $output"
        [[ $output == *"No space left on device"* ]] || die "$command: $output"
    done
    # A command that changes a guest finishes its work in spite of the error.
    dom0 'xenbench guest stop go >/dev/full; xenbench guest start --wait go >/dev/full' 2>/dev/null || true
    [ "$(fact go agent)" = true ]
    run dom0 'xenbench lifecycle life --repeat 1 --phases pause --quiet --no-xl >/dev/full'
    [ "$status" -eq 3 ] || die "$status $output"
    [ "$(fact go agent)" = true ] && [ "$(fact life state)" = stopped ]
}

# bats test_tags=check
@test "pull and lifecycle --json write to devices, and links stay" {
    dom0 'mkdir -p /tmp/out && cd /tmp/out && xenbench exec go -- sh -c "echo x >/tmp/f" && xenbench pull go /tmp/f /dev/null && [ -c /dev/null ] &&
        ln -sf real link && echo old >real && xenbench lifecycle life --repeat 1 --phases pause --quiet --no-xl --json link >/dev/null &&
        [ -L link ] && jq -e .samples real >/dev/null &&
        xenbench lifecycle life --repeat 1 --phases pause --quiet --no-xl --json /dev/null >/dev/null && [ -c /dev/null ]'
}

@test "a selftest that cannot print says so, goes on and leaves nothing; its JSON goes to a device" {
    run dom0 'xenbench selftest --type pv --json /dev/null >/dev/full'
    [ "$status" -eq 3 ] || die "$status $output"
    [[ $output == *"No space left on device"* ]] || die "$output"
    run dom0 '[ -c /dev/null ] && ls -A /var/lib/xenbench/guests | grep selftest'
    [ "$status" -eq 1 ] && [ -z "$output" ] || die "$status $output"
}

@test "a checkpoint goes to the file behind a link, and nowhere else" {
    dom0 'cd /tmp/out && rm -f real link && xenbench guest checkpoint go ./real.checkpoint --keep-running &&
        ln -s real.checkpoint link.checkpoint && xenbench guest checkpoint go ./link.checkpoint --keep-running &&
        [ -L link.checkpoint ] && [ ! -L real.checkpoint ]' >/dev/null
    run dom0 'cd /tmp/out; rm real.checkpoint; xenbench guest checkpoint go ./link.checkpoint --keep-running'
    [ "$status" -eq 2 ] || die "$status $output"
    run dom0 'xenbench guest checkpoint go /dev/null --keep-running'
    [ "$status" -eq 2 ] || die "$status $output"
    dom0 '[ -c /dev/null ] && xenbench exec go -- true'
}

@test "a monitor started to survive a hangup does" {
    dom0 'xenbench guest stop go; env --ignore-signal=HUP xenbench guest start go
        pid=$(pgrep -f "[d]omain-helper start go") && kill -HUP $pid && sleep 1 && kill -0 $pid' >/dev/null
}
