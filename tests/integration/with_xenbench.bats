#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# images/lab/with-xenbench with scripts instead of the lab and of xenbench: the disk of images, and the lab that gets it.

setup() {
    top=$(realpath "$BATS_TEST_TMPDIR")/top
    labs=$top/build/lab/labs
    mkdir -p "$top/images/lab" "$top/build/stage/usr/sbin" "$labs"
    cp "$BATS_TEST_DIRNAME"/../../images/lab/{with-xenbench,suite.sh} "$top/images/lab/"
    export LABS=$labs SAID=$BATS_TEST_TMPDIR/said CONTENTS=one
    unset XENBENCH_LAB_DIR XENBENCH_BUILD
    # image build KIND
    program build/stage/usr/sbin/xenbench <<'SCRIPT'
mkdir -p "$XENBENCH_STATE/images/$3"
echo "$CONTENTS" >"$XENBENCH_STATE/images/$3/image.json"
SCRIPT
    program images/lab/mkdisk <<<'cat "$1"/*/image.json >"$2"'
    # A lab that is up is a folder with a link to its disk.
    program images/lab/lab <<'SCRIPT'
case $1 in
status) [ -d "$LABS/$3" ]; exit ;;
up) mkdir "$LABS/$3" && ln -s "$5" "$LABS/$3/images.raw" ;;
down) rm -r "${LABS:?}/$3" ;;
esac
echo "$1" >>"$SAID"
SCRIPT
}

program() {
    { echo '#!/bin/bash'; cat; } >"$top/$1"
    chmod +x "$top/$1"
}

with_xenbench() {
    : >"$SAID"
    run "$top/images/lab/with-xenbench" "$@"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "--keep: a lab that is up is kept while its images are these, and else started again" {
    with_xenbench --keep one micro
    [ "$(xargs <"$SAID")" = "up push" ]
    with_xenbench --keep one micro
    [ "$(xargs <"$SAID")" = push ]
    CONTENTS=two with_xenbench --keep one micro
    [ "$(xargs <"$SAID")" = "down up push" ]
    [ "$(cat "$labs/one/images.raw")" = two ]
}

@test "a disk that could not be made is not used" {
    program images/lab/mkdisk <<<'echo half >"$2"; exit 1'
    run "$top/images/lab/with-xenbench" one micro
    [ "$status" -ne 0 ]
    [ ! -e "$SAID" ]
    program images/lab/mkdisk <<<'touch "$2"'
    program ../cp <<<'exit 1'
    PATH=$BATS_TEST_TMPDIR:$PATH run "$top/images/lab/with-xenbench" one micro
    [ "$status" -ne 0 ]
    [ ! -e "$SAID" ]
    [ -z "$(find "$top/build/lab" -name 'images-*.raw')" ]
}

@test "disks that nobody uses any more are removed" {
    with_xenbench one micro
    for i in 1 2 3 4 5 6; do
        CONTENTS=$i with_xenbench other$i micro
        rm -r "$labs/other$i"
    done
    [ "$(find "$top/build/lab" -name 'images-*.raw' | wc -l)" -eq 5 ]
    [ "$(cat "$labs/one/images.raw")" = one ]
    cat "$top"/build/lab/images-*.raw | sort | xargs
    [ "$(cat "$top"/build/lab/images-*.raw | sort | xargs)" = "3 4 5 6 one" ]
}
