/* What Xen's traces say of each case, out of the store. */
#include "base.h"
#include "report_check.h"
#include "report_model_i.h"

#include <math.h>
#include <string.h>

#define COUNTED " c.run = ?1 AND c.state = 'done' AND c.warmup = 0"
/* Guests in the experiment's order, then the others. */
#define DOMAIN_ORDER "c.case_no, ifnull(g.position, 1000000)"

const char *const xb_wait_kinds[] = {"wake", "all", NULL};

/* Where a domain's vcpus ran, in one case. */
static int load_where(struct xb_check_trace *t, const char *run, struct xb_store *store,
                      struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    size_t used = 0;
    int r;
    if (xb_store_query(store, &stmt, err,
                       "SELECT p.pcpu, sum(p.run_ns) * 100.0 / sum(sum(p.run_ns)) OVER ()"
                       " FROM trace_residency p JOIN cells c USING (run, cell, attempt)"
                       " WHERE" COUNTED " AND c.case_no = ?2 AND p.domain = ?3"
                       " GROUP BY p.pcpu ORDER BY p.pcpu",
                       XB_TEXT(run), XB_INT(t->case_no), XB_TEXT(t->domain)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0)
        if (used < sizeof(t->where))
            used += (size_t)snprintf(t->where + used, sizeof(t->where) - used, "%s%d: %.*f %%",
                                     used ? ", " : "", sqlite3_column_int(stmt, 0),
                                     sqlite3_column_double(stmt, 1) < 10 ? 1 : 0,
                                     sqlite3_column_double(stmt, 1));
    return r;
}

/* Columns of a query, value by value; those that are not known are left out. */
struct columns {
    double *at[8];
    size_t count[8];
};

static int push(struct columns *v, int column, double value, struct xb_err *err)
{
    if (isnan(value))
        return 0;
    double *place = xb_model_grow(&v->at[column], &v->count[column], sizeof(*place), err);
    if (!place)
        return -1;
    *place = value;
    return 0;
}

static double finish(struct columns *v, int column)
{
    struct xb_stats stats = xb_stats_of(v->at[column], v->count[column]);
    free(v->at[column]);
    v->at[column] = NULL;
    return stats.n ? stats.median : NAN;
}

static int load_times(struct xb_check_trace *t, const char *run, struct xb_store *store,
                      struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    struct columns all = {0};
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT sum(v.running_ns) * 1.0 / t.covered_ns, sum(v.runnable_ns) * 1.0 / t.covered_ns"
            " FROM trace_vcpus v JOIN cells c USING (run, cell, attempt)"
            " JOIN traces t USING (run, cell, attempt)"
            " WHERE" COUNTED " AND c.case_no = ?2 AND v.domain = ?3 AND t.covered_ns > 0"
            " GROUP BY v.cell",
            XB_TEXT(run), XB_INT(t->case_no), XB_TEXT(t->domain)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0)
        if (push(&all, 0, xb_column_real(stmt, 0), err) < 0 ||
            push(&all, 1, xb_column_real(stmt, 1), err) < 0) {
            r = -1;
            break;
        }
    t->running = finish(&all, 0);
    t->runnable = finish(&all, 1);
    return r;
}

static int load_classes(struct xb_check_trace *t, enum xb_wait_kind kind, const char *run,
                        struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT h.from_ns, sum(h.count) FROM trace_classes h JOIN cells c USING (run, cell, attempt)"
            " WHERE" COUNTED
            " AND c.case_no = ?2 AND h.domain = ?3 AND h.kind = ?4 GROUP BY h.from_ns",
            XB_TEXT(run), XB_INT(t->case_no), XB_TEXT(t->domain), XB_TEXT(xb_wait_kinds[kind])) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        uint64_t from_ns = (uint64_t)sqlite3_column_int64(stmt, 0),
                 n = (uint64_t)sqlite3_column_int64(stmt, 1);
        t->waits[kind].classes[from_ns < 2 ? 0 : 63 - __builtin_clzll(from_ns)] += n;
    }
    return r;
}

/* Of a cell, the percentiles of the vcpu that was worst off. */
static int load_waits(struct xb_check_trace *t, enum xb_wait_kind kind, const char *run,
                      struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    struct xb_check_waits *waits = &t->waits[kind];
    struct columns all = {0};
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT max(w.p50_ns), max(w.p90_ns), max(w.p99_ns), max(w.p999_ns), max(w.max_ns), sum(w.count)"
            " FROM trace_waits w JOIN cells c USING (run, cell, attempt)"
            " WHERE" COUNTED
            " AND c.case_no = ?2 AND w.domain = ?3 AND w.kind = ?4 GROUP BY w.cell",
            XB_TEXT(run), XB_INT(t->case_no), XB_TEXT(t->domain), XB_TEXT(xb_wait_kinds[kind])) < 0)
        return -1;
    waits->most_ns = NAN;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        for (int i = 0; i < XB_TRACE_PERCENTILES && r > 0; i++)
            r = push(&all, i, xb_column_real(stmt, i), err) < 0 ? -1 : r;
        if (r < 0)
            break;
        waits->most_ns = fmax(waits->most_ns, xb_column_real(stmt, XB_TRACE_PERCENTILES));
        waits->count += (uint64_t)sqlite3_column_int64(stmt, XB_TRACE_PERCENTILES + 1);
    }
    for (int i = 0; i < XB_TRACE_PERCENTILES; i++)
        waits->part_ns[i] = finish(&all, i);
    return r < 0 ? -1 : load_classes(t, kind, run, store, err);
}

