#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench exec` used like ssh: streaming input, signals, terminals.
bats_require_minimum_version 1.5.0
load helper

setup() {
    start_agent one
}

teardown() {
    stop_agents
}

@test "exec: no byte of input is lost or sent twice, wherever the connection breaks" {
    local n hold
    head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/in"
    for n in 1 2 5 9; do # INPUT is type 25
        rm -f "$BATS_TEST_TMPDIR/between"
        [ "$n" -ne 5 ] || hold=hold
        cut_wire one 25 "$n" ${hold:+hold}
        "$XENBENCH" exec --stdin "$BATS_TEST_TMPDIR/in" "$(guest between)" -- cat >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
        cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
    done
    [ "$(grep -c cut "$BATS_TEST_TMPDIR/cuts")" -eq 4 ]
}

@test "exec: an agent of protocol 1.1 gets what it supports, and for the rest an error with advice" {
    # HELLO with major 1 and minor 1.
    printf '\4\0\0\0\1\0\0\0\0\0\0\0\10\1\20\1' >"$BATS_TEST_TMPDIR/hello"
    socat UNIX-LISTEN:"$BATS_TEST_TMPDIR/old",fork SYSTEM:"cat '$BATS_TEST_TMPDIR/hello'; sleep 2" 2>/dev/null 3>&- 4>&- &
    also_stop "$!"
    wait_for test -S "$BATS_TEST_TMPDIR/old"
    run "$XENBENCH" exec -i "$(guest old)" -- cat </dev/null
    [ "$status" -eq 3 ]
    [[ $output == *"protocol 1.1, and -i, --stdin and -t need 1.2: update the agent, or"* ]]
    run "$XENBENCH" exec "$(guest old)" -- echo "$(head -c 70000 /dev/zero | tr '\0' x)"
    [ "$status" -eq 2 ]
    [[ $output == *"accepts 65536: update the agent, or push a script and run that"* ]]
}

