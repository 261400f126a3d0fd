/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chart of dispatch delays: every sample on a logarithmic axis, and percentiles. */
#include "alloc.h"
#include "base.h"
#include "report_build_i.h"
#include "report_plot.h"
#include "trace_json.h"

#include <math.h>
#include <stdlib.h>

#define ROW_HEIGHT 24
/* The clocks cannot resolve shorter delays. */
#define LEAST_NS 1000.0

static double ns_of(double ms)
{
    return fmax(ms * 1e6, LEAST_NS);
}

static bool is_drawn(const struct xb_model *m, size_t i)
{
    return m->groups[i].dispatch_ms.n > 0 && !m->cases[i / m->guest_count].solo;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The delay that a part 1 - `part` of the samples exceeds; NaN if that is less than one. */
static double percentile(const struct xb_group *g, double part)
{
    xb_auto_free double *delays = xb_calloc(g->count + 1, sizeof(*delays));
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++)
        if (!isnan(g->points[i].dispatch_ms))
            delays[n++] = g->points[i].dispatch_ms;
    size_t above = (size_t)floor((1 - part) * (double)n + 1e-9);
    if (above == 0)
        return NAN;
    qsort(delays, n, sizeof(*delays), by_size);
    return delays[n - 1 - above];
}

static void put_row(struct xb_plot *p, const struct xb_model *m, size_t i)
{
    const struct xb_group *g = &m->groups[i];
    const char *who = m->guests[i % m->guest_count].name;
    char median[24], most[24], figure[96], said[200];
    double most_of = percentile(g, 0.9);
    xb_trace_format_ns((uint64_t)ns_of(g->dispatch_ms.median), median, sizeof(median));
    xb_trace_format_ns((uint64_t)ns_of(g->dispatch_ms.max), most, sizeof(most));
    snprintf(figure, sizeof(figure), "median %s\nmost %s", median, most);
    snprintf(said, sizeof(said), "%.64s: median %s, most %s", who, median, most);
    xb_plot_row(p, who, figure, said, ROW_HEIGHT);
    for (size_t n = 0; n < g->count; n++)
        if (!isnan(g->points[n].dispatch_ms))
            xb_plot_dot(p, ns_of(g->points[n].dispatch_ms), xb_plot_lane(n, ROW_HEIGHT),
                        i % m->guest_count, NULL);
    xb_plot_tick(p, ns_of(g->dispatch_ms.median), 3, ROW_HEIGHT - 6, i % m->guest_count, "median",
                 NULL);
    if (!isnan(most_of))
        xb_plot_tick(p, ns_of(most_of), 3, ROW_HEIGHT - 6, i % m->guest_count, "percentile",
                     "90 %");
    xb_plot_row_end(p);
}

void xb_report_plot_dispatch(struct xb_doc *doc, const struct xb_model *m)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        if (!is_drawn(m, i))
            continue;
        low = fmin(low, ns_of(m->groups[i].dispatch_ms.min));
        high = fmax(high, ns_of(m->groups[i].dispatch_ms.max));
    }
    if (!(high > 0))
        return;
    struct xb_plot p;
    const struct xb_axis axis = xb_axis_times(low, high);
    xb_plot_begin(&p, &axis, "dispatch",
                  "Dispatch delay: from the gate's opening until the vcpu ran");
    xb_plot_key_mark(&p, "dot", "a sample");
    xb_plot_key_mark(&p, "median", "median");
    xb_plot_key_mark(&p, "percentile", "90 % are below (from 10 samples on)");
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (is_drawn(m, i) &&
            xb_plot_under(&p, i / m->guest_count, m->cases[i / m->guest_count].name))
            put_row(&p, m, i);
    xb_plot_axis(&p, "logarithmic");
    xb_plot_end(&p, doc);
}
