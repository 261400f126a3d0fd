# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the lab tests. LAB and LAB_NAME name a running lab with xenbench in its Dom0
# (tests/lab/run).

# Run a command line in the lab's Dom0, passing on its output and status.
dom0() {
    "$LAB" exec --name "$LAB_NAME" -- "$@"
}

# Fail with a message that shows what was seen.
die() {
    echo "$*" >&2
    return 1
}

# Wait until Xen has forgotten the domains that are destroyed: it counts one in its cpupool until every CPU
# has passed through the scheduler.
domains_are_forgotten() {
    local try
    for try in {1..20}; do
        if dom0 '[ "$(xl cpupool-list | awk "NR > 1 { sum += \$NF } END { print sum }")" -eq "$(xl list | tail -n +2 | wc -l)" ]'; then
            return 0
        fi
        sleep 0.5
    done
    die "a cpupool counts more domains than there are, $try looks long: $(dom0 'xl cpupool-list; xl list')"
}

# host_is_as BEFORE: host_state, a function of the test's file, prints BEFORE again.
host_is_as() {
    local after
    domains_are_forgotten || return 1 # `set -e` does not hold in a caller's ||
    after=$(host_state)
    [ "$after" = "$1" ] || die "before: $1 after: $after"
}

# xen_is_before NUMBER: is the lab's Xen older than NUMBER, which is 100 * major + minor?
xen_is_before() {
    [ "$(dom0 "xl info | awk '/^xen_major/ { major = \$3 } /^xen_minor/ { print 100 * major + \$3 }'")" -lt "$1" ]
}

# fact GUEST KEY: a value from `guest list --json`
fact() {
    dom0 "xenbench guest list --json | jq -r '.[] | select(.name == \"$1\") | .$2'"
}

# Run a query on this test file's store, $STORE.
sql() {
    dom0 "sqlite3 -cmd '.timeout 10000' $STORE \"$1\""
}

# Dom0's kernel must not have logged a BUG, an oops or a segfault. In all three of these, a status of 1 is grep's own.
dom0_kernel_is_sound() {
    local said
    said=$(dom0 'log=$(dmesg) || exit 9; printf "%s\n" "$log" | grep -E "BUG|Oops|general protection|segfault|kernel BUG" || [ $? -eq 1 ]') ||
        die "Dom0's kernel: not read: $said" || return
    [ -z "$said" ] || die "Dom0's kernel: $said"
}

guest_kernel_is_sound() {
    local said
    said=$(dom0 "grep -aE 'BUG|Oops|Call Trace|general protection|segfault' /var/lib/xenbench/guests/$1/console.log || [ \$? -eq 1 ]") ||
        die "guest $1's kernel: not read: $said" || return
    [ -z "$said" ] || die "guest $1's kernel: $said"
}

# A dead domain whose memory is still mapped shows as (null).
no_zombie_domains() {
    local said
    said=$(dom0 'list=$(xl list) || exit 9; printf "%s\n" "$list" | grep -F "(null)" || [ $? -eq 1 ]') ||
        die "zombie domains: not listed: $said" || return
    [ -z "$said" ] || die "zombie domains: $said"
}

# Prints a line for each guest that QEMU has lost. Its emulation of SVM sometimes loses a PVH guest (docs/lab.md):
# Xen's log then has a triple fault in the hypervisor's own code, and the failure says nothing about
# xenbench. in-lab repeats such a file; in long tests, `unless_lost` repeats a part.
emulator_losses() {
    # `xl dmesg` is a ring buffer whose old lines may vanish, so their number says nothing.
    dom0 "xl dmesg | grep 'Triple fault'" || true
}

# unless_lost GUEST COMMAND...: runs COMMAND, which must report failure by its status. If it failed and
# the emulator lost a guest, says so, restarts GUEST and tries again, at most three times in all.
unless_lost() {
    local guest=$1 losses try
    shift
    for try in 1 2 3; do
        losses=$(emulator_losses)
        if "$@"; then return 0; fi
        [ "$(emulator_losses)" != "$losses" ] || return 1
        echo "# try $try of \"$BATS_TEST_DESCRIPTION\": QEMU lost a PVH guest (docs/lab.md); again" >&3
        dom0 "xl destroy $guest; xenbench guest destroy $guest; xenbench guest start --wait $guest" >/dev/null 2>&1
    done
    die "QEMU lost a PVH guest three times: $*"
}
