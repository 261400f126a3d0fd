/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats_strata.h"

#include "alloc.h"
#include "base.h"
#include "stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DRAWS 9999
#define SEED 20261129
/* A p that rests on fewer draws is coarse; the normal distribution's is close to it, and larger. */
#define FEW_DRAWS 20
#define ROUNDING 1e-9

/* ---- one stratum ---- */

/* Midranks of both samples together, from 0, times the stratum's weight; b's come last. */
struct scores {
    double *v;
    size_t n, n_b;
    double mean;     /* of the sum of n_b of them */
    double variance; /* likewise, over all permutations */
    double step;     /* the weight: a sum changes by no less than half of it */
    bool ties;
};

struct value {
    double value;
    size_t at;
};

static int by_value(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/*
 * Rank the values of a stratum; with ties, returns whether some are equal. Without, equal values
 * get different ranks.
 */
static bool rank_all(const struct xb_stratum *s, bool ties, double *ranks)
{
    bool equal = false;
    size_t n = s->n_a + s->n_b;
    xb_auto_free struct value *all = xb_calloc(n, sizeof(*all));
    for (size_t i = 0; i < n; i++)
        all[i] = (struct value){i < s->n_a ? s->a[i] : s->b[i - s->n_a], i};
    qsort(all, n, sizeof(*all), by_value);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; ties && end < n && !(all[end].value > all[i].value);)
            end++;
        equal = equal || end > i + 1;
        for (size_t k = i; k < end; k++)
            ranks[all[k].at] = (double)(i + end - 1) / 2;
    }
    return equal;
}

static struct scores score(const struct xb_stratum *s, bool ties)
{
    struct scores out = {.n = s->n_a + s->n_b, .n_b = s->n_b};
    double n = (double)out.n, a = (double)s->n_a, b = (double)s->n_b;
    out.v = xb_calloc(out.n, sizeof(*out.v));
    out.step = 1 / (n + 1);
    out.ties = rank_all(s, ties, out.v);
    for (size_t i = 0; i < out.n; i++)
        out.v[i] *= out.step;
    out.mean = b * (n - 1) / 2 * out.step;
    out.variance = a * b / n * gsl_stats_variance(out.v, 1, out.n);
    return out;
}

/* ---- all strata ---- */

struct all {
    struct scores *strata;
    size_t count;
    double variance;
    double step; /* the smallest */
    bool ties;
    double *draws; /* distances from the mean of DRAWS permutations, ascending; NULL: none made */
};

static struct all score_all(const struct xb_stratum *strata, size_t count, bool ties)
{
    struct all all = {.strata = xb_calloc(count + 1, sizeof(*all.strata)), .step = INFINITY};
    for (size_t i = 0; i < count; i++) {
        if (strata[i].n_a == 0 || strata[i].n_b == 0)
            continue;
        struct scores *s = &all.strata[all.count++];
        *s = score(&strata[i], ties);
        all.variance += s->variance;
        all.step = fmin(all.step, s->step);
        all.ties = all.ties || s->ties;
    }
    return all;
}

static void free_all(struct all *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->strata[i].v);
    free(all->strata);
    free(all->draws);
}

/* How far the sums of b's scores are from their means. */
static double statistic(const struct all *all)
{
    double t = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct scores *s = &all->strata[i];
        for (size_t k = s->n - s->n_b; k < s->n; k++)
            t += s->v[k];
        t -= s->mean;
    }
    return t;
}

/* The statistic of a random permutation within each stratum. */
static double draw(const struct all *all, gsl_rng *rng)
{
    double t = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct scores *s = &all->strata[i];
        for (size_t k = 0; k < s->n_b; k++) {
            size_t from = k + gsl_rng_uniform_int(rng, s->n - k);
            double value = s->v[from];
            s->v[from] = s->v[k];
            s->v[k] = value;
            t += value;
        }
        t -= s->mean;
    }
    return t;
}

/* Fill all->draws; shuffles the scores. */
static void draw_all(struct all *all)
{
    gsl_rng *rng = xb_need(gsl_rng_alloc(gsl_rng_taus2));
    all->draws = xb_calloc(DRAWS, sizeof(*all->draws));
    gsl_rng_set(rng, SEED);
    for (size_t i = 0; i < DRAWS; i++)
        all->draws[i] = fabs(draw(all, rng));
    gsl_rng_free(rng);
    gsl_sort(all->draws, 1, DRAWS);
}

/* How many draws are at least this far from the mean? */
static size_t as_far(const double *draws, double distance)
{
    size_t below = 0;
    while (below < DRAWS && draws[below] < distance - ROUNDING)
        below++;
    return DRAWS - below;
}

static double normal_p(const struct all *all, double distance)
{
    double off = distance - all->step / 2;
    if (all->variance <= 0 || off <= 0)
        return 1;
    return fmin(2 * gsl_cdf_ugaussian_Q(off / sqrt(all->variance)), 1);
}

/*
 * The share of permutations that are at least as far, counting the data itself as one (Davison and
 * Hinkley, Bootstrap Methods and their Application, 1997, 4.2.5).
 */
static double p_of(struct all *all, const struct xb_strata *out)
{
    double distance = fabs(out->distance);
    if (!out->simulated)
        return normal_p(all, distance);
    draw_all(all);
    size_t far = as_far(all->draws, distance);
    if (far < FEW_DRAWS)
        return fmax(normal_p(all, distance), out->least_p);
    return fmax((double)(far + 1) / (DRAWS + 1), out->least_p);
}

