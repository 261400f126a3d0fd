#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion: the words that `xenbench --complete` offers, and what bash and zsh do with them.
load helper

TYPE_LINE=$BATS_TEST_DIRNAME/type_line.zsh

setup() {
    own_state
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p share bin state/guests state/images
    ln -s "$XENBENCH" bin/xenbench
    ln -s "$BATS_TEST_DIRNAME/../../images/workloads" "$BATS_TEST_DIRNAME/../../images/debian" \
        "$BATS_TEST_DIRNAME/../../images/common" share
    PATH=$PWD/bin:$PATH
}

guests() {
    local name
    for name; do
        mkdir "state/guests/$name"
        jq -n --arg name "$name" '{format: 1, name: $name, uuid: "8c2cb2fa-2a45-44c2-8a17-d0d5cf7c66ff", image: "m", type: "pv",
            run: "", vcpus: 1, memory_bytes: 134217728}' >"state/guests/$name/guest.json"
    done
}

image() {
    mkdir "state/images/$1"
    touch "state/images/$1/vmlinux" "state/images/$1/initrd.img"
    jq -n --arg name "$1" '{name: $name, kind: "micro", suite: "bookworm", arch: "amd64", kernel: "vmlinux", kernel_release: "6.1",
        initrd: "initrd.img", disk: null, cmdline: "", min_memory_bytes: 1, agent_version: "0", agent_sha256: "0",
        recipe_sha256: "0", created: ""}' >"state/images/$1/image.json"
}

# Make a store with an unfinished run, whose id begins with 0662e31b, and a finished one, fb63e784.
store() {
    sqlite3 "$store" <"$BATS_TEST_DIRNAME/store_v1.sql"
}

# offers WORDS WORD...: WORDS, without their descriptions, are offered in place of the last WORD
offers() {
    local expected=$1 offered
    shift
    xenbench --complete "$@" >words 2>said || { cat said; return 1; }
    offered=$(sed 's/^\t/:/; s/\t.*//' words | paste -sd ' ')
    [ "$offered" = "$expected" ] || { echo "$*: $offered"; return 1; }
}

@test "commands, verbs, options and their words, as help lists them; nothing that is hidden" {
    offers "guest" gu
    offers "report" -v --color=always rep
    offers "$(xenbench --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | paste -sd ' ')" ""
    offers "checkpoint" guest che
    offers "" image check
    offers "" domain-h
    offers "--keep-backup" guest clone --keep
    offers "table md html json" compare --format ""
    offers "--format=html" compare --format=h
    offers "github-smaller github-bigger" report --format gi
    offers "thin" guest create x --storage th
    offers "auto always never" history --color ""
    offers "--verbose --version" --ver
    offers "boot,reboot boot,restore" lifecycle web --phases boot,re
    xenbench --complete guest st | grep -qx "$(printf 'start\tstart guests, all at once')"
    xenbench --complete compare --ju | grep -q "$(printf '^--junit\tAlso write JUnit')"
}

@test "files and directories where these are meant; nothing after --, or where a word is new" {
    offers ":files" run ""
    offers ":files" report --output ""
    offers ":dirs" run --report-dir ""
    offers ":files" push web ""
    offers "" guest create ""
    offers "" exec web -- ""
    offers "" run --guests 2 -- --gu
    offers "" clean ""
}

@test "guests, images, kinds of images, workloads" {
    guests web web2 db
    image micro
    image old
    offers "db web web2" guest start ""
    offers "web web2" guest stop db w
    offers "web2" guest console web2
    offers "web,web2" exec web,w
    offers "db,web db,web2" push db,w
    offers "--guests=web,db" run --guests=web,d
    offers "micro old" run --image ""
    offers "old" guest create new --image o
    offers "micro" image remove m
    offers "debian" image build ""
    offers "--suite --size" image build debian --s
    offers "spin" image build debian --workload spi
    offers "x264" workload show x
    offers "x264,spin" run --workload x264,spi
    offers "spec2006:" run --workload spec2006
    offers "db :files" guest restore d
}

