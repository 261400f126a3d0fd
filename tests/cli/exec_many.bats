#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# More runs of `xenbench exec` than the agent's table has room for jobs.
load helper

setup() {
    start_agent one
}

# Run a command in the guest, number $1, whose controller is killed and which then ends.
leave_a_job() {
    "$XENBENCH" exec "$(guest one)" -- sh -c "touch '$BATS_TEST_TMPDIR/runs$1'
        until [ -e '$BATS_TEST_TMPDIR/go$1' ]; do sleep 0.05; done" 3>&- &
    local controller=$!
    wait_for test -e "$BATS_TEST_TMPDIR/runs$1"
    kill -KILL "$controller"
    wait "$controller" || true
    touch "$BATS_TEST_TMPDIR/go$1"
}

@test "exec: jobs that an earlier exec left are removed" {
    local i
    # The agent's table holds 64 jobs.
    for i in {1..66}; do
        leave_a_job "$i"
    done
    "$XENBENCH" exec "$(guest one)" -- true
}
