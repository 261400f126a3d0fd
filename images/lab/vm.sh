# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# vm.sh: starting, freezing, thawing and ending a lab's QEMU. Sourced by `lab`.
#
# A lab is a directory $state/labs/NAME; everything in it is named relative to it, so that socket
# paths stay short. labd holds a lock (flock) on the file `lock` in it while the lab lives: that lock,
# not a pid file, tells whether a lab is up.
#
# A frozen lab is a directory $state/frozen/KEY with the machine's state and its root disk at that
# moment. KEY covers everything that the state depends on (also known_hosts: two builds of one recipe
# are two images). A lab thawed from it links the disks, so that pruning does not affect the lab.

# docs/lab.md explains these flags.
cpu_flags=${XENBENCH_LAB_CPU:-max,-smap,-smep,-pku,-la57,-rdtscp,-xsave,-avx,-avx2,-erms,-fsrm}
# Xen reads AMD's threads from a CPUID leaf that QEMU fills but does not advertise under emulation, and
# AMD's cores only from family 23 on.
thread_flags=${XENBENCH_LAB_THREAD_CPU:-family=23,+topoext,x-force-features=on,-monitor}
qemu_program=${XENBENCH_LAB_QEMU:-qemu-system-x86_64}
data_bytes=24G     # the sizes of the disks are part of the frozen state
images_bytes=8G
spare_bytes=8G
# A thawed Dom0 must answer within this time; on idle hosts it took 3 to 10 s.
answer_seconds=${XENBENCH_LAB_ANSWER_SECONDS:-40}
lock_fd='' ready_fd='' labd_job=''

xen_command_line() {
    echo "dom0_mem=1536M,max:1536M dom0_max_vcpus=$((cpus < 2 ? cpus : 2)) console=com1 com1=115200,8n1" \
        "bootscrub=0 spec-ctrl=no $xen_args"
}

# Set the array `topology`: the CPUs, their cores, and the nodes, with equal parts of CPUs and memory.
qemu_topology() {
    local node first=0 last
    topology=(-cpu "$cpu_flags" -smp "$cpus" -m "$memory")
    [ "$threads" -eq 1 ] || topology=(-cpu "$cpu_flags,$thread_flags" -smp "$cpus,threads=$threads" -m "$memory")
    [ "$numa" -gt 1 ] || return 0
    for ((node = 0; node < numa; node++)); do
        last=$((cpus * (node + 1) / numa - 1))
        topology+=(-object "memory-backend-ram,id=node$node,size=$((memory / numa))M"
            -numa "node,nodeid=$node,cpus=$first-$last,memdev=node$node")
        first=$((last + 1))
    done
}

# Set the array `qemu`, the lab's QEMU command, which labd runs in the lab's directory. The order of
# devices is part of the frozen state. labd supplies descriptors 3 and 4.
qemu_command() {
    local topology
    qemu_topology
    local dom0_args="root=/dev/vda rw console=hvc0 net.ifnames=0 loglevel=4 mitigations=off audit=0"
    [ -n "$cold" ] || dom0_args+=" lab.freeze=$cpus"
    qemu=("$qemu_program" -name "xenlab-$name,debug-threads=on"
        -nodefaults -no-user-config -no-reboot -display none
        -machine q35 -accel tcg,thread=multi,tb-size=1024 "${topology[@]}"
        -kernel xen.elf -append "$(xen_command_line)"
        -initrd "vmlinux $dom0_args,initrd"
        -drive file=root.qcow2,if=virtio,format=qcow2,cache=unsafe,discard=unmap
        -drive file=images.raw,if=virtio,format=raw,cache=unsafe,readonly=on
        -drive file=data.raw,if=virtio,format=raw,cache=unsafe,discard=unmap
        -drive file=spare.raw,if=virtio,format=raw,cache=unsafe,discard=unmap
        -netdev user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22 -device virtio-net-pci,netdev=net,romfile=
        -chardev socket,id=host,fd=3 -device virtio-serial-pci -device virtserialport,chardev=host,name=org.xenbench.host
        -chardev socket,id=console,fd=4 -serial chardev:console
        -device virtio-rng-pci
        -qmp unix:qmp.sock,server=on,wait=off)
}

