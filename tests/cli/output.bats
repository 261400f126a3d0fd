#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Where output goes: files, links, devices, pipes and `-`. Every command reports output that it cannot
# write.
bats_require_minimum_version 1.5.0
load helper

setup() {
    export XENBENCH_STATE=$BATS_TEST_TMPDIR/state XENBENCH_RUN=$BATS_TEST_TMPDIR/run
    export XENBENCH_SHARE=$BATS_TEST_TMPDIR/share
    cd "$BATS_TEST_TMPDIR" || return
    cp -r "$BATS_TEST_DIRNAME/../../images/workloads" . && mkdir share && mv workloads share/
}

teardown() {
    stop_agents
}

a_run() {
    start_agent one
    an_experiment
    "$XENBENCH" run --quiet e.yaml
}

an_experiment() {
    cat >e.yaml <<END
name: brief
workload: {name: nothing, command: "true"}
guests: {one: {socket: $BATS_TEST_TMPDIR/one}}
repetitions: 2
max_release_error: 1s
END
}

a_file() {
    start_agent one
    head -c 300000 /dev/urandom >file
}

# to_all WRITTEN COMMAND...: makes the command, to which the target is appended, write to every kind of
# target; each target must then contain WRITTEN.
to_all() {
    local written=$1
    shift
    # A device stays a device. (The test makes its own node, so that a failure does not damage the
    # machine's.)
    mknod null c 1 3 2>/dev/null || ln -s /dev/null null
    "$@" null
    [ -c null ]
    # A link stays, and the file behind it is replaced.
    mkdir -p behind
    ln -s behind/link link
    ln -s real behind/link
    echo old >behind/real
    chmod 640 behind/real
    "$@" link
    [ -L link ] && [ -L behind/link ]
    cmp behind/real "$written"
    # A dangling link is refused, as by cp.
    rm behind/real
    run "$@" link
    [ "$status" -eq 2 ]
    [[ $output == *"cannot write link: it is a link to a file that does not exist"* ]]
    [ -L behind/link ] && [ ! -e behind/real ]
    # A pipe whose reader comes later.
    mkfifo pipe
    "$@" pipe 3>&- &
    sleep 0.1
    cat pipe >got
    wait "$!"
    cmp got "$written"
    [ -p pipe ]
    # The names for stdout.
    "$@" - >got
    cmp got "$written"
    "$@" - | cat >got
    cmp got "$written"
    echo before >got
    "$@" /dev/stdout >>got
    { echo before; cat "$written"; } | cmp - got
    "$@" /dev/fd/5 5>got
    cmp got "$written"
    # A full disk.
    run "$@" /dev/full
    [ "$status" -eq 3 ]
    [[ $output == *"/dev/full"*"No space left on device"* ]]
    run "$@" "$PWD"/nowhere/file
    [ "$status" -eq 2 ]
    [ -c /dev/full ]
}

