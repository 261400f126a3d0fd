/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats_paired.h"

#include "alloc.h"
#include "base.h"
#include "stats.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#define ROUNDING 1e-9 /* of sums of probabilities */

/*
 * P(T = t) for t from 0 to n(n+1)/2. T is the sum of the positive ranks; each of the n ranks is
 * positive with probability 1/2. Each iteration adds one rank.
 */
static double *rank_sums(size_t n)
{
    size_t most = n * (n + 1) / 2;
    double *p = xb_calloc(most + 1, sizeof(*p));
    p[0] = 1;
    size_t top = 0;
    for (size_t rank = 1; rank <= n; rank++) {
        top += rank;
        for (size_t t = top + 1; t-- > 0;)
            p[t] = (p[t] + (t >= rank ? p[t - rank] : 0)) / 2;
    }
    return p;
}

/* The sorted averages of all pairs of differences, each paired with itself too. */
static double *walsh_averages(const double *d, size_t n)
{
    size_t at = 0;
    double *w = xb_calloc(n * (n + 1) / 2, sizeof(*w));
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            w[at++] = (d[i] + d[j]) / 2;
    gsl_sort(w, 1, at);
    return w;
}

struct xb_paired xb_paired_of(const double *differences, size_t n, double confidence)
{
    struct xb_paired out = {0};
    if (n > XB_PAIRED_RANKED) {
        struct xb_stats s = xb_stats_at(differences, n, confidence);
        return (struct xb_paired){.n = s.n,
                                  .estimate = s.median,
                                  .low = s.ci_low,
                                  .high = s.ci_high,
                                  .coverage = s.ci_coverage};
    }
    if (n == 0)
        return out;
    size_t count = n * (n + 1) / 2;
    xb_auto_free double *w = walsh_averages(differences, n);
    xb_auto_free double *p = rank_sums(n);
    out.n = n;
    out.signed_rank = true;
    out.estimate = gsl_stats_median_from_sorted_data(w, 1, count);
    /* [W(k), W(M+1-k)] covers with 1 - 2 P(T <= k - 1); k is as large as that allows. */
    double below = p[0];
    size_t k = 1;
    while (2 * (k + 1) <= count + 1 && 1 - 2 * (below + p[k]) >= confidence - ROUNDING)
        below += p[k++];
    out.low = w[k - 1];
    out.high = w[count - k];
    out.coverage = n < 2 ? 0 : 1 - 2 * below;
    return out;
}
