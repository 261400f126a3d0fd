# SPDX-License-Identifier: GPL-3.0-or-later
# each-step.sh COMMAND...: in Dom0, runs a command that makes the guest px, and kills it at each of its
# steps in turn. After each kill nothing incomplete may look complete, and `xenbench clean` must remove
# the rest.
# shellcheck shell=bash
guests=/var/lib/xenbench/guests

volumes() {
    lvs --noheadings -o lv_name xbvg | sort | xargs
}

look_after() {
    [ ! -e $guests/px ] || echo "after $1: the guest px is there"
    xenbench clean >/dev/null || echo "after $1: clean fails"
    [ "$(volumes)" = "$before" ] || echo "after $1: $(volumes)"
    [ -z "$(find $guests -mindepth 1 -maxdepth 1 -name '.*')" ] || echo "after $1: $(ls -A $guests)"
}

before=$(volumes)
steps=$(XENBENCH_FAULT=list "$@" 2>&1 >/dev/null | sed -n 's/^fault: //p')
xenbench guest remove px || exit 1
[ "$(wc -w <<<"$steps")" -ge 5 ] || { echo "too few steps: $steps"; exit 1; }
for step in $steps; do
    status=0
    XENBENCH_FAULT=$step "$@" >/dev/null 2>&1 || status=$?
    [ "$status" = 137 ] || echo "at $step: status $status"
    look_after "$step"
done >/tmp/wrong 2>/dev/null
cat /tmp/wrong
[ ! -s /tmp/wrong ]
