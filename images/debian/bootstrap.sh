# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# bootstrap.sh: installs the packages into a tree and packs the tree as a tar. The kernel's files
# are added later, without the packages that a kernel depends on.
# shellcheck disable=SC2154 # set by build and by image.sh

package_list() {
    { sed 's/#.*//' "$here/packages"; printf '%s\n' "${packages[@]}"; } | xargs | tr ' ' ,
}

# The key of the installed tree: it changes with any package or version.
bootstrap_key() {
    {
        printf '%s\n' "$suite" "$arch" "$tool" "$(package_list)" "${SOURCE_DATE_EPOCH:-}"
        apt_options
        cat "$here/bootstrap.sh" "$here/dpkg.cfg" "$apt_root/sources.list" "$apt_root"/keys/*
        find "$apt_root/lists" -maxdepth 1 -type f -name '*Release' -print0 | LC_ALL=C sort -z | xargs -0 cat
    } | sha256sum | cut -c1-16
}

# Set $root_tar. The last three trees are kept, so that a rebuild with a new agent or workload file
# takes seconds. The installation runs without our descriptors, which leaves it numbers below 10: the
# /bin/sh of its hooks knows no others.
bootstrap() {
    root_tar=$cache/roots/$(bootstrap_key).tar.zst
    if [ -z "$force" ] && zstd -q -t "$root_tar" 2>/dev/null; then
        say "$suite is installed already, from an earlier build"
        touch "$root_tar"
        return
    fi
    say "installing $suite ($tool)"
    "bootstrap_$tool" "$scratch/root.tar" 3>&- 4>&- 8>&- 9>&-
    mkdir -p "$cache/roots"
    zstd -q -1 -T0 --rm -o "$scratch/root.tar.zst" "$scratch/root.tar"
    mv "$scratch/root.tar.zst" "$root_tar"
    find "$cache/roots" -name '*.tar.zst' -printf '%T@ %p\n' | sort -rn | tail -n +4 | cut -d' ' -f2- | xargs -r rm -f
}

bootstrap_mmdebstrap() {
    local options=()
    mapfile -t options < <(apt_options | sed 's/^/--aptopt=/')
    # Merge /usr by a hook, without usrmerge and its dependency perl.
    if [ -n "$(apt_here apt-cache show usr-is-merged 2>/dev/null)" ]; then
        options+=(--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr)
    fi
    # The lists are fresh and packages are cached, so mmdebstrap downloads only new packages.
    SOURCE_DATE_EPOCH=$epoch mmdebstrap --variant=minbase --architectures="$arch" --include="$(package_list)" \
        "${options[@]}" --dpkgopt="$here/dpkg.cfg" --keyring="$apt_root/keys" \
        --skip=update,essential/unlink,check/signed-by \
        --setup-hook="mkdir -p \"\$1/var/cache/apt/archives\" \"\$1/var/lib/apt/lists\"" \
        --setup-hook="sync-in $apt_root/lists /var/lib/apt/lists" \
        --setup-hook="sync-in $apt_root/archives /var/cache/apt/archives" \
        --customize-hook="sync-out /var/cache/apt/archives $apt_root/archives" \
        --customize-hook="$(apt_forget_proxy_hook)" \
        "$suite" "$1" "$apt_root/sources.list"
}

# debootstrap does not read keys in ASCII armor: lines, a blank one, base64, its checksum.
plain_key() {
    if grep -aq '^-----BEGIN PGP' "$1"; then
        sed -e '1,/^[[:space:]]*$/d' -e '/^=/,$d' -e '/^-----/d' "$1" | base64 -d
    else
        cat "$1"
    fi
}

# debootstrap knows one mirror and no updates, so a second step installs updates and the requested
# packages.
bootstrap_debootstrap() {
    local root=$scratch/root mirror key
    for key in "$apt_root"/keys/*; do plain_key "$key"; done >"$scratch/keyring.gpg"
    mirror=$(awk '/^deb / { sub(/\[[^]]*\] */, ""); print $2; exit }' "$apt_root/sources.list")
    debootstrap --variant=minbase --arch="$arch" --cache-dir="$apt_root/archives" \
        --keyring="$scratch/keyring.gpg" "$suite" "$root" "$mirror"
    cp "$apt_root/sources.list" "$root/etc/apt/sources.list"
    cp "$here/dpkg.cfg" "$root/etc/dpkg/dpkg.cfg.d/xenbench"
    apt_options >"$root/etc/apt/apt.conf.d/99xenbench"
    cp -n "$apt_root"/archives/*.deb "$root/var/cache/apt/archives/"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    chroot "$root" apt-get -q update
    DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -q -y dist-upgrade
    # shellcheck disable=SC2046 # words are wanted
    DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -q -y install $(package_list | tr , ' ')
    cp -n "$root"/var/cache/apt/archives/*.deb "$apt_root/archives/"
    rm -rf "$root/usr/sbin/policy-rc.d" "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* \
        "$root"/usr/share/{man,info,locale}/* "$root"/var/log/{bootstrap,dpkg,alternatives}.log
    apt_forget_proxy "$root"
    tar -C "$root" --one-file-system --sort=name --numeric-owner -cf "$1" .
}
