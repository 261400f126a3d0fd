/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The histograms of a run: counts are added over repetitions, percentiles are never averaged. */
#include "alloc.h"
#include "base.h"
#include "report_model_i.h"

#include <math.h>
#include <string.h>

static bool is_same(const struct xb_dist_row *a, const struct xb_dist_row *b)
{
    return a->case_no == b->case_no && a->guest == b->guest && strcmp(a->name, b->name) == 0 &&
           strcmp(a->unit, b->unit) == 0 && strcmp(a->better, b->better) == 0;
}

static void summarize(struct xb_model_dist *h, struct xb_arena *arena)
{
    xb_auto_free struct xb_dist *hists = xb_calloc(h->row_count, sizeof(*hists));
    for (size_t i = 0; i < h->row_count; i++)
        hists[i] = h->rows[i].hist;
    struct xb_dist all = xb_dist_merge(hists, h->row_count);
    h->all = all;
    h->all.buckets = xb_arena_alloc(arena, all.count, sizeof(*all.buckets));
    if (all.count > 0)
        memcpy(h->all.buckets, all.buckets, all.count * sizeof(*all.buckets));
    free(all.buckets);
    for (size_t p = 0; p < XB_PERCENTILES; p++) {
        const struct xb_percentile *which = &xb_percentiles[p];
        h->values[p] = xb_dist_percentile(&h->all, which);
        if (!isfinite(h->values[p]) ||
            !xb_dist_interval(hists, h->row_count, which, &h->lows[p], &h->highs[p]))
            h->lows[p] = h->highs[p] = NAN;
    }
}

int xb_model_load_histograms(struct xb_model *m, const struct xb_read *in)
{
    struct xb_dist_row *rows;
    size_t count;
    if (xb_read_histograms(in, &rows, &count) < 0)
        return -1;
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && is_same(&rows[from], &rows[to]);)
            to++;
        if (!xb_model_group_at(m, rows[from].case_no, rows[from].guest))
            continue;
        struct xb_model_dist *h = xb_arena_grow(&m->arena, &m->dists, &m->dist_count, sizeof(*h));
        *h = (struct xb_model_dist){.case_no = (size_t)rows[from].case_no,
                                    .guest = (size_t)rows[from].guest,
                                    .name = rows[from].name,
                                    .unit = rows[from].unit,
                                    .better = rows[from].better,
                                    .rows = &rows[from],
                                    .row_count = to - from};
        summarize(h, &m->arena);
    }
    return 0;
}
