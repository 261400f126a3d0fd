#include "report_model_i.h"

#include "base.h"
#include "report_check.h"
#include "report_totals.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/*
 * What the machine beneath may take of a CPU's time before a comparison between cases is spoiled.
 */
#define SPOILED 0.02

int xb_model_no_memory(struct xb_err *err)
{
    return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for the report");
}

char *xb_model_text(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL ? NULL
                                                            : strdup(xb_column_text(stmt, column));
}

static int load_run(struct xb_model *m, struct xb_store *store, const char *run, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT run, name, file, state, cell_order, workload, metric, unit, better, xenbench,"
            " started_at, ended_at, until, compare, seed, repetitions, warmup, resumed,"
            " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND state != 'discarded'),"
            " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND state = 'done'),"
            " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND state = 'discarded')"
            " FROM runs WHERE run = ?",
            XB_TEXT(run)) < 0)
        return -1;
    int r = xb_store_step(store, stmt, err);
    if (r < 1)
        return r < 0 ? -1
                     : xb_fail(err, XB_E_INPUT, 0, "no run %s in %s", run, xb_store_path(store));
    char **texts[] = {&m->id,         &m->name,     &m->file,  &m->state,  &m->order,
                      &m->workload,   &m->metric,   &m->unit,  &m->better, &m->version,
                      &m->started_at, &m->ended_at, &m->until, &m->compare};
    for (size_t i = 0; i < XB_ARRAY_LEN(texts); i++)
        *texts[i] = xb_model_text(stmt, (int)i);
    m->seed = sqlite3_column_int64(stmt, 14);
    uint32_t *counts[] = {&m->repetitions, &m->warmup,     &m->resumed,
                          &m->cells,       &m->cells_done, &m->discarded};
    for (size_t i = 0; i < XB_ARRAY_LEN(counts); i++)
        *counts[i] = (uint32_t)sqlite3_column_int64(stmt, 15 + (int)i);
    return m->id && m->name && m->workload && m->state ? 0 : xb_model_no_memory(err);
}

/*
 * One more zeroed element at the end of the array whose pointer lies at array_of; NULL with err
 * filled.
 */
void *xb_model_grow(void *array_of, size_t *count, size_t bytes, struct xb_err *err)
{
    char *array;
    memcpy(&array, array_of, sizeof(array)); /* whatever type of pointer it is */
    char *grown = reallocarray(array, *count + 1, bytes);
    if (!grown) {
        xb_model_no_memory(err);
        return NULL;
    }
    memcpy(array_of, &grown, sizeof(grown));
    memset(grown + *count * bytes, 0, bytes);
    return grown + (*count)++ * bytes;
}

static int load_cases(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(store, &stmt, err,
                       "SELECT name, settings, stopped, stopped_why,"
                       " (SELECT count(*) FROM cells c WHERE c.run = cases.run AND c.case_no = "
                       "cases.case_no AND c.state = 'done' AND NOT c.warmup)"
                       " FROM cases WHERE run = ? ORDER BY case_no",
                       XB_TEXT(m->id)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_model_case *c = xb_model_grow(&m->cases, &m->case_count, sizeof(*c), err);
        if (!c)
            return -1;
        c->name = xb_model_text(stmt, 0);
        c->settings = xb_model_text(stmt, 1);
        c->stopped = xb_model_text(stmt, 2);
        c->stopped_why = xb_model_text(stmt, 3);
        c->repetitions = (uint32_t)sqlite3_column_int64(stmt, 4);
    }
    return r;
}

static int load_guests(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT guest, (SELECT group_concat(DISTINCT p.image) FROM parts p WHERE p.run = g.run AND"
            " p.guest = g.guest), (SELECT group_concat(DISTINCT p.type) FROM parts p WHERE"
            " p.run = g.run AND p.guest = g.guest), clocksource, net"
            " FROM guests g WHERE run = ? ORDER BY position",
            XB_TEXT(m->id)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_model_guest *g = xb_model_grow(&m->guests, &m->guest_count, sizeof(*g), err);
        if (!g)
            return -1;
        char **texts[] = {&g->name, &g->image, &g->type, &g->clocksource, &g->net};
        for (size_t i = 0; i < XB_ARRAY_LEN(texts); i++)
            *texts[i] = xb_model_text(stmt, (int)i);
    }
    return r;
}

