/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_model_i.h"

#include "alloc.h"
#include "base.h"
#include "report_check.h"
#include "report_totals.h"
#include "xen_host.h"

#include <math.h>
#include <string.h>

/* If the machine beneath takes more than this part of a CPU's time, cases cannot be compared. */
#define SPOILED 0.02

static int load_cases(struct xb_model *m, const struct xb_read *in)
{
    struct xb_case_row *rows;
    if (xb_read_cases(in, &rows, &m->case_count) < 0)
        return -1;
    m->cases = xb_arena_alloc(in->arena, m->case_count, sizeof(*m->cases));
    for (size_t c = 0; c < m->case_count; c++)
        m->cases[c] = (struct xb_model_case){.name = rows[c].name,
                                             .settings = rows[c].settings,
                                             .stopped = rows[c].stopped,
                                             .stopped_why = rows[c].stopped_why,
                                             .repetitions = rows[c].repetitions};
    return 0;
}

const char *xb_model_fact(const struct xb_model *m, const char *key)
{
    for (size_t i = 0; i < m->fact_count; i++)
        if (strcmp(m->facts[i].key, key) == 0)
            return m->facts[i].value;
    return NULL;
}

double *xb_model_figures(const struct xb_group *group, size_t *n)
{
    double *out = xb_calloc(group->count + 1, sizeof(*out));
    *n = 0;
    for (size_t i = 0; i < group->count; i++)
        if (isfinite(group->points[i].value))
            out[(*n)++] = group->points[i].value;
    return out;
}

struct xb_group *xb_model_group_at(struct xb_model *m, int64_t case_no, int64_t guest)
{
    if (case_no < 0 || guest < 0 || (size_t)case_no >= m->case_count ||
        (size_t)guest >= m->guest_count)
        return NULL;
    return &m->groups[(size_t)case_no * m->guest_count + (size_t)guest];
}

/*
 * Xen's counts cover the window and a little time around it, so a share is an upper bound, and a
 * share above the guest's vcpus shows the error. Background load runs in that time, too.
 */
static void judge_share(struct xb_group *group, struct xb_point *p, double raw, double vcpus)
{
    double error = p->share_error;
    if (isnan(raw))
        return;
    if (group->role == XB_ROLE_BACKGROUND && error > 0)
        raw /= 1 + error;
    if (raw > vcpus * (1 + XB_SHARE_ERROR_MAX))
        error = p->share_error = fmax(raw / vcpus - 1, isnan(error) ? 0 : error);
    if (error > XB_SHARE_ERROR_MAX)
        group->too_short++;
    else
        p->share = fmin(raw, vcpus); /* fmin leaves NaN out */
}

/* The figure is the metric if the workload has one, else the wall time in seconds. */
static void add_point(struct xb_model *m, struct xb_group *group, const struct xb_sample_row *s)
{
    bool ended = group->role == XB_ROLE_BACKGROUND && s->ended;
    double value = ended ? NAN : group->metric ? s->metric : s->wall_s;
    if (!ended && (!s->well || isnan(value))) {
        group->failed++;
        return;
    }
    struct xb_point *p = xb_arena_grow(&m->arena, &group->points, &group->count, sizeof(*p));
    group->ended += ended;
    *p = (struct xb_point){
        .sample = s,
        .cell = s->cell,
        .repetition = s->repetition,
        .value = value,
        .wall_s = ended ? NAN : s->wall_s,
        .share = NAN,
        .share_error = s->overlap_slack,
        .dispatch_ms = ended ? NAN : s->dispatch_ms,
        .steal = NAN,
    };
    judge_share(group, p, s->overlap_share, s->vcpus);
    m->has_share = m->has_share || !isnan(p->share) || group->too_short > 0;
}

static int load_points(struct xb_model *m, const struct xb_read *in)
{
    if (xb_read_samples(in, &m->samples, &m->sample_count) < 0)
        return -1;
    for (size_t i = 0; i < m->sample_count; i++) {
        const struct xb_sample_row *s = &m->samples[i];
        struct xb_group *group = xb_model_group_at(m, s->case_no, s->guest);
        if (group)
            add_point(m, group, s);
    }
    return 0;
}

static struct xb_stats stats_of_known(const double *figures, size_t count)
{
    return xb_stats_over(figures, count, sizeof(*figures), 0);
}

static int load_case_figures(struct xb_model *m, const struct xb_read *in)
{
    for (size_t c = 0; c < m->case_count; c++) {
        double *errors, *shares, *steals;
        size_t error_count, share_count, steal_count;
        if (xb_read_release_errors_ms(in, c, &errors, &error_count) < 0 ||
            xb_read_run_shares(in, c, XB_DOM0, &shares, &share_count) < 0 ||
            xb_read_worst_steals(in, c, &steals, &steal_count) < 0)
            return -1;
        m->cases[c].release_error_ms = stats_of_known(errors, error_count);
        m->cases[c].dom0_share = stats_of_known(shares, share_count);
        m->cases[c].worst_steal = stats_of_known(steals, steal_count).max;
        m->cases[c].spoiled = m->small_lab || m->cases[c].worst_steal > SPOILED;
    }
    return 0;
}

