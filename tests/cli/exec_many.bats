#!/usr/bin/env bats
# `xenbench exec` so often that an agent's table of jobs would not hold them.
load helper

setup() {
    start_agent one
}

@test "exec: what an earlier exec left behind is cleared away" {
    "$XENBENCH" exec "$(guest one)" -- sleep 0.3 3>&- &
    local controller=$! i
    wait_for pgrep -x sleep
    kill -KILL "$controller"
    wait "$controller" || true
    sleep 0.5
    # More than the agent's table of 64 would hold.
    for ((i = 0; i < 70; i++)); do
        "$XENBENCH" exec "$(guest one)" -- true
    done
}
