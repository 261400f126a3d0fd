/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row for each host, the slowest first: a dot for each of its medians, a tick for its level. */
#include "alloc.h"
#include "base.h"
#include "fleet_model.h"
#include "report_plot.h"

#include <math.h>

#define ROW_HEIGHT 22

static double percent(double ratio)
{
    return 100 * expm1(ratio);
}

/* Count the hosts that have something to be compared with, and find the range of their figures. */
static size_t find_range(const struct xb_fleet *f, double *low, double *high)
{
    size_t hosts = 0;
    *low = *high = 0;
    for (size_t i = 0; i < f->count; i++) {
        hosts += !isnan(f->shards[i].level);
        for (size_t r = 0; r < f->figure_count; r++) {
            double worse = percent(xb_fleet_worse(f, &f->figures[r], i));
            *low = fmin(*low, worse); /* fmin and fmax leave NaN out */
            *high = fmax(*high, worse);
        }
    }
    return hosts;
}

static void put_medians(struct xb_plot *p, const struct xb_fleet *f, size_t shard)
{
    for (size_t r = 0; r < f->figure_count; r++) {
        const struct xb_fleet_figure *row = &f->figures[r];
        double worse = percent(xb_fleet_worse(f, row, shard));
        if (isnan(worse))
            continue;
        xb_auto_free char *tip = xb_asprintf("%s, %s: %+.1f %%", f->exp->cases[row->case_no].name,
                                             f->exp->guests[row->guest].name, worse);
        xb_plot_dot(p, worse, xb_plot_lane(r, ROW_HEIGHT), 0, tip);
    }
}

static void put_host(struct xb_plot *p, const struct xb_fleet *f, size_t shard)
{
    const struct xb_fleet_shard *s = &f->shards[shard];
    char figure[32];
    xb_auto_free char *name = xb_asprintf("%s (shard %u)", s->host, s->number);
    snprintf(figure, sizeof(figure), "%+.1f %%", percent(s->level));
    xb_plot_row(p, name, figure, figure, ROW_HEIGHT);
    put_medians(p, f, shard);
    xb_plot_tick(p, percent(s->level), 0, ROW_HEIGHT, 0, "median", NULL);
    xb_plot_row_end(p);
}

void xb_fleet_plot(struct xb_doc *doc, const struct xb_fleet *f, const size_t *order)
{
    struct xb_plot p;
    double low, high;
    if (find_range(f, &low, &high) < 2)
        return;
    if (!(high > low))
        high = low + 1;
    struct xb_axis axis = xb_axis_linear(low, high, "%");
    xb_plot_begin(&p, &axis, "hosts", "Each host's medians against the median host");
    xb_plot_key_mark(&p, "dot", "a median");
    xb_plot_key_mark(&p, "median", "the host's level");
    for (size_t i = 0; i < f->count; i++)
        if (!isnan(f->shards[order[i]].level) && xb_plot_under(&p, 0, NULL))
            put_host(&p, f, order[i]);
    xb_plot_axis(&p, "slower or worse than the median host");
    xb_plot_end(&p, doc);
}
