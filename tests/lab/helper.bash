# Shared by the lab tests: LAB and LAB_NAME name a lab that is up, with xenbench in its Dom0 (tests/lab/run).

# Run a command line in the lab's Dom0: its output, its status.
dom0() {
    "$LAB" exec --name "$LAB_NAME" -- "$@"
}

# Fail with a message that says what was seen.
die() {
    echo "$*" >&2
    return 1
}

# What `guest list --json` says of one guest: fact GUEST KEY
fact() {
    dom0 "xenbench guest list --json | jq -r '.[] | select(.name == \"$1\") | .$2'"
}

# Ask the store of this file, STORE.
sql() {
    dom0 "sqlite3 -cmd '.timeout 10000' $STORE \"$1\""
}

# A kernel that hit a BUG, an oops or a warning says so in its log: none may have.
dom0_kernel_is_sound() {
    local said
    said=$(dom0 'dmesg | grep -E "BUG|Oops|general protection|segfault|kernel BUG"' || true)
    [ -z "$said" ] || die "Dom0's kernel: $said"
}

guest_kernel_is_sound() {
    local said
    said=$(dom0 "grep -aE 'BUG|Oops|Call Trace|general protection|segfault' /var/lib/xenbench/guests/$1/console.log" || true)
    [ -z "$said" ] || die "guest $1's kernel: $said"
}

# A domain that is dead but still mapped by somebody shows as (null).
no_zombie_domains() {
    local said
    said=$(dom0 "xl list | grep -F '(null)'" || true)
    [ -z "$said" ] || die "zombie domains: $said"
}

# QEMU's emulation of SVM loses a PVH guest now and then (docs/lab.md): Xen's log then tells of a triple fault inside the
# hypervisor's own code, and what was seen of the guest says nothing about xenbench. in-lab runs a file again that failed so;
# where a test repeats something for long, `unless_lost` does that part again. How many it has lost so far:
emulator_losses() {
    dom0 "xl dmesg | grep -c 'Triple fault'" || true
}

# unless_lost GUEST COMMAND...: COMMAND, which fails by its status. Where the emulator lost a guest meanwhile, again with
# GUEST started afresh, three times at most, and the test's output says so; any other failure is a failure.
unless_lost() {
    local guest=$1 losses try
    shift
    for try in 1 2 3; do
        losses=$(emulator_losses)
        if "$@"; then return 0; fi
        [ "$(emulator_losses)" -gt "$losses" ] || return 1
        echo "# try $try of \"$BATS_TEST_DESCRIPTION\": QEMU lost a PVH guest (docs/lab.md); again" >&3
        dom0 "xl destroy $guest; xenbench guest destroy $guest; xenbench guest start --wait $guest" >/dev/null 2>&1
    done
    die "QEMU lost a PVH guest three times: $*"
}