@test "exec: much stdin passes unchanged, to several guests at once" {
    start_agent two
    head -c 5000000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
    sum=$(sha256sum <"$BATS_TEST_TMPDIR/bytes")
    # shellcheck disable=SC2002 # a pipe is what is tested
    run bash -c "cat '$BATS_TEST_TMPDIR/bytes' | '$XENBENCH' exec -i '$(guest one),$(guest two)' --no-prefix -- sha256sum"
    [ "$output" = "$sum
$sum" ]
    # A guest that does not read all of its input does not delay another.
    run bash -c "'$XENBENCH' exec -i '$(guest one),$(guest two)' -- sh -c 'mkdir \"$BATS_TEST_TMPDIR/first\" && exit; sha256sum' \
        <'$BATS_TEST_TMPDIR/bytes'"
    [ "$status" -eq 0 ]
    [[ $output == *"$sum" ]]
}

@test "exec: input is sent as it is typed, and endless input blocks nothing" {
    run timeout 20 bash -c "yes | '$XENBENCH' exec -i '$(guest one)' -- head -n 1"
    [ "$status" -eq 0 ]
    [ "$output" = y ]
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    (exec 5>"$BATS_TEST_TMPDIR/fifo"; echo first >&5; wait_for test -s "$BATS_TEST_TMPDIR/out"; echo second >&5
        wait_for grep -q second "$BATS_TEST_TMPDIR/out"; sleep 60) 3>&- &
    also_stop "$!"
    run timeout 20 "$XENBENCH" exec -i "$(guest one)" -- sh -c "for i in 1 2; do
        read -r line; echo \$line >>'$BATS_TEST_TMPDIR/out'; done" <"$BATS_TEST_TMPDIR/fifo"
    [ "$status" -eq 0 ]
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = "first
second" ]
}

@test "exec: a command may close its stdin and go on; the sender is told" {
    run timeout 20 bash -c "yes | '$XENBENCH' exec -i '$(guest one)' -- sh -c 'exec <&-; sleep 0.5; echo went on'; echo \"\${PIPESTATUS[*]}\""
    [ "$output" = "went on
141 0" ]
}

@test "exec: stdin continues where it was after a lost connection" {
    socat UNIX-LISTEN:"$BATS_TEST_TMPDIR/relay",fork UNIX-CONNECT:"$BATS_TEST_TMPDIR/one" 3>&- &
    local relay=$!
    also_stop "$relay"
    wait_for test -S "$BATS_TEST_TMPDIR/relay"
    seq 300000 >"$BATS_TEST_TMPDIR/in"
    (head -c 1000000 "$BATS_TEST_TMPDIR/in"; wait_for test -e "$BATS_TEST_TMPDIR/cut"; tail -c +1000001 "$BATS_TEST_TMPDIR/in") 3>&- |
        "$XENBENCH" exec -i "$(guest relay)" -- sh -c "cat >'$BATS_TEST_TMPDIR/out'" 3>&- 2>"$BATS_TEST_TMPDIR/err" &
    local controller=$!
    wait_for test -s "$BATS_TEST_TMPDIR/out"
    pkill -P "$relay"
    touch "$BATS_TEST_TMPDIR/cut"
    wait "$controller"
    grep -q "waiting for it to come back" "$BATS_TEST_TMPDIR/err"
    cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
}

# A process has taken all signals sent to it: of two equal ones that wait, one is lost.
took_signals() {
    grep -q '^ShdPnd:[[:space:]]*0*$' "/proc/$1/status"
}

has_lines() {
    [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

# signalled SIGNALS FILE ARGUMENT...: runs exec as a job that heeds signals (a shell's background jobs
# ignore SIGINT, those of nohup SIGHUP), and sends it SIGNALS once FILE has a line of each of its `guests` (1).
signalled() {
    local signals=$1 file=$2 controller
    shift 2
    env --default-signal=HUP,INT,QUIT "$XENBENCH" exec "$@" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    controller=$!
    wait_for has_lines "$file" "${guests:-1}"
    for signal in $signals; do
        wait_for took_signals "$controller"
        kill "-$signal" "$controller"
    done
    signalled_status=0
    wait "$controller" || signalled_status=$?
}

@test "exec: signals are passed on unchanged, to all guests" {
    start_agent two
    local file=$BATS_TEST_TMPDIR/pid signal
    for signal in INT TERM HUP QUIT; do
        rm -f "$file"
        signalled "$signal" "$file" "$(guest one)" -- sh -c "trap 'echo summary; exit 5' $signal
            echo \$\$ >'$file'; while :; do sleep 0.05; done"
        [ "$signalled_status" -eq 5 ]
        grep -qx summary "$BATS_TEST_TMPDIR/said"
    done
    rm -f "$file"
    signalled TERM "$file" "$(guest one)" -- sh -c "echo \$\$ >'$file'; sleep 300"
    [ "$signalled_status" -eq 143 ]
    run ! kill -0 "$(cat "$file")"
    rm -f "$file"
    guests=2 signalled INT "$file" "$(guest one),$(guest two)" --no-prefix -- sh -c "trap 'echo summary; exit 0' INT
        echo \$\$ >>'$file'; while :; do sleep 0.05; done"
    [ "$signalled_status" -eq 0 ]
    [ "$(grep -cx summary "$BATS_TEST_TMPDIR/said")" -eq 2 ]
}

@test "exec: a second signal kills a command that ignores the first, and its children" {
    local file=$BATS_TEST_TMPDIR/pid
    signalled "INT INT" "$file" "$(guest one)" -- sh -c "trap '' INT; setsid sleep 301 & echo \$! >'$file'; while :; do sleep 0.1; done"
    [ "$signalled_status" -eq 130 ]
    run ! kill -0 "$(cat "$file")"
}

@test "exec: a signal is passed on while nobody reads the output, and no output is lost" {
    mkfifo "$BATS_TEST_TMPDIR/slow"
    local status=0
    (exec 5<"$BATS_TEST_TMPDIR/slow"; wait_for test -e "$BATS_TEST_TMPDIR/trapped"; cat <&5 >"$BATS_TEST_TMPDIR/out") 3>&- &
    local reader=$!
    "$XENBENCH" exec "$(guest one)" -- sh -c "trap 'touch $BATS_TEST_TMPDIR/trapped; t=1' TERM; head -c 500000 /dev/zero & p=\$!
        echo >'$BATS_TEST_TMPDIR/ready'; while ! [ \$t ]; do sleep 0.05; done; wait \$p; echo summary" >"$BATS_TEST_TMPDIR/slow" 3>&- &
    local controller=$!
    wait_for test -e "$BATS_TEST_TMPDIR/ready"
    sleep 0.5
    kill -TERM "$controller"
    wait "$controller" || status=$?
    wait "$reader"
    [ "$status" -eq 0 ]
    [ "$(tail -c 8 "$BATS_TEST_TMPDIR/out")" = summary ]
}

@test "exec: the time that the reader of the output takes is not the command's" {
    mkfifo "$BATS_TEST_TMPDIR/slow"
    local status=0
    (exec 5<"$BATS_TEST_TMPDIR/slow"; sleep 32; cat <&5 >"$BATS_TEST_TMPDIR/out") 3>&- & # 30 s more than the time-out
    local reader=$!
    "$XENBENCH" exec --timeout 1 "$(guest one)" -- head -c 180000 /dev/zero >"$BATS_TEST_TMPDIR/slow" || status=$?
    wait "$reader"
    [ "$status" -eq 0 ]
    [ "$(stat -c %s "$BATS_TEST_TMPDIR/out")" -eq 180000 ]
}

@test "exec -t: a terminal in the guest with our size and type" {
    run bash -c "echo 'tty; stty size; echo \"\$TERM\"' | TERM=vt100 '$XENBENCH' exec -t '$(guest one)' -- sh"
    [ "$status" -eq 0 ]
    [[ $output == */dev/pts/*"24 80"*vt100* ]]
    run in_terminal "stty rows 33 cols 77; '$XENBENCH' exec -t '$(guest one)' -- stty size"
    [[ $output == *"33 77"* ]]
    run "$XENBENCH" exec -t "$(guest one),$(guest two)" -- true
    [ "$status" -eq 2 ]
    [[ $output == *"-t is for one guest"* ]]
    if [ "$(id -u)" -eq 0 ]; then
        run bash -c "'$XENBENCH' exec -t --user nobody '$(guest one)' -- sh -c 'echo works >/dev/tty' </dev/null"
        [[ $output == *works* ]]
    fi
}

# Start exec in a terminal: what is written to descriptor 6 is typed, the file `shown` collects the
# screen, and the file `term` has the terminal's name. At the end the terminal must be in line mode again.
type_at() {
    cd "$BATS_TEST_TMPDIR" || return
    mkfifo keys
    script --quiet --return --flush --command "tty >term; '$XENBENCH' exec -t $*; status=\$?; stty -a | grep -o ' icanon'
        exit \$status" /dev/null <keys >shown 2>&1 3>&- &
    terminal=$!
    also_stop "$terminal"
    exec 6>keys
    wait_for grep -q ready shown
}

@test "exec -t: keys and changes of size reach the guest's terminal, and ours is restored" {
    local status=0
    # shellcheck disable=SC2016 # for the guest's shell
    type_at "'$(guest one)'" -- sh -c '"trap \"stty size\" WINCH; trap \"echo interrupted; exit 3\" INT
        echo ready; while :; do sleep 0.05; done"'
    stty -F "$(cat term)" rows 41 cols 101
    wait_for grep -q "41 101" shown
    stty -F "$(cat term)" | grep -q -- -icanon
    printf '\003' >&6
    wait "$terminal" || status=$?
    exec 6>&-
    [ "$status" -eq 3 ]
    grep -q interrupted shown
    grep -q icanon shown
}

@test "exec -t: Enter ~ . leaves, and kills the command" {
    local status=0
    type_at "'$(guest one)'" -- sh -c "'echo ready; exec sleep 302'"
    printf '\r~.' >&6
    wait "$terminal" || status=$?
    exec 6>&-
    [ "$status" -eq 137 ]
    grep -q icanon shown
    run "$XENBENCH" exec "$(guest one)" -- pgrep -fx 'sleep 302'
    [ "$status" -eq 1 ]
}

@test "exec -t: the terminal is restored when a second signal kills" {
    local status=0
    type_at "'$(guest one)'" -- sh -c '"trap : TERM; echo ready; while :; do sleep 0.05; done"'
    local controller
    controller=$(pgrep -f "^$XENBENCH exec -t")
    kill -TERM "$controller"
    wait_for took_signals "$controller"
    kill -TERM "$controller"
    wait "$terminal" || status=$?
    exec 6>&-
    [ "$status" -eq 143 ]
    grep -q icanon shown
}


@test "exec: a guest that closed its stdin is trusted when its connection returns after the others went on" {
    start_agent two
    for guest in one two; do
        socat UNIX-LISTEN:"$BATS_TEST_TMPDIR/to-$guest",fork UNIX-CONNECT:"$BATS_TEST_TMPDIR/$guest" 2>/dev/null 3>&- 4>&- &
        also_stop "$!"
        wait_for test -S "$BATS_TEST_TMPDIR/to-$guest"
    done
    head -c 2000000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    "$XENBENCH" exec -i --no-prefix "$(guest to-one),$(guest to-two)" -- sh -c "if mkdir '$BATS_TEST_TMPDIR/first'; then exec <&-
            until test -e '$BATS_TEST_TMPDIR/end'; do sleep 0.1; done
        else sha256sum; fi" <"$BATS_TEST_TMPDIR/fifo" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- 4>&- &
    local exec_pid=$!
    exec 5>"$BATS_TEST_TMPDIR/fifo"
    cat "$BATS_TEST_TMPDIR/bytes" >&5 # when this ends, all but the last window has been accepted
    for pid in "${agent_pids[@]:2:2}"; do
        pkill -P "$pid"
    done
    wait_for grep -q "waiting for it to come back" "$BATS_TEST_TMPDIR/err"
    touch "$BATS_TEST_TMPDIR/end"
    exec 5>&-
    wait "$exec_pid" || (cat "$BATS_TEST_TMPDIR/err"; false)
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = "$(sha256sum <"$BATS_TEST_TMPDIR/bytes")" ]
}
