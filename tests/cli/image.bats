#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The parts of `xenbench image` that need neither Xen nor a network. tests/lab builds images and
# boots them.
load helper

setup() {
    TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
    export XENBENCH_SHARE=$TOP/images XENBENCH_LIB=$BIN XENBENCH_STATE=$BATS_TEST_TMPDIR/state
    cd "$BATS_TEST_TMPDIR" || return
}

# fake_recipe BODY: installs a recipe called `fake`.
fake_recipe() {
    mkdir -p share/fake
    printf '#!/bin/bash\n%s\n' "$1" >share/fake/build
    chmod +x share/fake/build
    export XENBENCH_SHARE=$PWD/share
}

nothing_left() {
    [ -z "$(find state/images -mindepth 1 ! -name '.*.lock' 2>/dev/null)" ]
}

@test "usage: errors are named, with status 2" {
    for arguments in "" "paint" "list all" "remove" "remove a b" "remove nothing" "build" "build nothing" "build ../micro"; do
        # shellcheck disable=SC2086 # words are wanted
        run --separate-stderr "$XENBENCH" image $arguments
        [ "$status" = 2 ]
        [ -n "$stderr" ]
    done
    for arguments in "--help" "build --help" "build micro --help" "build debian --help" "list --help"; do
        # shellcheck disable=SC2086
        run "$XENBENCH" image $arguments
        [ "$status" = 0 ]
        [[ $output == *[Uu]sage:* ]]
    done
}

# wrong EXPECTED ARGUMENT...: the recipe refuses these arguments with this message, and leaves nothing
wrong() {
    local expected=$1
    shift
    run --separate-stderr "$XENBENCH" image build "$@"
    [ "$status" = 2 ]
    [[ $stderr == *"$expected"* ]]
    nothing_left
}

@test "build: senseless options are refused before anything is done" {
    wrong "cannot be called '../x'" micro ../x
    wrong "one name only" micro a b
    wrong "no option --colour" micro --colour red
    wrong "--suite needs a value" micro --suite
    wrong "no name of a release" micro --suite 'Book worm'
    wrong "there is no file" micro --kernel nowhere/vmlinuz
    wrong "write SRC:DST" micro --file here
    wrong "write SRC:DST" micro --file /etc/hosts:/etc/../../hosts
    wrong "there is no nowhere" micro --file nowhere:/there
    wrong "did you mean \`x264\`" micro --workload x265
    wrong "no name of a module" micro --module 'a b'
    wrong "there is no agent" micro --agent nowhere
    wrong "guests of x86" micro --arch arm64
    wrong "is not for i386" micro --arch i386
    wrong "--size 'big'" debian --size big
    wrong "write VG/NAME" debian --lv name
    wrong "mmdebstrap or debootstrap" debian --tool tar
    wrong "build a debian image" micro --workload x264
}

@test "build: an unreachable mirror ends it with the log's tail, leaving only the log" {
    run --separate-stderr "$XENBENCH" image build micro --mirror "file://$PWD/nowhere"
    [ "$status" = 3 ]
    [ "$output" = "fetching the kernel" ]
    [[ $stderr == *"nowhere"*"cannot read the package lists"*"state/log/image-micro.log"* ]]
    [ -s state/log/image-micro.log ]
    nothing_left
}

@test "build: only one build of a name at a time" {
    mkdir -p state/images
    flock state/images/.micro.lock sleep 5 3>&- &
    local holder=$!
    wait_for bash -c '! flock -n state/images/.micro.lock true'
    run --separate-stderr "$XENBENCH" image build micro
    [ "$status" = 3 ]
    [[ $stderr == *"being built by another process"* ]]
    kill "$holder"
    # An image that somebody is reading cannot be rebuilt either.
    exec 7>state/images/.micro.lock
    wait_for flock -s 7
    run --separate-stderr "$XENBENCH" image build micro
    [ "$status" = 3 ]
    [[ $stderr == *"or exported"* ]]
    exec 7>&-
}

@test "build: the remains of an interrupted build are removed, and its predecessor returns" {
    mkdir -p state/images/.micro.part state/images/.micro.old
    touch state/images/.micro.old/image.json
    run "$XENBENCH" image build micro --mirror "file://$PWD/nowhere"
    [ "$status" = 3 ]
    [ ! -e state/images/.micro.part ]
    [ -e state/images/micro/image.json ]
}