@test "pull: to devices, pipes, links and stdout" {
    a_file
    to_all file "$XENBENCH" pull "$(guest one)" "$PWD/file"
    run ! ls -d ./*.xenbench-new .null* .link*
}

@test "pull: not to a terminal, nor over a block device" {
    a_file
    run in_terminal "$XENBENCH" pull "$(guest one)" "$PWD/file" -
    [[ $output == *"not for a terminal"* ]]
    mknod disk b 7 250 2>/dev/null || skip "no device can be made here"
    run "$XENBENCH" pull "$(guest one)" "$PWD/file" disk
    [ "$status" -eq 2 ]
    [[ $output == *"block device"* ]]
    [ -b disk ]
}

@test "pull: not into one of its own descriptors, a socket, or a link to itself" {
    a_file
    for n in 3 4 5; do # descriptors that xenbench opens; bats' 3 and 4 are not inherited
        run timeout 20 "$XENBENCH" pull "$(guest one)" "$PWD/file" "/dev/fd/$n" 3>&- 4>&-
        [ "$status" -eq 3 ]
        [[ $output == *"cannot write /dev/fd/$n: Bad file descriptor"* ]]
    done
    run "$XENBENCH" pull "$(guest one)" "$PWD/file" one
    [ "$status" -eq 2 ]
    [[ $output == *"cannot write one: it is a socket"* ]]
    ln -s loop loop
    run "$XENBENCH" pull "$(guest one)" "$PWD/file" loop
    [ "$status" -eq 2 ]
    [[ $output == *"cannot write loop: Too many levels of symbolic links"* ]]
}

@test "pull: Ctrl-C ends the wait for a reader that is missing or has stopped reading" {
    a_file
    local ended sleeper
    mkfifo pipe
    env --default-signal=INT "$XENBENCH" pull "$(guest one)" "$PWD/file" pipe 2>said 3>&- &
    sleep 0.3
    kill -INT "$!"
    ended=0
    wait "$!" || ended=$?
    [ "$ended" -ne 0 ]
    sleep 60 <>pipe 3>&- &
    sleeper=$!
    env --default-signal=INT "$XENBENCH" pull "$(guest one)" "$PWD/file" pipe 2>said 3>&- &
    sleep 0.3
    kill -INT "$!"
    ended=0
    wait "$!" || ended=$?
    kill "$sleeper"
    [ "$ended" -ne 0 ]
}

@test "a replaced file keeps its owner and mode" {
    a_run >/dev/null
    echo old >report.md
    chmod 640 report.md
    "$XENBENCH" report --format md --output report.md
    grep -q '^# brief' report.md
    [ "$(stat -c %a report.md)" = 640 ]
}

@test "report and runs export: to devices, pipes, links and stdout" {
    a_run >/dev/null
    "$XENBENCH" report --format html --output whole.html
    to_all whole.html "$XENBENCH" report --format html --output
    rm -rf null link behind pipe
    # An export makes a new file, or goes to a target where it replaces no file.
    local kind
    for kind in json sqlite; do
        "$XENBENCH" runs export --all --format "$kind" --output "whole.$kind"
        "$XENBENCH" runs export --all --format "$kind" --output - >got
        [ "$(stat -c %s got)" = "$(stat -c %s "whole.$kind")" ]
        "$XENBENCH" runs export --all --format "$kind" --output /dev/null
        ln -sf "whole.$kind" link
        run "$XENBENCH" runs export --all --format "$kind" --output link
        [ "$status" -eq 2 ]
        [[ $output == *"link exists already"* ]]
        run "$XENBENCH" runs export --all --format "$kind" --output /dev/full
        [ "$status" -eq 3 ]
    done
    [ -c /dev/null ]
}

@test "run --report-dir: its links stay, and a full disk is reported once all else is done" {
    mkdir out elsewhere
    echo old >elsewhere/report.md
    ln -s ../elsewhere/report.md out/report.md
    ln -s /dev/full out/results.json
    start_agent one
    an_experiment
    run "$XENBENCH" run --quiet e.yaml --report-dir out
    [ "$status" -eq 3 ]
    [[ $output == *brief*"out/results.json"*"No space left"* ]]
    [ -L out/report.md ]
    grep -q '^# brief' elsewhere/report.md
    [ "$("$XENBENCH" runs list --json | jq -r '.[0].state')" = finished ]
}

@test "run: a reader that leaves, or a full disk, costs no measurement" {
    a_run >/dev/null
    sed -i 's/^name: .*/name: unread/' e.yaml
    { "$XENBENCH" run e.yaml 2>&1 || echo "$?" >ended; } | true
    [ "$(cat ended)" -eq 3 ]
    sed -i 's/^name: .*/name: full/' e.yaml
    run --separate-stderr bash -c "'$XENBENCH' run --quiet --report-dir out e.yaml >/dev/full"
    [ "$status" -eq 3 ]
    # shellcheck disable=SC2154 # bats sets it
    [ "$stderr" = "xenbench: cannot write the report: No space left on device" ]
    grep -q '^# full' out/report.md
    "$XENBENCH" runs list --json | jq -e 'map(select(.state == "finished" and .done == 2)) | length == 3'
}