/*
 * Each guest's part of the whole host in the window, cell by cell, whatever its role and however
 * its job ended.
 */
static int load_host_share(struct xb_model *m, size_t case_no, size_t guest, double cpus,
                           const struct xb_read *in)
{
    double *shares;
    size_t count;
    if (xb_read_run_shares(in, case_no, m->guests[guest].name, &shares, &count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (!isnan(shares[i]))
            shares[i] = fmin(shares[i] / cpus, 1);
    m->groups[case_no * m->guest_count + guest].host_share = stats_of_known(shares, count);
    return 0;
}

static int load_host_shares(struct xb_model *m, const struct xb_read *in)
{
    const char *cpus = xb_model_fact(m, "cpus");
    double count = cpus ? strtod(cpus, NULL) : 0;
    for (size_t c = 0; count >= 1 && c < m->case_count; c++)
        for (size_t g = 0; g < m->guest_count; g++)
            if (load_host_share(m, c, g, count, in) < 0)
                return -1;
    return 0;
}

static void compute(struct xb_model *m)
{
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        struct xb_group *g = &m->groups[i];
        g->value = XB_STATS_OVER(g->points, g->count, value);
        g->wall_s = XB_STATS_OVER(g->points, g->count, wall_s);
        g->share = XB_STATS_OVER(g->points, g->count, share);
        g->share_error = XB_STATS_OVER(g->points, g->count, share_error);
        g->dispatch_ms = XB_STATS_OVER(g->points, g->count, dispatch_ms);
        g->steal = XB_STATS_OVER(g->points, g->count, steal);
    }
}

static int load(struct xb_model *m, const struct xb_read *in)
{
    if (xb_read_run(in, &m->run) < 0 || load_cases(m, in) < 0 ||
        xb_read_guests(in, &m->guests, &m->guest_count) < 0 ||
        xb_read_warnings(in, &m->warnings, &m->warning_count) < 0 ||
        xb_read_facts(in, &m->facts, &m->fact_count) < 0 || xb_model_load_parts(m, in) < 0 ||
        load_points(m, in) < 0 || xb_model_load_steal(m, in) < 0 ||
        xb_model_load_histograms(m, in) < 0)
        return -1;
    const char *beneath = xb_model_fact(m, "lab_host_cpus"), *lab = xb_model_fact(m, "lab_cpus");
    m->small_lab = beneath && lab && strtoul(beneath, NULL, 10) < strtoul(lab, NULL, 10);
    if (load_case_figures(m, in) < 0 || load_host_shares(m, in) < 0)
        return -1;
    compute(m);
    xb_model_load_fairness(m);
    xb_model_load_pairs(m);
    return xb_totals_load(m, in) < 0 || xb_model_load_jobs(m, in) < 0 ? -1 : xb_checks_load(m, in);
}

int xb_model_load(struct xb_model *model, struct xb_store *store, const char *run,
                  struct xb_err *err)
{
    return xb_model_load_metric(model, store, run, NULL, err);
}

int xb_model_load_metric(struct xb_model *model, struct xb_store *store, const char *run,
                         const char *metric, struct xb_err *err)
{
    *model = (struct xb_model){0};
    const struct xb_read in = {store, &model->arena, run, err, metric};
    if (load(model, &in) == 0)
        return 0;
    xb_model_free(model);
    return -1;
}

void xb_model_free(struct xb_model *m)
{
    xb_arena_free(&m->arena);
    *m = (struct xb_model){0};
}

const char *xb_report_metric_of(const char *metric)
{
    return metric ? metric : "time";
}

const char *xb_report_unit_of(const char *metric, const char *unit)
{
    return !metric ? "s" : unit ? unit : "";
}

const char *xb_report_better_of(const char *metric, const char *better)
{
    return metric && better ? better : "less";
}

bool xb_report_more_is_better_of(const char *metric, const char *better)
{
    return strcmp(xb_report_better_of(metric, better), "more") == 0;
}

const char *xb_report_metric(const struct xb_group *g)
{
    return xb_report_metric_of(g->metric);
}

const char *xb_report_unit(const struct xb_group *g)
{
    return xb_report_unit_of(g->metric, g->unit);
}

const char *xb_report_better(const struct xb_group *g)
{
    return xb_report_better_of(g->metric, g->better);
}

bool xb_report_more_is_better(const struct xb_group *g)
{
    return xb_report_more_is_better_of(g->metric, g->better);
}

bool xb_report_same_figure(const struct xb_group *a, const struct xb_group *b)
{
    return strcmp(xb_report_metric(a), xb_report_metric(b)) == 0 &&
           strcmp(xb_report_unit(a), xb_report_unit(b)) == 0 &&
           strcmp(xb_report_better(a), xb_report_better(b)) == 0;
}
