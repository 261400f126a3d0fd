# SPDX-License-Identifier: GPL-3.0-or-later
# Reads "GUESTS COLUMN VALUE", and prints a table of medians with each column's exponent.
{
    if (!($1 in seen)) { seen[$1] = 1; guests[++rows] = $1 }
    if (!($2 in known)) { known[$2] = 1; columns[++count] = $2 }
    v[$1, $2, ++n[$1, $2]] = $3
}
function median(g, c, i, j, t, s) {
    for (i = 1; i <= n[g, c]; i++) s[i] = v[g, c, i] + 0
    for (i = 2; i <= n[g, c]; i++) for (j = i; j > 1 && s[j] < s[j - 1]; j--) { t = s[j]; s[j] = s[j - 1]; s[j - 1] = t }
    return s[int((n[g, c] + 1) / 2)]
}
# The slope of log(value - less) against log(guests), from the row FIRST on.
function slope(c, first, less, i, k, x, y, sx, sy, sxx, sxy) {
    for (i = first; i <= rows; i++) {
        if (median(guests[i], c) <= less) continue
        x = log(guests[i]); y = log(median(guests[i], c) - less)
        k++; sx += x; sy += y; sxx += x * x; sxy += x * y
    }
    return k > 1 ? sprintf("%.2f", (k * sxy - sx * sy) / (k * sxx - sx * sx)) : "-"
}
function line(first, i) {
    printf "| %s |", first
    for (i = 1; i <= count; i++) printf " %s |", cell[i]
    print ""
}
END {
    split("exec_s|`exec` in all, s|together_s|`exec --together`, s|cpu_s|CPU time of a run, s|cell_s|a cell beyond its jobs, s|" \
        "outside_s|a run beyond its cells, s|release_ms|release error, ms|memory_mib|memory of a run, MiB|xenstore|writes to xenstored, a run", words, "|")
    for (i = 1; i in words; i += 2) title[words[i]] = words[i + 1]
    for (i = 1; i <= count; i++) cell[i] = title[columns[i]]
    line("guests")
    for (i = 1; i <= count; i++) cell[i] = "---"
    line("---")
    for (r = 1; r <= rows; r++) {
        for (i = 1; i <= count; i++) cell[i] = sprintf("%.3g", median(guests[r], columns[i]))
        line(guests[r])
    }
    for (i = 1; i <= count; i++) cell[i] = slope(columns[i], 1, 0)
    line("exponent")
    for (i = 1; i <= count; i++) cell[i] = slope(columns[i], 2, median(guests[1], columns[i]))
    line("exponent of what comes on top of one guest")
}
