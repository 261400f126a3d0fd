#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `xenbench plan`: what it refuses, naming file and line; what it doubts; and that it changes nothing.
load helper

setup() {
    own_state
    export XENBENCH_SHARE=$BATS_TEST_DIRNAME/../../images
    host=$BATS_TEST_DIRNAME/host.json
    examples=$BATS_TEST_DIRNAME/../../dom0/examples
}

plan() {
    "$XENBENCH" plan --host "$host" "$@"
}

# The first line of each file says where and why it is refused: "# refused: LINE: REASON".
@test "plan: more than a hundred wrong or impossible files are refused, each with its line and reason" {
    local file expected line reason count=0 wrong=0
    for file in "$BATS_TEST_DIRNAME"/malformed/*.yaml; do
        expected=$(head -n 1 "$file")
        expected=${expected#\# refused: }
        line=${expected%%: *} reason=${expected#*: }
        run plan "$file"
        if [ "$status" -ne 2 ] || [[ $output != *"$file:$line: "*"$reason"* ]]; then
            echo "${file##*/}: expected status 2 and \`:$line: ...$reason\`, got $status and: $(tail -n 1 <<<"$output")"
            wrong=$((wrong + 1))
        fi
        count=$((count + 1))
    done
    echo "$count files, $wrong wrong"
    [ "$wrong" -eq 0 ]
    [ "$count" -ge 100 ]
    [ ! -e "$XENBENCH_STATE" ]
    [ ! -e "$XENBENCH_RUN" ]
}

@test "plan: the schedule of a pool that no guest is in is checked too" {
    jq '.schedulers.arinc653 = true' "$host" >"$BATS_TEST_TMPDIR/host.json"
    host=$BATS_TEST_TMPDIR/host.json
    cat >"$BATS_TEST_TMPDIR/p.yaml" <<'END'
name: t
workload: spin
guests: {a: {image: micro}}
cases:
  - name: one
    pools: {p: {cpus: "1", scheduler: arinc653, schedule: "a 4ms"}}
END
    run plan "$BATS_TEST_TMPDIR/p.yaml"
    [ "$status" -eq 2 ]
    [[ $output == *"p.yaml:6: cpupool p has guest a in its \`schedule\`, which is in another pool"* ]]
}

@test "plan: an existing guest may get its present memory, or another size by its balloon" {
    local guests
    for guests in 'old: {memory: 128M}' 'old: {image: micro, memory: 128M}' 'old: {image: micro, keep: true, memory: 129M}' 'old: '; do
        printf 'name: t\nworkload: spin\nguests: {%s}\n' "$guests" >"$BATS_TEST_TMPDIR/m.yaml"
        run plan "$BATS_TEST_TMPDIR/m.yaml"
        [ "$status" -eq 0 ] || { echo "$guests: $output"; false; }
    done
    cat >"$BATS_TEST_TMPDIR/m.yaml" <<'END'
name: t
workload: spin
guests: {old: {image: micro, resize: balloon}}
cases:
  - name: as it is
  - {name: less, guests: {old: {memory: 96M}}}
END
    plan "$BATS_TEST_TMPDIR/m.yaml"
    sed -i 's/, resize: balloon//' "$BATS_TEST_TMPDIR/m.yaml"
    run plan "$BATS_TEST_TMPDIR/m.yaml"
    [ "$status" -eq 2 ]
    [[ $output == *"m.yaml:6: case \`less\`, old: 96 MiB of memory requested; the guest exists already, with 128, and its memory is set \
when it is built: let the run make it (\`xenbench guest remove old\`), set it in its xl.cfg, or leave \`memory\` out"* ]]
}

@test "plan: a stopped guest may get the vcpus of its xl.cfg, and counts with those it starts with" {
    cat >"$BATS_TEST_TMPDIR/v.yaml" <<'END'
name: t
workload: spin
guests: {still: }
cases:
  - name: as it is
  - {name: both, guests: {still: {vcpus: 2, hard: {0: "1", 1: "2"}}}}
END
    plan "$BATS_TEST_TMPDIR/v.yaml"
    # Four vcpus without settings crowd one CPU, and a single one does not.
    printf 'name: t\nworkload: spin\nguests: {still: {hard: "2", cap: 300}}\n' >"$BATS_TEST_TMPDIR/v.yaml"
    run plan --json "$BATS_TEST_TMPDIR/v.yaml"
    echo "$output"
    [ "$(jq '[.doubts[] | select(.code == "note-more-vcpus")] | length' <<<"$output")" = 0 ]
    sed 's/"vcpus": 1, "maxvcpus": 2/"vcpus": 4, "maxvcpus": 4/' "$host" >"$BATS_TEST_TMPDIR/four.json"
    host=$BATS_TEST_TMPDIR/four.json
    run plan --json "$BATS_TEST_TMPDIR/v.yaml"
    echo "$output"
    [ "$(jq '[.doubts[] | select(.code == "note-more-vcpus")] | length' <<<"$output")" = 1 ]
}

@test "plan: the shipped examples fit the host that they were made for" {
    local file
    for file in "$examples"/*.yaml; do
        run plan "$file"
        [ "$status" -eq 0 ] || { echo "$file: $output"; false; }
    done
    [ ! -e "$XENBENCH_STATE" ]
}

@test "plan: under pinning the same weights bind under credit2 but not under credit, and plan says which" {
    run plan "$examples/weights.yaml"
    [[ $status -eq 0 && $output != *"cannot bind"* ]]
    sed 's/"credit2", "cpus"/"credit", "cpus"/' "$host" >"$BATS_TEST_TMPDIR/credit.json"
    host=$BATS_TEST_TMPDIR/credit.json
    run plan "$examples/weights.yaml"
    echo "$output"
    [[ $output == *"under credit the weight of middle (512, against 256 of light) cannot bind: credit divides time among all 4 CPUs of cpupool Pool-0, and pinning (here to CPUs 1) does not shrink the pool"* ]]
    run plan --json "$examples/weights.yaml"
    [ "$(jq -r '[.doubts[] | select(.code == "weight-unbound") | .guest] | sort | join(",")' <<<"$output")" = heavy,middle ]
    run plan "$examples/weights-pool.yaml"
    [[ $status -eq 0 && $output != *"cannot bind"* ]]
}

@test "plan: every cell in order, every change, and the number of rebuilds" {
    run plan "$examples/schedulers.yaml"
    echo "$output"
    [[ $output == *"cpupool bench is created from CPU 1 with the scheduler credit, and removed"* ]]
    [[ $output == *"cpupool bench is created from CPU 1 with the scheduler credit2, and removed"* ]]
    [[ $output == *"guest heavy is made from image micro (type pv, "*"), and removed"* ]]
    [[ $output == *"Dom0: vcpus 1, hard 0"* ]]
    [[ $output == *"  4  scheduler credit2, repetition 1 (3 guests built anew before it)"* ]]
    [[ $output == *"rebuilt between cells 3 times"* ]]
    run plan --json "$examples/neighbours.yaml"
    [ "$(jq '.cells | length' <<<"$output")" -eq 12 ]
    [ "$(jq -r '[.cases[2].settings.parts[].role] | sort | join(",")' <<<"$output")" = background,background,idle,measured ]
    [ "$(jq .refused <<<"$output")" = null ]
}

@test "plan: lists of images, types and maxvcpus; a guest is rebuilt for each" {
    cat >"$BATS_TEST_TMPDIR/made.yaml" <<'END'
name: made
workload: spin
defaults: {memory: 256M, type: [pv, pvh], image: [micro, debian]}
guests: {a: {maxvcpus: [1, 2]}, b: {}}
exclude: [{type: pvh, image: debian}]
repetitions: 1
END
    run plan --json "$BATS_TEST_TMPDIR/made.yaml"
    echo "$output"
    [ "$(jq -r '[.cases[].settings | .parts.a.image + "/" + .parts.a.type + "/" + (.parts.a.maxvcpus | tostring) + "/" + (.guests.a.vcpus | tostring)
        + "+" + .parts.b.image + "/" + .parts.b.type + "/" + (.parts.b.maxvcpus | tostring)] | join(" ")' <<<"$output")" = \
        "micro/pv/1/1+micro/pv/null micro/pv/2/2+micro/pv/null debian/pv/1/1+debian/pv/null debian/pv/2/2+debian/pv/null \
micro/pvh/1/1+micro/pvh/null micro/pvh/2/2+micro/pvh/null" ]
    run plan "$BATS_TEST_TMPDIR/made.yaml"
    echo "$output"
    [[ $output == *"guest a is made from image debian (type pv, 2 vcpus), and removed"* ]]
    [[ $output == *"guest b is made from image micro (type pvh, 1 vcpu), and removed"* ]]
    [[ $output == *"rebuilt between cells"* ]]
    # The guest's solo baseline runs once for each image, type and number of vcpus.
    sed '$asolo: true' "$BATS_TEST_TMPDIR/made.yaml" >"$BATS_TEST_TMPDIR/solo.yaml"
    run plan --json "$BATS_TEST_TMPDIR/solo.yaml"
    [ "$(jq -r '[.cases[6:][].settings.parts | select(.a.role == "measured") | .a.image + "/" + .a.type + "/" + (.a.maxvcpus | tostring)] | sort | join(" ")' <<<"$output")" = \
        "debian/pv/1 debian/pv/2 micro/pv/1 micro/pv/2 micro/pvh/1 micro/pvh/2" ]
    # If the cases differ only in the number of vcpus, the guest is made once, with the largest number.
    sed -i 's/a: {maxvcpus: \[1, 2\]}/a: {}/; s/, image: \[micro, debian\]/, image: micro/; s/^exclude.*/cases: [{name: x}, {name: y, guests: {a: {maxvcpus: 3}}}]/; s/type: \[pv, pvh\]/type: pv/' \
        "$BATS_TEST_TMPDIR/made.yaml"
    run plan "$BATS_TEST_TMPDIR/made.yaml"
    echo "$output"
    [[ $output == *"guest a is made from image micro (type pv, 3 vcpus), and removed"* ]]
    [[ $output != *"built anew"* ]]
}

@test "plan: a type that the host or the image's kernel does not support is refused" {
    local file=$BATS_TEST_TMPDIR/type.yaml
    printf 'name: t\nworkload: spin\nguests:\n  a: {image: micro, type: [pv, hvm]}\n' >"$file"
    run plan "$file"
    [ "$status" -eq 2 ]
    [[ $output == *"$file:4: "*"this host runs no guests of type hvm"* ]]
    printf 'name: t\nworkload: spin\nguests:\n  a: {image: [micro, debian], memory: 256M, type: pvh}\n' >"$file"
    run plan "$file"
    [ "$status" -eq 2 ]
    [[ $output == *"$file:4: case \`image debian\`, a: the kernel of image debian does not start as type pvh"* ]]
    sed -i 's/type: pvh/type: pv/' "$file"
    run plan "$file"
    [ "$status" -eq 0 ]
}

@test "plan: interleaved rounds put cases of one build next to each other" {
    sed 's/^order: sequential/order: interleaved/' "$examples/schedulers.yaml" >"$BATS_TEST_TMPDIR/i.yaml"
    run plan --json "$BATS_TEST_TMPDIR/i.yaml"
    # credit, credit2 | credit2, credit | credit, credit2: three changes instead of five
    [ "$(jq -c '[.cells[].case]' <<<"$output")" = '[0,1,1,0,0,1]' ]
    [ "$(jq .guests_built_anew <<<"$output")" -eq 9 ]
}

@test "plan: doubts about caps, crowds, Dom0, hyperthreads, memory and missing workloads" {
    cat >"$BATS_TEST_TMPDIR/d.yaml" <<'END'
name: doubtful
workload: x264
defaults: {image: micro, memory: 128M}
guests:
  a: {hard: "1", cap: 20}
  b: {hard: "1"}
  c: {hard: "2", cap: 100}
  d: {hard: "3", weight: 512}
END
    sed 's/"core": 1,/"core": 0,/; s/"smt": false/"smt": true/; s/"free_bytes": 2684354560/"free_bytes": 1048576/; s/"dom0_balloons": false/"dom0_balloons": true/' \
        "$host" >"$BATS_TEST_TMPDIR/smt.json"
    host=$BATS_TEST_TMPDIR/smt.json
    run plan --json "$BATS_TEST_TMPDIR/d.yaml"
    echo "$output" | jq -r '.doubts[].message'
    local codes
    codes=$(jq -r '[.doubts[].code] | unique | join(" ")' <<<"$output")
    [ "$codes" = "cap-unbound memory note-cap note-dom0-shares note-more-vcpus weight-alone workload-missing" ]
    sed 's/^  a: .*/  a: {hard: "1"}\ndom0: {hard: "0"}/' "$BATS_TEST_TMPDIR/d.yaml" >"$BATS_TEST_TMPDIR/e.yaml"
    run plan "$BATS_TEST_TMPDIR/e.yaml"
    [ "$status" -eq 2 ] # dom0 among the guests
}

@test "plan: a hyperthread shared with Dom0 is doubted" {
    cat >"$BATS_TEST_TMPDIR/d.yaml" <<'END'
name: siblings
workload: spin
dom0: {hard: "0"}
guests: {a: {image: micro, hard: "1"}}
END
    sed 's/"core": 1,/"core": 0,/; s/"smt": false/"smt": true/' "$host" >"$BATS_TEST_TMPDIR/smt.json"
    host=$BATS_TEST_TMPDIR/smt.json
    run plan "$BATS_TEST_TMPDIR/d.yaml"
    [ "$status" -eq 0 ]
    [[ $output == *"CPUs 1 (a) and 0 (Dom0) are hyperthreads of one core: each slows the other down"* ]]
}

@test "plan: a running guest is not moved between pools on a Xen that can panic" {
    cat >"$BATS_TEST_TMPDIR/d.yaml" <<'END'
name: move
workload: spin
pools: {bench: {cpus: "1"}}
guests: {old: {pool: bench}}
END
    run plan "$BATS_TEST_TMPDIR/d.yaml"
    [ "$status" -eq 2 ]
    [[ $output == *"Xen up to 4.17 can panic when a running domain moves"*XENBENCH_RISK_POOLS* ]]
    sed 's/"risky_pool_moves": true/"risky_pool_moves": false/' "$host" >"$BATS_TEST_TMPDIR/new.json"
    host=$BATS_TEST_TMPDIR/new.json
    run plan "$BATS_TEST_TMPDIR/d.yaml"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "plan: a guest in another cpupool stays there, and is judged by its present settings" {
    cat >"$BATS_TEST_TMPDIR/d.yaml" <<'END'
name: at home
workload: spin
guests: {old: {hard: "2"}}
END
    jq '.pools[0].cpus = "0-1" | .pools += [.pools[0] + {name: "prod", cpus: "2-3"}] | .guests[0].pool = "prod" |
        .guests[0].allocation = {vcpus: 1, hard: ["2-3"], soft: ["all"], weight: 256, cap: 30, pool: "prod"}' \
        "$host" >"$BATS_TEST_TMPDIR/prod.json"
    host=$BATS_TEST_TMPDIR/prod.json
    run plan "$BATS_TEST_TMPDIR/d.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"old has a cap of 30 %, below the 100 %"* ]]
    sed -i 's/hard: "2"/hard: "1"/' "$BATS_TEST_TMPDIR/d.yaml"
    run plan "$BATS_TEST_TMPDIR/d.yaml"
    [ "$status" -eq 2 ]
    [[ $output == *"names no CPU of cpupool prod"* ]]
}

@test "plan: the time is estimated from earlier runs, and unknown parts are named" {
    run plan "$examples/caps.yaml"
    [[ $output == *"12 cells: no earlier run has similar ones; at most 24 min if every job reaches its time-out"* ]]
    mkdir -p "$XENBENCH_STATE"
    start_agent one
    cat >"$BATS_TEST_TMPDIR/e.yaml" <<END
name: short
workload: {name: nap, command: sleep 0.5}
guests: {one: {socket: $BATS_TEST_TMPDIR/one}}
repetitions: 2
END
    "$XENBENCH" run --quiet "$BATS_TEST_TMPDIR/e.yaml"
    run "$XENBENCH" plan --json "$BATS_TEST_TMPDIR/e.yaml"
    echo "$output" | jq .time
    jq -e '.time | .known_cells == 2 and .known_by_case == 2 and .known_s > 1 and .known_s < 20 and .others_at_most_s == 0' <<<"$output"
    sed -i 's/^name: short/name: other/' "$BATS_TEST_TMPDIR/e.yaml"
    run "$XENBENCH" plan --json "$BATS_TEST_TMPDIR/e.yaml"
    jq -e '.time | .known_cells == 2 and .known_by_case == 0' <<<"$output"
    stop_agents
}

@test "plan: without Xen and --host it says what it cannot judge" {
    [ ! -e /dev/xen/privcmd ] || skip "this is a Dom0"
    run "$XENBENCH" plan "$examples/weights.yaml"
    [ "$status" -eq 0 ]
    [[ $output == *"Not judged: no Xen runs here."*"--host FILE"* ]]
    run "$XENBENCH" plan --host "$examples/weights.yaml" "$examples/weights.yaml"
    [ "$status" -eq 2 ]
    [[ $output == *"weights.yaml:1: not read"* ]]
    run "$XENBENCH" plan
    [ "$status" -eq 2 ]
}

cases=$BATS_TEST_DIRNAME/cases

@test "plan: CPU numbers with gaps: an offline CPU is refused by number and left out of a range" {
    host=$cases/21-smt-off-host/host.json
    run plan "$cases/21-smt-off-host/offline.yaml"
    [ "$status" -eq 2 ]
    [[ $output == *"offline.yaml:5: case \`as configured\`, a: \`hard\` names CPU 15, which is offline"* ]]
    run plan "$cases/21-smt-off-host/spread.yaml"
    [ "$status" -eq 0 ]
    [[ $output == *"Xen 4.17.5, 14 CPUs, credit2"* ]]
    [[ $output == *"by range: the range in \`hard\` of a includes offline CPUs (3,5,7,9,11,13); only the online ones are used (2,4,6,8,10,12,14)"* ]]
    [[ $output != *"of c has CPUs"* ]]
    run plan "$cases/21-smt-off-host/many.yaml"
    [[ $output == *"15 vcpus of guests have 14 CPUs (0,2,4,6,8,10,12,14,16-21) to run on: they take turns when all of them have work"* ]]
    # A pool gets the CPUs that exist; a range without any is refused.
    printf 'name: t\nworkload: spin\ndefaults: {image: micro, pool: p}\nguests: {a: {vcpus: 3}}\npools: {p: {cpus: "12-15,16"}}\n' >"$BATS_TEST_TMPDIR/p.yaml"
    [ "$(plan "$BATS_TEST_TMPDIR/p.yaml" --json | jq -r '.cases[0].settings.pools.p.cpus')" = 12,14,16 ]
    sed -i 's/12-15,16/all,^0/' "$BATS_TEST_TMPDIR/p.yaml"
    [ "$(plan "$BATS_TEST_TMPDIR/p.yaml" --json | jq -r '.cases[0].settings.pools.p.cpus')" = 2,4,6,8,10,12,14,16-21 ]
    sed -i 's/all,^0/15-15/' "$BATS_TEST_TMPDIR/p.yaml"
    run plan "$BATS_TEST_TMPDIR/p.yaml"
    [ "$status" -eq 2 ]
    [[ $output == *"cpupool p asks for CPU 15, which is offline"* ]]
    sed -i 's/15-15/2-99/' "$BATS_TEST_TMPDIR/p.yaml"
    run plan "$BATS_TEST_TMPDIR/p.yaml"
    [[ $output == *"cpupool p asks for CPU 22; this host has CPUs 0 to 21"* ]]
}

@test "plan: a list of CPU lists, which xl.cfg reads as one per vcpu, is refused with both spellings" {
    run plan "$cases/19-cfg-pinned/as-yaml.yaml"
    [ "$status" -eq 0 ]
    [[ $output == *"hard 2: \`hard\` of pinned in line 5 is a list of 2 entries, and pinned has 2 vcpus: \`hard: [FIRST, SECOND]\` makes a case of each \
entry, for all vcpus; to set each vcpu, as xl.cfg's list does, write \`hard: {0: FIRST, 1: SECOND}\` (in 2 cases)"* ]]
    for other in 'vcpus: 3, hard: ["2", "3"]' 'vcpus: 2, hard: {0: "2", 1: "3"}' 'vcpus: 2, hard: "2,3"'; do
        sed "s/vcpus: 2, hard: .*\]/$other/" "$cases/19-cfg-pinned/as-yaml.yaml" >"$BATS_TEST_TMPDIR/other.yaml"
        run plan "$BATS_TEST_TMPDIR/other.yaml"
        [ "$status" -eq 0 ]
        [[ $output != *"FIRST"* ]]
    done
}

@test "plan: lists are axes wherever a value stands: in env, in rtds, in a vcpu's affinity" {
    run plan "$cases/07-env-matrix/threads.yaml"
    [ "$status" -eq 0 ]
    [[ $output == *"8 cases"*"run: THREADS 8, weight 512"*"one: build (THREADS 8)"* ]]
    cat >"$BATS_TEST_TMPDIR/l.yaml" <<'END'
name: lists
guests:
  a:
    image: micro
    vcpus: 2
    hard: {0: ["1", "2"], 1: "3"}
    workload:
      - {name: x, command: "true", user: [root, nobody], timeout: [1s, 2s], env: {N: 1..2, K: one}}
      - {name: y, command: [a, list]}
exclude: [{N: 1, user: root}, {hard.0: "2", workload: y}]
END
    # 2 CPUs by x in 2 users, 2 time-outs and 2 numbers except 2 * 2, and y on one of the CPUs.
    plan "$BATS_TEST_TMPDIR/l.yaml" --json >"$BATS_TEST_TMPDIR/l.json"
    [ "$(jq '.cases | length' "$BATS_TEST_TMPDIR/l.json")" -eq 13 ]
    [ "$(jq -r '.cases[].settings.parts.a.workload' "$BATS_TEST_TMPDIR/l.json" | sort -u | wc -l)" -eq 7 ]
    [ "$(jq -r '.cases[] | select(.settings.parts.a.workload == "y") | .name' "$BATS_TEST_TMPDIR/l.json")" = "hard.0 1, workload y" ]
}

@test "plan: commands that guests run besides the job are shown" {
    cat >"$BATS_TEST_TMPDIR/s.yaml" <<'END'
name: steps
workload:
  name: x
  prepare: |
    make
    make install
  each: [sh, -c, "echo 3 >/proc/sys/vm/drop_caches"]
  command: "true"
guests: {a: {image: micro}}
END
    run plan "$BATS_TEST_TMPDIR/s.yaml"
    [[ $output == *"  - x, \`prepare\`, once: make ..."* ]]
    [[ $output == *"  - x, \`each\`, before every repetition: sh -c echo 3 >/proc/sys/vm/drop_caches"* ]]
}

@test "plan: an image lacks a workload only if the workload adds something to it" {
    export XENBENCH_STATE=$BATS_TEST_TMPDIR/with
    mkdir -p "$XENBENCH_STATE/workloads"
    printf 'name: plain\nsummary: needs nothing\ncommand: "true"\n' >"$XENBENCH_STATE/workloads/plain.yaml"
    printf 'name: t\nworkload: [plain, x264]\nguests: {a: {image: micro}}\n' >"$BATS_TEST_TMPDIR/w.yaml"
    run plan "$BATS_TEST_TMPDIR/w.yaml"
    [[ $output == *"image micro was not built for the workload x264"* ]]
    [[ $output != *"for the workload plain"* ]]
}
