/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads the traces' figures of each case from the store. */
#include "base.h"
#include "report_check.h"
#include "store_read_traces.h"

#include <math.h>
#include <string.h>

const char *const xb_wait_kinds[] = {"wake", "all", NULL};

static double median_of(struct xb_stats stats)
{
    return stats.n ? stats.median : NAN;
}

/* Where a domain's vcpus ran, in one case. */
static int load_where(struct xb_check_trace *t, const struct xb_traced_row *of,
                      const struct xb_read *in)
{
    struct xb_traced_cpu_row *rows;
    size_t count, used = 0;
    if (xb_read_traced_cpus(in, of, &rows, &count) < 0)
        return -1;
    for (size_t i = 0; i < count && used < sizeof(t->where); i++)
        used += (size_t)snprintf(t->where + used, sizeof(t->where) - used, "%s%u: %.*f %%",
                                 used ? ", " : "", rows[i].pcpu, rows[i].percent < 10 ? 1 : 0,
                                 rows[i].percent);
    return 0;
}

static int load_times(struct xb_check_trace *t, const struct xb_traced_row *of,
                      const struct xb_read *in)
{
    struct xb_traced_time_row *rows;
    size_t count;
    if (xb_read_traced_times(in, of, &rows, &count) < 0)
        return -1;
    t->running = median_of(XB_STATS_OVER(rows, count, running));
    t->runnable = median_of(XB_STATS_OVER(rows, count, runnable));
    return 0;
}

static int load_classes(struct xb_check_waits *waits, const char *kind,
                        const struct xb_traced_row *of, const struct xb_read *in)
{
    struct xb_traced_class_row *rows;
    size_t count;
    if (xb_read_traced_classes(in, of, kind, &rows, &count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        waits->classes[rows[i].from_ns < 2 ? 0 : 63 - __builtin_clzll(rows[i].from_ns)] +=
            rows[i].count;
    return 0;
}

/* For each cell, the percentiles of the vcpu that waited longest. */
static int load_waits(struct xb_check_waits *waits, const char *kind,
                      const struct xb_traced_row *of, const struct xb_read *in)
{
    struct xb_traced_wait_row *rows;
    size_t count;
    if (xb_read_traced_waits(in, of, kind, &rows, &count) < 0)
        return -1;
    const struct xb_stats parts[XB_TRACE_PERCENTILES] = {
        XB_STATS_OVER(rows, count, p50_ns), XB_STATS_OVER(rows, count, p90_ns),
        XB_STATS_OVER(rows, count, p99_ns), XB_STATS_OVER(rows, count, p999_ns)};
    for (int i = 0; i < XB_TRACE_PERCENTILES; i++)
        waits->part_ns[i] = median_of(parts[i]);
    waits->most_ns = NAN;
    for (size_t i = 0; i < count; i++) {
        waits->most_ns = fmax(waits->most_ns, rows[i].most_ns); /* fmax leaves NaN out */
        waits->count += rows[i].count;
    }
    return load_classes(waits, kind, of, in);
}

static int load_domain(struct xb_check_trace *t, const struct xb_traced_row *of,
                       const struct xb_read *in)
{
    t->case_no = of->case_no;
    t->domain = of->domain;
    if (load_times(t, of, in) < 0)
        return -1;
    for (int kind = 0; kind < XB_WAIT_KINDS; kind++)
        if (load_waits(&t->waits[kind], xb_wait_kinds[kind], of, in) < 0)
            return -1;
    return load_where(t, of, in);
}

static int load_domains(struct xb_checks *k, const struct xb_read *in)
{
    struct xb_traced_row *rows;
    if (xb_read_traced(in, &rows, &k->trace_count) < 0)
        return -1;
    k->trace = xb_arena_alloc(in->arena, k->trace_count, sizeof(*k->trace));
    for (size_t i = 0; i < k->trace_count; i++)
        if (load_domain(&k->trace[i], &rows[i], in) < 0)
            return -1;
    return 0;
}

int xb_check_traces_load(struct xb_checks *k, const struct xb_read *in)
{
    return xb_read_traces(in, &k->traced) < 0 || load_domains(k, in) < 0 ||
                   xb_read_traced_timelines(in, &k->timelines, &k->timeline_count) < 0
               ? -1
               : xb_read_traced_places(in, &k->places, &k->place_count);
}
