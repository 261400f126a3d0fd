# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# apt.sh: where packages come from, and a cache that outlives a build. Needs $suite, $arch, $mirrors,
# $kernel and $cache. Of the host's own apt configuration, only the proxy is used.
# shellcheck disable=SC2154 # these are set by image.sh

# The distribution that a suite belongs to: debian, or ubuntu.
suite_vendor() {
    if grep -qs ",$suite," /usr/share/distro-info/ubuntu.csv; then
        echo ubuntu
    else
        echo debian
    fi
}

suite_components() {
    case $(suite_vendor) in
    ubuntu) echo main universe ;;
    *) echo main ;;
    esac
}

suite_security() {
    case $suite in
    jessie | stretch | buster) echo "$suite/updates" ;;
    *) echo "$suite-security" ;;
    esac
}

# The lines of sources.list. A mirror is a URL or, if a URL is not enough, a complete "deb ..." line.
suite_sources() {
    local components mirror
    components=$(suite_components)
    if [ "${#mirrors[@]}" -gt 0 ]; then
        for mirror in "${mirrors[@]}"; do
            case $mirror in
            deb\ *) echo "$mirror" ;;
            *)
                echo "deb $mirror $suite $components"
                [ "$kernel" != backports ] || echo "deb $mirror $suite-backports $components"
                ;;
            esac
        done
    elif [ "$(suite_vendor)" = ubuntu ]; then
        for mirror in "$suite" "$suite-updates" "$suite-security"; do
            echo "deb http://archive.ubuntu.com/ubuntu $mirror $components"
        done
    else
        echo "deb http://deb.debian.org/debian $suite $components"
        if [ "$suite" != sid ] && [ "$suite" != unstable ]; then
            echo "deb http://deb.debian.org/debian $suite-updates $components"
            echo "deb http://deb.debian.org/debian-security $(suite_security) $components"
        fi
        [ "$kernel" != backports ] || echo "deb http://deb.debian.org/debian $suite-backports $components"
    fi
}

# The package with the suite's kernel.
suite_kernel_package() {
    case $(suite_vendor):$arch in
    ubuntu:*) echo linux-image-virtual ;;
    debian:i386) echo linux-image-686-pae ;;
    *) echo "linux-image-$arch" ;;
    esac
}

# The proxies of this machine's apt, one option per line.
apt_proxy() {
    local protocol proxy
    for protocol in http https; do
        proxy=$(apt-config dump --format '%v%n' "Acquire::$protocol::Proxy")
        [ -z "$proxy" ] || echo "Acquire::$protocol::Proxy \"$proxy\";"
    done
}

# apt_forget_proxy TREE: removes the proxy from an installed tree: it is this machine's, and may have a password. Also runs as a
# hook of mmdebstrap, in its sh.
apt_forget_proxy() {
    find "$1/etc/apt/apt.conf.d" -type f -exec sed -i '/^Acquire::https\{0,1\}::Proxy[ :]/Id' {} +
}

# Prints that hook.
apt_forget_proxy_hook() {
    declare -f apt_forget_proxy
    # shellcheck disable=SC2016 # the hook's own
    echo 'apt_forget_proxy "$1"'
}

# apt's options, one per line, for our own calls and for mmdebstrap.
apt_options() {
    echo 'APT::Install-Recommends "false";'
    echo 'Acquire::Languages "none";'
    apt_proxy
    [ "${#apt_extra[@]}" = 0 ] || printf '%s;\n' "${apt_extra[@]%;}"
}

