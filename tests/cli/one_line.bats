#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# An experiment without a file: `run` and `plan` with --guests, --workload, --case and --set; `init`.
load helper

setup() {
    own_state
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir share
    ln -s "$BATS_TEST_DIRNAME/../../images/workloads" share/workloads
}

# images NAME...: makes images that xenbench lists.
images() {
    local name
    for name; do
        mkdir -p "state/images/$name"
        touch "state/images/$name/vmlinux" "state/images/$name/initrd.img"
        printf '{"name": "%s", "kind": "micro", "suite": "bookworm", "arch": "amd64", "kernel": "vmlinux", "kernel_release": "6.1", "initrd": "initrd.img", "disk": null, "cmdline": "quiet",
            "agent_version": "1", "agent_sha256": "1", "recipe_sha256": "1", "created": "2026-01-01T00:00:00Z",
            "min_memory_bytes": 67108864, "workloads": ["spin"], "packages": []}' "$name" \
            >"state/images/$name/image.json"
    done
}

# says TEXT ARGUMENT...: xenbench exits with status 2 and TEXT on stderr.
says() {
    local text=$1
    shift
    run --separate-stderr "$XENBENCH" "$@"
    [ "$status" -eq 2 ] || { echo "status $status: $*: $output"; return 1; }
    # shellcheck disable=SC2154 # bats sets stderr
    [[ $stderr == *"$text"* ]] || { echo "$*: $stderr"; return 1; }
}

# Options for two guests behind sockets.
sockets=(--guests "one,two" --set one.socket=one --set two.socket=two --set max_release_error=1s)

@test "one line: --print writes the file, which is the same experiment" {
    images debian
    local line=(--workload x264 --guests 3 --case 'apart: hard=1,2,3' --case 'shared: hard=2-3'
        --case 'weighed: hard=2-3 g1.weight=4096')
    "$XENBENCH" run "${line[@]}" --print >e.yaml
    grep -qx "#   xenbench run --workload x264 --guests 3 --image debian --case 'apart: hard=1,2,3' .*" e.yaml
    grep -qx '  image: debian' e.yaml
    "$XENBENCH" plan --json "${line[@]}" | jq -S 'del(.file)' >a
    "$XENBENCH" plan --json e.yaml | jq -S 'del(.file)' >b
    cmp a b
    jq -e '[.cases[].name] == ["apart", "shared", "weighed"]' a
}

@test "one line: a command runs in the guests, and the run is resumed from its text" {
    start_agents one two
    local line=("${sockets[@]}" --case a --case b --repetitions 2) command=(-- sleep 0.1)
    "$XENBENCH" run --quiet "${line[@]}" "${command[@]}" >table
    grep -q '^  a ' table
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'")" -eq 4 ]
    [ "$(ask 'SELECT overrides FROM runs')" = '[]' ]
    "$XENBENCH" runs show --experiment >e.yaml
    "$XENBENCH" run --print "${line[@]}" "${command[@]}" | cmp - e.yaml
    # The same line finishes an unfinished run; so does --resume, which needs no line.
    ask "UPDATE runs SET state = 'unfinished', ended_at = NULL; UPDATE cells SET state = 'planned' WHERE cell = 3;
         DELETE FROM samples WHERE cell = 3"
    "$XENBENCH" run --quiet "${line[@]}" "${command[@]}" >/dev/null
    [ "$(ask 'SELECT count(*) FROM runs')" -eq 1 ]
    [ "$(ask 'SELECT resumed FROM runs')" -eq 1 ]
    ask "UPDATE runs SET state = 'unfinished', ended_at = NULL; UPDATE cells SET state = 'planned' WHERE cell = 3;
         DELETE FROM samples WHERE cell = 3"
    cd /
    "$XENBENCH" run --quiet --resume latest >/dev/null
    [ "$(ask "SELECT count(*) FROM cells WHERE state = 'done'")" -eq 4 ]
    [ "$(ask 'SELECT resumed FROM runs')" -eq 2 ]
}