# arguments_of COMMAND: prints arguments, separated by |, with which the command or verb prints without
# Xen; "-" if it prints nothing, or only with Xen.
arguments_of() {
    case $1 in
        doctor) echo "" "|--json" ;;
        "image list" | "workload list") echo "|--json" ;;
        "workload show") echo "spin" ;;
        "workload new") echo - ;; # prints nothing
        "workload check") # the template of `workload new` runs `sleep`
            "$XENBENCH" workload new printed >&2 && echo "--quiet --repetitions 1 printed --guest $(guest one)|--json --quiet --repetitions 1 printed --guest $(guest one)" ;;
        exec) echo "$(guest one) -- echo hello|$(guest one) -- seq 20000|--json $(guest one) -- echo hello" ;;
        plan) echo "e.yaml|--json e.yaml" ;;
        init) echo "--host $BATS_TEST_DIRNAME/host.json -" ;;
        run) echo "--print --image micro --guests 2 -- true|--quiet e.yaml" ;;
        watch) echo "--once" ;;
        history) echo "|--format json|--format html" ;;
        report) "$XENBENCH" --complete report --format '' | cut -f 1 | sed '/github-bigger/d; s/.*/--format &|/' | tr -d '\n' && echo "--output -" ;;
        # By then `run` has made a second run.
        compare) for word in "" "--format json"; do printf '%s|' "$word $("$XENBENCH" runs list --json | jq -r 'map(.run)[0:2] | join(" ")')"; done | sed 's/|$//' ;;
        "runs list") echo "|--json" ;;
        "runs show") echo "|--json" ;;
        "runs export") echo "--all|--all --format json|--all --format sqlite --output -" ;;
        trace) echo "--khz 2000000 $BATS_TEST_DIRNAME/../data/dom0.xentrace|--khz 2000000 --format json $BATS_TEST_DIRNAME/../data/dom0.xentrace|--khz 2000000 --format trace-events $BATS_TEST_DIRNAME/../data/dom0.xentrace" ;;
        pull) echo "$(guest one) /etc/passwd -" ;;
        clean) echo "--dry-run" ;;
        "image build" | "image export" | "image import" | "image remove" | push) echo - ;; # print nothing
        "runs delete" | "runs import") echo - ;;
        "fleet submit") echo "--shards 2 --print e.yaml" ;;
        "fleet report") echo - ;; # tests/cli/fleet.bats
        "fleet status" | "fleet collect") echo - ;; # of a folder that Slurm's tasks fill: tests/fleet
        "guest "* | "host "* | lifecycle | selftest) echo - ;; # tests/lab/75-output.bats
        *) return 1 ;;
    esac
}

# rows [COMMAND]: prints the commands or verbs that the help lists.
rows() {
    "$XENBENCH" "$@" --help </dev/null | sed -n 's/^  \([a-z]\{3,\}\)  *[^ ].*/\1/p'
}

# is_told COMMAND...: the command reports output that it cannot write: to a full disk, and to a pipe without reader.
is_told() {
    local ended=0
    "$@" >/dev/full 2>said || ended=$?
    [ "$ended" -eq 3 ] || { echo "$*: $ended"; return 1; }
    grep -q 'No space left on device' said || { echo "$*: $(cat said)"; return 1; }
}

@test "every command reports an unwritable output, with status 3" {
    a_run >/dev/null
    local command verb arguments each all=()
    is_told "$XENBENCH" --version
    is_told "$XENBENCH" --help
    for command in $(rows); do
        is_told "$XENBENCH" "$command" --help
        verb=$("$XENBENCH" "$command" --help | sed -n 's/^Usage: xenbench [a-z]* VERB.*/verbs/p')
        if [ -n "$verb" ]; then
            for verb in $(rows "$command"); do
                all+=("$command $verb")
                is_told "$XENBENCH" "$command" "$verb" --help
            done
        else
            all+=("$command")
        fi
    done
    [ "${#all[@]}" -gt 25 ]
    for command in "${all[@]}"; do
        arguments=$(arguments_of "$command") || { echo "what makes \`$command\` print?"; return 1; }
        [ "$arguments" != - ] || continue
        while IFS= read -r -d '|' each; do
            # shellcheck disable=SC2086
            is_told "$XENBENCH" $command $each
        done <<<"$arguments|"
    done
}

@test "a closed pipe and a closed stdout are reported like a full disk" {
    a_run >/dev/null
    { sleep 0.2; "$XENBENCH" report --format html 2>said || echo "$?" >ended; } | true
    [ "$(cat ended)" -eq 3 ]
    grep -q 'Broken pipe' said
    run --separate-stderr bash -c "'$XENBENCH' workload list >&-"
    [ "$status" -eq 3 ]
    [[ $stderr == *"Bad file descriptor"* ]]
}
