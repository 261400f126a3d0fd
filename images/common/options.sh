# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# options.sh: the options that all recipes take.
# shellcheck disable=SC2034,SC2154 # other files read what is set here, and the reverse

common_usage() {
    cat <<'USAGE'
  --suite SUITE        the distribution's release (bookworm)
  --mirror URL         where packages come from; or a whole line of sources.list; may be repeated
  --keyring FILE       whose keys sign the packages (the distribution's, as installed here)
  --arch ARCH          amd64 or i386 (this machine's)
  --kernel KERNEL      default, backports, or the path of a kernel (.deb, vmlinuz or ELF)
  --workload NAME      a benchmark of the catalogue with all that it needs; may be repeated
  --file SRC:DST       a file or directory of yours; may be repeated
  --append WORDS       more for the kernel's command line
  --agent FILE         the static agent (needed with a foreign --arch)
  --apt-option OPTION  for apt, as in apt.conf(5); may be repeated
  --images DIR         where images are kept (/var/lib/xenbench/images)
  --offline            use what the cache holds, ask no mirror
  --force              build even if nothing has changed
USAGE
}

# Take one option off the command line. recipe_option tries a recipe's own options first.
common_option() {
    case $1 in
    --suite) suite=$2 ;;
    --mirror) mirrors+=("$2") ;;
    --keyring) keyring=$2 ;;
    --arch) arch=$2 ;;
    --kernel) kernel=$2 ;;
    --workload) workloads+=("$2") ;;
    --file) files+=("$2") ;;
    --append) append=$2 ;;
    --agent) agent=$2 ;;
    --apt-option) apt_extra+=("$2") ;;
    --images) images=$2 ;;
    *) return 1 ;;
    esac
}

parse_options() {
    mirrors=() workloads=() files=() apt_extra=() packages=()
    kernel=default append='' agent='' keyring='' images=$state/images offline='' force=''
    name='' arch=$(dpkg --print-architecture)
    [ -z "${XENBENCH_MIRROR:-}" ] || mirrors+=("$XENBENCH_MIRROR")
    while [ $# -gt 0 ]; do
        case $1 in
        --help) recipe_usage >&3; exit 0 ;;
        --offline) offline=1 ;;
        --force) force=1 ;;
        --*)
            [ $# -ge 2 ] || wrong "$1 needs a value"
            recipe_option "$1" "$2" || common_option "$1" "$2" || wrong "no option $1 (--help lists them)"
            shift
            ;;
        *)
            [ -z "$name" ] || wrong "one name only, not $name and $1"
            name=$1
            ;;
        esac
        shift
    done
    name=${name:-$kind}
}

check_options() {
    local file
    [[ $name =~ ^[A-Za-z0-9][A-Za-z0-9._+-]{0,47}$ ]] || wrong "an image cannot be called '$name': letters, digits and . _ + -, at most 48"
    [[ $suite =~ ^[a-z][a-z0-9-]*$ ]] || wrong "--suite '$suite': that is no name of a release (bookworm, for one)"
    case $arch in
    amd64 | i386) ;;
    *) wrong "--arch '$arch': images are for guests of x86, amd64 or i386" ;;
    esac
    case $kernel in
    default) ;;
    backports) [ "$(suite_vendor)" = debian ] || wrong "--kernel backports: $suite has none; give a kernel's .deb" ;;
    *)
        [ -f "$kernel" ] || wrong "--kernel: there is no file $kernel (or say default or backports)"
        kernel=$(realpath "$kernel")
        ;;
    esac
    for file in "${files[@]}"; do
        [[ $file == *:/* && $file != *:*/../* && $file != *:*/.. ]] || wrong "--file '$file': write SRC:DST with an absolute DST"
        [ -e "${file%:/*}" ] || wrong "--file: there is no ${file%:/*}"
    done
    [ -z "$keyring" ] || [ -f "$keyring" ] || wrong "--keyring: there is no file $keyring"
    agent=${agent:-$(built xenbench-agent)}
    [ -f "$agent" ] || wrong "there is no agent $agent"
    check_agent_arch
}

# The machine is at offset 18 of an ELF file.
check_agent_arch() {
    local machine
    case $arch in
    amd64) machine=62 ;;
    i386) machine=3 ;;
    esac
    if kernel_is_elf "$agent" && [ "$(le_number "$agent" 18 2)" != "$machine" ]; then
        wrong "the agent $agent is not for $arch: give one that is with --agent"
    fi
}
