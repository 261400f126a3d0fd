/* In the lab: what the machine beneath took from the CPUs of each guest. */
#include "base.h"
#include "cpus.h"
#include "report_model_i.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* The CPUs on which a domain may run, from what was read back: {"hard":["2-3","all"]}. */
static struct xb_cpus cpus_of(const char *settings)
{
    struct xb_cpus cpus;
    memset(&cpus, 0, sizeof(cpus));
    json_t *json = json_loads(settings, 0, NULL);
    const json_t *hard = json_object_get(json, "hard");
    for (size_t i = 0; i < json_array_size(hard); i++) {
        struct xb_cpus one;
        const char *list = json_string_value(json_array_get(hard, i));
        if (!list || xb_cpus_parse(list, &one, NULL) < 0)
            continue;
        for (size_t w = 0; w < XB_ARRAY_LEN(one.bits); w++)
            cpus.bits[w] |= one.bits[w];
    }
    json_decref(json);
    return cpus;
}

/*
 * What was taken on the CPUs in the set, of what was wanted there, in one cell. NaN where the lab
 * does not tell.
 */
static int steal_on(struct xb_store *store, const char *run, int64_t cell, int64_t attempt,
                    const struct xb_cpus *cpus, double *out, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    double run_ns = 0, delay_ns = 0;
    int r;
    *out = NAN;
    if (xb_store_query(store, &stmt, err,
                       "SELECT pcpu, run_ns, delay_ns FROM host_steal WHERE run = ? AND cell = ? "
                       "AND attempt = ?",
                       XB_TEXT(run), XB_INT(cell), XB_INT(attempt)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        if (!xb_cpus_has(cpus, (uint32_t)sqlite3_column_int(stmt, 0)))
            continue;
        run_ns += sqlite3_column_double(stmt, 1);
        delay_ns += sqlite3_column_double(stmt, 2);
    }
    if (run_ns + delay_ns > 0)
        *out = delay_ns / (run_ns + delay_ns);
    return r;
}

int xb_model_load_steal(struct xb_model *m, struct xb_store *store, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT c.case_no, g.position, c.cell, c.attempt, r.settings FROM settings_read r"
            " JOIN cells c USING (run, cell, attempt) JOIN guests g ON g.run = r.run AND g.guest = "
            "r.domain"
            " WHERE r.run = ? AND r.edge = 'start' AND c.state = 'done' AND c.warmup = 0",
            XB_TEXT(m->id)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_group *group =
            xb_model_group_at(m, sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1));
        struct xb_cpus cpus = cpus_of(xb_column_text(stmt, 4));
        double steal;
        if (steal_on(store, m->id, sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3),
                     &cpus, &steal, err) < 0)
            return -1;
        for (size_t i = 0; group && i < group->count; i++)
            if (group->points[i].cell == (uint32_t)sqlite3_column_int64(stmt, 2))
                group->points[i].steal = steal;
        m->has_steal = m->has_steal || !isnan(steal);
    }
    return r;
}
