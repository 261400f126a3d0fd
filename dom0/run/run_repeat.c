/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_repeat.h"

#include "alloc.h"
#include "base.h"
#include "nearest.h"
#include "stats.h"
#include "store_repeat.h"

#include <math.h>
#include <string.h>

/* Why a case stops; reason NULL: it continues. */
struct verdict {
    const char *reason;
    char why[XB_GUEST_NAME_MAX + 200];
};

/* The widest interval of a case, relative to its median; not known with too few figures. */
struct width {
    bool known;
    double width; /* 0.02: 2 % */
    char guest[XB_GUEST_NAME_MAX + 1];
};

/* The metric that `until` judges: its own, else the guest's in this case. */
static const char *metric_of(const struct xb_exp_until *until, const struct xb_measured *m)
{
    if (!until->metric)
        return m->metric;
    return strcmp(until->metric, XB_EXP_METRIC_TIME) == 0 ? NULL : until->metric;
}

static int guest_width(struct xb_run *run, uint32_t case_no, const struct xb_measured *m,
                       struct width *widest, struct xb_err *err)
{
    const struct xb_exp_until *until = &run->exp->until;
    xb_auto_free double *values = NULL;
    size_t count;
    if (xb_store_figures(run->store, run->id, case_no, m->guest, metric_of(until, m), &values,
                         &count, err) < 0)
        return -1;
    struct xb_stats s = xb_stats_at(values, count, until->confidence);
    double spread = s.ci_high - s.ci_low;
    double width = spread <= 0 ? 0 : s.median == 0 ? INFINITY : spread / fabs(s.median);
    if (s.n == 0 || s.n < xb_stats_least(until->confidence)) {
        widest->known = false;
        snprintf(widest->guest, sizeof(widest->guest), "%s", m->guest);
    } else if (widest->known && width >= widest->width) {
        widest->width = width;
        snprintf(widest->guest, sizeof(widest->guest), "%s", m->guest);
    }
    return 0;
}

static int case_width(struct xb_run *run, uint32_t case_no, struct width *widest,
                      struct xb_err *err)
{
    struct xb_measured *measured;
    size_t count;
    *widest = (struct width){.known = true};
    if (xb_store_measured(run->store, run->id, case_no, &measured, &count, err) < 0)
        return -1;
    int r = 0;
    for (size_t i = 0; r == 0 && widest->known && i < count; i++)
        r = guest_width(run, case_no, &measured[i], widest, err);
    xb_measured_free(measured, count);
    return r;
}

static void say_width(const struct width *w, char *out, size_t bytes)
{
    if (w->known)
        snprintf(out, bytes, "the widest interval is %.2g %% of its median (%s)", 100 * w->width,
                 w->guest);
    else
        snprintf(out, bytes, "%s has too few figures for an interval", w->guest);
}

/* Is a case's time used up: the run's time or, in sequential order, the case's part of that? */
static bool time_is_up(const struct xb_run *run, const struct xb_case_progress *progress,
                       uint32_t case_no)
{
    const struct xb_experiment *exp = run->exp;
    uint64_t spent_ns = 0;
    if (exp->until.time_ns == 0)
        return false;
    if (exp->order == XB_ORDER_SEQUENTIAL)
        return progress[case_no].spent_ns >= exp->until.time_ns / exp->case_count;
    for (size_t c = 0; c < exp->case_count; c++)
        spent_ns += progress[c].spent_ns;
    return spent_ns >= exp->until.time_ns;
}