@test "build: the recipe gets the paths that it needs, and its status is ours" {
    fake_recipe 'echo "$XENBENCH $XENBENCH_STATE $XENBENCH_LIB $*"; exit "${2:-0}"'
    run "$XENBENCH" image build fake name 0
    [ "$status" = 0 ]
    [ "$output" = "$(realpath "$XENBENCH") $XENBENCH_STATE $BIN name 0" ]
    run "$XENBENCH" image build fake name 2
    [ "$status" = 2 ]
    run "$XENBENCH" image build fake name 77
    [ "$status" = 3 ]
}

@test "build: a signal reaches the whole build" {
    fake_recipe 'trap "touch stopped; exit 130" TERM; sleep 60 & echo $! >child; wait'
    "$XENBENCH" image build fake 3>&- &
    local xenbench=$! ended=0
    wait_for test -s child
    kill -TERM "$xenbench"
    wait "$xenbench" || ended=$?
    [ "$ended" = 3 ]
    [ -e stopped ]
    wait_for bash -c '! kill -0 "$(cat child)" 2>/dev/null'
}

@test "list and remove: an image, as a table and as JSON" {
    mkdir -p state/images/m
    touch state/images/m/{vmlinux,initrd.img}
    cat >state/images/m/image.json <<'JSON'
{"name": "m", "kind": "micro", "suite": "bookworm", "arch": "amd64", "kernel": "vmlinux", "kernel_release": "6.1",
 "initrd": "initrd.img", "disk": null, "cmdline": "quiet", "min_memory_bytes": 100663296, "agent_version": "0",
 "agent_sha256": "0", "recipe_sha256": "0", "created": "2024-01-01T00:00:00Z", "workloads": ["spin"]}
JSON
    run "$XENBENCH" image list
    [[ ${lines[1]} == "m "*"96M  spin" ]]
    "$XENBENCH" image list --json | jq -e '.[0] | .name == "m" and .min_memory_bytes == 100663296 and .read_only == false'
    "$XENBENCH" image remove m
    [ ! -e state/images/m ]
    [ "$("$XENBENCH" image list --json)" = "[]" ]
}

# image_and_guest LINES: makes the image m, and a guest of m whose xl.cfg has these lines
image_and_guest() {
    mkdir -p state/images/m state/guests/g
    touch state/images/m/{vmlinux,initrd.img}
    jq -n '{name: "m", kind: "micro", suite: "s", arch: "a", kernel: "vmlinux", kernel_release: "6", initrd: "initrd.img",
        disk: null, cmdline: "", min_memory_bytes: 1, agent_version: "0", agent_sha256: "0", recipe_sha256: "0", created: ""}' \
        >state/images/m/image.json
    jq -n '{format: 1, name: "g", uuid: "8c2cb2fa-2a45-44c2-8a17-d0d5cf7c66ff", image: "m", type: "pv", run: "", vcpus: 1,
        memory_bytes: 134217728}' >state/guests/g/guest.json
    printf '%s\n' "$@" >state/guests/g/g.cfg
}

# refuses EXPECTED: the image m is not removed, except with --force
refuses() {
    run --separate-stderr "$XENBENCH" image remove m
    [ "$status" = 2 ] || [ "$status" = 3 ]
    [[ $stderr == *"$1"* ]] || { echo "$stderr"; return 1; }
    [ -e state/images/m ]
    "$XENBENCH" image remove m --force
    [ ! -e state/images/m ]
}

@test "remove: not while a guest starts with the image's kernel, unless forced" {
    image_and_guest 'name = "g"' "kernel = \"$PWD/state/images/m/vmlinux\""
    refuses "guest g starts with the kernel of image m"
    image_and_guest
    rm state/guests/g/g.cfg
    refuses "guest g has no xl.cfg that can be read, and may start with the kernel of image m"
    image_and_guest
    echo '{' >state/guests/g/guest.json
    refuses "it is unknown whether a guest needs image m"
}

@test "remove: a guest with a kernel of its own does not need its image any longer" {
    image_and_guest '# Guest g, made by xenbench from the image m.' "kernel = \"$PWD/state/guests/g/kernel\""
    "$XENBENCH" image remove m
    [ ! -e state/images/m ]
}

