/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Robust statistics of a few numbers, and how well their median is known, by GSL. */
#ifndef XB_STATS_H
#define XB_STATS_H

#include <stddef.h>
#include <stdint.h>

struct xb_stats {
    size_t n;
    double median;
    double min, max;
    double q1, q3; /* quartiles, by linear interpolation (Hyndman and Fan's type 7) */
    double iqr;    /* q3 - q1 */
    double mad;    /* median of |x - median|; times 1.4826: a normal distribution's sigma */
    double mean, stddev;
    /*
     * Interval for the median of what was sampled, from order statistics: assumes only that samples
     * are independent, nothing about their distribution. [x(k), x(n+1-k)] with the largest k that
     * covers with at least the confidence asked for (binomial; Conover, Practical Nonparametric
     * Statistics, 3.2). With fewer than 6 samples no pair does so at 95 %: then it is the full
     * range, and coverage says what that is worth (3 samples: 0.75).
     */
    double ci_low, ci_high;
    double ci_coverage; /* probability; 0 for fewer than 2 samples */
    /* Samples beyond 1.5 IQR of the quartiles (Tukey's fences), counted, never dropped. */
    size_t outliers;
};

/* Of intervals, unless another is asked for. */
#define XB_CONFIDENCE 0.95

/* All zeros if n is 0. values are not changed. The confidence is 95 % unless given. */
struct xb_stats xb_stats_of(const double *values, size_t n);
struct xb_stats xb_stats_at(const double *values, size_t n, double confidence);
/* Statistics of one double in each of n structs of `bytes` bytes, leaving out NaN. */
struct xb_stats xb_stats_over(const void *structs, size_t n, size_t bytes, size_t offset);
#define XB_STATS_OVER(array, n, member)                                                            \
    xb_stats_over(array, n, sizeof(*(array)), offsetof(__typeof__(*(array)), member))

/* The smallest number of samples whose full range covers the median with this confidence. */
uint32_t xb_stats_least(double confidence);

/*
 * Jain's fairness index, (sum x)^2 / (n sum x^2): 1 if all are equal (or n is 0), 1/n if one has
 * everything. (Jain, Chiu, Hawe, DEC-TR-301, 1984.)
 */
double xb_stats_fairness(const double *values, size_t n);

#endif
