/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Histograms of values, such as latencies. A value is kept to three significant digits, so that
 * histograms of any origin have the same buckets and are merged by adding counts.
 */
#ifndef XB_DIST_H
#define XB_DIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values from 1e-9 to below 1e15, and 0: a slot for each that three digits can tell apart. */
#define XB_DIST_LEAST 1e-9
#define XB_DIST_LIMIT 1e15
#define XB_DIST_SLOTS (1 + 24 * 900)
/* No histogram has more buckets or values than this. */
#define XB_DIST_BUCKETS_MAX 8192
#define XB_DIST_TOTAL_MAX ((uint64_t)1 << 50)

/* The slot of a value; XB_DIST_SLOTS where it is negative, too small, too large or no number. */
uint32_t xb_dist_slot(double value);
/* The value of a slot: at most 0.5 % away from those that it stands for. */
double xb_dist_value(uint32_t slot);

struct xb_dist_bucket {
    double value;
    uint64_t count; /* above 0 */
};

struct xb_dist {
    struct xb_dist_bucket *buckets; /* by value */
    size_t count;
    uint64_t total;     /* of the buckets' counts */
    uint64_t over;      /* values above all buckets, of which the program told only the number */
    double least, most; /* as the program told them; NaN: not known */
};

/* A percentile: which part of the values it exceeds, in thousandths, and how it is called. */
struct xb_percentile {
    uint32_t thousandths; /* 1000: the greatest value */
    const char *name;
};
/* Those that reports show: p50, p90, p99, p99.9, max. */
#define XB_PERCENTILES 5
extern const struct xb_percentile xb_percentiles[XB_PERCENTILES];

/*
 * The smallest value that is not exceeded by this part of all values (nearest rank). NaN where none
 * can be told: fewer values than it takes for one to lie above (100 for p99), or a rank above all
 * buckets.
 */
double xb_dist_percentile(const struct xb_dist *hist, const struct xb_percentile *which);

/* The number of values it takes for the percentile to be told. */
uint64_t xb_dist_needed(const struct xb_percentile *which);

/* All histograms as one, with buckets to free. */
struct xb_dist xb_dist_merge(const struct xb_dist *hists, size_t n);

/*
 * 95 % interval for a percentile of all repetitions' values, by drawing repetitions with
 * replacement, the values of one repetition together (percentile bootstrap; Efron and Tibshirani,
 * An Introduction to the Bootstrap, 1993, 13.3). False where it would promise too much: fewer than
 * XB_DIST_REPS_LEAST repetitions, fewer than 10 values above the percentile, or the greatest value.
 * For p99 and beyond it is still somewhat too narrow where repetitions differ much.
 */
#define XB_DIST_REPS_LEAST 20
bool xb_dist_interval(const struct xb_dist *hists, size_t n, const struct xb_percentile *which,
                      double *low, double *high);

#endif
