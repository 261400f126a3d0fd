# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the benchmarks in the lab. The caller sets `lab`, the path of the tool, and `name`, the lab's name.
# shellcheck shell=bash

# lab_for_bench IMAGE...: starts a lab with this tree's xenbench; it ends with the script unless
# KEEP_LAB is set.
lab_for_bench() {
    # shellcheck disable=SC2154 # whoever sources this sets them
    if [ -z "${KEEP_LAB:-}" ]; then
        trap '"$lab" down --name "$name"' EXIT
        trap 'exit 130' INT TERM HUP
    fi
    "$top/images/lab/with-xenbench" --keep "$name" "$@" -- --max-hours 2
}