@test "a damaged guest stays and is reported, with exit status 3; the rest is cleaned" {
    mkdir -p state/guests/bad state/guests/.other.new.999999
    echo '{' >state/guests/bad/guest.json
    XENBENCH_RUN=$PWD/run run --separate-stderr "$XENBENCH" clean --all
    [ "$status" = 3 ]
    [[ $stderr == *"left out: "*"guests/bad/guest.json"* ]]
    [ ! -e state/guests/.other.new.999999 ]
    [ -e state/guests/bad/guest.json ]
}

# recipe_that LINES: installs a recipe with these lines, whose files need no download
recipe_that() {
    fake_recipe "
set -euo pipefail
kind=fake suite=none
. $TOP/images/common/image.sh
recipe_option() { false; }
recipe_check() { :; }
recipe_settings() { :; }
build_image() {
    release=none
    $1
    write_json 'disk=null' min_memory_bytes=1 'cmdline=\"\"'
}
image_main \"\$@\""
    ln -s "$TOP/images/common" share/common
}

@test "build and import: guests that start with the image's own files are named" {
    recipe_that 'touch "$part/vmlinux" "$part/initrd.img"'
    image_and_guest "kernel = \"$PWD/state/images/m/vmlinux\""
    run "$XENBENCH" image build fake m
    [ "$status" = 0 ]
    [[ $output == *"guest g has no kernel of its own"* ]]
    "$XENBENCH" image export m m.xbs -q
    run --separate-stderr "$XENBENCH" image import m.xbs --force -q
    [[ $stderr == *"guest g has no kernel of its own"* ]]
    image_and_guest "kernel = \"$PWD/state/guests/g/kernel\""
    run "$XENBENCH" image build fake m --force
    [[ $output == *"is ready"* && $output != *"guest g"* ]]
}

@test "build: image.json has the digest of each file" {
    recipe_that 'echo kernel >"$part/vmlinux"; echo initramfs >"$part/initrd.img"
        disk_sha256=$(echo disk | sha256sum | cut -d" " -f1)'
    run "$XENBENCH" image build fake f
    echo "$output"
    [ "$status" -eq 0 ]
    jq .sha256 state/images/f/image.json
    for name in vmlinux initrd.img; do
        [ "$(jq -r --arg name $name '.sha256[$name]' state/images/f/image.json)" = "$(sha256sum <state/images/f/$name | cut -d' ' -f1)" ]
    done
    [ "$(jq -r '.sha256["disk.img"]' state/images/f/image.json)" = "$(echo disk | sha256sum | cut -d' ' -f1)" ]
    [ "$(jq -r '.sha256 | length' state/images/f/image.json)" -eq 3 ]
}

# recipe KIND OPTION...: prints the digest of the recipe with these options
recipe() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    bash -euc 'sed "s|^image_main|parse_options \"\$@\"; check_options; resolve_workloads; recipe_check; recipe_sha256; exit;|" "$0" >"$1"
        chmod +x "$1"
        exec "${@:1}"' "$XENBENCH_SHARE/$1/build" "$XENBENCH_SHARE/$1/tried" "${@:2}"
}

# A copy of the recipes, for tests that change a file of theirs.
own_recipes() {
    mkdir -p share lib
    cp -R "$TOP"/images/{common,debian,micro,workloads} share/
    cp -R "$TOP/guest-agent" share/agent
    cp "$BIN/spin" "$BIN/mkclip" lib/
    ln -s "$BIN/xenbench-agent" "$BIN/xenbench" lib/
    export XENBENCH_SHARE=$PWD/share XENBENCH_LIB=$PWD/lib
}

# differs KIND COMMAND OPTION...: the recipe's digest stays the same until COMMAND
differs() {
    local before kind=$1 command=$2
    shift 2
    before=$(recipe "$kind" "$@")
    [ "${#before}" -eq 64 ]
    [ "$(recipe "$kind" "$@")" = "$before" ]
    eval "$command"
    [ "$(recipe "$kind" "$@")" != "$before" ] || { echo "$kind: not after $command"; return 1; }
}

@test "build: whatever decides an image's contents changes the digest of its recipe" {
    own_recipes
    echo key >key.gpg
    differs debian 'echo "# more" >>share/agent/xenbench-agent.service'
    differs debian 'echo "# more" >>share/agent/xenbench-agent.rules'
    differs micro 'echo more >>lib/spin'
    differs micro 'echo more >>key.gpg' --keyring key.gpg
    differs micro 'export SOURCE_DATE_EPOCH=1700000000'
    [ "$(recipe micro)" != "$(recipe micro --append quiet)" ]
}
