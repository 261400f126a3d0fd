# SPDX-License-Identifier: GPL-3.0-or-later
# scale-in-dom0.sh ROUNDS GUESTS...: the part of `scale` that runs in the lab's Dom0. Prints "GUESTS COLUMN VALUE" for each
# measurement.
# shellcheck shell=bash
set -euo pipefail
shopt -s inherit_errexit
rounds=$1 cells=5 made=0 dir=$(mktemp -d -p /var/lib/xenbench)
shift
exec 4>&1 >&2 # what commands say is not a measurement

end() {
    local guests=()
    mapfile -t guests < <(names "$made")
    [ "$made" -eq 0 ] || xenbench guest remove --destroy "${guests[@]}" >/dev/null || true
    rm -rf "$dir"
}
trap end EXIT

names() { seq -f 'scale%g' 1 "$1"; }
listed() { names "$1" | paste -sd,; }

# grow N: starts guests until there are N, one after the other, to stay within xenstored's quotas and Dom0's memory
grow() {
    while [ "$made" -lt "$1" ]; do
        made=$((made + 1))
        xenbench guest create "scale$made" --image micro --type pv --memory 64M >/dev/null
        xenbench guest start --wait "scale$made" >/dev/null
    done
}

value() { echo "$1 $2 $3" >&4; }

# seconds COMMAND...: prints how long the command takes, and the CPU time of it and all that it awaited
seconds() {
    local TIMEFORMAT='%R %U %S'
    { time "$@" >/dev/null 2>"$dir/said"; } 2>&1 || { cat "$dir/said" >&2; return 1; }
}

of_store() { sqlite3 "$dir/store" "$1"; }

# median QUERY: the middle of the numbers that the query returns
median() { of_store "$1" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

run() {
    rm -f "$dir/store"*
    "${@:2}" xenbench run --quiet --store "$dir/store" --repetitions "$cells" --guests "$(listed "$1")" -- true
}

# The proportional memory (PSS) of all processes of xenbench but the guests' monitors, at its highest, in KiB.
peak_kib() {
    local most=0 now pid monitors
    monitors=$(pgrep -d '|' xenbench || true)
    run "$1" >/dev/null 2>&1 &
    local runner=$!
    while kill -0 "$runner" 2>/dev/null; do
        now=0
        for pid in $(pgrep xenbench | grep -vxE "${monitors:-none}"); do
            now=$((now + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null || echo 0)))
        done
        [ "$now" -le "$most" ] || most=$now
        sleep 0.2
    done
    wait "$runner"
    echo "$most"
}

# What one run writes to xenstored, in system calls.
xenstore_calls() {
    run "$1" strace -f -yy -e trace=write,writev,sendmsg,sendto -o "$dir/calls" >/dev/null 2>&1
    grep -cE 'xenstored|xenbus' "$dir/calls" || [ $? -eq 1 ]
}

measure() {
    local n=$1 took
    took=$(seconds xenbench exec "$(listed "$n")" -- true)
    value "$n" exec_s "${took%% *}"
    took=$(seconds xenbench exec --together "$(listed "$n")" -- true)
    value "$n" together_s "${took%% *}"
    took=$(seconds run "$n")
    value "$n" cpu_s "$(awk '{ print $2 + $3 }' <<<"$took")"
    value "$n" cell_s "$(median "SELECT (c.spent_ns - max(s.wall_ns)) / 1e9 FROM cells c JOIN samples s USING (run, cell, attempt)
        WHERE c.state = 'done' GROUP BY c.cell, c.attempt")"
    value "$n" outside_s "$(awk -v whole="${took%% *}" -v cells="$(of_store "SELECT sum(spent_ns) / 1e9 FROM cells")" \
        'BEGIN { print whole - cells }')"
    value "$n" release_ms "$(median "SELECT release_error_ns / 1e6 FROM cells WHERE state = 'done'")"
}

for n; do
    grow "$n"
    for ((round = 0; round < rounds; round++)); do measure "$n"; done
    value "$n" memory_mib "$(awk -v kib="$(peak_kib "$n")" 'BEGIN { print kib / 1024 }')"
    value "$n" xenstore "$(xenstore_calls "$n")"
    echo "$n guests are measured" >&2
done
