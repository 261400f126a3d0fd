#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Each workload of the catalogue runs once in a Debian guest, and all its metrics are found. tests/lab/run makes the
# image `workloads` for this file.
load helper

setup_file() {
    dom0 'xenbench image list --json' | jq -e 'any(.name == "workloads")' >/dev/null || skip "this lab has no image with the workloads"
    dom0 'xenbench guest destroy wl; xenbench guest remove wl' >/dev/null 2>&1 || true
    dom0 'xenbench guest create wl --image workloads --memory 1G --start --wait=300'
}

teardown_file() {
    dom0 'xenbench guest destroy wl; xenbench guest remove wl' >/dev/null 2>&1 || true
}

# found WORKLOAD: runs it once, checks that its metrics are found, and shows them. The lab is slow, so there is no time-out.
found() {
    run dom0 "xenbench workload check $1 --guest wl --repetitions 1 --quiet"
    echo "#     ${output//$'\n'/$'\n#     '}" >&3
    [ "$status" -eq 0 ]
}

@test "7z" { found 7z; }
@test "build" { found build; }
@test "cyclictest" { found cyclictest; }
@test "dbench" { found dbench; }
@test "fio-random" { found fio-random; }
@test "fio-sequential:write" { found fio-sequential:write; }
@test "hackbench" { found hackbench; }
@test "jitterdebugger" { found jitterdebugger; }
@test "mbw" { found mbw; }
@test "openssl" { found openssl; }
@test "openssl-rsa" { found openssl-rsa; }
@test "perf-messaging" { found perf-messaging; }
@test "perf-pipe" { found perf-pipe; }
@test "pgbench" { found pgbench; }
@test "redis" { found redis; }
@test "spin" { found spin; }
@test "stress-ng" { found stress-ng; }
@test "sysbench-cpu" { found sysbench-cpu; }
@test "sysbench-fileio" { found sysbench-fileio; }
@test "sysbench-memory" { found sysbench-memory; }
@test "sysbench-threads" { found sysbench-threads; }
@test "x264" { found x264; }

@test "the guest's kernel had no trouble, and no server is left in the guest" {
    guest_kernel_is_sound wl
    run dom0 'xenbench exec wl -- pgrep -a "redis-server|postgres"'
    [ "$status" -eq 1 ] || die "$status: $output"
}
