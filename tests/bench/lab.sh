# Shared by what measures in the lab: `lab` is its tool, `name` the lab.
# shellcheck shell=bash

# lab_for_bench IMAGE...: the lab is up with this tree's xenbench, and goes down at the end unless KEEP_LAB is set.
lab_for_bench() {
    # shellcheck disable=SC2154 # whoever sources this sets them
    if [ -z "${KEEP_LAB:-}" ]; then
        trap '"$lab" down --name "$name"' EXIT
        trap 'exit 130' INT TERM HUP
    fi
    if "$lab" status --name "$name" >/dev/null 2>&1; then
        "$lab" push --name "$name" "$top/build/stage/usr" /
    else
        "$top/images/lab/with-xenbench" "$name" "$@" -- --max-hours 2
    fi
}
