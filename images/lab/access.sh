# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# access.sh: runs commands in Dom0 and copies files into and out of it, over one multiplexed ssh
# connection per lab. Sourced by `lab`. ssh runs in the lab's directory, so that the control socket's
# path stays short.

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

# until_answered DIR SECONDS SSH-ARGUMENT...: repeats ssh until it works. Fails after SECONDS, not
# counting the time that the host withheld from the lab's CPUs, so that a busy host does not look
# like a dead lab.
until_answered() {
    local dir=$1 seconds=$2 start=$SECONDS delay
    shift 2
    delay=$(vm_delay_seconds "$dir")
    until (cd "$dir" && ssh -F ssh_config -o ConnectTimeout=60 "$@") \
        </dev/null >/dev/null 2>>"$dir/ssh.log" {lock_fd}>&- {ready_fd}>&-; do
        vm_is_alive || return 1
        [ $((SECONDS - start + delay - $(vm_delay_seconds "$dir"))) -lt "$seconds" ] || return 1
        sleep 0.5
    done
}

# Open the connection that all others share; it ends with QEMU.
ssh_open() {
    rm -f "$1/ctl"
    until_answered "$1" "$2" -fNM dom0
}

# in_dom0 DIR COMMAND: runs COMMAND, a line for Dom0's shell.
in_dom0() {
    (cd "$1" && exec ssh -F ssh_config dom0 -- "$2")
}

# Give a thawed or booted Dom0 its own clock, randomness and disks.
attach() {
    local has_images=0
    [ -z "$images" ] || has_images=1
    (cd "$1" && head -c 64 /dev/urandom |
        timeout 120 ssh -F ssh_config dom0 -- "lab-attach $(date +%s%N) $has_images")
}

# untar_as NAME DST: unpacks the archive's only entry, NAME, from stdin as DST, or into DST if that
# is a directory. Runs here and in Dom0.
untar_as() {
    local entry=$1 dst=$2 part
    if [ -d "$dst" ] || [ "${dst%/}" != "$dst" ]; then
        mkdir -p "$dst"
        tar -C "$dst" -xf -
    else
        mkdir -p "$(dirname "$dst")"
        part=$(mktemp -d -p "$(dirname "$dst")") || return
        tar -C "$part" -xf - && mv -T "$part/$entry" "$dst" || { rm -rf "$part"; return 1; }
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

# One argument is a line for Dom0's shell; several are a command and its arguments, passed
# unchanged.
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
