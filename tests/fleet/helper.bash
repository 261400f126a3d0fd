# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by the tests with a real Slurm: a cluster of two nodes, whose guests are agents behind sockets.
# shellcheck source=tests/cli/helper.bash
. "$BATS_TEST_DIRNAME/../cli/helper.bash"

setup_file() {
    [ "$(id -u)" -eq 0 ] || skip "slurmd needs root"
    command -v slurmctld >/dev/null || skip "no Slurm (make deps installs it)"
    cluster=$(mktemp -d /tmp/xbfl.XXXXXX)
    export cluster SLURM_CONF=$cluster/slurm.conf
    XENBENCH=$XENBENCH "$BATS_TEST_DIRNAME/slurm" "$cluster" start 3>&- 4>&-
}

teardown_file() {
    [ -z "${cluster:-}" ] || "$BATS_TEST_DIRNAME/slurm" "$cluster" stop
    [ -z "${cluster:-}" ] || rm -rf "$cluster"
}

setup() {
    own_state
    T=$BATS_TEST_TMPDIR
    export XENBENCH_STATE=$T/here XENBENCH_RUN=$T/here-run
    mkdir -p "$T"/xb{1,2}/guests "$T/guests" "$T/share"
    sed "s|@DIR@|$T|; s|@XENBENCH@|$(realpath "$XENBENCH")|" "$BATS_TEST_DIRNAME/node-xenbench" >"$T/node-xenbench"
    chmod +x "$T/node-xenbench"
    start_agents xb1/guests/one xb2/guests/one
    file=$T/nightly.yaml
    fleet=$T/nightly.fleet
    cd "$T" || return
}

teardown() {
    scancel --quiet --user=root 2>/dev/null || true
    stop_agents
    for node in xb1 xb2; do
        [ -e "$cluster/slurmd-$node.pid" ] || "$BATS_TEST_DIRNAME/slurm" "$cluster" back "$node" 3>&- 4>&-
    done
    wait_for nothing_runs
}

nothing_runs() {
    [ -z "$(squeue --noheader)" ] && [ "$(sinfo --noheader --Node --format=%T | sort -u)" = idle ]
}

# experiment [LINES]: writes an experiment: case A reports 100 and more, B 20 more. A cell takes the time in the file `pace`.
experiment() {
    echo 0 >"$T/pace"
    cat >"$file" <<YAML
name: over hosts
workload:
  command: sleep \$(cat $T/pace); case \$XENBENCH_CASE in B) m=20 ;; *) m=0 ;; esac; echo ops=\$((100 + XENBENCH_REPETITION + m))
  metric: {name: ops, pattern: "ops=([0-9.]+)", unit: 1/s, better: more}
guests:
  one: {socket: $T/guests/one}
cases: [{name: A}, {name: B}]
timeout: 30s
${1:-repetitions: 6}
YAML
}

submit() {
    "$XENBENCH" fleet submit "$@" --program "$T/node-xenbench" --time 5
}

# state SHARD KEY: prints a value from the shard's row in `fleet status`
state() {
    "$XENBENCH" fleet status "$fleet" --json | jq -r ".shards[$1 - 1].$2"
}

is() {
    [ "$(state "$1" "$2")" = "$3" ]
}

# until_is SHARD KEY VALUE: waits for a state, up to a minute or about PATIENCE seconds, because Slurm takes some seconds.
until_is() {
    local i
    for ((i = 0; i < ${PATIENCE:-60}; i++)); do
        ! is "$@" || return 0
        sleep 1
    done
    "$XENBENCH" fleet status "$fleet"
    cat "$fleet"/logs/*
    tail -n 20 "$cluster"/*.log
    return 1
}

# each_sample_once COUNT: each of the COUNT repetitions of all cases is in exactly one run that counts.
each_sample_once() {
    local shards
    # Under --by case, each run numbers its own cases.
    shards=$(ask "SELECT count(*) || ' ' || count(DISTINCT name || '.' || repetition) FROM cells JOIN cases USING (run, case_no)
        WHERE state = 'done' AND NOT warmup" "$fleet/fleet.sqlite")
    [ "$shards" = "$1 $1" ] || { echo "cells and different ones: $shards, wanted $1"; return 1; }
    shards=$(ask "SELECT count(*) FROM metrics JOIN cells USING (run, cell, attempt) WHERE state = 'done' AND NOT warmup" \
        "$fleet/fleet.sqlite")
    [ "$shards" = "$1" ] || { echo "figures: $shards, wanted $1"; return 1; }
}
