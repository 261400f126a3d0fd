#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# More runs of `xenbench exec` than the agent's table has room for jobs.
load helper

setup() {
    start_agent one
}

@test "exec: jobs that an earlier exec left are removed" {
    "$XENBENCH" exec "$(guest one)" -- sleep 0.3 3>&- &
    local controller=$! i
    wait_for pgrep -x sleep
    kill -KILL "$controller"
    wait "$controller" || true
    sleep 0.5
    # The agent's table holds 64 jobs.
    for ((i = 0; i < 70; i++)); do
        "$XENBENCH" exec "$(guest one)" -- true
    done
}
