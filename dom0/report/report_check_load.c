/* What was checked against the hypervisor, out of the store. */
#include "base.h"
#include "report_check.h"
#include "wakeups.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define COUNTED " c.run = ?1 AND c.state = 'done' AND c.warmup = 0"

/* Values of one group, collected row by row. */
struct values {
    double *at;
    size_t count;
};

static int push(struct values *v, double value, struct xb_err *err)
{
    if (isnan(value))
        return 0;
    double *grown = reallocarray(v->at, v->count + 1, sizeof(*grown));
    if (!grown)
        return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for the report");
    v->at = grown;
    grown[v->count++] = value;
    return 0;
}

static struct xb_stats finish(struct values *v)
{
    struct xb_stats stats = xb_stats_of(v->at, v->count);
    free(v->at);
    *v = (struct values){0};
    return stats;
}

/* One row of single figures. */
static int ask(struct xb_store *store, const char *run, const char *sql, sqlite3_stmt **stmt,
               struct xb_err *err)
{
    if (xb_store_query(store, stmt, err, sql, XB_TEXT(run)) < 0)
        return -1;
    return xb_store_step(store, *stmt, err) < 1 ? -1 : 0;
}

/* Background load is ended by the run: that it did not come to an end by itself is no failure. */
static int load_group(struct xb_check_group *group, struct xb_store *store, const char *run,
                      size_t case_no, const char *guest, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    struct values promised = {0}, claimed = {0}, steal = {0};
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT p.cpus, p.how, (s.user_ns + s.system_ns) * 1.0 / nullif(max(s.wall_ns, 0), 0),"
            " CASE WHEN s.wall_ns >= ?4 THEN s.steal_ns * 1.0 / s.wall_ns END"
            " FROM samples s JOIN cells c USING (run, cell, attempt)"
            " LEFT JOIN promises p USING (run, cell, attempt, guest)"
            " LEFT JOIN parts a ON a.run = s.run AND a.case_no = c.case_no AND a.guest = s.guest"
            " WHERE" COUNTED " AND c.case_no = ?2 AND s.guest = ?3"
            " AND (s.outcome = 'exited' AND s.status = 0"
            "  OR a.role = 'background' AND s.outcome IN ('killed', 'timeout'))",
            XB_TEXT(run), XB_INT(case_no), XB_TEXT(guest), XB_INT(XB_TICKS_WINDOW_NS)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        if (push(&promised, xb_column_real(stmt, 0), err) < 0 ||
            push(&claimed, xb_column_real(stmt, 2), err) < 0 ||
            push(&steal, xb_column_real(stmt, 3), err) < 0) {
            r = -1;
            break;
        }
        snprintf(group->how, sizeof(group->how), "%s", xb_column_text(stmt, 1));
    }
    group->promised = finish(&promised);
    group->claimed = finish(&claimed);
    group->steal = finish(&steal);
    return r;
}

static int load_groups(struct xb_checks *k, const struct xb_model *m, struct xb_store *store,
                       struct xb_err *err)
{
    k->groups = calloc(m->case_count * m->guest_count + 1, sizeof(*k->groups));
    if (!k->groups)
        return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for the report");
    for (size_t c = 0; c < m->case_count; c++)
        for (size_t g = 0; g < m->guest_count; g++)
            if (load_group(&k->groups[c * m->guest_count + g], store, m->id, c, m->guests[g].name,
                           err) < 0)
                return -1;
    return 0;
}

static int load_probes(struct xb_checks *k, const char *run, struct xb_store *store,
                       struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *readings = NULL, *probes xb_auto_stmt = NULL;
    if (ask(store, run,
            "SELECT count(*), count(r.differs) FROM settings_read r"
            " JOIN cells c USING (run, cell, attempt) WHERE" COUNTED,
            &readings, err) < 0 ||
        xb_store_query(store, &probes, err,
                       "SELECT count(*), ifnull(sum(p.short), 0),"
                       " max(p.steal_ns * 1.0 / p.span_ns) FILTER (WHERE p.span_ns >= ?2),"
                       " max(p.pressure_ns * 1.0 / p.span_ns)"
                       " FROM dom0_probes p JOIN cells c USING (run, cell, attempt) WHERE" COUNTED,
                       XB_TEXT(run), XB_INT(XB_TICKS_WINDOW_NS)) < 0 ||
        xb_store_step(store, probes, err) < 1)
        return -1;
    k->readings = (size_t)sqlite3_column_int64(readings, 0);
    k->differing = (size_t)sqlite3_column_int64(readings, 1);
    k->probes = (size_t)sqlite3_column_int64(probes, 0);
    k->shorts = (size_t)sqlite3_column_int64(probes, 1);
    k->worst_steal = xb_column_real(probes, 2);
    k->worst_pressure = xb_column_real(probes, 3);
    return 0;
}