# labd_ready: prints labd's path: the installed labd, or one compiled from the source beside this file.
labd_ready() {
    local labd=$state/labd installed=$here/../../../lib/xenbench/labd
    if [ ! -e "$here/labd" ]; then
        echo "$installed"
        return
    fi
    if [ ! -e "$labd" ] || [ -n "$(find "$here/labd" -newer "$labd" -print -quit)" ]; then
        # shellcheck disable=SC2086 # may be more than one word: CC="ccache gcc"
        ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -o "$labd.$$" "$here"/labd/*.c || return
        mv "$labd.$$" "$labd"
    fi
    echo "$labd"
}

# vm_lock DIR: takes the lab's lock as $lock_fd, for which vm_is_up may make it wait a moment. Fails if the lab is up.
# An earlier labd may have been killed, and its process ids belong to others by now.
vm_lock() {
    umask 077 # its sockets give access to the lab
    mkdir -p "$1"
    exec {lock_fd}>>"$1/lock"
    flock -w 1 "$lock_fd" || fail "lab $name is up already, or just starting (${LAB_COMMAND:-$0} down --name $name ends it)"
    rm -f "$1"/{labd.pid,qemu.pid}
}

vm_is_up() {
    [ -e "$1/lock" ] && ! flock -s -n "$1/lock" true
}

# vm_start DIR OPTION...: starts QEMU under labd in the locked DIR, with OPTION... added to QEMU's
# command. Until vm_keep the machine ends with this script, because labd watches the other end of
# $ready_fd.
vm_start() {
    local dir=$1 labd
    shift
    labd=$(labd_ready)
    qemu_command
    rm -f "$dir/ready" "$dir/qmp.sock" "$dir/console.log"*
    mkfifo "$dir/ready"
    exec {ready_fd}<>"$dir/ready"
    (
        cd "$dir"
        exec {read_fd}<ready {ready_fd}>&-
        exec setsid "$labd" ${owner:+--owner "$owner"} --max-hours "$max_hours" --until-ready "$read_fd" -- \
            "${qemu[@]}" "$@" </dev/null >labd.log 2>&1
    ) &
    labd_job=$!
    until [ -S "$dir/qmp.sock" ]; do
        vm_check "$dir"
        sleep 0.05
    done
    rm "$dir/ready"
}

vm_boot() {
    vm_disks "$1" "$2"
    overlay "$1" root.img root.qcow2 raw
    vm_start "$1"
    vm_wait_booted "$1" 900
}

vm_thaw() {
    local frozen
    frozen=$(frozen_ready "$2" {lock_fd}>&-)
    vm_disks "$1" "$2"
    ln -f "$frozen/frozen.qcow2" "$frozen/state" "$1/"
    overlay "$1" frozen.qcow2 root.qcow2 qcow2
    vm_start "$1" -incoming 'exec:cat state'
}

vm_keep() {
    echo >&"$ready_fd"
    exec {ready_fd}>&-
    disown "$labd_job"
}

# End the machine and wait until it is gone. The lab stays locked.
vm_stop() {
    [ -n "$labd_job" ] || return 0
    kill "$labd_job" 2>/dev/null || true
    wait "$labd_job" 2>/dev/null || true
    exec {ready_fd}>&-
    labd_job='' ready_fd=''
}

# End the machine and unlock the lab.
vm_end() {
    vm_stop
    exec {lock_fd}>&-
}

# How long the host kept the most delayed CPU waiting, in whole seconds.
vm_delay_seconds() {
    "$(labd_ready)" --steal "$(cat "$1/qemu.pid")" |
        jq '[.cpus[].delay_ns, 0] | max / 1e9 | floor' || echo 0
}

vm_is_alive() {
    kill -0 "$labd_job" 2>/dev/null
}

vm_check() {
    ! vm_is_alive || return 0
    say "the lab's QEMU ended; its last output:"
    tail -n 5 "$1/labd.log" >&2 || true
    tail -n 30 "$1/console.log" >&2 || true
    fail "lab $name did not start"
}

# vm_wait_booted DIR SECONDS [BYTES]: waits until Dom0's console says, after so many bytes, that the
# boot has finished.
vm_wait_booted() {
    local deadline=$((SECONDS + $2)) words after=${3:-0}
    until words=$(tail -c "+$((after + 1))" "$1/console.log" | grep -a -o 'lab-ready: [a-z]*'); do
        vm_check "$1"
        # labd begins a new log when this one is long.
        [ "$(stat -c %s "$1/console.log")" -ge "$after" ] || after=0
        if [ "$SECONDS" -gt "$deadline" ]; then
            tail -n 30 "$1/console.log" >&2 || true
            fail "Dom0 of lab $name was not ready after $2 s (all of its console: $1/console.log)"
        fi
        sleep 0.3
    done
    case $words in
    *running) ;;
    *unreachable) fail "Dom0 of lab $name booted without its network (its console: $1/console.log)" ;;
    *) say "warning: Dom0 came up as '${words#lab-ready: }', not 'running' (${LAB_COMMAND:-$0} exec -- systemctl --failed)" ;;
    esac
}

# qmp DIR COMMAND...: runs QMP commands (JSON) and prints each result on a line.
qmp() {
    local dir=$1 command answer
    shift
    coproc QMP { cd "$dir" && exec socat -t 1 - UNIX-CONNECT:qmp.sock; }
    local pid=$QMP_PID in=${QMP[0]} out=${QMP[1]}
    read -r -u "$in" answer || fail "QEMU of lab $name does not answer at $dir/qmp.sock"
    for command in '{"execute":"qmp_capabilities"}' "$@"; do
        echo "$command" >&"$out"
        while read -r -u "$in" answer; do
            case $answer in
            '{"return"'*) break ;;
            '{"error"'*) fail "QEMU refused $command: $answer" ;;
            esac
        done
        [ "$command" = '{"execute":"qmp_capabilities"}' ] || echo "$answer"
    done
    exec {out}>&-
    wait "$pid" || true
}

vm_ssh_port() {
    qmp "$1" '{"execute":"human-monitor-command","arguments":{"command-line":"info usernet"}}' |
        jq -r .return | awk '/HOST_FORWARD/ { print $4; exit }'
}

# vm_disks DIR IMAGE: makes the disks that are new at each start, and links the files that are only read.
vm_disks() {
    local dir=$1 image=$2
    ln -f "$image/root.img" "$image/vmlinux" "$image/initrd" "$dir/"
    vm_hypervisor "$dir" "$image"
    install -m 600 "$image/id" "$image/known_hosts" "$dir/"
    rm -f "$dir"/{root.qcow2,images.raw,data.raw,spare.raw}
    if [ -n "$images" ]; then
        ln -s "$images" "$dir/images.raw"
    else
        truncate -s "$images_bytes" "$dir/images.raw"
    fi
    truncate -s "$spare_bytes" "$dir/spare.raw"
    truncate -s "$data_bytes" "$dir/data.raw"
    # Initialise all inode tables now: doing so in the background would disturb measurements.
    mke2fs -q -F -t ext4 -L xenbench -m 0 -E lazy_itable_init=0,assume_storage_prezeroed=1 "$dir/data.raw" >/dev/null
}

# The Xen to boot: the image's own, or the one that the caller named.
vm_hypervisor() {
    rm -f "$1/xen.elf"
    if [ -z "$hypervisor" ]; then
        ln "$2/xen.elf" "$1/"
    else
        zcat -f "$hypervisor" >"$1/xen.elf"
        [ "$(head -c 5 "$1/xen.elf" | od -An -v -t x1 | tr -d ' ')" = 7f454c4601 ] ||
            fail "$hypervisor holds no 32-bit ELF, which QEMU boots: name Xen's xen.gz, or \`xen\` beside it, not xen-syms or xen.efi"
    fi
}

# overlay DIR BASE NAME FORMAT: makes DIR/NAME, a copy-on-write overlay of DIR/BASE, which has FORMAT.
overlay() {
    (cd "$1" && qemu-img create -q -f qcow2 -b "$2" -F "$4" "$3")
}

frozen_key() {
    { basename "$1"; cat "$1/known_hosts" ${hypervisor:+"$hypervisor"}; qemu_command; printf '%s\n' "${qemu[@]}" "$data_bytes" "$spare_bytes"
        "$qemu_program" --version; } |
        sed 's/xenlab-[^,]*,//' | sha256sum | cut -c1-16
}

# frozen_ready IMAGE: prints the directory of the frozen lab for the current options; makes it if
# needed.
frozen_ready() {
    local frozen lock
    frozen=$state/frozen/$(frozen_key "$1")
    mkdir -p "$state/frozen"
    exec {lock}>"$frozen.lock"
    flock "$lock"
    if [ ! -e "$frozen/state" ]; then
        say "booting a lab to freeze it (about a minute, once for these options)"
        freeze "$1" "$frozen" {lock}>&- >&2
    fi
    touch "$frozen"
    exec {lock}>&-
    echo "$frozen"
}

freeze() (
    image=$1 frozen=$2 dir=$2.part images='' owner=$BASHPID max_hours=1
    rm -rf "$dir"
    vm_lock "$dir"
    vm_disks "$dir" "$image"
    overlay "$dir" root.img root.qcow2 raw
    trap 'vm_end; rm -rf "$dir"' EXIT
    vm_start "$dir"
    vm_wait_booted "$dir" 900
    # Freeze only a lab that has answered: an unreachable lab would stay unreachable.
    ssh_configure "$dir" "$(vm_ssh_port "$dir")"
    until_answered "$dir" "$answer_seconds" dom0 true || fail "no ssh to Dom0, so it is not frozen: $(tail -n 1 "$dir/ssh.log")"
    sleep 2
    # Do not stop the machine first, because a machine saved while stopped thaws stopped.
    qmp "$dir" \
        '{"execute":"migrate-set-parameters","arguments":{"max-bandwidth":17179869184}}' \
        '{"execute":"migrate","arguments":{"uri":"exec:cat >state"}}' >/dev/null
    until migrated=$(qmp "$dir" '{"execute":"query-migrate"}' | jq -r .return.status) && [ "$migrated" = completed ]; do
        [ "$migrated" != failed ] || fail "QEMU could not write the lab's state to $dir/state"
        sleep 0.2
    done
    qmp "$dir" '{"execute":"quit"}' >/dev/null
    wait "$labd_job" || true
    rm -rf "$frozen"
    mkdir "$frozen"
    chmod 444 "$dir/root.qcow2"
    mv "$dir/root.qcow2" "$frozen/frozen.qcow2"
    mv "$dir/state" "$frozen/state"
    frozen_prune
)

# Keep the six most recently used frozen labs.
frozen_prune() {
    find "$state/frozen" -mindepth 1 -maxdepth 1 -type d ! -name '*.part' -printf '%T@ %p\n' | sort -rn | tail -n +7 |
        cut -d' ' -f2- | xargs -r rm -rf
}
