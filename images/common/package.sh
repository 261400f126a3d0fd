# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# package.sh: unpacks packages without installing them, among them the kernel's.
# shellcheck disable=SC2154 # $scratch, $part and $kernel are set by image.sh

# unpack_package DEB TREE: unpacks a package without installing it, and adds it to the manifest
unpack_package() {
    dpkg-deb -x "$1" "$2"
    # shellcheck disable=SC2016 # dpkg's own variables
    dpkg-deb -W --showformat '${Package}\t${Version}\t${Architecture}\n' "$1" >>"$part/manifest.txt"
}

# Get the kernel's files into $scratch/kernel, from its package or from the user's path.
get_kernel() {
    local package
    case $kernel in
    default | backports)
        for package in $(apt_kernel_packages); do
            unpack_package "$(apt_fetch "$package")" "$scratch/kernel"
        done
        ;;
    *.deb) unpack_package "$kernel" "$scratch/kernel" ;;
    *)
        release=$(kernel_release "$kernel")
        mkdir -p "$scratch/kernel/boot" "$scratch/kernel/lib/modules"
        cp "$kernel" "$scratch/kernel/boot/vmlinuz-$release"
        [ -d "/lib/modules/$release" ] || fail "no modules for $kernel in /lib/modules/$release"
        cp -R "/lib/modules/$release" "$scratch/kernel/lib/modules/"
        ;;
    esac
    # Newer kernel packages use /usr/lib; depmod and modprobe need a link to it.
    [ -e "$scratch/kernel/lib/modules" ] || ln -s usr/lib "$scratch/kernel/lib"
    vmlinuz=$(find "$scratch/kernel/boot" -name 'vmlinu[xz]-*' -print -quit)
    release=$(kernel_release "$vmlinuz")
}
