/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats_energy.h"

#include "alloc.h"
#include "base.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <string.h>

#define SEED 15
#define PERMUTATIONS_LEAST 999
/* Enough permutations that a p at the level rests on this many of them. */
#define AT_LEVEL 20
#define PERMUTATIONS_MOST 20000

struct series {
    size_t n;
    double *values; /* in the order under test */
    double *sums;   /* (n + 1)^2 prefix sums of |x - y| over all pairs */
    size_t *ends;   /* of the parts, ascending; the last is n */
    size_t parts;
};

struct split {
    size_t part, at;
    double q; /* the statistic; negative: there is none */
};

/* The sum of distances between [a, b) and [c, d). */
static double between(const struct series *s, size_t a, size_t b, size_t c, size_t d)
{
    size_t row = s->n + 1;
    return s->sums[b * row + d] - s->sums[a * row + d] - s->sums[b * row + c] +
           s->sums[a * row + c];
}

static void add_up(struct series *s)
{
    size_t row = s->n + 1;
    for (size_t i = 1; i <= s->n; i++) {
        double sum = 0;
        for (size_t j = 1; j <= s->n; j++) {
            sum += fabs(s->values[i - 1] - s->values[j - 1]);
            s->sums[i * row + j] = s->sums[(i - 1) * row + j] + sum;
        }
    }
}

/* The scaled energy statistic of [from, at) against [at, to) (Matteson and James, equation 7). */
static double statistic(const struct series *s, size_t from, size_t at, size_t to)
{
    double n = (double)(at - from), m = (double)(to - at);
    double across = 2 * between(s, from, at, at, to) / (n * m);
    double left = between(s, from, at, from, at) / (n * (n - 1));
    double right = between(s, at, to, at, to) / (m * (m - 1));
    return n * m / (n + m) * (across - left - right);
}

/* The best split of a part. Its right side may end early, since another change may follow. */
static struct split best_in(const struct series *s, size_t part)
{
    size_t from = part ? s->ends[part - 1] : 0, end = s->ends[part];
    struct split best = {part, 0, -1};
    for (size_t at = from + XB_CHANGE_PART_LEAST; at + XB_CHANGE_PART_LEAST <= end; at++)
        for (size_t to = at + XB_CHANGE_PART_LEAST; to <= end; to++) {
            double q = statistic(s, from, at, to);
            if (q > best.q)
                best = (struct split){part, at, q};
        }
    return best;
}

static struct split best_of_all(struct series *s)
{
    struct split best = {0, 0, -1};
    add_up(s);
    for (size_t part = 0; part < s->parts; part++) {
        struct split one = best_in(s, part);
        if (one.q > best.q)
            best = one;
    }
    return best;
}

static void shuffle_parts(struct series *s, gsl_rng *rng)
{
    for (size_t part = 0; part < s->parts; part++) {
        size_t from = part ? s->ends[part - 1] : 0;
        gsl_ran_shuffle(rng, s->values + from, s->ends[part] - from, sizeof(*s->values));
    }
}

/* p of a split: how often the values, shuffled within the parts, split as well or better. */
static double test(struct series *s, const struct split *split, double level, gsl_rng *rng)
{
    xb_auto_free double *kept = xb_calloc(s->n, sizeof(*kept));
    size_t count = (size_t)ceil(AT_LEVEL / level), as_good = 0, i;
    count = count < PERMUTATIONS_LEAST  ? PERMUTATIONS_LEAST
            : count > PERMUTATIONS_MOST ? PERMUTATIONS_MOST
                                        : count;
    memcpy(kept, s->values, s->n * sizeof(*kept));
    for (i = 0; i < count; i++) {
        shuffle_parts(s, rng);
        /* Sums of the same values in another order differ in their last digits. */
        as_good += best_of_all(s).q >= split->q * (1 - 1e-9);
        if ((double)(as_good + 1) > level * (double)(count + 1))
            break; /* p exceeds the level whatever follows */
    }
    memcpy(s->values, kept, s->n * sizeof(*kept));
    return (double)(as_good + 1) / (double)((i < count ? i + 1 : count) + 1);
}

static void add_end(struct series *s, size_t part, size_t at)
{
    memmove(s->ends + part + 1, s->ends + part, (s->parts - part) * sizeof(*s->ends));
    s->ends[part] = at;
    s->parts++;
}

static size_t find(struct series *s, double level, gsl_rng *rng, double *p)
{
    for (;;) {
        struct split split = best_of_all(s);
        double own = split.q > 0 ? test(s, &split, level, rng) : 1;
        if (split.q <= 0 || own > level)
            return s->parts - 1;
        memmove(p + split.part + 1, p + split.part, (s->parts - 1 - split.part) * sizeof(*p));
        p[split.part] = own;
        add_end(s, split.part, split.at);
    }
}

size_t xb_change_points(const double *values, size_t n, double level, struct xb_change_point *out)
{
    if (n < 2 * XB_CHANGE_PART_LEAST)
        return 0;
    xb_auto_free double *copy = xb_calloc(n, sizeof(*copy));
    xb_auto_free double *sums = xb_calloc((n + 1) * (n + 1), sizeof(*sums));
    xb_auto_free double *p = xb_calloc(n, sizeof(*p));
    xb_auto_free size_t *ends = xb_calloc(n + 1, sizeof(*ends));
    struct series s = {n, copy, sums, ends, 1};
    gsl_rng *rng = xb_need(gsl_rng_alloc(gsl_rng_mt19937));
    memcpy(copy, values, n * sizeof(*copy));
    ends[0] = n;
    gsl_rng_set(rng, SEED);
    size_t count = find(&s, level, rng, p);
    gsl_rng_free(rng);
    for (size_t i = 0; i < count; i++)
        out[i] = (struct xb_change_point){ends[i], p[i]};
    return count;
}

size_t xb_change_values_least(double level)
{
    size_t n = 2 * XB_CHANGE_PART_LEAST;
    /* A perfect step splits best of all ways to halve, and so does its reverse. */
    while (2 / gsl_sf_choose((unsigned)n, (unsigned)(n / 2)) > level)
        n++;
    return n;
}
