/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dist.h"

#include "alloc.h"
#include "base.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#define LEAST_DECADE (-9)
#define PER_DECADE 900
#define DRAWS 1000
#define SEED 20 /* the same interval each time */
#define ABOVE_LEAST 10
/* More buckets than this in all repetitions would take seconds. */
#define INTERVAL_COUNTS_MAX 500000

const struct xb_percentile xb_percentiles[XB_PERCENTILES] = {
    {500, "p50"}, {900, "p90"}, {990, "p99"}, {999, "p99.9"}, {1000, "max"},
};

uint32_t xb_dist_slot(double value)
{
    if (value == 0)
        return 0;
    if (!(value >= XB_DIST_LEAST && value < XB_DIST_LIMIT))
        return XB_DIST_SLOTS;
    int decade = (int)floor(log10(value));
    double digits = round(decade > 2 ? value / pow(10, decade - 2) : value * pow(10, 2 - decade));
    /* Near a power of ten the logarithm may be off by one, and 9.996 rounds to 10.0. */
    if (digits >= 1000 || digits < 100) {
        decade += digits >= 1000 ? 1 : -1;
        digits = round(decade > 2 ? value / pow(10, decade - 2) : value * pow(10, 2 - decade));
    }
    uint32_t slot = 1 + (uint32_t)(decade - LEAST_DECADE) * PER_DECADE + (uint32_t)digits - 100;
    return slot < XB_DIST_SLOTS ? slot : XB_DIST_SLOTS - 1;
}

double xb_dist_value(uint32_t slot)
{
    if (slot == 0)
        return 0;
    int decade = LEAST_DECADE + (int)((slot - 1) / PER_DECADE);
    double digits = 100 + (slot - 1) % PER_DECADE;
    /* Division by a power of ten gives the nearest double to the decimal number. */
    return decade >= 2 ? digits * pow(10, decade - 2) : digits / pow(10, 2 - decade);
}

uint64_t xb_dist_needed(const struct xb_percentile *which)
{
    uint32_t above = 1000 - which->thousandths;
    return above == 0 ? 1 : (1000 + above - 1) / above;
}

static uint64_t rank_of(uint64_t all, const struct xb_percentile *which)
{
    return all / 1000 * which->thousandths + (all % 1000 * which->thousandths + 999) / 1000;
}

double xb_dist_percentile(const struct xb_dist *hist, const struct xb_percentile *which)
{
    uint64_t all = hist->total + hist->over, rank = rank_of(all, which), seen = 0;
    if (all < xb_dist_needed(which))
        return NAN;
    if (which->thousandths == 1000)
        return hist->over > 0 ? NAN : hist->most;
    for (size_t i = 0; i < hist->count; i++) {
        seen += hist->buckets[i].count;
        if (seen >= rank)
            return hist->buckets[i].value;
    }
    return NAN;
}

static int by_value(const void *a, const void *b)
{
    double x = ((const struct xb_dist_bucket *)a)->value;
    double y = ((const struct xb_dist_bucket *)b)->value;
    return (x > y) - (x < y);
}

/* Merge neighbouring buckets of the same value; returns how many buckets are left. */
static size_t unite(struct xb_dist_bucket *buckets, size_t n)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (used > 0 && buckets[used - 1].value == buckets[i].value)
            buckets[used - 1].count += buckets[i].count;
        else
            buckets[used++] = buckets[i];
    }
    return used;
}

struct xb_dist xb_dist_merge(const struct xb_dist *hists, size_t n)
{
    struct xb_dist all = {.least = NAN, .most = NAN};
    for (size_t i = 0; i < n; i++)
        all.count += hists[i].count;
    all.buckets = xb_calloc(all.count + 1, sizeof(*all.buckets));
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < hists[i].count; j++)
            all.buckets[at++] = hists[i].buckets[j];
        all.total += hists[i].total;
        all.over += hists[i].over;
        all.least = fmin(all.least, hists[i].least);
        all.most = fmax(all.most, hists[i].most);
    }
    qsort(all.buckets, all.count, sizeof(*all.buckets), by_value);
    all.count = unite(all.buckets, all.count);
    return all;
}

/* ---- the interval ---- */

/* The index of each repetition's buckets among the buckets of all repetitions. */
struct places {
    struct xb_dist all;
    size_t **of; /* of[repetition][bucket] */
};

static void find_places(struct places *p, const struct xb_dist *hists, size_t n)
{
    p->all = xb_dist_merge(hists, n);
    p->of = xb_calloc(n, sizeof(*p->of));
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        p->of[i] = xb_calloc(hists[i].count + 1, sizeof(**p->of));
        for (size_t j = 0; j < hists[i].count; j++) {
            while (p->all.buckets[at].value != hists[i].buckets[j].value)
                at++;
            p->of[i][j] = at;
        }
    }
}

static void free_places(struct places *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(p->of[i]);
    free(p->of);
    free(p->all.buckets);
}

/* The percentile of n repetitions drawn at random; infinity if it lies above all buckets. */
static double draw(struct places *p, const struct xb_dist *hists, size_t n,
                   const struct xb_percentile *which, gsl_rng *rng)
{
    struct xb_dist drawn = {.buckets = p->all.buckets, .count = p->all.count};
    for (size_t i = 0; i < drawn.count; i++)
        drawn.buckets[i].count = 0;
    for (size_t k = 0; k < n; k++) {
        size_t i = gsl_rng_uniform_int(rng, n);
        for (size_t j = 0; j < hists[i].count; j++)
            drawn.buckets[p->of[i][j]].count += hists[i].buckets[j].count;
        drawn.total += hists[i].total;
        drawn.over += hists[i].over;
    }
    double value = xb_dist_percentile(&drawn, which);
    return isnan(value) ? INFINITY : value;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool may_promise(const struct xb_dist *hists, size_t n, const struct xb_percentile *which)
{
    uint64_t values = 0;
    size_t counts = 0;
    for (size_t i = 0; i < n; i++) {
        values += hists[i].total + hists[i].over;
        counts += hists[i].count;
    }
    return n >= XB_DIST_REPS_LEAST && which->thousandths < 1000 && counts <= INTERVAL_COUNTS_MAX &&
           values >= ABOVE_LEAST * xb_dist_needed(which);
}

bool xb_dist_interval(const struct xb_dist *hists, size_t n, const struct xb_percentile *which,
                      double *low, double *high)
{
    double drawn[DRAWS];
    struct places places = {.of = NULL};
    if (!may_promise(hists, n, which))
        return false;
    gsl_rng *rng = xb_need(gsl_rng_alloc(gsl_rng_mt19937));
    gsl_rng_set(rng, SEED);
    find_places(&places, hists, n);
    for (size_t i = 0; i < DRAWS; i++)
        drawn[i] = draw(&places, hists, n, which, rng);
    free_places(&places, n);
    gsl_rng_free(rng);
    qsort(drawn, DRAWS, sizeof(*drawn), by_size);
    *low = drawn[DRAWS / 40 - 1];
    *high = drawn[DRAWS - DRAWS / 40];
    return isfinite(*high);
}
