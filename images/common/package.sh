# shellcheck shell=bash
# package.sh: the files of packages, with nothing installed; and the kernel's among them.
# shellcheck disable=SC2154 # $scratch, $part and $kernel are set by image.sh

# unpack_package DEB TREE: its files, nothing installed; noted in the manifest
unpack_package() {
    dpkg-deb -x "$1" "$2"
    # shellcheck disable=SC2016 # dpkg's own variables
    dpkg-deb -W --showformat '${Package}\t${Version}\t${Architecture}\n' "$1" >>"$part/manifest.txt"
}

# The kernel's files in $scratch/kernel, from its package or from a path of the user's.
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
    # Newer kernel packages keep to /usr/lib, which depmod and modprobe are told of by a link.
    [ -e "$scratch/kernel/lib/modules" ] || ln -s usr/lib "$scratch/kernel/lib"
    vmlinuz=$(find "$scratch/kernel/boot" -name 'vmlinu[xz]-*' -print -quit)
    release=$(kernel_release "$vmlinuz")
}