/* ---- the shift ---- */

/*
 * The smallest distance that fewer than 1 - confidence of the permutations reach; *coverage is
 * below the confidence if even the largest distance is reached more often.
 */
static double critical(const struct all *all, double confidence, double *coverage)
{
    const double *draws = all->draws;
    *coverage = confidence;
    if (!draws)
        return gsl_cdf_ugaussian_Qinv((1 - confidence) / 2) * sqrt(all->variance);
    size_t most = (size_t)((1 - confidence) * (DRAWS + 1)) - 1; /* draws that may be as far */
    double limit = draws[DRAWS - 1 - most];
    size_t at = DRAWS - most;
    while (at < DRAWS && draws[at] <= limit + ROUNDING)
        at++;
    double distance = at < DRAWS ? draws[at] : draws[DRAWS - 1];
    *coverage = 1 - (double)(as_far(draws, distance) + 1) / (DRAWS + 1);
    return distance;
}

struct difference {
    double value, weight;
};

static int by_difference(const void *a, const void *b)
{
    const struct difference *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/*
 * All differences within strata, ascending; *total gets their number, *sum that of their weights.
 */
static struct difference *list_differences(const struct xb_stratum *strata, size_t count,
                                           size_t *total, double *sum)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += strata[i].n_a * strata[i].n_b;
    struct difference *out = xb_calloc(n + 1, sizeof(*out));
    *total = 0;
    *sum = 0;
    for (size_t i = 0; i < count; i++) {
        const struct xb_stratum *s = &strata[i];
        double weight = 1 / (double)(s->n_a + s->n_b + 1);
        for (size_t j = 0; j < s->n_a * s->n_b; j++)
            out[(*total)++] = (struct difference){s->b[j / s->n_a] - s->a[j % s->n_a], weight};
        *sum += weight * (double)(s->n_a * s->n_b);
    }
    qsort(out, *total, sizeof(*out), by_difference);
    return out;
}

/* The first difference at which the sum of weights, added up from below, exceeds w. */
static double beyond(const struct difference *d, size_t count, double w)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += d[i].weight;
        if (sum > w + ROUNDING)
            return d[i].value;
    }
    return d[count - 1].value;
}

/* The same from above: the last difference at which the sum exceeds w. */
static double beyond_above(const struct difference *d, size_t count, double w)
{
    double sum = 0;
    for (size_t i = count; i > 0; i--) {
        sum += d[i - 1].weight;
        if (sum > w + ROUNDING)
            return d[i - 1].value;
    }
    return d[0].value;
}

/*
 * The interval holds the shifts that the test does not reject; `all` must be scored without ties.
 */
static void fill_shift(struct xb_strata *out, const struct xb_stratum *strata, size_t count,
                       const struct all *all, double confidence)
{
    size_t n;
    double sum;
    xb_auto_free struct difference *d = list_differences(strata, count, &n, &sum);
    double distance = critical(all, confidence, &out->coverage);
    out->shift = (beyond(d, n, sum / 2) + beyond_above(d, n, sum / 2)) / 2;
    out->low = beyond(d, n, fmax(sum / 2 - distance, 0));
    out->high = beyond_above(d, n, fmax(sum / 2 - distance, 0));
}

static void fill(struct xb_strata *out, const struct xb_stratum *strata, size_t count,
                 double confidence)
{
    struct all all = score_all(strata, count, true);
    out->distance = statistic(&all);
    out->p = p_of(&all, out);
    if (all.ties) {
        free_all(&all);
        all = score_all(strata, count, false);
        if (out->simulated)
            draw_all(&all);
    }
    fill_shift(out, strata, count, &all, confidence);
    free_all(&all);
}

struct xb_strata xb_strata_of(const struct xb_stratum *strata, size_t count, double confidence)
{
    struct xb_strata out = {.p = 1, .least_p = 1};
    double ways = 0; /* logarithm of the number of permutations */
    for (size_t i = 0; i < count; i++) {
        const struct xb_stratum *s = &strata[i];
        if (s->n_a == 0 || s->n_b == 0)
            continue;
        out.used++;
        out.n_a += s->n_a;
        out.n_b += s->n_b;
        ways += gsl_sf_lnchoose((unsigned)(s->n_a + s->n_b), (unsigned)s->n_b);
    }
    if (out.used == 0)
        return out;
    out.least_p = fmin(2 * exp(-ways), 1);
    out.simulated = out.n_a < XB_STRATA_NORMAL || out.n_b < XB_STRATA_NORMAL;
    fill(&out, strata, count, confidence);
    return out;
}

/* ---- strata apart ---- */

void xb_modified_z(const double *x, size_t n, double *z)
{
    struct xb_stats s = xb_stats_of(x, n);
    double unit = s.mad / 0.6745, sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fabs(x[i] - s.median);
    if (unit <= 0)
        unit = n ? 1.253314 * sum / (double)n : 0;
    for (size_t i = 0; i < n; i++)
        z[i] = n >= XB_APART_LEAST && unit > 0 ? (x[i] - s.median) / unit : 0;
}

double xb_between_sd(const double *estimates, const double *errors, size_t n)
{
    double squares = 0;
    if (n < 2)
        return 0;
    for (size_t i = 0; i < n; i++)
        squares += errors[i] * errors[i];
    double beyond_errors = gsl_stats_variance(estimates, 1, n) - squares / (double)n;
    return beyond_errors > 0 ? sqrt(beyond_errors) : 0;
}
