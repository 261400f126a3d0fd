/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_repeat.h"

#include "alloc.h"
#include "base.h"
#include "store_i.h"

#include <errno.h>
#include <string.h>

/*
 * A cell found after a restart was not timed. It took at least as long as its longest job, which by
 * the guest's word may be forever, but is over: Dom0's clock since the cell began is the bound.
 */
#define UNTIMED_NS                                                                                 \
    "min((SELECT max(wall_ns) FROM samples s WHERE s.run = cells.run AND s.cell = cells.cell"      \
    " AND s.attempt = cells.attempt),"                                                             \
    " max((julianday('now') - julianday(cells.started_at)) * 86400e9, 0))"

int xb_store_progress(struct xb_store *store, const char *run, struct xb_case_progress *progress,
                      size_t count, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    memset(progress, 0, count * sizeof(*progress));
    if (xb_store_query(
            store, &stmt, err,
            "SELECT case_no, cases.stopped IS NOT NULL,"
            " count(DISTINCT cell) FILTER (WHERE cells.warmup),"
            " count(DISTINCT cell) FILTER (WHERE NOT cells.warmup),"
            " total(ifnull(spent_ns, " UNTIMED_NS ")),"
            " (SELECT ifnull(max(cell) + 1, 0) FROM cells c WHERE c.run = ?1)"
            " FROM cases LEFT JOIN cells USING (run, case_no) WHERE run = ?1 GROUP BY case_no",
            XB_TEXT(run)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        int64_t c = sqlite3_column_int64(stmt, 0);
        if (c < 0 || (size_t)c >= count)
            continue;
        progress[c] = (struct xb_case_progress){
            .stopped = sqlite3_column_int(stmt, 1),
            .warmups = (uint32_t)sqlite3_column_int64(stmt, 2),
            .repetitions = (uint32_t)sqlite3_column_int64(stmt, 3),
            .spent_ns = (uint64_t)sqlite3_column_int64(stmt, 4),
            .last_cell = (uint32_t)sqlite3_column_int64(stmt, 5),
        };
    }
    return r;
}

static void add_measured(struct xb_measured **out, size_t *count, sqlite3_stmt *stmt)
{
    struct xb_measured *m = xb_append(out, count);
    bool has_metric = sqlite3_column_type(stmt, 1) != SQLITE_NULL;
    m->guest = xb_strdup(xb_column_text(stmt, 0));
    m->metric = has_metric ? xb_strdup(xb_column_text(stmt, 1)) : NULL;
}

int xb_store_measured(struct xb_store *store, const char *run, uint32_t case_no,
                      struct xb_measured **out, size_t *count, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    *out = NULL;
    *count = 0;
    if (xb_store_query(store, &stmt, err,
                       "SELECT guest, metric FROM parts WHERE run = ? AND case_no = ? AND role = "
                       "'measured' ORDER BY guest",
                       XB_TEXT(run), XB_INT(case_no)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0)
        add_measured(out, count, stmt);
    if (r < 0) {
        xb_measured_free(*out, *count);
        *out = NULL;
    }
    return r;
}

void xb_measured_free(struct xb_measured *measured, size_t count)
{
    for (size_t i = 0; measured && i < count; i++) {
        free(measured[i].guest);
        free(measured[i].metric);
    }
    free(measured);
}

#define COUNTED_SAMPLES                                                                            \
    " FROM samples s JOIN cells c USING (run, cell, attempt)"                                      \
    " LEFT JOIN metrics m ON m.run = s.run AND m.cell = s.cell AND m.attempt = s.attempt"          \
    "  AND m.guest = s.guest AND m.name = ?4"                                                      \
    " WHERE s.run = ?1 AND c.case_no = ?2 AND s.guest = ?3 AND c.state = 'done'"                   \
    "  AND c.warmup = 0 AND s.outcome = 'exited' AND s.status = 0"

int xb_store_figures(struct xb_store *store, const char *run, uint32_t case_no, const char *guest,
                     const char *metric, double **out, size_t *count, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    *out = NULL;
    *count = 0;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT CASE WHEN ?4 IS NULL THEN s.wall_ns / 1e9 ELSE m.value END AS figure" COUNTED_SAMPLES
            " AND figure IS NOT NULL ORDER BY c.cell",
            XB_TEXT(run), XB_INT(case_no), XB_TEXT(guest), XB_TEXT(metric)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0)
        *xb_append(out, count) = sqlite3_column_double(stmt, 0);
    return r;
}

int xb_store_case_stopped(struct xb_store *store, const char *run, uint32_t case_no,
                          const char *reason, const char *why, struct xb_err *err)
{
    return xb_store_do(
        store, err, "UPDATE cases SET stopped = ?, stopped_why = ? WHERE run = ? AND case_no = ?",
        XB_TEXT(reason), XB_TEXT(why), XB_TEXT(run), XB_INT(case_no));
}

int xb_store_cases_counted(struct xb_store *store, const char *run, struct xb_err *err)
{
    return xb_store_do(store, err,
                       "UPDATE cases SET stopped = 'count' WHERE run = ? AND stopped IS NULL",
                       XB_TEXT(run));
}

int xb_store_cells_add(struct xb_store *store, const char *run, uint32_t first,
                       const struct xb_plan_cell *cells, size_t count, struct xb_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (xb_store_do(store, err,
                        "INSERT INTO cells (run, cell, attempt, case_no, repetition, warmup, state)"
                        " VALUES (?, ?, 1, ?, ?, ?, 'planned')",
                        XB_TEXT(run), XB_INT(first + i), XB_INT(cells[i].case_no),
                        XB_INT(cells[i].repetition), XB_INT(cells[i].warmup)) < 0)
            return -1;
    return 0;
}
