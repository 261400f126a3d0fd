/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Histograms of values, such as latencies. Values are rounded to three significant digits, so
 * histograms of any origin have the same buckets, and merging them only adds counts.
 */
#ifndef XB_DIST_H
#define XB_DIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values from 1e-9 to below 1e15, and 0: one slot for each value of three significant digits. */
#define XB_DIST_LEAST 1e-9
#define XB_DIST_LIMIT 1e15
#define XB_DIST_SLOTS (1 + 24 * 900)
/* No histogram has more buckets or values than this. */
#define XB_DIST_BUCKETS_MAX 8192
#define XB_DIST_TOTAL_MAX ((uint64_t)1 << 50)

/* The slot of a value; XB_DIST_SLOTS if it is negative, too small, too large or not a number. */
uint32_t xb_dist_slot(double value);
/* The value that stands for a slot: within 0.5 % of each value in it. */
double xb_dist_value(uint32_t slot);

struct xb_dist_bucket {
    double value;
    uint64_t count; /* above 0 */
};

struct xb_dist {
    struct xb_dist_bucket *buckets; /* by value */
    size_t count;
    uint64_t total;     /* of the buckets' counts */
    uint64_t over;      /* values above all buckets, whose number alone the program reported */
    double least, most; /* as the program reported them; NaN: not known */
};

/* A percentile: the part of the values that do not exceed it, in thousandths, and its name. */
struct xb_percentile {
    uint32_t thousandths; /* 1000: the greatest value */
    const char *name;
};
/* The percentiles that reports show: p50, p90, p99, p99.9, max. */
#define XB_PERCENTILES 5
extern const struct xb_percentile xb_percentiles[XB_PERCENTILES];

/*
 * The smallest value that this part of all values does not exceed (nearest rank). NaN if it is not
 * known: too few values for one to lie above it (100 for p99), or a rank above all buckets.
 */
double xb_dist_percentile(const struct xb_dist *hist, const struct xb_percentile *which);

/* The least number of values for which the percentile is known. */
uint64_t xb_dist_needed(const struct xb_percentile *which);

/* Merge histograms; the caller frees the result's buckets. */
struct xb_dist xb_dist_merge(const struct xb_dist *hists, size_t n);

/*
 * 95 % interval for a percentile of all repetitions' values, by drawing repetitions with
 * replacement, each with all its values (percentile bootstrap; Efron and Tibshirani, An
 * Introduction to the Bootstrap, 1993, 13.3). False if it would promise too much: fewer than
 * XB_DIST_REPS_LEAST repetitions, fewer than 10 values above the percentile, or the greatest value;
 * or if it would take too long. For p99 and beyond it is still somewhat too narrow if repetitions
 * differ much.
 */
#define XB_DIST_REPS_LEAST 20
bool xb_dist_interval(const struct xb_dist *hists, size_t n, const struct xb_percentile *which,
                      double *low, double *high);

#endif
