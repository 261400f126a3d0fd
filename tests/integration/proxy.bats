#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The proxy of this machine's apt, with a script instead of mmdebstrap: every installation uses it, and nothing that is
# installed keeps it.

setup() {
    top=$BATS_TEST_DIRNAME/../..
    cd "$BATS_TEST_TMPDIR" || return
    mkdir bin
    export PATH=$PWD/bin:$PATH SAID=$PWD/said KEPT=$PWD/kept
    program apt-config <<<'echo "http://me:secret@proxy:3128"'
    # Write the file that mmdebstrap writes, run the hooks that need no system, and store what is left in the file.
    program mmdebstrap <<'SCRIPT'
tree=$(mktemp -d)
mkdir -p "$tree/etc/apt/apt.conf.d"
for option; do
    case $option in
    --aptopt=*) echo "${option#*=}" >>"$tree/etc/apt/apt.conf.d/99mmdebstrap" ;;
    esac
done
cp "$tree/etc/apt/apt.conf.d/99mmdebstrap" "$SAID"
for option; do
    case $option in
    --customize-hook=*apt_forget_proxy*) sh -c "${option#*=}" exec "$tree" ;;
    esac
done
cp "$tree/etc/apt/apt.conf.d/99mmdebstrap" "$KEPT"
for file; do
    case $file in
    *.tar*) echo packed >"$file" ;;
    esac
done
SCRIPT
}

program() {
    { echo '#!/bin/bash'; cat; } >"bin/$1"
    chmod +x "bin/$1"
}

used_and_forgotten() {
    grep -qx 'Acquire::http::Proxy "http://me:secret@proxy:3128";' "$SAID"
    [ -e "$KEPT" ]
    run grep secret "$KEPT"
    [ "$status" -eq 1 ]
}

@test "the systems to build and test in" {
    bash -euc '. "$1/mk/chroot.sh"; roots=$PWD/roots; chroot_tar bookworm make' bash "$top"
    used_and_forgotten
}

@test "the lab's Dom0" {
    mkdir -p work/overlay
    # shellcheck disable=SC2016 # expanded by the inner shell
    bash -euc 'here=$1/images/lab; . "$here/build.sh"; fail() { echo "$*"; exit 3; }; image_tar work' bash "$top"
    used_and_forgotten
}

@test "a debian image, which keeps other options" {
    # shellcheck disable=SC2016 # expanded by the inner shell
    bash -euc 'here=$1/images/debian; . "$here/../common/apt.sh"; . "$here/bootstrap.sh"
        apt_extra=("APT::Keep-Downloaded-Packages \"false\"") packages=(jq) apt_root=$PWD/apt epoch=1 arch=amd64 suite=bookworm
        apt_here() { :; }
        bootstrap_mmdebstrap root.tar' bash "$top"
    used_and_forgotten
    grep -qx 'APT::Keep-Downloaded-Packages "false";' "$KEPT"
}