static int judge(struct xb_run *run, const struct xb_case_progress *progress, uint32_t case_no,
                 struct verdict *out, struct xb_err *err)
{
    const struct xb_exp_until *until = &run->exp->until;
    uint32_t done = progress[case_no].repetitions;
    struct width widest;
    char width[XB_GUEST_NAME_MAX + 80];
    *out = (struct verdict){0};
    if (done == 0 || case_width(run, case_no, &widest, err) < 0)
        return done == 0 ? 0 : -1;
    say_width(&widest, width, sizeof(width));
    if (done >= until->min && widest.known && widest.width <= until->interval)
        out->reason = "sure";
    else if (done >= until->max)
        out->reason = "max";
    else if (time_is_up(run, progress, case_no))
        out->reason = "time";
    snprintf(out->why, sizeof(out->why), "%u repetition%s; %s, %g %% %s asked for", done,
             xb_plural(done), width, 100 * until->interval,
             out->reason && strcmp(out->reason, "sure") == 0 ? "were" : "are");
    return 0;
}

/* Cases that are compared form a unit: while one of them continues, all do. */
static void keep_units_together(const struct xb_experiment *exp, const uint32_t *unit,
                                struct verdict *verdicts, const bool *open)
{
    for (uint32_t c = 0; c < exp->case_count; c++)
        for (uint32_t d = 0; d < exp->case_count; d++)
            if (unit[c] == unit[d] && open[d] && !verdicts[d].reason)
                verdicts[c].reason = NULL;
}

struct next {
    bool *open;
    uint32_t *unit;
    struct verdict *verdicts;
    struct xb_case_progress *progress;
    struct xb_plan_cell *cells;
    size_t count;
};

static void next_free(struct next *next)
{
    free(next->open);
    free(next->unit);
    free(next->verdicts);
    free(next->progress);
    free(next->cells);
}

static void next_alloc(struct next *next, const struct xb_experiment *exp)
{
    size_t n = exp->case_count;
    next->open = xb_calloc(n, sizeof(*next->open));
    next->unit = xb_calloc(n, sizeof(*next->unit));
    next->verdicts = xb_calloc(n, sizeof(*next->verdicts));
    next->progress = xb_calloc(n, sizeof(*next->progress));
    next->cells = xb_calloc(n, sizeof(*next->cells));
}

/* Judge every open case; cases that stop are no longer open. */
static int judge_all(struct xb_run *run, struct next *next, struct xb_err *err)
{
    const struct xb_experiment *exp = run->exp;
    for (uint32_t c = 0; c < exp->case_count; c++) {
        next->open[c] = !next->progress[c].stopped;
        if (next->open[c] && judge(run, next->progress, c, &next->verdicts[c], err) < 0)
            return -1;
    }
    xb_plan_units(exp, next->unit);
    keep_units_together(exp, next->unit, next->verdicts, next->open);
    return 0;
}

/* The next cell in sequential order, from the first open case. */
static void plan_one(const struct xb_experiment *exp, struct next *next)
{
    for (uint32_t c = 0; c < exp->case_count; c++) {
        if (!next->open[c] || next->verdicts[c].reason)
            continue;
        const struct xb_case_progress *p = &next->progress[c];
        bool warmup = p->warmups < exp->warmup;
        next->cells[next->count++] = (struct xb_plan_cell){
            .case_no = c, .repetition = warmup ? p->warmups : p->repetitions, .warmup = warmup};
        return;
    }
}

static void plan_next(struct xb_run *run, struct next *next)
{
    const struct xb_experiment *exp = run->exp;
    if (exp->order == XB_ORDER_SEQUENTIAL) {
        plan_one(exp, next);
        return;
    }
    /* Every open case was in all rounds so far. */
    uint32_t round = 0;
    bool any = false;
    xb_auto_free bool *going = xb_calloc(exp->case_count, sizeof(*going));
    for (uint32_t c = 0; c < exp->case_count; c++) {
        going[c] = next->open[c] && !next->verdicts[c].reason;
        any = any || going[c];
        if (going[c])
            round = next->progress[c].warmups + next->progress[c].repetitions;
    }
    if (!any)
        return;
    xb_plan_round(exp, xb_shard_order_seed(run->seed, &run->shard), round, going, next->cells,
                  &next->count);
}

