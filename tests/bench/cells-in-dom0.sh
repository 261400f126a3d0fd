#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cells-in-dom0.sh REPETITIONS ROUNDS PROGRAM..., in the lab's Dom0: runs cells of `true` in one and three guests over vchan,
# with each controller PROGRAM in turn. Prints "ROW xenbench|peer SECONDS" for each run; the peer is the second program.
set -euo pipefail

repetitions=$1 rounds=$2
shift 2
dir=$(mktemp -d)
trap 'xenbench guest remove --destroy cell1 cell2 cell3 >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT

for g in 1 2 3; do
    xenbench guest create "cell$g" --image micro --type pv --memory 128M --start >/dev/null
done
for guests in 1 3; do
    {
        printf 'name: cells\nworkload: {command: ["true"]}\nrepetitions: %d\nwarmup: 1\nguests:\n' "$repetitions"
        for ((g = 1; g <= guests; g++)); do printf '  cell%d:\n' "$g"; done
        printf 'cases: [{name: c}]\n'
    } >"$dir/$guests.yaml"
done

# median STORE COLUMN: prints the median over all finished cells
median() {
    sqlite3 "$1" "SELECT v FROM (SELECT $2 AS v, row_number() OVER (ORDER BY $2) AS i, count(*) OVER () AS n
        FROM cells WHERE state = 'done' AND NOT warmup) WHERE i = (n + 1) / 2"
}

for ((round = 0; round < rounds; round++)); do
    order=("$@")
    [ $# -lt 2 ] || [ $((round % 2)) -eq 0 ] || order=("$2" "$1")
    for guests in 1 3; do
        for program in "${order[@]}"; do
            who=xenbench
            [ "$program" = "$1" ] || who=peer
            store=$dir/store
            rm -f "$store"*
            "$program" run --quiet --store "$store" "$dir/$guests.yaml" >/dev/null
            echo "cell-$guests $who $(median "$store" 'spent_ns / 1e9')"
            echo "window-$guests $who $(median "$store" 'window_ns / 1e9')"
            echo "clocks-$guests $who $(median "$store" 'release_error_ns / 1e9')"
        done
    done
done
