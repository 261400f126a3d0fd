/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of all hosts, and the differences between cases within hosts, put together. */
#include "alloc.h"
#include "base.h"
#include "fleet_model.h"
#include "report_words.h"
#include "stats_rank.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

const char *const xb_fleet_verdict_words[] = {
    [XB_FLEET_ALIKE] = "alike",        [XB_FLEET_BETTER] = "better",
    [XB_FLEET_WORSE] = "worse",        [XB_FLEET_TOO_FEW] = "too few repetitions",
    [XB_FLEET_NO_HOST] = "no figures", NULL,
};

/* The standard error of the median of n normal values is this times sigma / sqrt(n). */
#define MEDIAN_ERROR 1.2533

const struct xb_group *xb_fleet_group(const struct xb_fleet *f, size_t shard, size_t case_no,
                                      size_t guest)
{
    const struct xb_fleet_shard *s = &f->shards[shard];
    if (s->cases[case_no] == XB_FLEET_NONE)
        return NULL;
    const struct xb_group *group = xb_model_group(&s->model, s->cases[case_no], guest);
    return group->role == XB_ROLE_MEASURED ? group : NULL;
}

/* A group's figures, as logarithms if ratio; to free. */
static double *figures_of(const struct xb_group *group, bool ratio, size_t *n)
{
    double *out = xb_model_figures(group, n);
    for (size_t i = 0; ratio && i < *n; i++)
        out[i] = log(out[i]);
    return out;
}

static double shown(bool ratio, double value)
{
    return ratio ? expm1(value) : value;
}

/* ---- figures ---- */

/* Each host's median of a figure, and its error (at first: its number of repetitions). */
struct hosts {
    double *medians, *errors;
    size_t count;
    double squares, freedom; /* of the repetitions within hosts */
};

static void add_host(struct hosts *hosts, const struct xb_group *group, bool ratio)
{
    size_t n;
    xb_auto_free double *values = figures_of(group, ratio, &n);
    if (n == 0)
        return;
    hosts->medians[hosts->count] = xb_stats_of(values, n).median;
    hosts->errors[hosts->count++] = (double)n;
    hosts->squares += n > 1 ? gsl_stats_tss(values, 1, n) : 0;
    hosts->freedom += (double)(n - 1);
}

/* The shard's group if it is of this kind and measured this very figure; else NULL. */
static const struct xb_group *group_in(const struct xb_fleet *f, const struct xb_fleet_figure *row,
                                       size_t shard)
{
    const struct xb_group *group = xb_fleet_group(f, shard, row->case_no, row->guest);
    return f->shards[shard].kind == row->kind && group && group->value.n > 0 &&
                   xb_report_same_figure(group, row->group)
               ? group
               : NULL;
}

static void fill_figure(struct xb_fleet *f, struct xb_fleet_figure *row)
{
    struct hosts hosts = {xb_calloc(f->count, sizeof(double)), xb_calloc(f->count, sizeof(double)),
                          0, 0, 0};
    row->ratio = true;
    for (size_t i = 0; i < f->count; i++) {
        const struct xb_group *group = group_in(f, row, i);
        row->ratio = row->ratio && (!group || group->value.min > 0);
    }
    for (size_t i = 0; i < f->count; i++) {
        const struct xb_group *group = group_in(f, row, i);
        if (!group)
            continue;
        add_host(&hosts, group, row->ratio);
        row->n += group->value.n;
        row->failed += group->failed;
    }
    row->hosts = hosts.count;
    double sd = hosts.freedom > 0 ? sqrt(hosts.squares / hosts.freedom) : 0;
    for (size_t i = 0; i < hosts.count; i++)
        hosts.errors[i] = MEDIAN_ERROR * sd / sqrt(hosts.errors[i]);
    double median = xb_stats_of(hosts.medians, hosts.count).median;
    row->median = row->ratio ? exp(median) : median;
    row->within = shown(row->ratio, sd);
    row->between = shown(row->ratio, xb_between_sd(hosts.medians, hosts.errors, hosts.count));
    free(hosts.medians);
    free(hosts.errors);
}

/* The group of a kind's first shard that has figures of a guest in a case; NULL: none has. */
static const struct xb_group *first_group(const struct xb_fleet *f, size_t kind, size_t case_no,
                                          size_t guest)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct xb_group *group = xb_fleet_group(f, i, case_no, guest);
        if (f->shards[i].kind == kind && group && group->value.n > 0)
            return group;
    }
    return NULL;
}