@test "one line: errors name the option and the nearest word" {
    local guests=(--workload spin --guests 2 --image micro)
    says "--case 'x': no key \`wieght\`; did you mean \`weight\`?" run "${guests[@]}" --case 'x: wieght=3'
    says "--case 'x', g1.cap=many: \`cap\` is \`many\`" plan "${guests[@]}" --case 'x: g1.cap=many'
    says "--set order=rndom: \`order\` is \`rndom\`; did you mean \`random\`?" plan "${guests[@]}" --set order=rndom
    says "which guests? --guests N" run --workload spin
    says "what do the guests run?" run --guests 2
    says "--workload and a command exclude each other" run --workload spin --guests 2 -- true
    says "a file and a command exclude each other" run e.yaml -- true
    says "e.yaml is a file" run e.yaml --guests 2
    says "--resume knows its own file" run --resume latest --guests 2
    says "--resume and --afresh exclude each other" run --resume latest --afresh
    says "--print writes the file of an experiment that is given by options" run e.yaml --print
    says "no option --gests; did you mean --guests?" run --gests 2
}

@test "one line: guests of the only image; with several, which one is asked" {
    says "there is no image to make guests of" plan --workload spin --guests 2
    images micro
    "$XENBENCH" run --workload spin --guests 2 --print | grep -qx '  image: micro'
    images debian
    says "of which image? --image; there are: debian, micro" plan --workload spin --guests 2
    "$XENBENCH" run --workload spin --guests 2 --image debian --print | grep -qx '  image: debian'
    "$XENBENCH" run --workload spin --guests web,db --print >printed
    grep -q 'web' printed
    run ! grep image: printed
}

@test "--set: any key of a file, at any depth; a wrong one is named" {
    printf 'name: t\nworkload: spin\nguests: {a: , b: }\ncases: [{name: x}]\n' >e.yaml
    "$XENBENCH" plan --json e.yaml --set a.cap=30 --set dom0.vcpus=1 --set memory=1G --set name=other >said
    jq -e '.experiment == "other"' said
    jq -e '[.. | objects | select(.cap? == 30)] | length == 1' said
    says "--set a.cpa=30: no key \`cpa\` here; did you mean \`cap\`?" plan e.yaml --set a.cpa=30
    says "--set hard=1,2: one value for all guests, or one for each?" plan e.yaml --set hard=1,2
    says "--set host.dom0_vcpus=1: no key \`dom0_vcpus\` here" plan e.yaml --set host.dom0_vcpus=1
}

@test "init: an experiment for a host, which plan accepts" {
    cp "$BATS_TEST_DIRNAME/host.json" host.json
    run "$XENBENCH" init --host host.json first.yaml
    [ "$status" -eq 0 ]
    [[ $output == *"first.yaml is written; \`xenbench plan first.yaml\`"* ]]
    grep -q 'pool Pool-0: CPUs all, scheduler credit2' first.yaml
    grep -q 'guest still: 1 vcpus, 128M, stopped' first.yaml
    grep -q 'image micro: for guests of 64M or more; workloads spin' first.yaml
    grep -q '^  - name: a core each' first.yaml
    "$XENBENCH" plan --host host.json first.yaml
    says "--force replaces it" init --host host.json first.yaml
    "$XENBENCH" init --host host.json --force first.yaml
    "$XENBENCH" init --host host.json - | cmp - first.yaml
    # Without an image, existing guests are used; without a spare core, nobody is pinned.
    jq '.images = [] | .cpus |= .[:1]' host.json >small.json
    "$XENBENCH" init --host small.json small.yaml
    grep -q '^  old:' small.yaml
    run ! grep -q 'core each' small.yaml
    "$XENBENCH" plan --host small.json small.yaml
    # The same works on a machine without Xen.
    "$XENBENCH" init
    "$XENBENCH" plan experiment.yaml
}
