/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks what `xenbench fleet report` promises, on simulated data whose truth is known: hosts that
 * differ in their level and in a case's effect. Prints tables; exits with status 1 if a rate is not
 * as stated.
 */
#include "alloc.h"
#include "base.h"
#include "noise.h"
#include "stats_rank.h"
#include "stats_strata.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>

#define ALPHA 0.05
#define HOSTS_MOST 1000
#define EACH_MOST 12

/* uneven: the last host has half of the repetitions, rounded up, and one fewer of b than of a. */
static const struct {
    size_t hosts, each;
    bool uneven;
    size_t trials;
} sizes[] = {{2, 3, false, 2000}, {2, 5, true, 1500},  {3, 4, false, 1500}, {5, 4, true, 1000},
             {10, 5, false, 600}, {12, 6, true, 8000}, {40, 5, false, 3000}};

struct fleet {
    double a[HOSTS_MOST][EACH_MOST], b[HOSTS_MOST][EACH_MOST];
    struct xb_stratum strata[HOSTS_MOST];
    double shifts[HOSTS_MOST], z[HOSTS_MOST];
};

/* Each host has its own level, ten times as wide as the noise, and its own shift around `shift`. */
static void make(struct fleet *f, gsl_rng *rng, size_t noise, size_t size, double shift,
                 double between)
{
    for (size_t h = 0; h < sizes[size].hosts; h++) {
        bool less = sizes[size].uneven && h + 1 == sizes[size].hosts;
        size_t n_a = less ? (sizes[size].each + 1) / 2 : sizes[size].each;
        size_t n_b = less ? n_a - 1 : n_a;
        double level = 10 * gsl_ran_ugaussian(rng), own = shift + between * gsl_ran_ugaussian(rng);
        for (size_t i = 0; i < n_a; i++)
            f->a[h][i] = level + xb_noises[noise].draw(rng);
        for (size_t i = 0; i < n_b; i++)
            f->b[h][i] = level + own + xb_noises[noise].draw(rng);
        f->strata[h] = (struct xb_stratum){f->a[h], f->b[h], n_a, n_b};
    }
}

/* Does a test find the shift that ignores hosts and puts all values into one sample? */
static bool pooled_finds(const struct fleet *f, size_t hosts)
{
    xb_auto_free double *a = xb_calloc(hosts * EACH_MOST, sizeof(*a));
    xb_auto_free double *b = xb_calloc(hosts * EACH_MOST, sizeof(*b));
    size_t n_a = 0, n_b = 0;
    for (size_t h = 0; h < hosts; h++) {
        for (size_t i = 0; i < f->strata[h].n_a; i++)
            a[n_a++] = f->a[h][i];
        for (size_t i = 0; i < f->strata[h].n_b; i++)
            b[n_b++] = f->b[h][i];
    }
    return xb_rank_of(a, n_a, b, n_b, 1 - ALPHA).p <= ALPHA;
}

static bool one_size(struct fleet *f, gsl_rng *rng, size_t noise, size_t size)
{
    size_t trials = sizes[size].trials, hosts = sizes[size].hosts;
    double alarms = 0, covered = 0, found = 0, pooled = 0, coverage = 0;
    for (size_t t = 0; t < trials; t++) {
        make(f, rng, noise, size, 0, 0);
        struct xb_strata none = xb_strata_of(f->strata, hosts, 1 - ALPHA);
        alarms += none.p <= ALPHA;
        covered += none.low <= 0 && none.high >= 0;
        coverage = none.coverage;
        make(f, rng, noise, size, 1, 0);
        found += xb_strata_of(f->strata, hosts, 1 - ALPHA).p <= ALPHA;
        pooled += t % 10 == 0 && pooled_finds(f, hosts);
    }
    double n = (double)trials;
    bool good = alarms / n <= ALPHA + xb_rate_slack(ALPHA, trials) + 0.002 &&
                covered / n >= coverage - xb_rate_slack(coverage, trials) - 0.005;
    printf("%-16s %5zu %4zu%s %7zu %12.2f %% %9.2f %% of %.1f %11.1f %% %14.1f %%%s\n",
           xb_noises[noise].name, hosts, sizes[size].each, sizes[size].uneven ? "-" : " ", trials,
           100 * alarms / n, 100 * covered / n, 100 * coverage, 100 * found / n, 1000 * pooled / n,
           good ? "" : "  WRONG");
    return good;
}