static void list_figures(struct xb_fleet *f)
{
    for (size_t kind = 0; kind < f->kind_count; kind++)
        for (size_t c = 0; c < f->exp->case_count; c++)
            for (size_t g = 0; g < f->exp->guest_count; g++) {
                const struct xb_group *group = first_group(f, kind, c, g);
                if (!group)
                    continue;
                struct xb_fleet_figure *row =
                    xb_arena_grow(&f->arena, &f->figures, &f->figure_count, sizeof(*row));
                *row = (struct xb_fleet_figure){
                    .kind = kind, .case_no = c, .guest = g, .group = group};
                fill_figure(f, row);
            }
}

/* ---- changes ---- */

/* The shards that have figures for a change, and each shard's shift and its error. */
struct blocks {
    struct xb_stratum *strata;
    size_t *shards;
    double *shifts, *errors;
    size_t count;
};

static struct blocks blocks_alloc(size_t n)
{
    return (struct blocks){xb_calloc(n, sizeof(struct xb_stratum)), xb_calloc(n, sizeof(size_t)),
                           xb_calloc(n, sizeof(double)), xb_calloc(n, sizeof(double)), 0};
}

static void blocks_free(struct blocks *b)
{
    for (size_t i = 0; i < b->count; i++) {
        free((double *)b->strata[i].a);
        free((double *)b->strata[i].b);
    }
    free(b->strata);
    free(b->shards);
    free(b->shifts);
    free(b->errors);
}

/* Does the shard have figures of both cases, of the same metric? */
static bool has_both(const struct xb_fleet *f, const struct xb_fleet_change *row, size_t shard)
{
    const struct xb_group *a = xb_fleet_group(f, shard, row->a, row->guest);
    const struct xb_group *b = xb_fleet_group(f, shard, row->b, row->guest);
    return f->shards[shard].kind == row->kind && a && b && a->value.n > 0 && b->value.n > 0 &&
           xb_report_same_figure(a, row->group) && xb_report_same_figure(b, row->group);
}

static bool is_spoiled(const struct xb_fleet *f, const struct xb_fleet_change *row, size_t shard)
{
    const struct xb_fleet_shard *s = &f->shards[shard];
    return s->model.cases[s->cases[row->a]].spoiled || s->model.cases[s->cases[row->b]].spoiled;
}

static void add_block(struct xb_fleet *f, struct blocks *b, const struct xb_fleet_change *row,
                      size_t shard)
{
    struct xb_stratum *s = &b->strata[b->count];
    s->a = figures_of(xb_fleet_group(f, shard, row->a, row->guest), row->ratio, &s->n_a);
    s->b = figures_of(xb_fleet_group(f, shard, row->b, row->guest), row->ratio, &s->n_b);
    double parts = 1 / (double)s->n_a + 1 / (double)s->n_b;
    b->shards[b->count] = shard;
    b->shifts[b->count] = xb_rank_shift(s->a, s->n_a, s->b, s->n_b);
    b->errors[b->count++] = XB_SHIFT_ERROR * xb_pooled_sd(s->a, s->n_a, s->b, s->n_b) * sqrt(parts);
}

static void find_blocks(struct xb_fleet *f, struct xb_fleet_change *row, struct blocks *b)
{
    row->ratio = true;
    for (size_t i = 0; i < f->count; i++)
        if (has_both(f, row, i))
            row->ratio = row->ratio && xb_fleet_group(f, i, row->a, row->guest)->value.min > 0 &&
                         xb_fleet_group(f, i, row->b, row->guest)->value.min > 0;
    for (size_t i = 0; i < f->count; i++) {
        if (!has_both(f, row, i))
            continue;
        if (is_spoiled(f, row, i))
            row->spoiled++;
        else
            add_block(f, b, row, i);
    }
}

static void find_apart(struct xb_fleet *f, struct xb_fleet_change *row, const struct blocks *b)
{
    xb_auto_free double *z = xb_calloc(b->count + 1, sizeof(*z));
    xb_modified_z(b->shifts, b->count, z);
    for (size_t i = 0; i < b->count; i++)
        if (fabs(z[i]) > XB_APART_Z)
            *(size_t *)xb_arena_grow(&f->arena, &row->apart, &row->apart_count,
                                     sizeof(*row->apart)) = b->shards[i];
}

