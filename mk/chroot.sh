# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# chroot.sh: a Debian suite in a directory, to build and test in. Works for root, and for a user
# with subordinate ids (uidmap). Sourced; needs $roots, the folder for packed systems and packages.

# shellcheck source=images/common/path.sh
. "${BASH_SOURCE[0]%/*}/../images/common/path.sh"
# shellcheck source=images/common/apt.sh
. "${BASH_SOURCE[0]%/*}/../images/common/apt.sh"

# chroot_tar SUITE PACKAGE...: prints the path of the packed system. It is made once for each list of
# packages, mirror and version of chroot_build.
chroot_tar() {
    local suite=$1 tar lock
    shift
    tar=$roots/$suite-$({ printf '%s\n' "$suite" "$@" "${XENBENCH_MIRROR:-}"; declare -f chroot_build; } |
        sha256sum | cut -c1-16).tar.zst
    mkdir -p "$roots"
    exec {lock}>"$roots/$suite.lock"
    flock "$lock"
    [ -e "$tar" ] || chroot_build "$suite" "$tar" "$@" >&2 {lock}>&- || return
    exec {lock}>&-
    echo "$tar"
}

# An interrupted or failed build may leave a partial file.
chroot_build() {
    local suite=$1 tar=$2 part=${2%.tar.zst}.part.tar.zst packages options
    shift 2
    packages=$(tr ' ' , <<<"$*")
    echo "chroot: building Debian $suite with $*"
    mapfile -t options < <(apt_proxy | sed 's/^/--aptopt=/')
    rm -f "$part"
    mmdebstrap --quiet --variant=minbase --include="$packages" "${options[@]}" --customize-hook="$(apt_forget_proxy_hook)" "$suite" "$part" ${XENBENCH_MIRROR:+"$XENBENCH_MIRROR"} &&
        mv "$part" "$tar"
}

# Runs a command as root in its own namespaces, so that its mounts and processes end with it.
chroot_as_root() {
    local user=()
    [ "$(id -u)" = 0 ] || user=(--map-root-user --map-auto)
    unshare "${user[@]}" --mount --pid --fork --kill-child -- "$@"
}

# chroot_unpack TAR DIR: unpacks a fresh system into DIR, replacing what was there.
chroot_unpack() {
    chroot_remove "$2"
    mkdir -p "$2"
    chroot_as_root tar -C "$2" --numeric-owner --exclude='./dev/*' -xpf "$1"
    # The system need not survive a crash of this machine, so dpkg need not sync.
    echo force-unsafe-io >"$2/etc/dpkg/dpkg.cfg.d/chroot"
}

chroot_remove() {
    [ ! -e "$1" ] || chroot_as_root rm -rf --one-file-system "$1"
}

# The system reaches the mirror as this machine does: copy the name servers, the hosts and apt's proxy.
chroot_network() {
    local dir=$1
    cp -L /etc/resolv.conf /etc/hosts "$dir/etc/"
    apt_proxy >"$dir/etc/apt/apt.conf.d/99chroot"
}

# chroot_run DIR FOLDER COMMAND...: runs COMMAND in the system in DIR, in the system's FOLDER and with
# an environment of its own. If $shared names a folder of this machine, it is mounted at the same path.
chroot_run() {
    local dir=$1 folder=$2 archives
    shift 2
    # shellcheck disable=SC1091 # the system's own
    archives=$roots/archives/$(. "$dir/etc/os-release" && echo "$VERSION_CODENAME")
    chroot_network "$dir"
    # shellcheck disable=SC2016 # expanded by the inner shell
    chroot_as_root sh -euc 'dir=$1 folder=$2 archives=$3 shared=$4
        shift 4
        mkdir -p "$archives/partial"
        mount --bind "$dir" "$dir" # so that / can be given name spaces of its own inside, too
        mount --rbind /dev "$dir/dev"
        mount -t proc proc "$dir/proc"
        mount --rbind /sys "$dir/sys"
        mount --bind "$archives" "$dir/var/cache/apt/archives"
        if [ -n "$shared" ]; then mkdir -p "$dir$shared" && mount --bind "$shared" "$dir$shared"; fi
        exec chroot "$dir" /usr/bin/env -i HOME=/root TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            sh -euc '\''cd "$1" && shift && exec "$@"'\'' sh "$folder" "$@"' sh "$dir" "$folder" "$archives" "${shared:-}" "$@"
}
