# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# chroot.sh: a Debian suite in a directory, to build and test in. Works as root, and as a user who has subordinate ids
# (uidmap). Sourced; needs $roots, the folder in which systems and packages are kept.

# chroot_tar SUITE PACKAGE...: prints the path of the packed system, which is made once for this list and recipe.
chroot_tar() {
    local suite=$1 tar lock
    shift
    tar=$roots/$suite-$({ printf '%s\n' "$suite" "$@" "${XENBENCH_MIRROR:-}"; declare -f chroot_build; } |
        sha256sum | cut -c1-16).tar.zst
    mkdir -p "$roots"
    exec {lock}>"$roots/$suite.lock"
    flock "$lock"
    [ -e "$tar" ] || chroot_build "$suite" "$tar" "$@" >&2 {lock}>&-
    exec {lock}>&-
    echo "$tar"
}

# A part that an interrupted build left is written over by the next.
chroot_build() {
    local suite=$1 tar=$2 part=${2%.tar.zst}.part.tar.zst packages
    shift 2
    packages=$(tr ' ' , <<<"$*")
    echo "chroot: building Debian $suite with $*"
    mmdebstrap --quiet --variant=minbase --include="$packages" "$suite" "$part" ${XENBENCH_MIRROR:+"$XENBENCH_MIRROR"}
    mv "$part" "$tar"
}

# Root in name spaces of its own: no mount and no process outlives the command.
chroot_as_root() {
    local user=()
    [ "$(id -u)" = 0 ] || user=(--map-root-user --map-auto)
    unshare "${user[@]}" --mount --pid --fork --kill-child -- "$@"
}

# chroot_unpack TAR DIR: a fresh system in DIR, in place of what was there.
chroot_unpack() {
    chroot_remove "$2"
    mkdir -p "$2"
    chroot_as_root tar -C "$2" --numeric-owner --exclude='./dev/*' -xpf "$1"
    # It need not outlive a crash of this machine.
    echo force-unsafe-io >"$2/etc/dpkg/dpkg.cfg.d/chroot"
}

chroot_remove() {
    [ ! -e "$1" ] || chroot_as_root rm -rf --one-file-system "$1"
}

# The way to the mirror is this machine's: names, and apt's proxy.
chroot_network() {
    local dir=$1 protocol proxy
    cp -L /etc/resolv.conf /etc/hosts "$dir/etc/"
    for protocol in http https; do
        proxy=$(apt-config dump --format '%v%n' "Acquire::$protocol::Proxy")
        [ -z "$proxy" ] || echo "Acquire::$protocol::Proxy \"$proxy\";"
    done >"$dir/etc/apt/apt.conf.d/99chroot"
}

# chroot_run DIR FOLDER COMMAND...: COMMAND in the system in DIR, in FOLDER of the system, with nothing of this environment.
# Where $shared names a folder of this machine, the system has it at the same path.
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
