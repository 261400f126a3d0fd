# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# demo.sh: what the demos share: a lab named after the script, and examples that are run in its Dom0. Sourced.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
demo=$(basename "$0")
lab=$top/images/lab/lab
examples=/usr/share/xenbench/examples
# Where a run in Dom0 leaves what is fetched from there.
results=/var/lib/xenbench/demo

say() { echo "$demo: $(date +%T) $*"; }

in_dom0() { "$lab" exec --name "$demo" -- "$@"; }

demo_down() { "$lab" down --name "$demo"; }

# demo_up IMAGE... -- LAB-UP-OPTION...: a new lab with the images, which doctor finds fit. It ends with this script.
demo_up() {
    trap 'demo_down || true' EXIT
    trap 'exit 130' INT TERM HUP
    demo_down
    "$top/images/lab/with-xenbench" "$demo" "$@" --owner $$
    in_dom0 xenbench doctor
}

# demo_fetch OUT: what is in Dom0's folder of results, as the folder OUT, and no longer there.
demo_fetch() {
    rm -rf "$1"
    "$lab" pull --name "$demo" "$results" "$1"
    in_dom0 rm -r "$results"
}

# demo_run EXAMPLE OUT: its reports are then in the folder OUT.
demo_run() {
    in_dom0 xenbench run "$examples/$1" --report-dir "$results"
    demo_fetch "$2"
}

demo_took() { say "done in $((SECONDS / 60)) min $((SECONDS % 60)) s"; }
