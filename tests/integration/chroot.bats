#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# mk/chroot.sh with a script instead of mmdebstrap.

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir bin
    export PATH=$PWD/bin:$PATH
}

program() {
    { echo '#!/bin/bash'; cat; } >"bin/$1"
    chmod +x "bin/$1"
}

# packed SUITE PACKAGE...: prints the path of the packed system, as the scripts in mk do
# shellcheck disable=SC2016 # expanded by the inner shell
packed() {
    bash -euc '. "$1/../../mk/chroot.sh"
        shift
        shopt -u inherit_errexit
        roots=$PWD/roots tar=$(chroot_tar "$@")
        echo "$tar"' bash "$BATS_TEST_DIRNAME" "$@"
}

@test "a system whose packing failed is not kept, whatever its caller makes of errors" {
    # mmdebstrap OPTION... SUITE TAR
    program mmdebstrap <<<'echo some >"${!#}"; exit 25'
    run packed bookworm make
    echo "$output"
    [ "$status" -ne 0 ]
    [ -z "$(find roots -name '*.tar.zst' ! -name '*.part.*')" ]
    # What it left is in nobody's way.
    program mmdebstrap <<<'[ ! -e "${!#}" ] && echo all >"${!#}"'
    run packed bookworm make
    [ "$status" -eq 0 ]
    [ "$(cat "${lines[-1]}")" = all ]
}
