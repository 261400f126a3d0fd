/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_past.h"

#include "alloc.h"
#include "base.h"
#include "files.h"
#include "store_i.h"

#include <limits.h>

struct xb_past {
    sqlite3 *db;
};

struct xb_past *xb_past_open(const struct xb_app *app, const char *path)
{
    char own[PATH_MAX];
    snprintf(own, sizeof(own), "%s/results.sqlite", app->state_dir);
    struct xb_past *past =
        access(path ? path : own, R_OK) == 0 ? xb_calloc(1, sizeof(*past)) : NULL;
    if (past && xb_store_open_db(path ? path : own, SQLITE_OPEN_READONLY, &past->db) != SQLITE_OK) {
        xb_past_close(past);
        past = NULL;
    }
    return past;
}

void xb_past_close(struct xb_past *past)
{
    if (past)
        sqlite3_close(past->db);
    free(past);
}

/* A query's only number, 0 where there is none. */
static uint64_t ask(const struct xb_past *past, const char *sql, const char *a, const char *b)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (!past || sqlite3_prepare_v2(past->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return 0; /* a store of another version */
    sqlite3_bind_text(stmt, 1, a, -1, SQLITE_STATIC);
    if (b)
        sqlite3_bind_text(stmt, 2, b, -1, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_ROW)
        return 0;
    double ns = sqlite3_column_double(stmt, 0);
    return ns > 0 ? (uint64_t)ns : 0;
}

uint64_t xb_past_case_ns(const struct xb_past *past, const char *experiment, const char *case_name)
{
    return ask(
        past,
        "SELECT avg(spent_ns) FROM cells JOIN cases USING (run, case_no) JOIN runs USING (run)"
        " WHERE runs.name = ? AND cases.name = ? AND cells.state = 'done'",
        experiment, case_name);
}

uint64_t xb_past_workload_ns(const struct xb_past *past, const char *workload)
{
    return ask(past,
               "SELECT avg(cells.spent_ns) FROM cells JOIN parts USING (run, case_no)"
               " WHERE parts.workload = ? AND parts.role = 'measured' AND cells.state = 'done'",
               workload, NULL);
}
