/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats.h"

#include "alloc.h"
#include "base.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#define ROUNDING 1e-9 /* of GSL's binomial: two samples must cover exactly 50 % */
#define LEAST_MAX 64  /* far more than any useful confidence needs */

/*
 * P(x(k) <= median <= x(n+1-k)) for k from 1: the number of samples below the median is
 * binomial(n, 1/2).
 */
static double coverage_of(size_t k, size_t n)
{
    return 1 - 2 * gsl_cdf_binomial_P((unsigned)k - 1, 0.5, (unsigned)n);
}

static void fill_interval(struct xb_stats *s, const double *sorted, double confidence)
{
    size_t k = 1;
    while (2 * (k + 1) <= s->n + 1 && coverage_of(k + 1, s->n) >= confidence - ROUNDING)
        k++;
    s->ci_low = sorted[k - 1];
    s->ci_high = sorted[s->n - k];
    s->ci_coverage = s->n < 2 ? 0 : coverage_of(k, s->n);
}

static size_t count_outliers(const struct xb_stats *s, const double *sorted)
{
    size_t outliers = 0;
    for (size_t i = 0; s->n >= 4 && i < s->n; i++)
        outliers += sorted[i] < s->q1 - 1.5 * s->iqr || sorted[i] > s->q3 + 1.5 * s->iqr;
    return outliers;
}

uint32_t xb_stats_least(double confidence)
{
    uint32_t n = 2;
    while (n < LEAST_MAX && coverage_of(1, n) < confidence - ROUNDING)
        n++;
    return n;
}

struct xb_stats xb_stats_of(const double *values, size_t n)
{
    return xb_stats_at(values, n, XB_CONFIDENCE);
}

struct xb_stats xb_stats_over(const void *structs, size_t n, size_t bytes, size_t offset)
{
    xb_auto_free double *values = xb_calloc(n, sizeof(*values));
    size_t known = 0;
    for (size_t i = 0; i < n; i++) {
        double value;
        memcpy(&value, (const char *)structs + i * bytes + offset, sizeof(value));
        if (!isnan(value))
            values[known++] = value;
    }
    return xb_stats_of(values, known);
}

struct xb_stats xb_stats_at(const double *values, size_t n, double confidence)
{
    struct xb_stats s = {0};
    if (!n)
        return s;
    xb_auto_free double *sorted = xb_calloc(n, sizeof(*sorted));
    xb_auto_free double *work = xb_calloc(n, sizeof(*work));
    memcpy(sorted, values, n * sizeof(*sorted));
    gsl_sort(sorted, 1, n);
    s.n = n;
    s.min = sorted[0];
    s.max = sorted[n - 1];
    s.median = gsl_stats_median_from_sorted_data(sorted, 1, n);
    s.q1 = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.25);
    s.q3 = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.75);
    s.iqr = s.q3 - s.q1;
    s.mad = gsl_stats_mad0(sorted, 1, n, work);
    s.mean = gsl_stats_mean(sorted, 1, n);
    s.stddev = n > 1 ? gsl_stats_sd(sorted, 1, n) : 0;
    fill_interval(&s, sorted, confidence);
    s.outliers = count_outliers(&s, sorted);
    return s;
}

double xb_stats_fairness(const double *values, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
        squares += values[i] * values[i];
    }
    return squares > 0 ? sum * sum / ((double)n * squares) : 1;
}