# apt_prepare: makes apt's own directory below $cache, one for each set of sources, and locks it until
# the build ends; sets $apt_root
apt_prepare() {
    local key
    key=$( (echo "$arch"; suite_sources) | sha256sum | cut -c1-12)
    apt_root=$cache/apt/$suite-$arch-$key
    mkdir -p "$apt_root"/{lists,archives}/partial "$apt_root/empty"
    exec 8>"$apt_root/lock"
    flock -n 8 || { say "waiting for another build that uses $apt_root" && flock 8; }
    touch "$apt_root/status"
    suite_sources >"$apt_root/sources.list"
    {
        apt_options
        # Only the kernel comes from backports; mmdebstrap does not read this file.
        [ "$kernel" != backports ] || echo "APT::Default-Release \"$suite-backports\";"
        cat <<CONF
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
Dir::Etc::SourceList "$apt_root/sources.list";
Dir::Etc::SourceParts "$apt_root/empty";
Dir::Etc::Parts "$apt_root/empty";
Dir::Etc::Main "$apt_root/empty/none";
Dir::Etc::Preferences "$apt_root/empty/none";
Dir::Etc::PreferencesParts "$apt_root/empty";
Dir::State::Lists "$apt_root/lists";
Dir::State::Status "$apt_root/status";
Dir::Cache::Archives "$apt_root/archives";
Dir::Cache::PkgCache "$apt_root/pkgcache.bin";
Dir::Cache::SrcPkgCache "";
CONF
        suite_keyrings
    } >"$apt_root/apt.conf"
}

# Signatures are checked with the keys of --keyring, or with the vendor's keys on this host.
suite_keyrings() {
    local keys=$apt_root/keys
    rm -rf "$keys"
    mkdir "$keys"
    if [ -n "$keyring" ]; then
        cp "$keyring" "$keys/"
    else
        find /etc/apt/trusted.gpg.d /usr/share/keyrings -maxdepth 1 -name "$(suite_vendor)-archive*" -type f \
            -exec ln -sf -t "$keys" {} +
    fi
    [ -n "$(ls "$keys")" ] ||
        fail "no keys of $(suite_vendor) in /usr/share/keyrings: give --keyring FILE, or install the package" \
            "$([ "$(suite_vendor)" = ubuntu ] && echo "ubuntu-keyring (for Debian 12 it is in backports)" || echo debian-archive-keyring)"
    echo "Dir::Etc::TrustedParts \"$keys\";"
}

apt_here() {
    local program=$1
    shift
    APT_CONFIG=$apt_root/apt.conf "$program" "$@" </dev/null
}

# Read the indexes each time (a few bytes if nothing changed) or, with --offline, use them as they
# are.
apt_update() {
    [ -z "$offline" ] || return 0
    apt_here apt-get -q -o APT::Update::Error-Mode=any update ||
        fail "cannot read the package lists of $suite ($(suite_sources | head -n 1)); old releases have moved to an archive mirror, see --mirror"
}

# apt_fetch PACKAGE: prints the path of its .deb, downloaded unless the cache has it
apt_fetch() {
    local uri file size digest path
    # One line for each package: 'URI' FILE SIZE SHA256:HEX
    apt_here apt-get -q --print-uris download "$1" >"$scratch/uris" || fail "$suite has no package $1"
    read -r uri file size digest <"$scratch/uris"
    path=$apt_root/archives/$file
    if ! echo "${digest#*:}  $path" | sha256sum --status -c - 2>/dev/null; then
        [ -z "$offline" ] || fail "--offline: $1 is not in $apt_root/archives"
        (cd "$apt_root/archives/partial" && apt_here apt-get -q download "$1" >&2) || fail "cannot download $1 ($uri, $size bytes)"
        mv "$apt_root/archives/partial/$file" "$path"
    fi
    echo "$path"
}

# apt_depends PACKAGE PREFIX: the package's dependency whose name begins with PREFIX, if there is
# one
apt_depends() {
    apt_here apt-cache depends --no-recommends --no-suggests "$1" >"$scratch/depends" || fail "$suite has no package $1"
    awk -v prefix="$2" '$1 == "Depends:" && index($2, prefix) == 1 { print $2; exit }' "$scratch/depends"
}

# apt_kernel_packages: the packages with the newest kernel; Ubuntu has one more for the modules
apt_kernel_packages() {
    local image
    image=$(apt_depends "$(suite_kernel_package)" linux-image-)
    echo "$image"
    apt_depends "$image" linux-modules-
}
