/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks what `xenbench compare` and `history` promise, on simulated data whose truth is known:
 * pairs of samples with and without a difference, drawn with a fixed seed. Prints a table; exits
 * with status 1 if a rate is not as stated.
 */
#include "base.h"
#include "noise.h"
#include "stats_energy.h"
#include "stats_rank.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>

#define ALPHA 0.05
#define POWER 0.8
#define MOST 64
#define FAMILY 12

static const struct {
    size_t n_a, n_b, pairs;
} sizes[] = {{4, 4, 20000},  {5, 5, 20000},  {10, 10, 10000},
             {8, 14, 10000}, {20, 20, 1500}, {60, 60, 4000}};

struct rates {
    double alarms, found, covered;
};

static struct rates simulate(gsl_rng *rng, size_t noise, size_t size, double shift)
{
    struct rates r = {0};
    double a[MOST], b[MOST];
    size_t pairs = sizes[size].pairs;
    for (size_t i = 0; i < pairs; i++) {
        for (size_t k = 0; k < sizes[size].n_a; k++)
            a[k] = xb_noises[noise].draw(rng);
        for (size_t k = 0; k < sizes[size].n_b; k++)
            b[k] = xb_noises[noise].draw(rng);
        struct xb_rank none = xb_rank_of(a, sizes[size].n_a, b, sizes[size].n_b, 1 - ALPHA);
        r.alarms += none.p <= ALPHA;
        r.covered += none.low <= 0 && none.high >= 0;
        for (size_t k = 0; k < sizes[size].n_b; k++)
            b[k] += shift;
        r.found += xb_rank_of(a, sizes[size].n_a, b, sizes[size].n_b, 1 - ALPHA).p <= ALPHA;
    }
    return (struct rates){r.alarms / (double)pairs, r.found / (double)pairs,
                          r.covered / (double)pairs};
}

static bool check(size_t noise, size_t size, const struct rates *r)
{
    size_t pairs = sizes[size].pairs;
    bool good = r->alarms <= ALPHA + xb_rate_slack(ALPHA, pairs) &&
                r->covered >= 1 - ALPHA - xb_rate_slack(ALPHA, pairs);
    if (xb_noises[noise].is_normal)
        good = good && fabs(r->found - POWER) <= xb_rate_slack(POWER, pairs) + 0.01;
    return good;
}

static bool single(gsl_rng *rng)
{
    bool good = true;
    printf("%-16s %9s %8s %14s %14s %10s %16s\n", "noise", "n", "pairs", "false alarms", "interval",
           "could", "found there");
    printf("%-16s %9s %8s %14s %14s %10s %16s\n", "", "", "", "stated <= 5 %", "stated >= 95 %",
           "show, sd", "stated 80 %");
    for (size_t noise = 0; noise < XB_NOISES; noise++) {
        for (size_t size = 0; size < XB_ARRAY_LEN(sizes); size++) {
            char n[16];
            double shift = xb_rank_detectable(sizes[size].n_a, sizes[size].n_b, ALPHA, POWER);
            struct rates r = simulate(rng, noise, size, shift);
            bool fits = check(noise, size, &r);
            snprintf(n, sizeof(n), "%zu, %zu", sizes[size].n_a, sizes[size].n_b);
            printf("%-16s %9s %8zu %12.2f %% %12.2f %% %10.2f %14.1f %%%s%s\n",
                   xb_noises[noise].name, n, sizes[size].pairs, 100 * r.alarms, 100 * r.covered,
                   shift, 100 * r.found,
                   xb_noises[noise].is_normal ? "" : " (not normal: not stated)",
                   fits ? "" : "  WRONG");
            good = good && fits;
        }
    }
    return good;
}

/*
 * How often is any of several comparisons a false alarm, with and without Holm's correction, and
 * how often is the one found that differs?
 */
