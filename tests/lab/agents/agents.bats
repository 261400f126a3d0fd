#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests with agents of other builds and of an earlier protocol, over vchan (tests/lab/agents/run). Each test uses all of
# them.
load ../helper

images=/var/lib/xenbench/images-ro

setup_file() {
    load ../helper
    AGENTS=$(dom0 "cd $images && ls -d agent-*" | xargs)
    [ -n "$AGENTS" ] || die "no image has an agent of its own"
    export AGENTS
    local agent
    for agent in $AGENTS; do
        dom0 "xenbench guest create $agent --image $agent --type pv --memory 96M --wait"
    done
}

teardown_file() {
    load ../helper
    dom0 "xenbench guest remove --destroy $AGENTS; xenbench clean" >/dev/null 2>&1 || true
}

setup() { dom0 "mkdir -p /root/agents"; }

@test "each agent is the one that its image was made with" {
    local agent
    for agent in $AGENTS; do
        run dom0 "xenbench exec $agent -- sha256sum /usr/lib/xenbench/xenbench-agent"
        [ "${output%% *}" = "$(dom0 "jq -r .agent_sha256 $images/$agent/image.json")" ] || die "$agent: $output"
        echo "# $agent: protocol $(dom0 "xenstore-read /local/domain/\$(xl domid $agent)/data/xenbench/protocol")" >&3
    done
}

@test "status, output and files both ways" {
    local agent
    dom0 "head -c 3000000 /dev/urandom >/root/agents/file"
    for agent in $AGENTS; do
        run dom0 "xenbench exec $agent -- sh -c 'echo out; exit 7'"
        [ "$status" -eq 7 ] || die "$agent: $output"
        [ "$output" = out ]
        dom0 "cd /root/agents && xenbench push $agent file /root/file && xenbench pull $agent /root/file back && cmp file back && rm back"
    done
}

@test "all of them measured at once" {
    local guests
    guests=$(sed 's/\([^ ]*\)/\1: /g; s/ \([^ ]*: \)/, \1/g' <<<"$AGENTS")
    dom0 "cat >/root/agents/e.yaml" <<YAML
name: agents
workload: spin
guests: {${guests}}
cases: [{name: as they are}, {name: by weights, guests: {all: {weight: 512}}}]
repetitions: 1
YAML
    run dom0 "xenbench run --store /root/agents/results.sqlite /root/agents/e.yaml"
    echo "$output"
    [ "$status" -eq 0 ]
    local agents
    read -r -a agents <<<"$AGENTS"
    [ "$(dom0 "sqlite3 /root/agents/results.sqlite \"SELECT count(*) FROM samples WHERE outcome = 'exited' AND status = 0\"")" -eq $((2 * ${#agents[@]})) ]
}

@test "a checkpoint and its restore, and a job that outlives xl save" {
    local agent saved=/var/lib/xenbench/agents.chk
    for agent in $AGENTS; do
        dom0 "xenbench guest checkpoint $agent && xenbench guest restore --wait $agent"
        [ "$(dom0 "xenbench exec $agent -- echo back")" = back ] || die "$agent does not answer after its restore"
        run dom0 "xenbench exec $agent -- sh -c 'sleep 20; echo outlived' >/root/agents/$agent 2>&1 & job=\$!
              sleep 3; xl save $agent $saved >/dev/null 2>&1 && xl restore $saved >/dev/null 2>&1 || echo not saved
              wait \$job; cat /root/agents/$agent; rm -f $saved"
        [[ $output == *outlived* && $output != *"not saved"* ]] || die "$agent: $output"
    done
}