static int write_next(struct xb_run *run, const struct next *next, struct xb_err *err)
{
    for (uint32_t c = 0; c < run->exp->case_count; c++)
        if (next->open[c] && next->verdicts[c].reason &&
            xb_store_case_stopped(run->store, run->id, c, next->verdicts[c].reason,
                                  next->verdicts[c].why, err) < 0)
            return -1;
    return xb_store_cells_add(run->store, run->id, next->progress[0].last_cell, next->cells,
                              next->count, err);
}

static void tell_stopped(struct xb_run *run, const struct next *next)
{
    for (uint32_t c = 0; c < run->exp->case_count; c++)
        if (next->open[c] && next->verdicts[c].reason)
            xb_progress_done(&run->progress, "case `%s` is %s: %s", run->exp->cases[c].name,
                             strcmp(next->verdicts[c].reason, "sure") == 0 ? "sure" : "stopped",
                             next->verdicts[c].why);
}

static int decide(struct xb_run *run, struct next *next, struct xb_err *err)
{
    if (xb_store_progress(run->store, run->id, next->progress, run->exp->case_count, err) < 0 ||
        judge_all(run, next, err) < 0)
        return -1;
    plan_next(run, next);
    if (xb_store_begin(run->store, err) < 0)
        return -1;
    if (write_next(run, next, err) < 0) {
        xb_store_rollback(run->store);
        return -1;
    }
    if (xb_store_commit(run->store, err) < 0)
        return -1;
    tell_stopped(run, next);
    return 0;
}

int xb_run_plan_more(struct xb_run *run, bool *more, struct xb_err *err)
{
    struct next next = {0};
    uint32_t done;
    *more = false;
    if (!run->exp->until.line) /* all cells were planned at the beginning */
        return xb_store_cases_counted(run->store, run->id, err);
    next_alloc(&next, run->exp);
    int r = decide(run, &next, err);
    *more = next.count > 0;
    next_free(&next);
    if (r < 0)
        return -1;
    return xb_store_cell_count(run->store, run->id, &run->tally.cells, &done, err);
}

/* Is the workload measured in any guest, so that `until` judges its figures? */
static bool is_measured(const struct xb_run *run, size_t workload)
{
    for (uint32_t c = 0; c < run->exp->case_count; c++)
        for (size_t g = 0; g < run->count; g++)
            if (run->exp->cases[c].parts[g].role == XB_ROLE_MEASURED &&
                run->exp->cases[c].parts[g].workload == workload)
                return true;
    return false;
}

static int check_metric(const struct xb_run *run, const struct xb_job_spec *job, struct xb_err *err)
{
    const struct xb_exp_until *until = &run->exp->until;
    const struct xb_workload *w = job->workload;
    const char *names[XB_WORKLOAD_FIGURES_MAX + 2] = {XB_EXP_METRIC_TIME};
    for (size_t i = 0; i < w->metric_count; i++) {
        names[i + 1] = w->metrics[i].name;
        if (strcmp(names[i + 1], until->metric) == 0 && w->metrics[i].histogram)
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s:%u: `until`: %s is a histogram; name one of its percentiles, such "
                           "as `%s.p99`",
                           run->exp->path, until->line, names[i + 1], names[i + 1]);
        if (strcmp(names[i + 1], until->metric) == 0)
            return 0;
    }
    const char *near = xb_nearest(until->metric, names);
    return xb_fail(err, XB_E_INPUT, 0, "%s:%u: `until`: workload %s has no metric `%.60s`; %s `%s`",
                   run->exp->path, until->line, job->name, until->metric,
                   near              ? "did you mean"
                   : w->metric_count ? "its first is"
                                     : "there is only",
                   near ? near : names[w->metric_count ? 1 : 0]);
}

int xb_run_check_until(const struct xb_run *run, struct xb_err *err)
{
    const struct xb_exp_until *until = &run->exp->until;
    if (!until->line || !until->metric || strcmp(until->metric, XB_EXP_METRIC_TIME) == 0)
        return 0;
    for (size_t w = 0; w < run->exp->workload_count; w++)
        if (is_measured(run, w) && check_metric(run, &run->jobs[w], err) < 0)
            return -1;
    return 0;
}