static bool families(gsl_rng *rng, size_t n, size_t count)
{
    double shift = xb_rank_detectable(n, n, ALPHA / FAMILY, POWER);
    double any = 0, uncorrected = 0, found = 0;
    for (size_t i = 0; i < count; i++) {
        double p[FAMILY], a[MOST], b[MOST];
        bool plain = false, holm = false;
        for (size_t f = 0; f < FAMILY; f++) {
            for (size_t k = 0; k < n; k++) {
                a[k] = gsl_ran_ugaussian(rng);
                b[k] = gsl_ran_ugaussian(rng) + (f == 0 ? shift : 0);
            }
            p[f] = xb_rank_of(a, n, b, n, 1 - ALPHA).p;
            plain = plain || (f > 0 && p[f] <= ALPHA);
        }
        xb_holm(p, FAMILY);
        for (size_t f = 1; f < FAMILY; f++)
            holm = holm || p[f] <= ALPHA;
        uncorrected += plain;
        any += holm;
        found += p[0] <= ALPHA;
    }
    any /= (double)count;
    found /= (double)count;
    bool good = any <= ALPHA + xb_rate_slack(ALPHA, count) &&
                found >= POWER - xb_rate_slack(POWER, count) - 0.01;
    printf(
        "\n%d comparisons of %zu against %zu, one of which differs by %.2f sd, %zu times: any false alarm in %.2f %% "
        "(stated <= 5 %%;\nwithout Holm %.0f %%), the one found in %.1f %% (stated 80 %%)%s\n",
        FAMILY, n, n, shift, count, 100 * any, 100 * uncorrected / (double)count, 100 * found,
        good ? "" : "  WRONG");
    return good;
}

/*
 * Series of medians without a change, with a step of three standard deviations in the middle, and
 * with a step that is undone after a third. The rate of false changes must be as stated; the rate
 * of changes found is only printed.
 */
static bool histories(gsl_rng *rng)
{
    static const size_t lengths[] = {8, 12, 20, 40};
    const size_t count = 500;
    bool good = true;
    printf("\n%-16s %4s %7s %14s %12s %16s %12s\n", "noise", "runs", "series", "false changes",
           "step found", "at its place", "both of two");
    printf("%-16s %4s %7s %14s %12s %16s %12s\n", "", "", "", "stated <= 5 %", "", "(one run off)",
           "");
    for (size_t noise = 0; noise < XB_NOISES; noise++) {
        for (size_t l = 0; l < XB_ARRAY_LEN(lengths); l++) {
            size_t n = lengths[l];
            double alarms = 0, found = 0, placed = 0, both = 0, x[MOST], y[MOST];
            struct xb_change_point points[MOST];
            for (size_t i = 0; i < count; i++) {
                for (size_t k = 0; k < n; k++)
                    x[k] = y[k] = xb_noises[noise].draw(rng);
                alarms += xb_change_points(x, n, ALPHA, points) > 0;
                for (size_t k = n / 2; k < n; k++)
                    x[k] += 3;
                size_t changes = xb_change_points(x, n, ALPHA, points);
                found += changes > 0;
                placed += changes > 0 && points[0].at + 1 >= n / 2 && points[0].at <= n / 2 + 1;
                for (size_t k = n / 3; k < 2 * n / 3; k++)
                    y[k] += 3;
                both += xb_change_points(y, n, ALPHA, points) == 2;
            }
            bool fits = alarms / (double)count <= ALPHA + xb_rate_slack(ALPHA, count);
            printf("%-16s %4zu %7zu %12.1f %% %10.1f %% %14.1f %% %10.1f %%%s\n",
                   xb_noises[noise].name, n, count, 100 * alarms / (double)count,
                   100 * found / (double)count, 100 * placed / (double)count,
                   100 * both / (double)count, fits ? "" : "  WRONG");
            good = good && fits;
        }
    }
    return good;
}

int main(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 4357);
    bool good = single(rng);
    good = families(rng, 10, 2000) && good;
    good = histories(rng) && good;
    gsl_rng_free(rng);
    return good ? 0 : 1;
}
