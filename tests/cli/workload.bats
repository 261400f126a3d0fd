#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench workload`, the catalogue's own programs, and the SPEC entries with a stand-in for SPEC's
# tools.
load helper

setup() {
    TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
    export XENBENCH_SHARE=$TOP/images XENBENCH_LIB=$BIN XENBENCH_STATE=$BATS_TEST_TMPDIR/state
    mkdir -p "$XENBENCH_STATE/workloads"
    cd "$BATS_TEST_TMPDIR" || return
}

@test "list: every entry of the catalogue, as a table and as JSON" {
    run --separate-stderr "$XENBENCH" workload list
    [ "$status" = 0 ]
    [ -z "$stderr" ]
    for name in 7z openssl spec2006 spec2017 spin sysbench-cpu sysbench-memory x264; do
        [[ $output == *$'\n'"$name "* ]]
    done
    "$XENBENCH" workload list --json | jq -e '.[] | select(.name == "x264") | .metric == "time" and .better == "less"'
}

@test "show: how a workload runs; --parts: what an image needs for it" {
    run "$XENBENCH" workload show x264
    [ "$status" = 0 ]
    [[ $output == *"command    x264 --threads 1"* ]]
    run "$XENBENCH" workload show --parts x264
    [ "${lines[0]}" = "package x264" ]
    [ "${lines[1]}" = "file $BIN/mkclip:/usr/lib/xenbench/mkclip" ]
    run "$XENBENCH" workload show spec2006:401.bzip2
    [[ $output == *BENCHMARK=401.bzip2* ]]
}

@test "the user's own entries come first, and a wrong one is reported with file and line" {
    printf 'name: spin\nsummary: mine\ncommand: [true]\n' >"$XENBENCH_STATE/workloads/spin.yaml"
    printf 'name: bad\nsummary: s\ncomand: [true]\n' >"$XENBENCH_STATE/workloads/bad.yaml"
    run "$XENBENCH" workload show spin
    [[ $output == *"summary    mine"* ]]
    run --separate-stderr "$XENBENCH" workload show bad
    [ "$status" = 2 ]
    [[ $stderr == *"/bad.yaml:3: no key \`comand\` here; did you mean \`command\`?"* ]]
    run --separate-stderr "$XENBENCH" workload list
    [ "$status" = 2 ]
    [[ $output == *$'\nspin '* && $stderr == *"left out"* ]]
}

@test "usage: errors are named, with status 2" {
    for arguments in "" "shout" "list all" "show" "show a b" "show nothing" "show x264:fast"; do
        # shellcheck disable=SC2086 # words are wanted
        run --separate-stderr "$XENBENCH" workload $arguments
        [ "$status" = 2 ]
        [ -n "$stderr" ]
    done
    run "$XENBENCH" workload --help
    [ "$status" = 0 ]
}

@test "mkclip: the same bytes everywhere, and another clip for another seed" {
    local frames
    frames=$(sed -n 's/.*mkclip --frames \([0-9]*\).*/\1/p' "$TOP/images/workloads/x264.yaml")
    "$BIN/mkclip" --frames "$frames" >clip.y4m
    grep -q "$(sha256sum <clip.y4m | cut -d' ' -f1)" "$TOP/images/workloads/x264.yaml"
    "$BIN/mkclip" --frames "$frames" --seed 2 >other.y4m
    run cmp -s other.y4m clip.y4m
    [ "$status" = 1 ]
    run "$BIN/mkclip" --frames many
    [ "$status" != 0 ]
    run bash -c "'$BIN/mkclip' >/dev/full"
    [ "$status" = 1 ]
}

@test "spin: a checksum that depends on the units alone, and roughly the time asked for" {
    run "$BIN/spin" --units 100
    [[ $output == "units=100 seconds="*" checksum=11fbf37e6ebc8b8a" ]]
    run "$BIN/spin" --seconds 0.2
    [[ $output =~ seconds=0\.[2-9] ]]
    for wrong in "" "--units 0" "--units x" "--seconds -1" "--units 1 --seconds 1"; do
        # shellcheck disable=SC2086
        run "$BIN/spin" $wrong
        [ "$status" != 0 ]
    done
}

