/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two independent samples: is b shifted against a, by how much, and what shift could be found? */
#ifndef XB_STATS_RANK_H
#define XB_STATS_RANK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The rank sum test of Wilcoxon, Mann and Whitney, and the Hodges-Lehmann shift with the interval
 * that belongs to the test (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd
 * ed., 4.1 to 4.3). R's wilcox.test(b, a, conf.int = TRUE) gives the same figures without ties.
 */
struct xb_rank {
    size_t n_a, n_b;
    bool exact; /* the exact distribution; false: the normal one, with R's corrections */
    bool ties;  /* equal values: an exact p is that of all permutations of the midranks */
    double u;   /* pairs in which b is greater; equal ones count half */
    double p;   /* two-sided: of a u that is at least as far from its mean; 1 without values */
    /* P(b > a) - P(b < a), -1 to 1 (Cliff 1993); Vargha and Delaney's A12 is (delta + 1) / 2. */
    double delta;
    double shift;     /* median of all differences b - a */
    double low, high; /* with ties they cover at least as often as without */
    double coverage;  /* probability; below what was asked for if n is too small */
};

/* If one sample has this many values, the normal distribution is used, as in R. */
#define XB_RANK_NORMAL 50

/* Values must be finite. If one sample is empty, p is 1 and all else 0. */
struct xb_rank xb_rank_of(const double *a, size_t n_a, const double *b, size_t n_b,
                          double confidence);

/*
 * Only the shift; neither sample may be empty. Its standard error is asymptotically sqrt(pi / 3)
 * times that of the difference of the means if the noise is normal (Hollander et al., 4.6).
 */
double xb_rank_shift(const double *a, size_t n_a, const double *b, size_t n_b);
#define XB_SHIFT_ERROR 1.0233

/* The smallest p that samples of these sizes can have; 1 if one is empty. */
double xb_rank_least_p(size_t n_a, size_t n_b);

/*
 * The smallest shift of normal samples, in standard deviations, that the test at alpha finds with
 * this power; INFINITY if no shift can be found. Below XB_RANK_NORMAL by simulation with a fixed
 * seed, then by the asymptotic efficiency 3/pi against the t test (Hollander et al., 4.6).
 */
double xb_rank_detectable(size_t n_a, size_t n_b, double alpha, double power);

/* The pooled standard deviation, the spread within both samples; 0 with fewer than 3 values. */
double xb_pooled_sd(const double *a, size_t n_a, const double *b, size_t n_b);

/*
 * Adjust p values for their number (Holm, Scandinavian Journal of Statistics 6, 1979): the chance
 * of any false alarm among all of them is at most the level at which each is judged.
 */
void xb_holm(double *p, size_t n);

#endif
