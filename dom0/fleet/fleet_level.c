/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which host is slow: each host's figures against those of the median host of its kind. */
#include "alloc.h"
#include "base.h"
#include "fleet_model.h"
#include "report_words.h"

#include <math.h>

double xb_fleet_worse(const struct xb_fleet *f, const struct xb_fleet_figure *row, size_t shard)
{
    const struct xb_group *group = xb_fleet_group(f, shard, row->case_no, row->guest);
    /* A figure that only one host has says nothing about that host. */
    if (!row->ratio || row->hosts < 2 || f->shards[shard].kind != row->kind || !group ||
        group->value.n == 0)
        return NAN;
    double ratio = log(group->value.median / row->median);
    return xb_report_more_is_better(row->group) ? -ratio : ratio;
}

static void fill_level(struct xb_fleet *f, size_t shard)
{
    xb_auto_free double *ratios = xb_calloc(f->figure_count + 1, sizeof(*ratios));
    size_t n = 0;
    for (size_t r = 0; r < f->figure_count; r++) {
        double ratio = xb_fleet_worse(f, &f->figures[r], shard);
        if (!isnan(ratio))
            ratios[n++] = ratio;
    }
    f->shards[shard].level = n ? xb_stats_of(ratios, n).median : NAN;
}

static void fill_scores(struct xb_fleet *f, size_t kind)
{
    xb_auto_free double *levels = xb_calloc(f->count + 1, sizeof(*levels));
    xb_auto_free double *z = xb_calloc(f->count + 1, sizeof(*z));
    size_t n = 0;
    for (size_t i = 0; i < f->count; i++)
        if (f->shards[i].kind == kind && !isnan(f->shards[i].level))
            levels[n++] = f->shards[i].level;
    xb_modified_z(levels, n, z);
    n = 0;
    for (size_t i = 0; i < f->count; i++)
        if (f->shards[i].kind == kind)
            f->shards[i].z = isnan(f->shards[i].level) ? 0 : z[n++];
}

void xb_fleet_find_levels(struct xb_fleet *f)
{
    for (size_t i = 0; i < f->count; i++)
        fill_level(f, i);
    for (size_t kind = 0; kind < f->kind_count; kind++)
        fill_scores(f, kind);
}

static bool is_slower(const struct xb_fleet_shard *a, const struct xb_fleet_shard *b)
{
    double x = isnan(a->level) ? -INFINITY : a->level, y = isnan(b->level) ? -INFINITY : b->level;
    return a->kind != b->kind ? a->kind < b->kind : x > y;
}

size_t *xb_fleet_slowest(const struct xb_fleet *f)
{
    size_t *order = xb_calloc(f->count + 1, sizeof(*order));
    for (size_t i = 0; i < f->count; i++) {
        size_t j = i;
        for (; j > 0 && is_slower(&f->shards[i], &f->shards[order[j - 1]]); j--)
            order[j] = order[j - 1];
        order[j] = i;
    }
    return order;
}
