#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench fleet submit`, `status` and `collect` with a real Slurm on loopback.
load helper

@test "fleet submit: shards on two nodes, one report" {
    experiment
    run submit "$file" --shards 3
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"Slurm's job "*": shards 1 to the last of 3"*"$fleet"* ]]
    until_is 1 state finished
    until_is 2 state finished
    until_is 3 state finished
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [[ $output == *"over hosts: 12 of 12 cells done, 0 samples failed, 0 tasks lost"* ]]
    [[ $output == *"3 shards by round: 3 finished"* ]]
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"shard 1: run "*" on xb"*", 4 of 4 cells: added"* ]]
    each_sample_once 12
    sha256sum <"$fleet/fleet.sqlite" >"$T/before"
    run "$XENBENCH" fleet collect "$fleet"
    [ "$status" -eq 0 ]
    [[ $output == *"shard 3: run "*"4 of 4 cells: known"* ]]
    [[ $output != *added* ]]
    each_sample_once 12
    run "$XENBENCH" fleet report "$fleet/fleet.sqlite"
    echo "$output"
    [[ $output == *"over hosts: 3 of 3 shards by round"* ]]
    [[ $output == *"B less A, one: better, +19."* ]]
    run "$XENBENCH" fleet submit --missing "$fleet"
    [[ $output == *"Nothing is missing"* ]]
}

@test "host show --slurm: Slurm understands the lines for slurm.conf and gres.conf" {
    run scontrol show node xb3 --oneliner
    echo "$output"
    [[ $output == *" AvailableFeatures=xen,xen-4.17,xen-4.17.5,"* ]]
    [[ $output == *" Gres=xen_cpus:4,xen_memory:2560"* ]]
    run ! grep -i "error.*gres" "$cluster/slurmctld.log"
}

# figures STORE: prints each counted figure, as lines "CASE REPETITION VALUE".
figures() {
    ask "SELECT cases.name || ' ' || repetition || ' ' || value FROM metrics JOIN cells USING (run, cell, attempt)
        JOIN cases USING (run, case_no) WHERE state = 'done' AND NOT warmup ORDER BY 1" "$1"
}

@test "fleet collect: killed in the middle and repeated, it takes each sample once: those of one machine" {
    local by
    for by in round case; do
        experiment 'repetitions: 6
compare: [{a: A, b: B}]'
        [ "$by" = round ] || sed -i 's/^cases:.*/cases: [{name: A}, {name: B}, {name: C}, {name: D}]/; s/^compare:.*/compare: [{a: A, b: B}, {a: C, b: D}]/' "$file"
        rm -rf "$fleet"
        submit "$file" --shards 2 --by "$by"
        until_is 1 state finished
        until_is 2 state finished
        mv "$fleet"/stores/2.* "$T/"
        "$XENBENCH" fleet collect "$fleet"
        mv "$T"/2.*.sqlite "$fleet/stores/"
        run env XENBENCH_FAULT=merged "$XENBENCH" fleet collect "$fleet"
        echo "$output"
        [ "$status" -eq 137 ]
        run "$XENBENCH" fleet collect "$fleet"
        echo "$output"
        [ "$status" -eq 0 ]
        [[ $output == *"shard 1: run "*": known"*"shard 2: run "*": added"* ]]
        # One machine measures the whole experiment. Its figures depend on case and repetition alone.
        SLURMD_NODENAME=xb1 "$T/node-xenbench" run "$file" --quiet --store "$T/$by.sqlite" >/dev/null
        figures "$T/$by.sqlite" >"$T/one"
        figures "$fleet/fleet.sqlite" >"$T/many"
        diff "$T/one" "$T/many"
        each_sample_once "$(wc -l <"$T/one")"
    done
    [ "$(wc -l <"$T/one")" -eq 24 ]
}