static bool tests(struct fleet *f, gsl_rng *rng)
{
    bool good = true;
    printf("%-16s %5s %5s %7s %14s %20s %13s %16s\n", "noise", "hosts", "n", "trials",
           "false alarms", "interval covers", "1 sd found", "without blocks");
    printf("%-16s %5s %5s %7s %14s\n", "", "", "", "", "stated <= 5 %");
    for (size_t noise = 0; noise < XB_NOISES; noise++)
        for (size_t size = 0; size < XB_ARRAY_LEN(sizes); size++)
            good = one_size(f, rng, noise, size) && good;
    return good;
}

/*
 * How often is any host reported as different although none is, and how often is one found that is
 * six standard deviations away? Of the first rate only the magnitude is checked: the rule's authors
 * give none.
 */
static bool apart(struct fleet *f, gsl_rng *rng)
{
    static const size_t counts[] = {6, 8, 10, 20, 40, 1000};
    bool good = true;
    printf("\n%-16s %5s %7s %16s %18s %14s\n", "hosts' shifts", "hosts", "trials", "any called",
           "of all hosts", "6 sd found");
    for (size_t noise = 0; noise < 2; noise++)
        for (size_t c = 0; c < XB_ARRAY_LEN(counts); c++) {
            size_t n = counts[c], trials = n > 100 ? 200 : 4000;
            double any = 0, called = 0, found = 0;
            for (size_t t = 0; t < trials; t++) {
                size_t here = 0;
                for (size_t h = 0; h < n; h++)
                    f->shifts[h] = xb_noises[noise].draw(rng);
                xb_modified_z(f->shifts, n, f->z);
                for (size_t h = 0; h < n; h++)
                    here += fabs(f->z[h]) > XB_APART_Z;
                any += here > 0;
                called += (double)here;
                f->shifts[0] = 6;
                xb_modified_z(f->shifts, n, f->z);
                found += fabs(f->z[0]) > XB_APART_Z;
            }
            double k = (double)trials;
            bool fits = noise > 0 || called / (k * (double)n) < 0.08;
            printf("%-16s %5zu %7zu %14.1f %% %16.2f %% %12.1f %%%s\n", xb_noises[noise].name, n,
                   trials, 100 * any / k, 100 * called / (k * (double)n), 100 * found / k,
                   fits ? "" : "  WRONG");
            good = good && fits;
        }
    return good;
}

/* Is the reported spread between hosts the true one? */
static bool spreads(struct fleet *f, gsl_rng *rng)
{
    static const double put_in[] = {0, 0.5, 1, 2};
    const size_t size = 6, hosts = sizes[size].hosts, trials = 400;
    bool good = true;
    printf("\n%-16s %14s   (%zu hosts, %zu repetitions, noise 1)\n", "put in, sd", "found, mean",
           hosts, sizes[size].each);
    for (size_t i = 0; i < XB_ARRAY_LEN(put_in); i++) {
        double squares = 0, errors[HOSTS_MOST];
        for (size_t t = 0; t < trials; t++) {
            make(f, rng, 0, size, 0, put_in[i]);
            for (size_t h = 0; h < hosts; h++) {
                const struct xb_stratum *s = &f->strata[h];
                f->shifts[h] = xb_rank_shift(s->a, s->n_a, s->b, s->n_b);
                errors[h] = XB_SHIFT_ERROR * xb_pooled_sd(s->a, s->n_a, s->b, s->n_b) *
                            sqrt(1 / (double)s->n_a + 1 / (double)s->n_b);
            }
            double found = xb_between_sd(f->shifts, errors, hosts);
            squares += found * found;
        }
        double mean = sqrt(squares / (double)trials);
        bool fits = fabs(mean - put_in[i]) < (put_in[i] > 0 ? 0.15 * put_in[i] : 0.3);
        printf("%-16.1f %14.2f%s\n", put_in[i], mean, fits ? "" : "  WRONG");
        good = good && fits;
    }
    return good;
}

int main(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    struct fleet *f = xb_calloc(1, sizeof(*f));
    gsl_rng_set(rng, 4357);
    bool good = tests(f, rng);
    good = apart(f, rng) && good;
    good = spreads(f, rng) && good;
    gsl_rng_free(rng);
    free(f);
    return good ? 0 : 1;
}
