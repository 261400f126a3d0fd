#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What make does where git does not work: not installed, or the tree belongs to another user.

setup() {
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\necho "git is broken" >&2\nexit 128\n' >"$BATS_TEST_TMPDIR/bin/git"
    chmod +x "$BATS_TEST_TMPDIR/bin/git"
}

# fails TARGET: make TARGET fails and says what git says
fails() {
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run make -C "$BATS_TEST_DIRNAME/../.." BUILD="$BATS_TEST_TMPDIR/build" CLANG_FORMAT=true "$1"
    echo "$output"
    [ "$status" -ne 0 ]
    [[ $output == *"git is broken"* ]]
}

@test "lint does not pass over no files" {
    for target in lint-format lint-c lint-sh; do
        fails $target
    done
}

@test "dist makes no archive" {
    fails dist
    [ -z "$(find "$BATS_TEST_TMPDIR/build" -name '*.tar*' -size +0)" ]
}
