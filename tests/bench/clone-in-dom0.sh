# SPDX-License-Identifier: GPL-3.0-or-later
# clone-in-dom0.sh REPEAT: the part of `clone` in the lab's Dom0.
# shellcheck shell=bash
set -euo pipefail
repeat=$1 out=$(mktemp -d)

end() {
    xenbench guest remove --destroy small large >/dev/null 2>&1 || true
    vgremove -q -f xbbench >/dev/null 2>&1 || true
    pvremove -q /dev/vdd >/dev/null 2>&1 || true
    rm -r "$out"
}
trap end EXIT
vgcreate -q xbbench /dev/vdd >/dev/null

# sources SMALL LARGE OPTION...: makes two guests of the debian image with the same data on disks of
# different sizes
sources() {
    local small=$1 large=$2
    shift 2
    xenbench guest create small --image debian --type pv --size "$small" "$@"
    xenbench guest create large --image debian --type pv --size "$large" "$@"
}

# measure METHOD OPTION...: clones both guests in turn
measure() {
    local i which
    for ((i = 0; i < repeat; i++)); do
        for which in small large; do
            xenbench guest clone $which bench --method "$@" --json >"$out/json"
            jq -r '.[0] | "\(.disk_s) \(.all_s)"' "$out/json" >>"$out/$1-$which"
            xenbench guest remove bench
        done
    done
}

median() {
    cut -d' ' -f"$2" "$out/$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

row() {
    local method=$1 sizes=$2 a b
    for column in 1 2; do
        a=$(median "$method-small" $column) b=$(median "$method-large" $column)
        awk -v m="$method" -v s="$sizes" -v what="$([ $column = 1 ] && echo disk || echo all)" -v a="$a" -v b="$b" \
            'BEGIN { printf "%-10s %-14s %-6s %8.2f s %8.2f s %7.2f\n", m, s, what, a, b, b / a }'
    done
}

sources 1G 3G --vg xbbench
measure snapshot
repeat=1 measure copy --storage file
repeat=1 measure backup
xenbench guest remove small large
lvcreate -q -y --type thin-pool -L 4G -n pool xbbench >/dev/null 2>&1
sources 1G 8G --thin-pool xbbench/pool
measure thin

printf '%-10s %-14s %-6s %10s %10s %7s\n' method sizes time small large ratio
row snapshot '1 and 3 GiB'
row thin '1 and 8 GiB'
row copy '1 and 3 GiB'
row backup '1 and 3 GiB'
echo "Medians of $repeat clones of each (copy and backup: of 1). disk: the volume or file; all: with identity and xl.cfg."