static int load_domain(struct xb_check_trace *t, const char *run, struct xb_store *store,
                       struct xb_err *err)
{
    if (load_times(t, run, store, err) < 0)
        return -1;
    for (int kind = 0; kind < XB_WAIT_KINDS; kind++)
        if (load_waits(t, (enum xb_wait_kind)kind, run, store, err) < 0)
            return -1;
    return load_where(t, run, store, err);
}

static int load_domains(struct xb_checks *k, const char *run, struct xb_store *store,
                        struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(store, &stmt, err,
                       "SELECT DISTINCT c.case_no, v.domain FROM trace_vcpus v"
                       " JOIN cells c USING (run, cell, attempt)"
                       " LEFT JOIN guests g ON g.run = v.run AND g.guest = v.domain WHERE" COUNTED
                       " ORDER BY " DOMAIN_ORDER ", v.domain",
                       XB_TEXT(run)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_check_trace *t = xb_model_grow(&k->trace, &k->trace_count, sizeof(*t), err);
        if (!t)
            return -1;
        t->case_no = (uint32_t)sqlite3_column_int64(stmt, 0);
        t->domain = strdup(xb_column_text(stmt, 1));
        if (!t->domain)
            return xb_model_no_memory(err);
        if (load_domain(t, run, store, err) < 0)
            return -1;
    }
    return r;
}

/* Xen has an idle vcpu for each CPU, which runs nowhere else: together they say how idle each CPU was. */
static int load_places(struct xb_checks *k, const char *run, struct xb_store *store,
                       struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT c.case_no, p.domain, CASE p.domain WHEN 'idle' THEN -1 ELSE p.vcpu END AS v, p.pcpu,"
            " sum(p.run_ns) * 1.0 / (SELECT sum(t.covered_ns) FROM traces t"
            "  JOIN cells x USING (run, cell, attempt) WHERE x.run = c.run AND x.case_no = c.case_no"
            "  AND x.state = 'done' AND x.warmup = 0)"
            " FROM trace_residency p JOIN cells c USING (run, cell, attempt)"
            " LEFT JOIN guests g ON g.run = p.run AND g.guest = p.domain"
            " WHERE" COUNTED " GROUP BY c.case_no, p.domain, v, p.pcpu"
            " ORDER BY " DOMAIN_ORDER ", p.domain, v, p.pcpu",
            XB_TEXT(run)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_check_place *p = xb_model_grow(&k->places, &k->place_count, sizeof(*p), err);
        if (!p)
            return -1;
        *p = (struct xb_check_place){
            .case_no = (uint32_t)sqlite3_column_int64(stmt, 0),
            .domain = strdup(xb_column_text(stmt, 1)),
            .vcpu = sqlite3_column_int(stmt, 2),
            .pcpu = (uint32_t)sqlite3_column_int64(stmt, 3),
            .part = xb_column_real(stmt, 4),
        };
        if (!p->domain)
            return xb_model_no_memory(err);
    }
    return r;
}

int xb_check_traces_load(struct xb_checks *k, const char *run, struct xb_store *store,
                         struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *sums = NULL;
    if (xb_store_query(
            store, &sums, err,
            "SELECT count(*), sum(records), sum(lost), sum(contradictions), max(worst_ns),"
            " sum(wakeups) FROM traces t JOIN cells c USING (run, cell, attempt) WHERE" COUNTED,
            XB_TEXT(run)) < 0 ||
        xb_store_step(store, sums, err) < 1)
        return -1;
    k->traces = (size_t)sqlite3_column_int64(sums, 0);
    uint64_t *const figures[] = {&k->records, &k->lost, &k->contradictions, &k->worst_count_ns,
                                 &k->trace_wakeups};
    for (size_t i = 0; i < XB_ARRAY_LEN(figures); i++)
        *figures[i] = (uint64_t)sqlite3_column_int64(sums, (int)i + 1);
    return load_domains(k, run, store, err) < 0 ? -1 : load_places(k, run, store, err);
}

void xb_check_traces_free(struct xb_checks *k)
{
    for (size_t i = 0; i < k->trace_count; i++)
        free(k->trace[i].domain);
    for (size_t i = 0; i < k->place_count; i++)
        free(k->places[i].domain);
    free(k->trace);
    free(k->places);
}
