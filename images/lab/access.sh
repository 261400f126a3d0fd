# shellcheck shell=bash
# access.sh: into Dom0 and out of it, over one multiplexed ssh connection per lab. Sourced by `lab`.
# ssh runs in the lab's directory, so that the control socket's path is short wherever the repository lies.

ssh_configure() {
    local dir=$1 port=$2
    cat >"$dir/ssh_config" <<CONFIG
Host dom0
    HostName 127.0.0.1
    HostKeyAlias dom0
    Port $port
    User root
    IdentityFile id
    IdentitiesOnly yes
    UserKnownHostsFile known_hosts
    StrictHostKeyChecking yes
    ControlPath ctl
    KexAlgorithms curve25519-sha256
    Compression no
    LogLevel ERROR
CONFIG
}

# ssh_open DIR SECONDS: the connection that all others share. It ends with QEMU.
ssh_open() {
    local dir=$1 deadline=$((SECONDS + $2))
    rm -f "$dir/ctl"
    until (cd "$dir" && ssh -F ssh_config -o ConnectTimeout=20 -fNM dom0) \
        </dev/null >/dev/null 2>>"$dir/ssh.log" {lock_fd}>&- {ready_fd}>&-; do
        vm_check "$dir"
        [ "$SECONDS" -lt "$deadline" ] || fail "no ssh to Dom0 of lab $name after $2 s: $(tail -n 1 "$dir/ssh.log")"
        sleep 0.5
    done
}

# in_dom0 DIR COMMAND: COMMAND is text for Dom0's shell.
in_dom0() {
    (cd "$1" && exec ssh -F ssh_config dom0 -- "$2")
}

# Makes a thawed or booted Dom0 this lab's own: clock, randomness, disks.
attach() {
    head -c 64 /dev/urandom | in_dom0 "$1" "lab-attach $(date +%s%N) $([ -n "$images" ] && echo 1 || echo 0)"
}

# untar_as NAME DST: unpacks the one entry NAME of the archive on standard input to be DST, or into DST where that is a
# directory. It runs here and in Dom0.
untar_as() {
    local entry=$1 dst=$2 part
    if [ -d "$dst" ] || [ "${dst%/}" != "$dst" ]; then
        mkdir -p "$dst"
        tar -C "$dst" -xf -
    else
        mkdir -p "$(dirname "$dst")"
        part=$(mktemp -d -p "$(dirname "$dst")")
        tar -C "$part" -xf - && mv -T "$part/$entry" "$dst"
        rm -rf "$part"
    fi
}

verb_push() {
    [ $# = 2 ] || usage
    local src dir
    dir=$(running_lab)
    src=$(realpath -e "$1") || fail "cannot read $1"
    tar -C "$(dirname "$src")" --owner=0 --group=0 -Scf - "$(basename "$src")" |
        in_dom0 "$dir" "set -e; $(declare -f untar_as); untar_as $(printf '%q %q' "$(basename "$src")" "$2")"
}

verb_pull() {
    [ $# = 2 ] || usage
    local dir
    dir=$(running_lab)
    in_dom0 "$dir" "tar -C $(printf '%q' "$(dirname "$1")") -Scf - $(printf '%q' "$(basename "$1")")" |
        untar_as "$(basename "$1")" "$2"
}

# One argument is a line for Dom0's shell; several are a command and its arguments, passed on as they are.
verb_exec() {
    [ $# -gt 0 ] || usage
    local dir command=$1
    dir=$(running_lab)
    [ $# = 1 ] || command=$(printf '%q ' "$@")
    cd "$dir"
    exec ssh -F ssh_config dom0 -- "$command"
}

verb_console() {
    cd "$state/labs/$name" 2>/dev/null || fail "there is no lab $name"
    if [ -t 0 ] && vm_is_up .; then
        say "Dom0's console; Ctrl-] leaves"
        exec socat -,raw,echo=0,escape=0x1d UNIX-CONNECT:console.sock
    fi
    cat console.log
}
