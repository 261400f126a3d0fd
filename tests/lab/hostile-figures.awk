# SPDX-License-Identifier: GPL-3.0-or-later
# Reads the comparisons of hostile-figures-in-dom0.sh; prints the table, and judges all of them together.
$1 == "busy" && $7 != "-" && $5 + 0 > busy { busy = $5 } # the largest change that its load alone may have made
$7 == "-" { printf "hostile-figures: %s, %s: not judged\n", $1, $2 >"/dev/stderr"; failed = 1; next }
{ attack[++rows] = $1; guest[rows] = $2; change[rows] = $3; low[rows] = $4; high[rows] = $5; could[rows] = $6; p[rows] = $7; n[rows] = $8; order[rows] = rows }
function p_words(p) { return p < 0.01 ? "< 0.01" : sprintf("%.2f", p) }
function percent(change) { return change == "-" ? "-" : sprintf("%+.1f %%", 100 * change) }
END {
    if (!busy) print "hostile-figures: without `busy` there is no control" >"/dev/stderr"
    if (rows == 0) { print "no comparison was made" >"/dev/stderr"; exit 3 }
    # Holm: the k-th smallest p times the number of tests that are left, never less than the one before.
    for (i = 2; i <= rows; i++) for (j = i; j > 1 && p[order[j]] + 0 < p[order[j - 1]] + 0; j--) { t = order[j]; order[j] = order[j - 1]; order[j - 1] = t }
    for (i = 1; i <= rows; i++) {
        corrected = p[order[i]] * (rows - i + 1)
        least = corrected > least ? corrected : least
        holm[order[i]] = least > 1 ? 1 : least
    }
    print "| attack | guest | its time, with the attack | p, corrected | could show | samples |"
    print "| --- | --- | --- | --- | --- | --- |"
    for (i = 1; i <= rows; i++) {
        printf "| `%s` | %s | %s (%s to %s) | %s | %.1f %% | %s of %d |\n", attack[i], guest[i], percent(change[i]), percent(low[i]), percent(high[i]),
            p_words(holm[i]), 100 * could[i], n[i], repetitions
        if (holm[i] <= 0.05 && low[i] > busy && attack[i] != "busy") {
            printf "hostile-figures: %s slows %s more than a busy Dom0 does\n", attack[i], guest[i] >"/dev/stderr"; failed = 1
        }
        if (n[i] != repetitions) { printf "hostile-figures: %s: %s has %s samples\n", attack[i], guest[i], n[i] >"/dev/stderr"; failed = 1 }
    }
    exit failed
}
