/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two treatments in several strata, such as hosts: what is common to all strata, and which of them
 * is apart. Only values of one stratum are compared with each other.
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
 * belongs to it: the median of all differences b less a within strata, so weighted.
 */
struct xb_strata {
    size_t used;     /* strata that have values of both; others say nothing */
    size_t n_a, n_b; /* values in these */
    bool simulated;  /* the distribution is of random permutations, as there are few values */
    double p;        /* two-sided; 1 without values */
    double least_p;  /* the smallest that so many values can have */
    double shift, low, high;
    double coverage; /* below what was asked for where there are too few values */
};

/* From this many values of each treatment on, the normal distribution serves. */
#define XB_STRATA_NORMAL 60

/* Values are finite. */
struct xb_strata xb_strata_of(const struct xb_stratum *strata, size_t count, double confidence);

/*
 * Modified z-scores, 0.6745 (x - median) / MAD; where more than half of x are equal, (x - median) /
 * (1.253314 mean absolute deviation). Beyond XB_APART_Z either way a value is apart from the others
 * (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). All 0 below XB_APART_LEAST.
 */
void xb_modified_z(const double *x, size_t n, double *z);
#define XB_APART_Z 3.5
/* Of fewer values, the rule calls too many apart: two of three are always close to each other. */
#define XB_APART_LEAST 6

/*
 * The standard deviation between strata, given an estimate from each and the estimates' standard
 * errors: what their variance has beyond that of the errors (Hedges and Olkin, Statistical Methods
 * for Meta-Analysis, 1985, 9.3). 0 below two.
 */
double xb_between_sd(const double *estimates, const double *errors, size_t n);

#endif
