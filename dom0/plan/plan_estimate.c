/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Estimates how long an experiment takes, from earlier runs in the store. */
#include "base.h"
#include "plan_view.h"
#include "store_past.h"

#include <string.h>

/* A job's time limit if neither experiment nor workload sets one. */
#define JOB_TIMEOUT_NS (3600 * XB_NS_PER_S)

/* The time of the case's slowest workload, in any earlier cell. */
static uint64_t by_workload(const struct xb_past *past, const struct xb_plan_view *view,
                            uint32_t case_no)
{
    uint64_t most = 0;
    for (size_t g = 0; g < view->exp->guest_count; g++) {
        const struct xb_exp_part *part = &view->exp->cases[case_no].parts[g];
        if (part->role != XB_ROLE_MEASURED)
            continue;
        uint64_t ns = xb_past_workload_ns(past, view->exp->workloads[part->workload].name);
        most = ns > most ? ns : most;
    }
    return most;
}

static uint64_t longest_job_ns(struct xb_app *app, const struct xb_plan_view *view,
                               uint32_t case_no)
{
    uint64_t most = 0;
    for (size_t g = 0; g < view->exp->guest_count; g++) {
        const struct xb_exp_part *part = &view->exp->cases[case_no].parts[g];
        if (part->role != XB_ROLE_MEASURED)
            continue;
        const struct xb_exp_workload *w = &view->exp->workloads[part->workload];
        struct xb_workload *found = NULL;
        struct xb_err ignored = {0}; /* a workload missing in the catalogue is reported elsewhere */
        if (!w->own)
            xb_workload_find(app, w->name, &found, &ignored);
        const struct xb_workload *workload = w->own ? w->own : found;
        uint64_t ns = view->exp->timeout_ns              ? view->exp->timeout_ns
                      : workload && workload->timeout_ns ? workload->timeout_ns
                                                         : JOB_TIMEOUT_NS;
        most = ns > most ? ns : most;
        xb_workload_free(found);
    }
    return most;
}

/* What is known about one cell of a case. */
struct cell_time {
    uint64_t ns; /* 0: not known */
    bool by_case;
    uint64_t most_ns; /* if ns is not known */
};

static struct cell_time time_of(const struct xb_plan_view *view, struct xb_app *app,
                                const struct xb_past *past, uint32_t case_no)
{
    struct cell_time t = {
        .ns = xb_past_case_ns(past, view->exp->name, view->exp->cases[case_no].name)};
    t.by_case = t.ns > 0;
    if (!t.by_case)
        t.ns = by_workload(past, view, case_no);
    if (t.ns == 0)
        t.most_ns = longest_job_ns(app, view, case_no);
    return t;
}

static void add_cells(struct xb_plan_time *time, const struct cell_time *one, uint32_t cells)
{
    time->by_case += one->by_case ? cells : 0;
    time->known_cells += one->ns ? cells : 0;
    time->known_ns += cells * one->ns;
    time->most_ns += cells * one->most_ns;
}

void xb_plan_estimate(struct xb_plan_view *view, struct xb_app *app, const char *store)
{
    struct xb_past *past = xb_past_open(app, store);
    for (uint32_t c = 0; c < view->exp->case_count; c++) {
        uint32_t cells = 0;
        const struct cell_time one = time_of(view, app, past, c);
        for (size_t i = 0; i < view->cell_count; i++)
            cells += view->cells[i].case_no == c;
        add_cells(&view->time, &one, cells);
        for (uint32_t s = 0; s < view->split.count; s++)
            if (xb_plan_shard_has(view, s, c))
                add_cells(&view->shards[s].time, &one,
                          view->exp->warmup + view->shards[s].end - view->shards[s].from);
    }
    xb_past_close(past);
}
