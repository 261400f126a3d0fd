#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench push` and `xenbench pull` with real agents behind unix sockets.
load helper

setup() {
    start_agent one
    cd "$BATS_TEST_TMPDIR" || return
    mkdir there
    head -c 2000001 /dev/urandom >file
    chmod 751 file
}

@test "push: content and mode, under a name or into a directory, to several guests" {
    start_agent two
    "$XENBENCH" push "$(guest one),$(guest two)" file "$PWD/there/renamed"
    "$XENBENCH" push "$(guest one)" file "$PWD/there/"
    for copy in there/renamed there/file; do
        cmp file "$copy"
        [ "$(stat -c %a "$copy")" = 751 ]
    done
}

@test "pull: content and mode, under a name or into a directory" {
    "$XENBENCH" pull "$(guest one)" "$PWD/file" there/renamed
    "$XENBENCH" pull "$(guest one)" "$PWD/file" there
    for copy in there/renamed there/file; do
        cmp file "$copy"
        [ "$(stat -c %a "$copy")" = 751 ]
    done
}

@test "push and pull: an empty file" {
    : >empty
    "$XENBENCH" push "$(guest one)" empty "$PWD/there/empty"
    "$XENBENCH" pull "$(guest one)" "$PWD/there/empty" there/back
    [ -f there/back ] && [ ! -s there/back ]
}

@test "push: impossible copies are refused with the reason" {
    run "$XENBENCH" push "$(guest one)" nosuch /tmp/x
    [ "$status" -eq 2 ]
    [[ $output == *nosuch*"No such file"* ]]
    run "$XENBENCH" push "$(guest one)" there /tmp/x
    [ "$status" -eq 2 ]
    run "$XENBENCH" push "$(guest one)" file /no/such/folder/file
    [ "$status" -eq 1 ]
    [[ $output == *"/no/such/folder"* ]]
    run "$XENBENCH" push "$(guest one)" file relative
    [ "$status" -eq 1 ]
}

@test "pull: a limit on the size; a failure leaves nothing" {
    run "$XENBENCH" pull --max-bytes 1M "$(guest one)" "$PWD/file" there/file
    [ "$status" -eq 1 ]
    [[ $output == *"--max-bytes"* ]]
    run "$XENBENCH" pull "$(guest one)" /no/such/file there/file
    [ "$status" -eq 1 ]
    [[ $output == *"/no/such/file"* ]]
    run "$XENBENCH" pull "$(guest one)" /dev/zero there/file
    [ "$status" -eq 1 ]
    [ -z "$(ls -A there)" ]
}

@test "pull: files of /proc and /sys as they are read, whatever size they claim" {
    "$XENBENCH" pull "$(guest one)" /proc/version there
    cmp /proc/version there/version
    "$XENBENCH" pull "$(guest one)" /proc/self/status there
    grep -q '^Name:.*xenbench-agent' there/status
    [ "$(stat -c %s /sys/kernel/mm/transparent_hugepage/enabled)" = 4096 ]
    "$XENBENCH" pull "$(guest one)" /sys/kernel/mm/transparent_hugepage/enabled there
    cmp /sys/kernel/mm/transparent_hugepage/enabled there/enabled
    run "$XENBENCH" pull --max-bytes 10 "$(guest one)" /proc/version there/too-long
    [ "$status" -eq 1 ]
    [[ $output == *"or more, the limit is 10"*"--max-bytes"* ]]
    [ ! -e there/too-long ]
}

@test "pull: a growing log is copied as long as it was at the start" {
    seq 200000 >growing.log
    (while echo more of it; do :; done) >>growing.log 3>&- &
    also_stop "$!"
    "$XENBENCH" pull "$(guest one)" "$PWD/growing.log" there
    [ "$(head -n 200000 there/growing.log)" = "$(seq 200000)" ]
    cmp -n "$(stat -c %s there/growing.log)" growing.log there/growing.log
}

@test "pull: anything but a file is refused by its kind, without being opened" {
    mkfifo fifo
    run timeout 10 "$XENBENCH" pull "$(guest one)" "$PWD/fifo" there
    [ "$status" -eq 1 ]
    [[ $output == *"$PWD/fifo, which is a named pipe: only regular files"* ]]
    run "$XENBENCH" pull "$(guest one)" /dev/zero there
    [[ $output == *"/dev/zero, which is a device"* ]]
    run "$XENBENCH" pull "$(guest one)" "$PWD/there" there
    [[ $output == *"which is a directory"* ]]
    run timeout 10 "$XENBENCH" push "$(guest one)" file "$PWD/fifo"
    [[ $output == *"write $PWD/fifo, which is a named pipe"* ]]
}

@test "pull: an old file stays until the new one is complete" {
    echo old >there/file
    run "$XENBENCH" pull --max-bytes 1M "$(guest one)" "$PWD/file" there/file
    [ "$(cat there/file)" = old ]
    "$XENBENCH" pull "$(guest one)" "$PWD/file" there/file
    cmp file there/file
}

@test "push: progress is shown only on a terminal" {
    run "$XENBENCH" push "$(guest one)" file "$PWD/there/file"
    [ -z "$output" ]
    run in_terminal "'$XENBENCH' push '$(guest one)' file '$PWD/there/file'"
    [[ $output == *"%"* ]]
}

@test "push: several guests at the same time; a failing one does not stop the others" {
    start_agent two
    start_agent three
    # One guest accepts the connection and stays silent. The others must get their file before that
    # guest times out.
    socat -u UNIX-LISTEN:"$BATS_TEST_TMPDIR/silent",fork /dev/null 3>&- 4>&- &
    also_stop "$!"
    wait_for test -S "$BATS_TEST_TMPDIR/silent"
    "$XENBENCH" push --connect-timeout 60 "$(guest silent),$(guest one),$(guest two),$(guest three)" file \
        "$PWD/there/" 3>&- 4>&- 2>said &
    pusher=$!
    also_stop "$pusher"
    wait_for cmp file there/file
    kill -0 "$pusher"
    kill "$pusher"
    wait "$pusher" || true
    rm there/file
    run "$XENBENCH" push --connect-timeout 3 "$(guest one),$(guest nobody),$(guest two)" file "$PWD/there/"
    [ "$status" -ne 0 ]
    [[ $output == *nobody* ]]
    cmp file there/file
    run "$XENBENCH" push "$(guest one),$(guest two)" file /no/such/folder/file
    [ "$status" -eq 1 ]
    [ "$(grep -c /no/such/folder <<<"$output")" -eq 2 ]
}

@test "push and pull: usage errors have status 2" {
    run "$XENBENCH" push "$(guest one)" file
    [ "$status" -eq 2 ]
    run "$XENBENCH" pull "$(guest one)"
    [ "$status" -eq 2 ]
    run "$XENBENCH" pull --max-bytes lots "$(guest one)" a b
    [ "$status" -eq 2 ]
}
