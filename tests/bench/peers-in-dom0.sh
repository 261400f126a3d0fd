# SPDX-License-Identifier: GPL-3.0-or-later
# peers-in-dom0.sh ROUNDS: the part of `peers` that runs in the lab's Dom0. Prints "ROW xenbench|peer SECONDS" for each
# measurement.
# shellcheck shell=bash
set -euo pipefail
# A command that fails inside $(...) ends the bench, too: it must not count as a fast one.
shopt -s inherit_errexit
rounds=$1 dir=$(mktemp -d -p /var/lib/xenbench) guests=(bench1 bench2 bench3)
exec 4>&1 >&2 # what commands say is not a measurement

end() {
    xenbench guest remove --destroy "${guests[@]}" bench4 || true
    ssh "${ssh_options[@]}" -o ControlPath="$dir/mux" -O exit root@10.77.0.1 2>/dev/null || true
    ip link del benchbr || true
    rm -rf "$dir"
}
trap end EXIT

# Make the network: a bridge without a way out.
network() {
    modprobe xen-netback
    ip link add benchbr type bridge
    ip addr add 10.77.0.254/24 dev benchbr
    ip link set dev benchbr up
}

# make_guest NUMBER MEMORY: makes a guest with a network card, whose address is 10.77.0.NUMBER
make_guest() {
    xenbench guest create "bench$1" --image served --type pv --memory "$2"
    echo "vif = [ 'mac=00:16:3e:be:bc:0$1, bridge=benchbr' ]" >>"/var/lib/xenbench/guests/bench$1/bench$1.cfg"
}

ssh_options=(-i /root/bench-key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile="$dir/known" -o LogLevel=ERROR
    -o GSSAPIAuthentication=no -o ConnectTimeout=60)
to() {
    # shellcheck disable=SC2029 # that is meant
    ssh "${ssh_options[@]}" "root@10.77.0.$1" "${@:2}" </dev/null
}
muxed() {
    # shellcheck disable=SC2029 # that is meant
    ssh "${ssh_options[@]}" -o ControlPath="$dir/mux" "root@10.77.0.1" "$@" </dev/null
}

until_ssh() {
    local i
    for ((i = 0; i < 1200; i++)); do
        if ssh -o ConnectTimeout=1 "${ssh_options[@]}" "root@10.77.0.$1" true </dev/null 2>/dev/null; then return; fi
        sleep 0.05
    done
    echo "guest bench$1 does not answer to ssh" >&2
    return 1
}

# seconds COMMAND...: prints how long the command takes
seconds() {
    local began=$EPOCHREALTIME
    "$@" >/dev/null
    awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.6f\n", b - a }'
}

# timed ROW WHO COMMAND...: times the command
timed() {
    local took
    took=$(seconds "${@:3}")
    echo "$1 $2 $took" >&4
}

three_ssh() {
    local pids=() n
    for n in 1 2 3; do to "$n" true & pids+=("$!"); done
    for n in "${pids[@]}"; do wait "$n"; done
}

# It takes its own options of ssh, one by one.
three_pssh() {
    local option options=()
    for option in "${ssh_options[@]:3}"; do [ "$option" = -o ] || options+=(-O "$option"); done
    parallel-ssh -H 'root@10.77.0.1 root@10.77.0.2 root@10.77.0.3' -t 60 "${options[@]}" -O IdentityFile=/root/bench-key true
}

boot_xenbench() {
    xenbench guest stop bench4
    timed boot-ssh xenbench xenbench guest start --wait bench4
}

boot_xl() {
    xenbench guest stop bench4
    timed boot-ssh peer eval 'xl create -q /var/lib/xenbench/guests/bench4/bench4.cfg && until_ssh 4'
}

measure() {
    case $1 in
    exec) timed exec-ssh xenbench xenbench exec bench1 -- true ;;
    ssh) timed exec-ssh peer to 1 true ;;
    exec2) timed exec-mux xenbench xenbench exec bench1 -- true ;;
    mux) timed exec-mux peer muxed true ;;
    three) timed exec-three-ssh xenbench xenbench exec bench1,bench2,bench3 -- true ;;
    three-ssh) timed exec-three-ssh peer three_ssh ;;
    three2) timed exec-three-pssh xenbench xenbench exec bench1,bench2,bench3 -- true ;;
    three-pssh) timed exec-three-pssh peer three_pssh ;;
    push) timed push-scp xenbench xenbench push bench1 "$dir/64m" /tmp/64m ;;
    scp-to) timed push-scp peer scp "${ssh_options[@]}" "$dir/64m" root@10.77.0.1:/tmp/64m ;;
    pull) timed pull-scp xenbench xenbench pull bench1 /tmp/64m "$dir/back" ;;
    scp-from) timed pull-scp peer scp "${ssh_options[@]}" root@10.77.0.1:/tmp/64m "$dir/back" ;;
    boot) boot_xenbench ;;
    boot-xl) boot_xl ;;
    esac
}

network
make_guest 1 768M
for n in 2 3 4; do make_guest "$n" 384M; done
xenbench guest start --wait "${guests[@]}"
# Make host keys, which guests made from an image do not have.
for n in "${guests[@]}"; do xenbench exec "$n" -- sh -c 'ssh-keygen -A && systemctl restart ssh'; done
xenbench guest start --wait bench4
xenbench exec bench4 -- sh -c 'ssh-keygen -A; sync'
for n in 1 2 3; do until_ssh "$n"; done
ssh "${ssh_options[@]}" -o ControlPath="$dir/mux" -o ControlMaster=yes -o ControlPersist=yes -fN root@10.77.0.1
xenbench exec bench1 -- mount -t tmpfs -o size=512M none /tmp
head -c 64000000 /dev/urandom >"$dir/64m"
xenbench push bench1 "$dir/64m" /tmp/64m

for ((round = 0; round < rounds; round++)); do
    for what in $(printf '%s\n' exec ssh exec2 mux three three-ssh three2 three-pssh push scp-to pull scp-from boot boot-xl | shuf); do
        measure "$what"
    done
    echo "round $((round + 1)) of $rounds is done" >&2
done
