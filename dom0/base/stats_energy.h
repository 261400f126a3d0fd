/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Change points of a series: where does its distribution change?
 */
#ifndef XB_STATS_ENERGY_H
#define XB_STATS_ENERGY_H

#include <stddef.h>

/*
 * E-divisive: the split with the largest energy statistic of the two sides, tested by permutation,
 * then the next within the parts (Matteson and James, Journal of the American Statistical
 * Association 109, 2014, 334-345; exponent 1). Assumes no shape, only independent values.
 */
struct xb_change_point {
    size_t at; /* the first value after the change */
    double p;  /* by permutation: never 0 */
};

/* Parts have at least this many values. */
#define XB_CHANGE_PART_LEAST ((size_t)3)
/* A longer series would take long: callers pass the latest values. */
#define XB_CHANGE_VALUES_MOST 400

/*
 * Find the changes in n values, in their order; out needs at most n entries. A change is reported
 * if its p <= level; in a series without any, the chance of reporting one is at most level. The
 * permutations have a fixed seed. Returns the number of changes.
 */
size_t xb_change_points(const double *values, size_t n, double level, struct xb_change_point *out);

/*
 * The fewest values in which a change can be found at this level: fewer have too few permutations.
 */
size_t xb_change_values_least(double level);

#endif