static void fill_change(struct xb_fleet *f, struct xb_fleet_change *row)
{
    struct blocks b = blocks_alloc(f->count);
    find_blocks(f, row, &b);
    row->strata = xb_strata_of(b.strata, b.count, XB_FLEET_CONFIDENCE);
    row->change = shown(row->ratio, row->strata.shift);
    row->low = shown(row->ratio, row->strata.low);
    row->high = shown(row->ratio, row->strata.high);
    row->between = shown(row->ratio, xb_between_sd(b.shifts, b.errors, b.count));
    double squares = 0;
    for (size_t i = 0; i < b.count; i++)
        squares += b.errors[i] * b.errors[i];
    row->error = b.count ? shown(row->ratio, sqrt(squares / (double)b.count)) : 0;
    find_apart(f, row, &b);
    blocks_free(&b);
}

/* Compare the repetitions of each round, on all hosts: what affects all of a round cancels out. */
static void fill_pairs(struct xb_fleet *f, struct xb_fleet_change *row)
{
    size_t n = 0, most = 0;
    for (size_t i = 0; i < f->count; i++)
        if (has_both(f, row, i) && !is_spoiled(f, row, i))
            most += xb_fleet_group(f, i, row->a, row->guest)->count;
    xb_auto_free double *d = xb_calloc(most + 1, sizeof(*d));
    for (size_t i = 0; i < f->count; i++)
        if (has_both(f, row, i) && !is_spoiled(f, row, i))
            n += xb_model_pair_up(xb_fleet_group(f, i, row->a, row->guest),
                                  xb_fleet_group(f, i, row->b, row->guest), row->ratio, d + n);
    row->pairs = xb_paired_of(d, n, XB_FLEET_CONFIDENCE);
    row->pairs.estimate = shown(row->ratio, row->pairs.estimate);
    row->pairs.low = shown(row->ratio, row->pairs.low);
    row->pairs.high = shown(row->ratio, row->pairs.high);
}

static void add_pair(struct xb_fleet *f, size_t kind, size_t a, size_t b)
{
    for (size_t g = 0; g < f->exp->guest_count; g++) {
        const struct xb_group *group = first_group(f, kind, a, g);
        const struct xb_group *other = first_group(f, kind, b, g);
        if (!group || !other || !xb_report_same_figure(group, other))
            continue;
        struct xb_fleet_change *row =
            xb_arena_grow(&f->arena, &f->changes, &f->change_count, sizeof(*row));
        *row = (struct xb_fleet_change){.kind = kind, .a = a, .b = b, .guest = g, .group = group};
        fill_change(f, row);
        if (f->named)
            fill_pairs(f, row);
    }
}

/* The pairs that the experiment names; without any, each case against the first. */
static void list_changes(struct xb_fleet *f)
{
    const struct xb_experiment *exp = f->exp;
    f->named = exp->pair_count > 0;
    for (size_t kind = 0; kind < f->kind_count; kind++) {
        for (size_t p = 0; p < exp->pair_count; p++)
            add_pair(f, kind, exp->pairs[p].a, exp->pairs[p].b);
        for (size_t c = 1; !f->named && c < exp->case_count; c++)
            add_pair(f, kind, 0, c);
    }
}

static enum xb_fleet_verdict judge(const struct xb_fleet_change *row, double least)
{
    bool more = xb_report_more_is_better(row->group);
    if (least > XB_FLEET_ALPHA)
        return XB_FLEET_TOO_FEW;
    if (row->p_holm > XB_FLEET_ALPHA)
        return XB_FLEET_ALIKE;
    return (row->strata.distance > 0) == more ? XB_FLEET_BETTER : XB_FLEET_WORSE;
}

/* All changes, of all kinds of hosts, form one family. */
static void judge_all(struct xb_fleet *f)
{
    xb_auto_free double *p = xb_calloc(f->change_count + 1, sizeof(*p));
    xb_auto_free double *least = xb_calloc(f->change_count + 1, sizeof(*least));
    for (size_t i = 0; i < f->change_count; i++) {
        f->changes[i].p_holm = NAN;
        f->changes[i].verdict = XB_FLEET_NO_HOST;
        if (f->changes[i].strata.used == 0)
            continue;
        p[f->tests] = f->changes[i].strata.p;
        least[f->tests++] = f->changes[i].strata.least_p;
    }
    xb_holm(p, f->tests);
    xb_holm(least, f->tests);
    for (size_t i = 0, n = 0; i < f->change_count; i++) {
        if (f->changes[i].strata.used == 0)
            continue;
        f->changes[i].p_holm = p[n];
        f->changes[i].verdict = judge(&f->changes[i], least[n++]);
    }
}

void xb_fleet_judge(struct xb_fleet *f)
{
    list_figures(f);
    list_changes(f);
    judge_all(f);
}