@test "fleet submit: results are copied home where nodes share no directory; what comes broken or twice is named" {
    experiment
    mkdir -p "$T/home/stores" "$T/home/tasks"
    # Use a cp that damages the second shard's store.
    cat >"$T/broken-cp" <<CP
#!/bin/sh
cp "\$1" "\$2"
case \$1 in *.sqlite) case \$2/\${1##*/} in *stores//2.*) truncate -s 20000 "\$2/\${1##*/}" ;; esac ;; esac
CP
    chmod +x "$T/broken-cp"
    submit "$file" --shards 2 --dir "$T/home.fleet" --copy-to "$T/home" --copy-with "$T/broken-cp"
    fleet=$T/home.fleet
    rm -rf "$fleet/stores" "$fleet/tasks"
    mv "$T/home/stores" "$T/home/tasks" "$fleet/"
    ln -s "$fleet/stores" "$T/home/stores"
    ln -s "$fleet/tasks" "$T/home/tasks"
    until_is 1 state finished
    until_is 2 slurm COMPLETED
    is 2 state lost
    cp "$fleet"/stores/1.*.sqlite "$fleet/stores/1.copy.sqlite"
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"stores/2.xb"*".sqlite: NOT COLLECTED: "*"malformed"* ]]
    [[ $output == *"is the same run as 1."*", and counts once."* ]]
    [[ $output == *"shard 2: MISSING"* ]]
    each_sample_once 6
    # Provide an undamaged store by hand, which replaces the damaged one.
    local node
    node=$(echo "$T"/xb*/state/fleet/*/2.sqlite)
    node=${node#"$T"/}
    rm "$fleet"/stores/2.*
    "$XENBENCH" runs export --all --store "$T"/xb*/state/fleet/*/2.sqlite --output "$fleet/stores/2.${node%%/*}.sqlite"
    "$XENBENCH" fleet collect "$fleet"
    each_sample_once 12
    # Another version, a clock three hours behind, and a store that does not belong to the fleet.
    ask "UPDATE runs SET xenbench = '9.9'" "$fleet/stores/2.${node%%/*}.sqlite"
    touch -d '+3 hours' "$fleet"/tasks/1.*.json
    cp "$fleet"/stores/1.copy.sqlite "$fleet/stores/2.other.sqlite"
    run "$XENBENCH" fleet collect "$fleet"
    echo "$output"
    [ "$status" -eq 2 ]
    [[ $output == *"shard 2 on xb"*" was run by xenbench 9.9; "*" submitted it"* ]]
    [[ $output == *"its clock is 3 h 0 min behind that of the fleet's directory"* ]]
    [[ $output == *"stores/2.other.sqlite: NOT COLLECTED: it holds no run of shard 2"* ]]
}

@test "fleet submit: a shard that fails on one host does not hold up the others" {
    experiment "repetitions: 2
boot_timeout: 1s"
    rm "$T/xb2/guests/one"
    submit "$file" --hosts xb1,xb2
    until_is 1 state finished
    until_is 2 state failed
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [[ $output == *"2 shards by host: 1 finished, 1 failed"* ]]
    [[ $(state 2 reason) == *one* ]]
    [ "$(state 2 lost)" = 0 ]
}

@test "fleet task: a node without Xen says so" {
    [ ! -e /proc/xen/capabilities ] || skip "Xen runs here"
    experiment
    sed -i 's|{socket: .*}|{image: micro}|' "$file"
    run submit "$file" --shards 2
    echo "$output"
    # No node has the feature.
    [ "$status" -eq 3 ]
    [[ $output == *"nothing was submitted: cannot submit the job to Slurm: "* ]]
    [ ! -e "$fleet" ]
    "$XENBENCH" fleet submit "$file" --shards 1 --print --program "$T/node-xenbench" | sed '/--constraint\|--gres/d' >"$T/job.sh"
    mkdir -p "$fleet"/{logs,stores,tasks}
    sed -n '/^{/,/^}/p' "$T/job.sh" >"$fleet/fleet.json"
    sbatch "$T/job.sh"
    until_is 1 state failed
    [[ $(state 1 reason) == *"This is no Dom0"* || $(state 1 reason) == *Xen* ]]
    grep -q -- "--lab" "$fleet/logs/1.log"
}

@test "fleet status: what the queue has forgotten comes from the accounts, or from what came back" {
    experiment 'repetitions: 2'
    submit "$file" --shards 2
    until_is 1 state finished
    until_is 2 state finished
    mkdir "$T/bin"
    printf '#!/bin/sh\nexit 0\n' >"$T/bin/squeue"
    printf '#!/bin/sh\nexit 1\n' >"$T/bin/sacct"
    chmod +x "$T"/bin/*
    rm "$fleet"/stores/2.*
    PATH=$T/bin:$PATH
    is 1 state finished
    is 2 state lost
    rm "$fleet"/tasks/2.*
    is 2 state unknown
    # Lines about other jobs and waiting tasks, and invalid lines.
    cat >"$T/bin/sacct" <<'SACCT'
#!/bin/sh
echo "$*" >&2
printf '%s\n' '7_2|CANCELLED by 0|xb2|None' '6_2|NODE_FAIL|xb1|None' '5_[1-2]|PENDING||None' '8_99|FAILED|xb1|None' '9|FAILED' '_' '1_1|TIMEOUT|xb1|None'
SACCT
    is 2 state stopped
    is 2 slurm CANCELLED
    is 2 node xb2
    is 1 state finished
    printf '#!/bin/sh\necho "no such controller" >&2; exit 1\n' >"$T/bin/squeue"
    run "$XENBENCH" fleet status "$fleet"
    echo "$output"
    [ "$status" -eq 3 ]
    [[ $output == *"cannot ask Slurm for the fleet's tasks: no such controller"* ]]
}

# guide: prints the commands in docs/fleet.md's section on Slurm.
guide() {
    sed -n '/^## Through Slurm/,/^## /{s/^    \(xenbench [^#]*[^# ]\) *\(#.*\)\?$/\1/p}' "$BATS_TEST_DIRNAME/../../docs/fleet.md"
}

@test "the guide in docs/fleet.md: each of its commands" {
    experiment
    # shellcheck disable=SC2317 # the guide calls it
    xenbench() {
        case "$1 $2" in
        "host show") "$XENBENCH" "$@" --host "$BATS_TEST_DIRNAME/../cli/host.json" --node xb1 ;;
        "fleet submit") case $* in *--missing*) "$XENBENCH" "$@" ;; *) submit "${@:3}" ;; esac ;;
        *) "$XENBENCH" "$@" ;;
        esac
    }
    local line count=0
    while read -r line; do
        echo "\$ $line"
        # Before the first collect, wait until the job is done.
        case $line in *collect*) until_is 1 state finished && until_is 2 state finished ;; esac
        eval "$line" || { echo "status $?: $line"; return 1; }
        count=$((count + 1))
    done < <(guide)
    [ "$count" -eq 8 ]
    each_sample_once 12
    "$XENBENCH" fleet report "$fleet/fleet.sqlite" --format json | jq -e '.missing == [] and .changes[0].verdict == "better"'
}
