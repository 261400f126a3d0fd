# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# build.sh: the Dom0 image. Sourced by `lab`; needs $here and $state.
#
# An image is a directory $state/dom0/SUITE-KERNEL-HASH, where HASH is the recipe's, with:
#   root.img           Dom0's root, ext4
#   xen.elf            the hypervisor, unpacked: QEMU's multiboot loader needs the 32-bit ELF
#   vmlinux initrd     Dom0's kernel and initramfs, unpacked if possible: under emulation, unpacking takes seconds
#   id known_hosts     the ssh keys of this image alone

# shellcheck source=images/lab/suite.sh
. "$here/suite.sh"
# What apt.sh needs; options change the first two.
suite=$(default_suite) kernel=default arch=amd64 mirrors=() keyring=''
[ -z "${XENBENCH_MIRROR:-}" ] || mirrors=("$XENBENCH_MIRROR")
# shellcheck source=images/common/apt.sh
. "$here/../common/apt.sh"
# shellcheck source=images/common/kernel.sh
. "$here/../common/kernel.sh"

recipe_hash() {
    local hash
    hash=$(cd "$here" && find dom0 build.sh ../common/apt.sh ../common/kernel.sh -type f -print0 | LC_ALL=C sort -z |
        xargs -0 sha256sum | sha256sum | cut -c1-16)
    echo "$suite-$kernel-$hash"
}

# Prints the image's directory; builds the image if it is missing. A second caller waits for the first.
image_ready() {
    local image lock
    image=$state/dom0/$(recipe_hash)
    if [ ! -e "$image/root.img" ]; then
        mkdir -p "$state/dom0"
        exec {lock}>"$state/dom0/lock"
        flock "$lock"
        [ -e "$image/root.img" ] || image_build "$image" >&2
        exec {lock}>&-
    fi
    echo "$image"
}

image_build() {
    local image=$1 work=$1.part
    say "building the Dom0 image of $suite (about two minutes, once)"
    rm -rf "$work"
    mkdir -p "$work/overlay/root/.ssh"
    image_keys "$work"
    image_tar "$work"
    image_boot_files "$work"
    image_disk "$work"
    rm -rf "$work/overlay" "$work/overlay.tar" "$work/sources.list" "$work/keys" "$work/root.tar" "$work/ssh_host_ed25519_key"*
    rm -rf "$image"
    mv "$work" "$image"
    image_prune
}

image_keys() {
    local work=$1
    ssh-keygen -q -t ed25519 -N '' -C xenbench-lab -f "$work/id"
    ssh-keygen -q -t ed25519 -N '' -C xenbench-lab-dom0 -f "$work/ssh_host_ed25519_key"
    echo "dom0 $(cat "$work/ssh_host_ed25519_key.pub")" >"$work/known_hosts"
    mkdir -p "$work/overlay/etc/ssh"
    cp "$work/ssh_host_ed25519_key" "$work/ssh_host_ed25519_key.pub" "$work/overlay/etc/ssh/"
    cp "$work/id.pub" "$work/overlay/root/.ssh/authorized_keys"
    cp -r "$here/dom0/root/." "$work/overlay/"
}

# Prints one package name per line, or an apt pattern for a library whose name contains a version.
image_packages() {
    sed -e 's/#.*//' "$here/dom0/packages"
    echo "$(suite_kernel_package)$([ "$kernel" = default ] || echo "/$suite-$kernel")"
}

# The overlay goes in before the packages are configured, so that initramfs-tools and sshd find their
# settings. Root's apt checks signatures as user _apt, who may not see the keys here (below /root, say).
image_tar() {
    local work=$1 options
    tar -C "$work/overlay" --owner=0 --group=0 --mode=u=rwX,go=rX -cf "$work/overlay.tar" .
    suite_sources >"$work/sources.list"
    apt_root=$work suite_keyrings >/dev/null
    mapfile -t options < <(apt_proxy | sed 's/^/--aptopt=/')
    mmdebstrap --quiet --variant=minbase --architectures="$arch" --include="$(image_packages | xargs | tr ' ' ,)" \
        --dpkgopt="$here/dom0/dpkg.cfg" --aptopt='APT::Sandbox::User "root"' --keyring="$work/keys" --skip=check/signed-by \
        --essential-hook="tar-in $work/overlay.tar /" \
        --customize-hook="$here/dom0/configure \"\$1\"" --customize-hook="$(apt_forget_proxy_hook)" "${options[@]}" \
        "$suite" "$work/root.tar" "$work/sources.list"
}

# Copy an initramfs that begins with an uncompressed archive unchanged: the kernel finds the compressed one after it.
unpack_initrd() {
    if [ "$(head -c 6 "$1")" = 070701 ]; then
        cp "$1" "$2"
    else
        $(kernel_unpacker "$1") <"$1" >"$2"
    fi
}

# Check for empty files here: Xen's panic about an empty module does not name the cause ("Failed to
# reserve boot module 1 in E820").
image_boot_files() {
    local work=$1 boot=$1/boot file
    mkdir "$boot"
    tar -C "$boot" --wildcards --strip-components=2 -xf "$work/root.tar" './boot/vmlinuz-*' './boot/initrd.img-*' './boot/xen-*-amd64.gz'
    zcat "$boot"/xen-*.gz >"$work/xen.elf"
    kernel_unpack "$boot"/vmlinuz-* "$work/vmlinux"
    unpack_initrd "$boot"/initrd.img-* "$work/initrd"
    for file in xen.elf vmlinux initrd; do
        [ -s "$work/$file" ] || fail "$file of the Dom0 image is empty: $(cd "$boot" && ls -l)"
    done
    rm -r "$boot"
}

# If the caller is not root, fakeroot keeps track of the owners. Nothing is mounted.
image_disk() {
    local work=$1
    mkdir "$work/tree"
    truncate -s 3G "$work/root.part"
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_root sh -euc 'tar -C "$1/tree" --numeric-owner --exclude="./dev/*" -xpf "$1/root.tar"
        mke2fs -q -F -t ext4 -L dom0 -m 0 -E lazy_itable_init=0,assume_storage_prezeroed=1 -d "$1/tree" "$1/root.part"' sh "$work" || return
    chmod -R u+rwX "$work/tree"
    rm -rf "$work/tree"
    chmod 444 "$work/root.part"
    mv "$work/root.part" "$work/root.img"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        fakeroot -- "$@"
    fi
}

# Keep the two newest images of the suite and kernel. Running labs have hard links to what they need.
image_prune() {
    find "$state/dom0" -mindepth 1 -maxdepth 1 -type d -name "$suite-$kernel-*" -printf '%T@ %p\n' | sort -rn | tail -n +3 | cut -d' ' -f2- |
        xargs -r rm -rf
}
