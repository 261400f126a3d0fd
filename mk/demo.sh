# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# demo.sh: shared by the demos: starts a lab named after the script, and runs examples in its Dom0. Sourced.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
demo=$(basename "$0")
lab=$top/images/lab/lab
examples=/usr/share/xenbench/examples
# The folder in Dom0 with the results to fetch.
results=/var/lib/xenbench/demo

# A demo ends the lab of an earlier one, so only one may run at a time.
mkdir -p "$top/build/lab"
exec {demo_lock}>"$top/build/lab/$demo.run"
flock -n "$demo_lock" || { echo "$demo: it is running already in this tree" >&2; exit 3; }

say() { echo "$demo: $(date +%T) $*"; }

in_dom0() { "$lab" exec --name "$demo" -- "$@"; }

demo_down() { "$lab" down --name "$demo"; }

# demo_up IMAGE... -- LAB-UP-OPTION...: starts a new lab with the images and checks it with doctor. The
# lab ends with this script.
demo_up() {
    trap 'demo_down || true' EXIT
    trap 'exit 130' INT TERM HUP
    demo_down
    "$top/images/lab/with-xenbench" "$demo" "$@" --owner $$ {demo_lock}>&- # which the lab must not keep
    in_dom0 xenbench doctor
}

# demo_fetch OUT: moves the folder of results from Dom0 to OUT, replacing OUT.
demo_fetch() {
    rm -rf "$1"
    "$lab" pull --name "$demo" "$results" "$1"
    in_dom0 rm -r "$results"
}

# demo_run EXAMPLE OUT: runs the example and puts its reports into the folder OUT.
demo_run() {
    in_dom0 xenbench run "$examples/$1" --report-dir "$results"
    demo_fetch "$2"
}

demo_took() { say "done in $((SECONDS / 60)) min $((SECONDS % 60)) s"; }