# run_script WORKLOAD KEY: runs a script of a workload as the agent would.
run_script() {
    "$XENBENCH" workload show "$1" | sed -n "/^$2\$/,/^[a-z]/s/^    //p" >script
    SPEC=$PWD/spec CONFIG=default.cfg SIZE=test BENCHMARK=464.h264ref bash -c "$(sed "s,/run/xenbench,$PWD/run,g" script)"
}

@test "SPEC: without a copy, each missing part is named" {
    run run_script spec2006 requires
    [ "$status" = 1 ]
    [[ $output == "no SPEC CPU 2006 in $PWD/spec of this guest"* ]]
    mkdir -p spec/bin spec/config
    run run_script spec2006 requires
    [[ $output == *"has no bin/runspec" ]]
    touch spec/bin/runspec && chmod +x spec/bin/runspec
    run run_script spec2006 requires
    [[ $output == *"has no default.cfg" ]]
    touch spec/config/default.cfg
    run run_script spec2006 requires
    [ "$output" = "SPEC CPU 2006 has no benchmark 464.h264ref" ]
    mkdir -p spec/benchspec/CPU2006/464.h264ref/exe
    run run_script spec2006 requires
    [[ $output == "464.h264ref is not built"* ]]
    touch spec/benchspec/CPU2006/464.h264ref/exe/h264ref_base.x
    run run_script spec2006 requires
    [ "$status" = 0 ]
}

@test "SPEC: the newest result file is copied to where the metrics look" {
    mkdir -p spec/bin spec/result
    echo 'PATH=$PWD/bin:$PATH' >spec/shrc
    echo 'spec.cpu2006.results.464_h264ref.base.000.reported_time: 1' >spec/result/CINT2006.001.test.rsf
    touch -d '1 hour ago' spec/result/CINT2006.001.test.rsf
    cat >spec/bin/runspec <<'SPEC'
#!/bin/sh
for last; do :; done
echo "spec.cpu2006.results.$last.base.000.reported_time: 2.5" >result/CINT2006.002.test.rsf
SPEC
    chmod +x spec/bin/runspec
    run_script spec2006 command
    [ "$(cat run/spec.rsf)" = "spec.cpu2006.results.464.h264ref.base.000.reported_time: 2.5" ]
    printf '#!/bin/sh\nexit 1\n' >spec/bin/runspec
    run run_script spec2006 command
    [ "$status" != 0 ]
    [ ! -e run/spec.rsf ]
}

@test "a metric is read from a file of /proc, whose size is unknown" {
    start_agent one
    printf '%s\n' 'name: vmstat' 'summary: page faults of the guest' 'command: [true]' 'metrics:' '  - name: pgfault' \
        "    pattern: '^pgfault ([0-9]+)\$'" '    from: /proc/vmstat' '    better: less' 'primary: pgfault' \
        >"$XENBENCH_STATE/workloads/vmstat.yaml"
    printf '%s\n' 'name: vmstat' 'workload: vmstat' 'guests:' "  one: {socket: $BATS_TEST_TMPDIR/one}" 'repetitions: 1' \
        'timeout: 1min' 'max_release_error: 1s' >vmstat-run.yaml
    XENBENCH_RUN=$BATS_TEST_TMPDIR/run run "$XENBENCH" run vmstat-run.yaml
    stop_agents
    [ "$status" -eq 0 ]
    [[ $output == *pgfault* ]]
}

@test "new: a frame that is sound as it is, and never replaces a file" {
    run "$XENBENCH" workload new mine
    [ "$status" = 0 ]
    [[ $output == "$XENBENCH_STATE/workloads/mine.yaml is written"* ]]
    "$XENBENCH" workload show mine | grep -q '^metric     steps in steps, more is better'
    # The file has every key, in a comment if it is not used.
    for key in name summary packages files requires prepare each command env user cwd timeout metrics primary histogram; do
        grep -qE "^#? *(- )?$key:" "$XENBENCH_STATE/workloads/mine.yaml"
    done
    echo '# changed' >>"$XENBENCH_STATE/workloads/mine.yaml"
    for name in mine "a b" ../x "" .x; do
        run --separate-stderr "$XENBENCH" workload new "$name"
        [ "$status" = 2 ]
        [ -n "$stderr" ]
    done
    grep -q '^# changed' "$XENBENCH_STATE/workloads/mine.yaml"
    [ "$(ls "$XENBENCH_STATE/workloads")" = mine.yaml ]
}

