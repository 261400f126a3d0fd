#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# So many runs of `xenbench exec` that their jobs would overflow an agent's table.
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
    # More than the agent's table of 64 can hold.
    for ((i = 0; i < 70; i++)); do
        "$XENBENCH" exec "$(guest one)" -- true
    done
}