static int load_warnings(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(store, &stmt, err,
                       "SELECT case_no, cell, guest, code, message FROM warnings WHERE run = ?"
                       " ORDER BY code, message, case_no, cell, guest",
                       XB_TEXT(m->id)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_model_warning *w =
            xb_model_grow(&m->warnings, &m->warning_count, sizeof(*w), err);
        if (!w)
            return -1;
        w->case_no = sqlite3_column_int64(stmt, 0);
        w->cell = sqlite3_column_int64(stmt, 1);
        w->guest = xb_model_text(stmt, 2);
        w->code = xb_model_text(stmt, 3);
        w->message = xb_model_text(stmt, 4);
        if (!w->guest || !w->code || !w->message)
            return xb_model_no_memory(err);
    }
    return r;
}

static int load_facts(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(store, &stmt, err, "SELECT key, value FROM host WHERE run = ? ORDER BY key",
                       XB_TEXT(m->id)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_model_fact *f = xb_model_grow(&m->facts, &m->fact_count, sizeof(*f), err);
        if (!f)
            return -1;
        f->key = xb_model_text(stmt, 0);
        f->value = xb_model_text(stmt, 1);
        if (!f->key || !f->value)
            return xb_model_no_memory(err);
    }
    return r;
}

const char *xb_model_fact(const struct xb_model *m, const char *key)
{
    for (size_t i = 0; i < m->fact_count; i++)
        if (strcmp(m->facts[i].key, key) == 0)
            return m->facts[i].value;
    return NULL;
}

struct xb_group *xb_model_group_at(struct xb_model *m, int64_t case_no, int64_t guest)
{
    if (case_no < 0 || guest < 0 || (size_t)case_no >= m->case_count ||
        (size_t)guest >= m->guest_count)
        return NULL;
    return &m->groups[(size_t)case_no * m->guest_count + (size_t)guest];
}

/*
 * Xen's counts hold all that the guest ran between two readings, the window and the time around it: an upper bound, and no
 * guest gets more than all its vcpus. Background load ran in the time around it, too.
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

/*
 * Samples of cells that are done and no warm-up. A metric where the workload has one, else
 * seconds.
 */
static int load_points(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT c.case_no, g.position, c.cell, c.repetition, s.outcome = 'exited' AND s.status "
            "= 0,"
            " s.wall_ns / 1e9, s.overlap_run_ns * 1.0 / c.overlap_ns, s.dispatch_delay_ns / 1e6, "
            "m.value, s.outcome IN ('killed', 'timeout'), s.overlap_slack_ns * 1.0 / c.overlap_ns,"
            " ifnull(s.vcpus, g.vcpus)"
            " FROM samples s JOIN cells c USING (run, cell, attempt)"
            " JOIN guests g ON g.run = s.run AND g.guest = s.guest"
            " LEFT JOIN parts p ON p.run = s.run AND p.case_no = c.case_no AND p.guest = s.guest"
            " LEFT JOIN metrics m ON m.run = s.run AND m.cell = s.cell AND m.attempt = s.attempt"
            "  AND m.guest = s.guest AND m.name = p.metric"
            " WHERE s.run = ?1 AND c.state = 'done' AND c.warmup = 0 ORDER BY c.cell",
            XB_TEXT(m->id)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_group *group =
            xb_model_group_at(m, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1));
        if (!group)
            continue;
        double value = xb_column_real(stmt, group->metric ? 8 : 5);
        bool ended = group->role == XB_ROLE_BACKGROUND && sqlite3_column_int(stmt, 9);
        if (ended)
            value = NAN;
        if (!ended && (!sqlite3_column_int(stmt, 4) || isnan(value))) {
            group->failed++;
            continue;
        }
        struct xb_point *p = xb_model_grow(&group->points, &group->count, sizeof(*p), err);
        if (!p)
            return -1;
        group->ended += ended;
        *p = (struct xb_point){
            .cell = (uint32_t)sqlite3_column_int64(stmt, 2),
            .repetition = (uint32_t)sqlite3_column_int64(stmt, 3),
            .value = value,
            .wall_s = ended ? NAN : xb_column_real(stmt, 5),
            .share = NAN,
            .share_error = xb_column_real(stmt, 10),
            .dispatch_ms = ended ? NAN : xb_column_real(stmt, 7),
            .steal = NAN,
        };
        judge_share(group, p, xb_column_real(stmt, 6), xb_column_real(stmt, 11));
        m->has_share = m->has_share || !isnan(p->share) || group->too_short > 0;
    }
    return r;
}

