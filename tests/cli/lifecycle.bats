#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The commands for checkpoints, for guests' states and for lifecycles, as far as they work without Xen.

load helper

setup() {
    own_state
    mkdir -p "$XENBENCH_STATE"
}

xenbench() {
    "$XENBENCH" "$@"
}

@test "the verbs are listed, except save, another name of checkpoint" {
    run xenbench guest --help
    [ "$status" -eq 0 ]
    for verb in checkpoint restore pause unpause reboot migrate; do
        [[ $output == *"  $verb "* ]]
    done
    run xenbench guest save --help
    [ "$status" -eq 0 ]
    [[ $output == *--keep-running* ]]
}

@test "a missing guest name is an error" {
    for verb in checkpoint save restore pause unpause reboot migrate stop; do
        run xenbench guest "$verb"
        [ "$status" -eq 2 ]
        [[ $output == *"which guests?"* ]]
    done
    run xenbench lifecycle
    [ "$status" -eq 2 ]
    [[ $output == *"which guests?"* ]]
}

@test "levels, threads and counts have limits, which the errors name" {
    local args
    for args in '--zstd 20' '--zstd -8' '--zstd x' '--threads 0' '--threads 17' '--parallel=0'; do
        # shellcheck disable=SC2086
        run xenbench guest checkpoint web $args
        [ "$status" -eq 2 ]
        [[ $output == *"is not a number from"* ]]
    done
    for args in '--repeat 0' '--repeat x' '--zstd 99' '--timeout 0' '--phases sleep' '--phases ,'; do
        # shellcheck disable=SC2086
        run xenbench lifecycle web $args
        [ "$status" -eq 2 ]
    done
    run xenbench lifecycle web --phases boot,sleep
    [[ $output == *'no phase `sleep`'* ]]
    [[ $output == *"boot, pause"* ]]
}

@test "comparing levels of zstd is for one guest, and measures no phases" {
    local args
    for args in '--json x' '--phases boot' '--parallel'; do
        # shellcheck disable=SC2086
        run xenbench lifecycle web --zstd-levels $args
        [ "$status" -eq 2 ]
        [[ $output == *"--zstd-levels measures no phases"* ]]
    done
    run xenbench lifecycle web1,web2 --zstd-levels
    [ "$status" -eq 2 ]
    [[ $output == *"of one guest, not of 2"* ]]
}

@test "a destination is given once, all for all guests or one each" {
    run xenbench guest checkpoint web ./web.checkpoint --dir /tmp
    [ "$status" -eq 2 ]
    [[ $output == *"both say where"* ]]
    run xenbench guest checkpoint --all web
    [ "$status" -eq 2 ]
    run xenbench guest stop --all web
    [ "$status" -eq 2 ]
    # Two guests' memory does not fit into one file.
    run xenbench guest checkpoint web1,web2 "$BATS_TEST_TMPDIR/one.checkpoint"
    [ "$status" -eq 2 ]
    [[ $output == *"one.checkpoint is one file for 2 guests: --dir DIR writes a file for each"* ]]
}

@test "without Xen the host fails, and nothing is left" {
    [ ! -e /dev/xen/privcmd ] || skip "this is a Dom0"
    for args in 'guest checkpoint web' 'guest restore web' 'guest pause web' 'guest migrate web' 'lifecycle web --quiet'; do
        # shellcheck disable=SC2086
        run xenbench $args
        [ "$status" -eq 3 ]
        [[ $output == *"cannot talk to Xen"* ]]
    done
    run find "$XENBENCH_STATE" -type f
    [ -z "$output" ]
}

@test "the service's script prints its usage" {
    run "$BATS_TEST_DIRNAME/../../dom0/guest/xenbench-guests"
    [ "$status" -eq 2 ]
    [[ $output == *"start|stop"* ]]
}

@test "the service's script stops the guests although its file has a wrong time-out" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    cat >"$BATS_TEST_TMPDIR/bin/xenbench" <<'END'
#!/bin/sh
echo "called: $*"
[ "$6" = 60 ] || exit 2
END
    chmod +x "$BATS_TEST_TMPDIR/bin/xenbench"
    echo 'STOP_TIMEOUT=soon' >"$BATS_TEST_TMPDIR/defaults"
    run env PATH="$BATS_TEST_TMPDIR/bin:$PATH" XENBENCH_GUESTS_DEFAULTS="$BATS_TEST_TMPDIR/defaults" \
        "$BATS_TEST_DIRNAME/../../dom0/guest/xenbench-guests" stop
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"called: guest stop --all --destroy --timeout soon"*"STOP_TIMEOUT=soon in "*" is no time"*"--timeout 60"* ]]
}

@test "clean removes a killed lifecycle's files, by its record" {
    mkdir -p "$XENBENCH_STATE/under-way" "$XENBENCH_STATE/checkpoints"
    touch "$XENBENCH_STATE/checkpoints/.lifecycle-web.7" "$XENBENCH_STATE/checkpoints/mine"
    # The record is of an earlier boot, so there is no guest to stop and Xen is not asked.
    echo "{\"boot\": \"earlier\", \"guests\": [{\"name\": \"web\", \"uuid\": \"u\"}],
        \"files\": [\"$XENBENCH_STATE/checkpoints/.lifecycle-web.7\", \"$XENBENCH_STATE/checkpoints/.lifecycle-web.7.packed\"]}" \
        >"$XENBENCH_STATE/under-way/lifecycle-7-700.json"
    run xenbench clean --dry-run
    [ "$status" -eq 0 ]
    [ "$output" = "would: remove $XENBENCH_STATE/checkpoints/.lifecycle-web.7, left by a killed lifecycle" ]
    [ -e "$XENBENCH_STATE/checkpoints/.lifecycle-web.7" ]
    xenbench clean
    [ ! -e "$XENBENCH_STATE/checkpoints/.lifecycle-web.7" ]
    [ -e "$XENBENCH_STATE/checkpoints/mine" ]
    run xenbench clean
    [ "$output" = "nothing to clean" ]
}