# Start an agent as a guest.
start_guest() {
    export XENBENCH_RUN=$BATS_TEST_TMPDIR/run
    start_agent one
}

@test "check: each metric is found, and how much it varies; nothing is kept" {
    start_guest
    "$XENBENCH" workload new mine
    run --separate-stderr "$XENBENCH" workload check mine --guest "$(guest one)" --repetitions 3 --quiet
    echo "$output"
    [ "$status" = 0 ]
    [[ ${lines[0]} == "METRIC "*"FOUND "*"MEDIAN "*"LEAST "*"GREATEST "*"VARIES "*UNIT ]]
    [[ ${lines[1]} =~ ^time\ +3/3\ .*\ %\ +s$ ]]
    [[ ${lines[2]} =~ ^steps\ +3/3\ +100000\ +100000\ +100000\ +0\.0\ %\ +steps$ ]]
    [ ! -e "$XENBENCH_STATE/results.sqlite" ]
    [ -z "$(find "$XENBENCH_RUN" -name 'workload-check*')" ]
    "$XENBENCH" workload check mine --guest "$(guest one)" --repetitions 2 --quiet --json |
        jq -e 'map({(.name): .found}) | add == {time: 2, steps: 2}'
}

@test "check: a metric that is missing is named, with what was there instead, and status 1" {
    start_guest
    "$XENBENCH" workload new mine
    sed -i "s/^    pattern: .*/    pattern: '^stairs: ([0-9]+)'/" "$XENBENCH_STATE/workloads/mine.yaml"
    run --separate-stderr "$XENBENCH" workload check mine --guest "$(guest one)" --repetitions 2 --quiet
    [ "$status" = 1 ]
    [[ ${lines[2]} =~ ^steps\ +0/2\ +-\ +-\ +-\ +-\ +steps$ ]]
    [[ ${lines[3]} == *"nothing in stdout matches"*"its last line is \`steps: 100000\`"* ]]
    [[ $stderr == *"workload mine: a metric was not found in each repetition"* ]]
    [ ! -e "$XENBENCH_STATE/results.sqlite" ]
}

@test "check: interrupted, it promises nothing that could be resumed" {
    start_guest
    "$XENBENCH" workload new mine
    sed -i '/^command: /,/^#/s/^  i=0/  sleep 30/' "$XENBENCH_STATE/workloads/mine.yaml"
    run timeout --signal INT 2 "$XENBENCH" workload check mine --guest "$(guest one)" --quiet
    echo "$output"
    [ "$status" -ne 0 ]
    [[ $output == *"interrupted"* && $output != *"--resume"* && $output != *"are kept"* ]]
    [ -z "$(find "$XENBENCH_RUN" -name 'workload-check*')" ]
}

@test "check: of a histogram, percentiles that too few values cannot tell are not missing" {
    start_guest
    cat >"$XENBENCH_STATE/workloads/h.yaml" <<'END'
name: h
summary: 200 values
command: echo '1 us 150 times'; echo '2 us 50 times'
metrics:
  - {name: latency, histogram: counts, pattern: '^([0-9]+) us ([0-9]+) times', from: stdout, unit: us, better: less}
primary: latency.p99
END
    run --separate-stderr "$XENBENCH" workload check h --guest "$(guest one)" --repetitions 2 --quiet
    echo "$output"
    [ "$status" = 0 ]
    [[ $output =~ latency\ +2/2\ +a\ histogram ]]
    [[ $output =~ latency\.p99\ +2/2\ +2\ +2\ +2\ +0\.0\ %\ +us ]]
    [[ $output =~ latency\.p99\.9\ +0/2\ +cannot\ be\ told:\ too\ few\ values ]]
    sed -i 's/p99$/p99.9/' "$XENBENCH_STATE/workloads/h.yaml"
    run --separate-stderr "$XENBENCH" workload check h --guest "$(guest one)" --repetitions 2 --quiet
    [ "$status" = 1 ]
    [[ $output == *"this percentile takes 1000 values"* ]]
}

@test "check: errors of usage and input have status 2" {
    for arguments in "x264" "x265 --guest one" "x264 --guest 3" "x264 --guest one --repetitions 0" "--guest one"; do
        # shellcheck disable=SC2086 # words are wanted
        run --separate-stderr "$XENBENCH" workload check $arguments
        [ "$status" = 2 ]
        [ -n "$stderr" ]
    done
}