/* One value per cell of a case, from a query of (value) by run and case. */
static int case_stats(struct xb_model *m, struct xb_store *store, const char *sql, size_t case_no,
                      struct xb_stats *out, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    xb_auto_free double *values = NULL;
    size_t count = 0;
    int r;
    if (xb_store_query(store, &stmt, err, sql, XB_TEXT(m->id), XB_INT(case_no)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        double value = xb_column_real(stmt, 0);
        double *place = isnan(value) ? NULL : xb_model_grow(&values, &count, sizeof(*values), err);
        if (place)
            *place = value;
    }
    *out = xb_stats_of(values, count);
    return r;
}

/* A domain's run time by the time between its two readings, NULL where these took too long themselves. */
#define PART_OF_WINDOW                                                                             \
    "CASE WHEN ifnull(max(t.span_error_ns), 0) * 10 <= ifnull(max(t.span_ns), c.window_ns)"        \
    " THEN sum(t.run_ns) * 1.0 / ifnull(max(t.span_ns), c.window_ns) END"
#define CELLS_OF_CASE " c.run = ?1 AND c.case_no = ?2 AND c.state = 'done' AND c.warmup = 0"

static int load_case_figures(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    for (size_t c = 0; c < m->case_count; c++) {
        struct xb_stats worst;
        if (case_stats(m, store, "SELECT release_error_ns / 1e6 FROM cells c WHERE" CELLS_OF_CASE,
                       c, &m->cases[c].release_error_ms, err) < 0 ||
            case_stats(m, store,
                       "SELECT " PART_OF_WINDOW " FROM vcpu_times t JOIN cells c "
                       "USING (run, cell, attempt)"
                       " WHERE t.domain = 'Domain-0' AND" CELLS_OF_CASE " GROUP BY c.cell",
                       c, &m->cases[c].dom0_share, err) < 0 ||
            case_stats(m, store,
                       "SELECT max(h.delay_ns * 1.0 / h.span_ns) FROM host_steal h JOIN cells c "
                       "USING (run, cell, attempt)"
                       " WHERE" CELLS_OF_CASE " GROUP BY c.cell",
                       c, &worst, err) < 0)
            return -1;
        m->cases[c].worst_steal = worst.max;
        m->cases[c].spoiled = m->small_lab || worst.max > SPOILED;
    }
    return 0;
}

/*
 * What part of the whole host each guest had in the window, cell by cell: all of them, whatever they do
 * and however it ended.
 */
static int load_host_share(struct xb_model *m, size_t case_no, size_t guest, double cpus,
                           struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    xb_auto_free double *values = NULL;
    size_t count = 0;
    int r;
    if (xb_store_query(store, &stmt, err,
                       "SELECT " PART_OF_WINDOW " FROM vcpu_times t JOIN cells c "
                       "USING (run, cell, attempt) WHERE t.domain = ?3 AND" CELLS_OF_CASE
                       " AND c.window_ns > 0 GROUP BY c.cell",
                       XB_TEXT(m->id), XB_INT(case_no), XB_TEXT(m->guests[guest].name)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        double part = xb_column_real(stmt, 0) / cpus;
        double *place = isnan(part) ? NULL : xb_model_grow(&values, &count, sizeof(*values), err);
        if (place)
            *place = fmin(part, 1);
        else if (!isnan(part))
            return -1;
    }
    m->groups[case_no * m->guest_count + guest].host_share = xb_stats_of(values, count);
    return r;
}

static int load_host_shares(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    const char *cpus = xb_model_fact(m, "cpus");
    double count = cpus ? atof(cpus) : 0;
    for (size_t c = 0; count >= 1 && c < m->case_count; c++)
        for (size_t g = 0; g < m->guest_count; g++)
            if (load_host_share(m, c, g, count, store, err) < 0)
                return -1;
    return 0;
}

/* Statistics over one field of a group's points, those that are known. */
static struct xb_stats stats_over(const struct xb_group *group, size_t offset)
{
    xb_auto_free double *values = calloc(group->count + 1, sizeof(*values));
    size_t n = 0;
    for (size_t i = 0; values && i < group->count; i++) {
        double value = *(const double *)((const char *)&group->points[i] + offset);
        if (!isnan(value))
            values[n++] = value;
    }
    return xb_stats_of(values, n);
}

static void compute(struct xb_model *m)
{
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        struct xb_group *g = &m->groups[i];
        g->value = stats_over(g, offsetof(struct xb_point, value));
        g->wall_s = stats_over(g, offsetof(struct xb_point, wall_s));
        g->share = stats_over(g, offsetof(struct xb_point, share));
        g->share_error = stats_over(g, offsetof(struct xb_point, share_error));
        g->dispatch_ms = stats_over(g, offsetof(struct xb_point, dispatch_ms));
        g->steal = stats_over(g, offsetof(struct xb_point, steal));
    }
}

int xb_model_load(struct xb_model *model, struct xb_store *store, const char *run,
                  struct xb_err *err)
{
    *model = (struct xb_model){0};
    if (load_run(model, store, run, err) < 0 || load_cases(model, store, err) < 0 ||
        load_guests(model, store, err) < 0 || load_warnings(model, store, err) < 0 ||
        load_facts(model, store, err) < 0 || xb_model_load_parts(model, store, err) < 0 ||
        load_points(model, store, err) < 0 || xb_model_load_steal(model, store, err) < 0)
        goto fail;
    const char *beneath = xb_model_fact(model, "lab_host_cpus"),
               *lab = xb_model_fact(model, "lab_cpus");
    model->small_lab = beneath && lab && atoi(beneath) < atoi(lab);
    if (load_case_figures(model, store, err) < 0 || load_host_shares(model, store, err) < 0)
        goto fail;
    compute(model);
    model->checks = calloc(1, sizeof(*model->checks));
    if (!model->checks) {
        xb_model_no_memory(err);
        goto fail;
    }
    if (xb_model_load_pairs(model, err) < 0 || xb_totals_load(model, store, err) < 0 ||
        xb_model_load_jobs(model, store, err) < 0 ||
        xb_checks_load(model->checks, model, store, err) < 0)
        goto fail;
    return 0;
fail:
    xb_model_free(model);
    return -1;
}

void xb_model_free(struct xb_model *m)
{
    char *texts[] = {m->id,         m->name,     m->file,  m->state,  m->order,
                     m->workload,   m->metric,   m->unit,  m->better, m->version,
                     m->started_at, m->ended_at, m->until, m->compare};
    for (size_t i = 0; i < XB_ARRAY_LEN(texts); i++)
        free(texts[i]);
    for (size_t i = 0; i < m->case_count; i++) {
        free(m->cases[i].name);
        free(m->cases[i].settings);
        free(m->cases[i].stopped);
        free(m->cases[i].stopped_why);
    }
    for (size_t i = 0; i < m->guest_count; i++) {
        char *words[] = {m->guests[i].name, m->guests[i].image, m->guests[i].type,
                         m->guests[i].clocksource, m->guests[i].net};
        for (size_t t = 0; t < XB_ARRAY_LEN(words); t++)
            free(words[t]);
    }
    for (size_t i = 0; i < m->warning_count; i++) {
        free(m->warnings[i].guest);
        free(m->warnings[i].code);
        free(m->warnings[i].message);
    }
    for (size_t i = 0; i < m->fact_count; i++) {
        free(m->facts[i].key);
        free(m->facts[i].value);
    }
    for (size_t i = 0; m->groups && i < m->case_count * m->guest_count; i++) {
        free(m->groups[i].points);
        free(m->groups[i].metric);
        free(m->groups[i].unit);
        free(m->groups[i].better);
    }
    xb_totals_free(m->totals, m->case_count);
    free(m->jobs);
    free(m->pairs);
    free(m->cases);
    free(m->guests);
    free(m->warnings);
    free(m->facts);
    free(m->groups);
    if (m->checks)
        xb_checks_free(m->checks);
    free(m->checks);
    *m = (struct xb_model){0};
}
