#!/usr/bin/env bats
# Does the lab compute right? Asked first, so that nobody doubts which side a later failure came from.

load helper

@test "30 s of checked arithmetic, memory and processes in Dom0, a PV and two PVH guests: no fault" {
    run "$BATS_TEST_DIRNAME/soak" 30
    echo "$output"
    [ "$status" = 0 ]
    dom0_kernel_is_sound
}