@test "runs, those that can be resumed, experiments, cases of the baseline" {
    store
    offers "fb63e784 0662e31b latest" report ""
    offers "0662e31b" runs delete 06
    offers "fb63e784 0662e31b latest :files" compare ""
    offers "0662e31b latest" run --resume ""
    offers "an old run" history ""
    offers "first= second=" compare fb63 0662 --case ""
    xenbench --complete report fb | grep -q "$(printf '^fb63e784\tan old run, 20..-..-..T..:.., finished$')"
    mv "$store" other.sqlite
    offers "" report ""
    offers "fb63e784" report --store other.sqlite f
    offers "first=" compare other.sqlite 0662 --case f
    ask "UPDATE runs SET name = 'two' || char(10) || 'lines'" other.sqlite
    offers "" history --store other.sqlite ""
}

@test "keys of an experiment, with the guests and words of the line" {
    image old
    offers "order=" run e.yaml --set ord
    offers "order=interleaved order=sequential order=random" plan --set order=
    offers "dom0= dom0." run --set dom
    offers "host.governor=" run --set host.g
    offers "image=old" run --set image=
    offers "guests= g1. g2." run --guests 2 --set g
    offers "a: hard=1 g2.weight=" run --guests 2 --case "a: hard=1 g2.wei"
    offers "web.type=pv web.type=pvh" run --guests web,db --case web.type=pv
    printf 'name: x\nguests: {victim: {socket: a}, noisy: {socket: b}}\nworkload: {name: w, command: "true"}
cases: [{name: quiet}, {name: both at once}]\n' >e.yaml
    offers "victim." run e.yaml --set vic
    offers "victim.cap=" plan e.yaml --set victim.c
    offers "compare={a: quiet compare={a: both at once" run e.yaml --set "compare={a: "
    offers "compare={a: quiet, b: both at once" run e.yaml --set "compare={a: quiet, b: bo"
}

# typed SHELL: reads lines TYPED|COMPLETED from stdin: typing the first part and a tab must give the second.
typed() {
    local lines=() expected=()
    while IFS='|' read -r line whole; do
        lines+=("$line")
        expected+=("$whole")
    done <<LINES
xenbench gu|xenbench guest .
xenbench guest start we|xenbench guest start web.
xenbench exec db,we|xenbench exec db,web.
xenbench run --workload x2|xenbench run --workload x264 .
xenbench run --workload=x264,spi|xenbench run --workload=x264,spin .
xenbench run --workload spec2006|xenbench run --workload spec2006:.
xenbench report --format ht|xenbench report --format html .
xenbench report --format=ht|xenbench report --format=html .
xenbench run --set order=in|xenbench run --set order=interleaved .
xenbench run --set ord|xenbench run --set order=.
xenbench run --case 'a: hard=1 weig|xenbench run --case 'a: hard=1 weight=.
xenbench run --case 'a: hard=1' --set ord|xenbench run --case 'a: hard=1' --set order=.
xenbench report fb6|xenbench report fb63e784 .
xenbench compare fb6|xenbench compare fb63e784 .
xenbench compare fb6 x --case qui|xenbench compare fb6 x --case quiet\\ one=.
xenbench run an|xenbench run an\\ experiment.yaml .
xenbench run --report-dir sta|xenbench run --report-dir state/.
xenbench -v image build debian --of|xenbench -v image build debian --offline .
xenbench exec web -- --con|xenbench exec web -- --con.
LINES
    mapfile -t seen < <("$TYPE_LINE" "$1" "${lines[@]}")
    local i
    for i in "${!lines[@]}"; do
        [ "${seen[i]}." = "${expected[i]}" ] || { echo "${lines[i]}: ${seen[i]}."; return 1; }
    done
}

prepare_typed() {
    command -v zsh >/dev/null || skip "there is no zsh, which also drives the terminal"
    guests web1 web2 db
    store
    ask "UPDATE cases SET name = 'quiet one' WHERE case_no = 0"
    touch "an experiment.yaml"
}

@test "bash completes a line that is typed" {
    prepare_typed
    typed bash
}

@test "zsh completes a line that is typed, and shows what each word means" {
    prepare_typed
    typed zsh
    TYPED_OUT=$PWD/shown "$TYPE_LINE" zsh 'xenbench guest st'
    grep -q 'ask guests to shut down, and wait until they have' shown
}
