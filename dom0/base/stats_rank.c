/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats_rank.h"

#include "alloc.h"
#include "base.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define ROUNDING 1e-9 /* of sums of probabilities */

/* ---- order statistics of all differences b - a, without storing them ---- */

/* Map a double to an integer that sorts like it, and back. */
static uint64_t order_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t order)
{
    uint64_t bits = order >> 63 ? order & ~(UINT64_C(1) << 63) : ~order;
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

struct samples {
    double *a, *b; /* sorted */
    size_t n_a, n_b;
};

static void make_samples(struct samples *s, const double *a, size_t n_a, const double *b,
                         size_t n_b)
{
    *s = (struct samples){xb_calloc(n_a + 1, sizeof(*a)), xb_calloc(n_b + 1, sizeof(*b)), n_a, n_b};
    memcpy(s->a, a, n_a * sizeof(*a));
    memcpy(s->b, b, n_b * sizeof(*b));
    gsl_sort(s->a, 1, n_a);
    gsl_sort(s->b, 1, n_b);
}

static void free_samples(struct samples *s)
{
    free(s->a);
    free(s->b);
}

/* How many differences are at most d? */
static size_t count_up_to(const struct samples *s, double d)
{
    size_t count = 0, below = 0;
    for (size_t i = 0; i < s->n_a; i++) {
        while (below < s->n_b && s->b[below] - s->a[i] <= d)
            below++;
        count += below;
    }
    return count;
}

/* The k-th smallest difference, from 1: the smallest d up to which there are k. */
static double difference_at(const struct samples *s, size_t k)
{
    uint64_t low = order_of(s->b[0] - s->a[s->n_a - 1]);
    uint64_t high = order_of(s->b[s->n_b - 1] - s->a[0]);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (count_up_to(s, value_of(middle)) >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return value_of(low);
}

/* ---- the distribution of a sum of ranks ---- */

/* For each sum: in how many ways n of all weights add up to it. */
struct sums {
    double *choices; /* by sum, from 0 to most */
    size_t most;
    double all;
};

/* Weights are in ascending order; each is used at most once. */
static struct sums sums_of(const size_t *weights, size_t count, size_t n)
{
    struct sums s = {0};
    for (size_t i = count - n; i < count; i++)
        s.most += weights[i];
    size_t row = s.most + 1;
    xb_auto_free double *table = xb_calloc((n + 1) * row, sizeof(*table));
    table[0] = 1;
    for (size_t i = 0; i < count; i++)
        for (size_t k = i < n ? i + 1 : n; k > 0; k--)
            for (size_t sum = weights[i]; sum <= s.most; sum++)
                table[k * row + sum] += table[(k - 1) * row + sum - weights[i]];
    s.choices = xb_calloc(row, sizeof(*s.choices));
    memcpy(s.choices, table + n * row, row * sizeof(*s.choices));
    for (size_t sum = 0; sum <= s.most; sum++)
        s.all += s.choices[sum];
    return s;
}

/* Without ties: the ways by u, the sum of b's ranks (from 0) less the least possible sum. */
static struct sums untied_sums(size_t n_a, size_t n_b)
{
    xb_auto_free size_t *ranks = xb_calloc(n_a + n_b, sizeof(*ranks));
    for (size_t i = 0; i < n_a + n_b; i++)
        ranks[i] = i;
    struct sums s = sums_of(ranks, n_a + n_b, n_b);
    size_t least = n_b * (n_b - 1) / 2;
    s.most -= least;
    memmove(s.choices, s.choices + least, (s.most + 1) * sizeof(*s.choices));
    return s;
}

/* Both samples together, in ascending order: twice their midranks (from 0), which are integers. */
struct ranked {
    size_t *twice;
    size_t count;
    size_t sum_b; /* of b's values */
    double cubes; /* sum of t^3 - t over the groups of t equal values */
};

static struct ranked rank_all(const struct samples *s)
{
    struct ranked r = {.count = s->n_a + s->n_b};
    r.twice = xb_calloc(r.count, sizeof(*r.twice));
    for (size_t i = 0, j = 0; i + j < r.count;) {
        size_t from = i + j, from_b = j;
        double value = j == s->n_b || (i < s->n_a && s->a[i] < s->b[j]) ? s->a[i] : s->b[j];
        while (i < s->n_a && s->a[i] <= value)
            i++;
        while (j < s->n_b && s->b[j] <= value)
            j++;
        size_t equal = i + j - from;
        for (size_t k = from; k < i + j; k++)
            r.twice[k] = 2 * from + equal - 1;
        r.sum_b += (j - from_b) * (2 * from + equal - 1);
        r.cubes += (double)equal * (double)equal * (double)equal - (double)equal;
    }
    return r;
}

static bool is_small(size_t n_a, size_t n_b)
{
    return n_a < XB_RANK_NORMAL && n_b < XB_RANK_NORMAL;
}

/* The share of permutations whose sum is at least as far from the mean as b's. */
static double exact_p(const struct ranked *r, size_t n_b)
{
    struct sums s = sums_of(r->twice, r->count, n_b);
    double all = 0, far = 0;
    for (size_t i = 0; i < r->count; i++)
        all += (double)r->twice[i];
    double mean = (double)n_b * all; /* all sums times the count are integers: no rounding */
    double seen = fabs((double)r->count * (double)r->sum_b - mean);
    for (size_t sum = 0; sum <= s.most; sum++)
        if (fabs((double)r->count * (double)sum - mean) >= seen)
            far += s.choices[sum];
    free(s.choices);
    return fmin(far / s.all, 1);
}

/* With R's corrections for ties and continuity. */
static double normal_p(const struct ranked *r, const struct xb_rank *out)
{
    double a = (double)out->n_a, b = (double)out->n_b, n = a + b;
    double sigma = sqrt(a * b / 12 * (n + 1 - r->cubes / (n * (n - 1))));
    double off = fabs(out->u - a * b / 2);
    if (sigma <= 0 || off < 0.5)
        return 1;
    return fmin(2 * gsl_cdf_ugaussian_Q((off - 0.5) / sigma), 1);
}

/* ---- the interval ---- */

/*
 * The largest k for which [D(k), D(M + 1 - k)] of the M = n_a n_b differences covers with the
 * confidence asked for, 1 - 2 P(U <= k - 1); 1 if none does.
 */
static size_t interval_rank(size_t n_a, size_t n_b, double confidence, double *coverage)
{
    size_t pairs = n_a * n_b, k = 1;
    double a = (double)n_a, b = (double)n_b, sigma = sqrt(a * b * (a + b + 1) / 12);
    if (!is_small(n_a, n_b)) {
        double z = gsl_cdf_ugaussian_Qinv((1 - confidence) / 2);
        k = (size_t)fmax(1, floor(a * b / 2 - z * sigma));
        *coverage = 1 - 2 * gsl_cdf_ugaussian_Q((a * b / 2 - (double)k + 0.5) / sigma);
        return k;
    }
    struct sums s = untied_sums(n_a, n_b);
    double below = s.choices[0];
    while (2 * (k + 1) <= pairs + 1 &&
           1 - 2 * (below + s.choices[k]) / s.all >= confidence - ROUNDING)
        below += s.choices[k++];
    *coverage = fmax(1 - 2 * below / s.all, 0);
    free(s.choices);
    return k;
}

static double median_difference(const struct samples *s)
{
    size_t pairs = s->n_a * s->n_b;
    return (difference_at(s, (pairs + 1) / 2) + difference_at(s, pairs / 2 + 1)) / 2;
}

double xb_rank_shift(const double *a, size_t n_a, const double *b, size_t n_b)
{
    struct samples s;
    make_samples(&s, a, n_a, b, n_b);
    double shift = median_difference(&s);
    free_samples(&s);
    return shift;
}

static void fill_shift(struct xb_rank *out, const struct samples *s, double confidence)
{
    size_t pairs = s->n_a * s->n_b;
    size_t k = interval_rank(s->n_a, s->n_b, confidence, &out->coverage);
    out->shift = median_difference(s);
    out->low = difference_at(s, k);
    out->high = difference_at(s, pairs + 1 - k);
}

struct xb_rank xb_rank_of(const double *a, size_t n_a, const double *b, size_t n_b,
                          double confidence)
{
    struct xb_rank out = {.n_a = n_a, .n_b = n_b, .p = 1};
    struct samples s;
    if (n_a == 0 || n_b == 0)
        return out;
    make_samples(&s, a, n_a, b, n_b);
    struct ranked r = rank_all(&s);
    double pairs = (double)n_a * (double)n_b;
    out.u = (double)(r.sum_b - n_b * (n_b - 1)) / 2;
    out.delta = 2 * out.u / pairs - 1;
    out.ties = r.cubes > 0;
    out.exact = is_small(n_a, n_b);
    out.p = out.exact ? exact_p(&r, n_b) : normal_p(&r, &out);
    fill_shift(&out, &s, confidence);
    free(r.twice);
    free_samples(&s);
    return out;
}

double xb_rank_least_p(size_t n_a, size_t n_b)
{
    if (n_a == 0 || n_b == 0)
        return 1;
    return fmin(2 * exp(-gsl_sf_lnchoose((unsigned)(n_a + n_b), (unsigned)n_b)), 1);
}

/* ---- what shift could have been found ---- */

#define DRAWS 4001
#define SEED 20260101

/* How far b must be shifted for the test to find it in this draw: the k-th difference exceeds 0. */
static double needed_shift(gsl_rng *rng, struct samples *s, size_t k)
{
    for (size_t i = 0; i < s->n_a; i++)
        s->a[i] = gsl_ran_ugaussian(rng);
    for (size_t i = 0; i < s->n_b; i++)
        s->b[i] = gsl_ran_ugaussian(rng);
    gsl_sort(s->a, 1, s->n_a);
    gsl_sort(s->b, 1, s->n_b);
    return -difference_at(s, k);
}

static double simulate_detectable(size_t n_a, size_t n_b, size_t k, double power)
{
    gsl_rng *rng = xb_need(gsl_rng_alloc(gsl_rng_taus2));
    gsl_rng_set(rng, SEED);
    xb_auto_free double *shifts = xb_calloc(DRAWS, sizeof(*shifts));
    struct samples s = {xb_calloc(n_a, sizeof(double)), xb_calloc(n_b, sizeof(double)), n_a, n_b};
    for (size_t i = 0; i < DRAWS; i++)
        shifts[i] = needed_shift(rng, &s, k);
    free_samples(&s);
    gsl_rng_free(rng);
    gsl_sort(shifts, 1, DRAWS);
    return gsl_stats_quantile_from_sorted_data(shifts, 1, DRAWS, power);
}

double xb_rank_detectable(size_t n_a, size_t n_b, double alpha, double power)
{
    double coverage;
    if (xb_rank_least_p(n_a, n_b) > alpha + ROUNDING)
        return INFINITY;
    if (is_small(n_a, n_b))
        return simulate_detectable(n_a, n_b, interval_rank(n_a, n_b, 1 - alpha, &coverage), power);
    double z = gsl_cdf_ugaussian_Qinv(alpha / 2) + gsl_cdf_ugaussian_Pinv(power);
    return z * sqrt((1 / (double)n_a + 1 / (double)n_b) * M_PI / 3);
}

double xb_pooled_sd(const double *a, size_t n_a, const double *b, size_t n_b)
{
    if (n_a + n_b < 3)
        return 0;
    double squares =
        (n_a > 1 ? gsl_stats_tss(a, 1, n_a) : 0) + (n_b > 1 ? gsl_stats_tss(b, 1, n_b) : 0);
    return sqrt(squares / (double)(n_a + n_b - 2));
}

void xb_holm(double *p, size_t n)
{
    xb_auto_free size_t *order = xb_calloc(n + 1, sizeof(*order));
    double most = 0;
    gsl_sort_index(order, p, 1, n);
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fmin((double)(n - i) * p[order[i]], 1));
        p[order[i]] = most;
    }
}
