#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Does the lab compute correctly? Tested first, because a lab that does not would explain later failures.

load helper

@test "20 s of checked arithmetic, memory and processes in Dom0 and three PV guests: no fault" {
    run "$BATS_TEST_DIRNAME/soak" 20 pv pv pv
    echo "$output"
    [ "$status" = 0 ]
    dom0_kernel_is_sound
}
