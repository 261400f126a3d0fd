#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lab/faults with scripts instead of a lab: the flags of each fault's lab, and when a fault counts as seen, not
# seen, or not tried.

bats_require_minimum_version 1.5.0

setup() {
    top=$BATS_TEST_TMPDIR/top
    mkdir -p "$top"/{tests/lab,images/lab,build/lab}
    cp "$BATS_TEST_DIRNAME/../lab/faults" "$top/tests/lab/"
    cp "$BATS_TEST_DIRNAME/../../images/lab/vm.sh" "$top/images/lab/"
    export LABS=$BATS_TEST_TMPDIR/labs CONSOLE=$BATS_TEST_TMPDIR/console DEAD=$BATS_TEST_TMPDIR/dead XENBENCH_LAB_QEMU=$top/qemu LOAD=1
    : >"$CONSOLE"
    program qemu <<<'echo "QEMU emulator version 10.0.3"'
    program images/lab/with-xenbench <<'SCRIPT'
echo "$XENBENCH_LAB_CPU ${*:4}" >>"$LABS"
[ -z "$NO_BOOT" ]
SCRIPT
    # exec --name NAME -- LINE; a line that contains $BREAKS ends Dom0.
    program images/lab/lab <<'SCRIPT'
[ "$1" != console ] || exec cat "$CONSOLE"
[ "$1" = exec ] || exit 0
[ ! -e "$DEAD" ] || exit 255
case ${!#} in
*xen_version*) echo 4.20.5-pre ;;
*'Triple fault'*) echo 0 ;;
*${BREAKS:-nothing}*) touch "$DEAD"; exit 255 ;;
*"${FAILS:-nothing}"*) exit 1 ;;
esac
SCRIPT
    program tests/lab/soak <<<'[ -z "$SOAK_SAYS" ] || { echo "$SOAK_SAYS"; exit 1; }'
}

program() {
    { echo '#!/bin/bash'; cat; } >"$top/$1"
    chmod +x "$top/$1"
}

faults() {
    run --separate-stderr "$top/tests/lab/faults" trixie "$@"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a fault that does not show is not seen; each lab lacks its own guard alone" {
    faults
    [ "$(grep -c 'not seen' <<<"$output")" -eq 8 ]
    [[ $output == *"| smap | 4.20.5-pre | 10.0.3 | not seen: Dom0 booted |"* ]]
    [[ $(sed -n 1p "$LABS") == "max,-smep,"*",-avx2,"* ]]
    [[ $(sed -n 2p "$LABS") == *",-la57,-xsave,"* ]]
    [[ $(sed -n 3p "$LABS") == "max,-smap,-smep,-pku,-la57,-rdtscp,-erms,-fsrm "* ]]
    [[ $(sed -n 4p "$LABS") == *" --threads 2" ]]
}

@test "a Dom0 that does not boot shows the fault by its console's words; without words nothing was tried" {
    export NO_BOOT=1
    faults smap
    [[ $output == *"| smap | of trixie | 10.0.3 | not tried: "* ]]
    printf '(XEN) d0v0 Unhandled: vec 14, #PF[0001]\n(XEN) Domain 0 crashed: rebooting\n' >"$CONSOLE"
    faults smap
    [[ $output == *"**seen**: Unhandled: vec 14, #PF[0001];Domain 0 crashed: rebooting |"* ]]
}

@test "a Xen that stops answering has the fault; a command that fails shows none" {
    BREAKS=cpupool-destroy faults credit-pool-end
    [[ $output == *"**seen**: no answer, and nothing on the console |"* ]]
    rm "$DEAD"
    FAILS=cpupool-destroy faults credit-pool-end
    [[ $output == *"not tried: a command failed, and Dom0 still answers |"* ]]
    SOAK_SAYS='soak-1: FAULT in sum' faults xsave
    [[ $output == *"**seen**: a soak of 60 s with 1 lines about faults |"* ]]
    SOAK_SAYS='soak-1: no account' faults xsave
    [[ $output == *"not tried: a guest of the soak did not report |"* ]]
    run ! pgrep -f "$top/tests/lab/faults"
}
