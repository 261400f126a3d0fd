/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statistics of pairs: two cases measured side by side, round by round.
 */
#ifndef XB_STATS_PAIRED_H
#define XB_STATS_PAIRED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The shift of paired differences d[i]: the Hodges-Lehmann estimate (the median of all Walsh
 * averages (d[i] + d[j]) / 2, i <= j) and the interval that belongs to Wilcoxon's signed-rank test,
 * [W(k), W(M+1-k)] of the M sorted averages, with the exact null distribution of the rank sum
 * (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd ed., 3.2 and 3.3). It
 * assumes that differences are independent and symmetric about one value, no shape beyond that.
 */
struct xb_paired {
    size_t n;
    bool signed_rank; /* false: more pairs than XB_PAIRED_RANKED; the median and its interval */
    double estimate;
    double low, high;
    double coverage; /* probability, 0 for fewer than 2 pairs */
};

/*
 * The number of averages grows with the square of the pairs, the distribution's cost with the cube.
 * Beyond this, the median of the differences and the sign test's interval (stats.h) are sharp
 * enough.
 */
#define XB_PAIRED_RANKED 300

/* All zeros if n is 0. */
struct xb_paired xb_paired_of(const double *differences, size_t n, double confidence);

#endif
