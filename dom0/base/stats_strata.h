/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two treatments in several strata, such as hosts: what is common to all strata, and which of them
 * stands apart. Values are compared only within their stratum.
 */
#ifndef XB_STATS_STRATA_H
#define XB_STATS_STRATA_H

#include <stdbool.h>
#include <stddef.h>

/* The values under treatments a and b in one stratum. */
struct xb_stratum {
    const double *a, *b;
    size_t n_a, n_b;
};

/*
 * Van Elteren's test (Bulletin of the International Statistical Institute 37, 1960; Lehmann,
 * Nonparametrics, 1975, 3.3): the sum of the strata's rank sum statistics, each divided by n_a +
 * n_b + 1. With one stratum it is the rank sum test. The shift is the Hodges-Lehmann estimate that
 * belongs to it: the median of all differences b - a within strata, weighted in the same way.
 */
struct xb_strata {
    size_t used;     /* strata with values of both treatments; the others are left out */
    size_t n_a, n_b; /* values in the strata used */
    bool simulated;  /* few values: the distribution comes from random permutations */
    double distance; /* of the statistic from its mean: above 0 where b's values are larger */
    double p;        /* two-sided; 1 without values */
    double least_p;  /* the smallest p that this many values can have */
    double shift, low, high;
    double coverage; /* below what was asked for if there are too few values */
};

/* If both treatments have this many values, the normal distribution is used. */
#define XB_STRATA_NORMAL 60

/* Values must be finite. */
struct xb_strata xb_strata_of(const struct xb_stratum *strata, size_t count, double confidence);

/*
 * Modified z-scores, 0.6745 (x - median) / MAD; if more than half of x are equal, (x - median) /
 * (1.253314 mean absolute deviation). A value beyond +-XB_APART_Z stands apart from the others
 * (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). All 0 below XB_APART_LEAST.
 */
void xb_modified_z(const double *x, size_t n, double *z);
#define XB_APART_Z 3.5
/* With fewer values the rule finds too many: two of three are always close to each other. */
#define XB_APART_LEAST 6

/*
 * The standard deviation between strata, from an estimate of each and its standard error: the part
 * of the estimates' variance that their errors do not explain (Hedges and Olkin, Statistical
 * Methods for Meta-Analysis, 1985, 9.3). 0 for fewer than two strata.
 */
double xb_between_sd(const double *estimates, const double *errors, size_t n);

#endif
