# SPDX-License-Identifier: GPL-3.0-or-later
# Reads the comparisons of hostile-figures-in-dom0.sh; prints the table, and judges all of them together.
$1 == "busy" && $5 > busy { busy = $5 } # the largest change that its load alone may have made
{ attack[NR] = $1; guest[NR] = $2; change[NR] = $3; low[NR] = $4; high[NR] = $5; could[NR] = $6; p[NR] = $7; n[NR] = $8; order[NR] = NR }
function p_words(p) { return p < 0.01 ? "< 0.01" : sprintf("%.2f", p) }
function percent(change) { return change == "-" ? "-" : sprintf("%+.1f %%", 100 * change) }
END {
    if (NR == 0) { print "no comparison was made" >"/dev/stderr"; exit 3 }
    # Holm: the k-th smallest p times the number of tests that are left, never less than the one before.
    for (i = 2; i <= NR; i++) for (j = i; j > 1 && p[order[j]] + 0 < p[order[j - 1]] + 0; j--) { t = order[j]; order[j] = order[j - 1]; order[j - 1] = t }
    for (i = 1; i <= NR; i++) {
        corrected = p[order[i]] * (NR - i + 1)
        least = corrected > least ? corrected : least
        holm[order[i]] = least > 1 ? 1 : least
    }
    print "| attack | guest | its time, with the attack | p, corrected | could show | samples |"
    print "| --- | --- | --- | --- | --- | --- |"
    for (i = 1; i <= NR; i++) {
        printf "| `%s` | %s | %s (%s to %s) | %s | %.1f %% | %s of %d |\n", attack[i], guest[i], percent(change[i]), percent(low[i]), percent(high[i]),
            p_words(holm[i]), 100 * could[i], n[i], repetitions
        if (holm[i] <= 0.05 && low[i] > busy && attack[i] != "busy") {
            printf "hostile-figures: %s slows %s more than a busy Dom0 does\n", attack[i], guest[i] >"/dev/stderr"; failed = 1
        }
        if (n[i] != repetitions) { printf "hostile-figures: %s: %s has %s samples\n", attack[i], guest[i], n[i] >"/dev/stderr"; failed = 1 }
    }
    exit failed
}
