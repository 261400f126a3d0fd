#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The agent's unit has only the rights that docs/security.md explains.

# systemd marks what is left open by a character that not every locale has.
export LC_ALL=C.UTF-8

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    section=$(sed -n "/^## The agent's unit/,/^## What/p" docs/security.md)
}

@test "the agent's unit is no more exposed than the document says" {
    local rating
    rating=$(sed -n 's/.*exposure \([0-9]\+\)\.\([0-9]\).*/\1\2/p' <<<"$section")
    [ -n "$rating" ]
    systemd-analyze security --offline=yes --no-pager --threshold="$rating" guest-agent/xenbench-agent.service
}

@test "the document explains each point that the agent's unit leaves open" {
    local name names missing=
    names=$(systemd-analyze security --offline=yes --no-pager guest-agent/xenbench-agent.service | sed -n 's/^✗ \([A-Za-z]*=\).*/\1/p' | sort -u)
    [ -n "$names" ]
    for name in $names; do
        grep -q "^|.*\`$name\`.*|.*|" <<<"$section" || missing+=" $name"
    done
    [ -z "$missing" ] || { echo "not explained:$missing"; return 1; }
}
