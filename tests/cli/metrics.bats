#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Figures in benchmarks' output, through a real agent: the right figure, or a message that shows the
# output.
load helper

setup() {
    own_state
    start_agent one
}

# run_case FILE: runs one of cases/.
run_case() {
    sed "s|SOCKET|$BATS_TEST_TMPDIR/one|" "$BATS_TEST_DIRNAME/cases/$1" >"$BATS_TEST_TMPDIR/e.yaml"
    "$XENBENCH" run --quiet "$BATS_TEST_TMPDIR/e.yaml"
}

# run_metric METRIC COMMAND: runs one job and prints the figure found in its output.
run_metric() {
    rm -f "$XENBENCH_STATE/results.sqlite"*
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: a test
workload:
  command: |
    $2
  metric: {name: m, $1, better: more}
guests:
  one: {socket: $BATS_TEST_TMPDIR/one}
repetitions: 1
timeout: 30s
max_release_error: 1s
END
    "$XENBENCH" run --quiet "$BATS_TEST_TMPDIR/e.yaml"
}

value() {
    sqlite3 "$XENBENCH_STATE/results.sqlite" "SELECT value FROM metrics"
}

@test "metrics: commas between groups of three digits" {
    run_case 04-thousands-separator/bench.yaml
    [ "$(value)" = 4720415.0 ]
}

@test "metrics: a result in one very long line of JSON" {
    run_case 31-long-line/oneline.yaml
    [ "$(value)" = 1532.7 ]
}

@test "metrics: text that is no number, or only part of one, is shown" {
    run run_metric 'pattern: "took ([0-9.,]+)"' 'echo took 1234,5 s'
    [ "$status" -eq 1 ]
    [[ $output == *'`1234,5` was found in stdout, but is not a number: a comma separates groups of three digits'* ]]
    run run_metric 'pattern: "([0-9.]+) ns"' 'echo bench: 4,720,415 ns'
    [ "$status" -eq 1 ]
    [[ $output == *'matches only `415`, a part of `4,720,415`, in stdout'* ]]
    run run_metric 'pattern: "units: ([0-9]+) per s"' 'printf "units: 12\n\033[2Jbye\n"'
    [ "$status" -eq 1 ]
    [[ $output == *'the last line with `units: ` in it reads `units: 12` from there'* ]]
}

@test "metrics: if only the end of the output is kept, the last match, or a message" {
    run_metric 'pattern: "=([0-9]+) ns"' 'i=0; while [ $i -lt 9000 ]; do echo "rate =$i ns"; i=$((i + 1)); done'
    [ "$(value)" = 8999.0 ]
    run run_metric 'pattern: "=([0-9]+) ns"' 'echo =12 ns; head -c 100000 /dev/zero | tr "\\0" "."; echo'
    [ "$status" -eq 1 ]
    [[ $output == *'in the complete lines among the last 65536 of its 100008 bytes (no more is kept)'* ]]
    # The remaining match is the end of a longer number.
    run run_metric 'pattern: "([0-9]+) ns"' 'head -c 70000 /dev/zero | tr "\\0" 1; echo " ns"'
    [ "$status" -eq 1 ]
    [[ $output == *'a line whose beginning was not kept'* ]]
}

@test "metrics: lines that end in a carriage return, a NUL or nothing" {
    run_metric 'pattern: "^rate ([0-9]+)$"' 'printf "rate 1\rrate 2\r"'
    [ "$(value)" = 2.0 ]
    run_metric 'pattern: "^rate ([0-9]+)$"' 'printf "rate 1\r\nrate 3\r\n"'
    [ "$(value)" = 3.0 ]
    run_metric 'pattern: "^rate ([0-9]+)$"' 'printf "rate 1\nrate 4\000"'
    [ "$(value)" = 4.0 ]
    run_metric 'pattern: "^rate ([0-9]+)$"' 'printf "rate 1\nrate 5"'
    [ "$(value)" = 5.0 ]
}

@test "metrics: from a file, of any length, and one that is missing" {
    run_metric "pattern: 'mean=([0-9]+),', from: $BATS_TEST_TMPDIR/out" \
        "{ printf mean=7,; head -c 2000000 /dev/zero | tr '\\\\0' .; } >$BATS_TEST_TMPDIR/out"
    [ "$(value)" = 7.0 ]
    run run_metric "pattern: 'mean=([0-9]+)', from: $BATS_TEST_TMPDIR/none" true
    [ "$status" -eq 1 ]
    [[ $output == *"metric m: "*"none"* ]]
    run run_metric "pattern: 'mean=([0-9]+)', from: $BATS_TEST_TMPDIR/out" "truncate -s 17M $BATS_TEST_TMPDIR/out"
    [ "$status" -eq 1 ]
    [[ $output == *"metric m: "*"out of guest "*" has 17825792 bytes, the limit is 16777216 (let the workload write"* ]]
    [[ $output != *"--max-bytes"* ]]
}

@test "metrics: no figure from an output that filled the guest's memory, even if the job ends well" {
    [ "$(id -u)" -eq 0 ] || skip "only root can bound the memory of output"
    stop_agents
    echo "MemTotal: 131072 kB" >"$BATS_TEST_TMPDIR/meminfo"
    # shellcheck disable=SC2016 # for that shell
    ASAN_OPTIONS=detect_leaks=0 unshare -m sh -c 'mount --bind "$1" /proc/meminfo && exec "$2" --socket "$3"' \
        sh "$BATS_TEST_TMPDIR/meminfo" "$AGENT" "$BATS_TEST_TMPDIR/one" 3>&- 4>&- &
    also_stop "$!"
    wait_for test -S "$BATS_TEST_TMPDIR/one"
    run run_metric 'pattern: "([0-9]+) ops"' 'echo 1 ops; head -c 100M /dev/zero; echo 2 ops; true'
    [ "$status" -eq 1 ]
    [[ $output == *"metric m: the job's output filled the guest's memory for output, and the end of stdout is lost"* ]]
    [ -z "$(value)" ]
    [ "$(ask "SELECT count(*) FROM warnings WHERE code = 'output-lost'")" = 1 ]
    [ "$(ask "SELECT output_lost FROM samples")" = 1 ]
}