/* The controller's, cell by cell: a cell has a sample for each of its jobs. */
static int load_controller(struct xb_checks *k, const char *run, struct xb_store *store,
                           struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT controller_wakeups, (SELECT count(*) FROM samples s WHERE s.run = c.run"
            "  AND s.cell = c.cell AND s.attempt = c.attempt)"
            " FROM cells c WHERE" COUNTED " AND controller_wakeups IS NOT NULL",
            XB_TEXT(run)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        uint64_t wakeups = (uint64_t)sqlite3_column_int64(stmt, 0);
        k->controllers++;
        k->most_controller = wakeups > k->most_controller ? wakeups : k->most_controller;
        k->over += wakeups > xb_controller_wakeups_max((size_t)sqlite3_column_int64(stmt, 1));
    }
    return r;
}

static int load_wakeups(struct xb_checks *k, const struct xb_model *m, struct xb_store *store,
                        struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *agents = NULL;
    if (xb_store_query(store, &agents, err,
                       "SELECT count(agent_wakeups), ifnull(max(agent_wakeups), 0),"
                       " count(*) FILTER (WHERE agent_wakeups > ?2)"
                       " FROM samples s JOIN cells c USING (run, cell, attempt) WHERE" COUNTED,
                       XB_TEXT(m->id), XB_INT(XB_AGENT_WAKEUPS_MAX)) < 0 ||
        xb_store_step(store, agents, err) < 1)
        return -1;
    k->agents = (size_t)sqlite3_column_int64(agents, 0);
    k->most_agent = (uint64_t)sqlite3_column_int64(agents, 1);
    k->over = (size_t)sqlite3_column_int64(agents, 2);
    return load_controller(k, m->id, store, err);
}

/* A counter of one guest in one case; rows come in that order. */
static int load_counters(struct xb_checks *k, const char *run, struct xb_store *store,
                         struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    struct values values = {0};
    int r;
    if (xb_store_query(store, &stmt, err,
                       "SELECT c.case_no, n.guest, n.name, n.value, n.why FROM counters n"
                       " JOIN cells c USING (run, cell, attempt) WHERE" COUNTED
                       " ORDER BY c.case_no, n.guest, n.name, n.cell",
                       XB_TEXT(run)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_check_counter *last =
            k->counter_count ? &k->counters[k->counter_count - 1] : NULL;
        const char *guest = xb_column_text(stmt, 1);
        if (!last || last->case_no != (uint32_t)sqlite3_column_int64(stmt, 0) ||
            strcmp(last->guest, guest) != 0 ||
            strcmp(last->name, (const char *)sqlite3_column_text(stmt, 2)) != 0) {
            if (last)
                last->value = finish(&values);
            struct xb_check_counter *grown =
                reallocarray(k->counters, k->counter_count + 1, sizeof(*grown));
            if (!grown)
                return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for the report");
            k->counters = grown;
            last = &grown[k->counter_count++];
            *last = (struct xb_check_counter){
                .case_no = (uint32_t)sqlite3_column_int64(stmt, 0),
                .guest = strdup(guest),
                .name = strdup(xb_column_text(stmt, 2)),
                .why = sqlite3_column_type(stmt, 4) == SQLITE_NULL
                           ? NULL
                           : strdup(xb_column_text(stmt, 4)),
            };
            if (!last->guest || !last->name)
                return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for the report");
        }
        if (push(&values, xb_column_real(stmt, 3), err) < 0)
            return -1;
    }
    if (k->counter_count)
        k->counters[k->counter_count - 1].value = finish(&values);
    return r;
}

int xb_checks_load(struct xb_checks *out, const struct xb_model *model, struct xb_store *store,
                   struct xb_err *err)
{
    *out = (struct xb_checks){0};
    if (load_groups(out, model, store, err) == 0 && load_probes(out, model->id, store, err) == 0 &&
        load_wakeups(out, model, store, err) == 0 &&
        xb_check_traces_load(out, model->id, store, err) == 0 &&
        load_counters(out, model->id, store, err) == 0)
        return 0;
    xb_checks_free(out);
    return -1;
}

void xb_checks_free(struct xb_checks *checks)
{
    xb_check_traces_free(checks);
    for (size_t i = 0; i < checks->counter_count; i++) {
        free(checks->counters[i].guest);
        free(checks->counters[i].name);
        free(checks->counters[i].why);
    }
    free(checks->groups);
    free(checks->counters);
    *checks = (struct xb_checks){0};
}
