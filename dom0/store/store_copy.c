/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies a run from an attached store of the same version into this one, table by table. */
#include "alloc.h"
#include "base.h"
#include "store_i.h"

#include <errno.h>
#include <string.h>

/*
 * Every table that has a run's rows, also tables of later versions. Both stores have the same
 * schema, so the columns and their order are the same.
 */
#define TABLES                                                                                     \
    "SELECT t.name FROM main.sqlite_schema t WHERE t.type = 'table' AND EXISTS"                    \
    " (SELECT 1 FROM pragma_table_info(t.name) c WHERE c.name = 'run') ORDER BY t.name = 'runs' "  \
    "DESC, t.name"

static int copy_table(struct xb_store *store, const char *table, const char *run,
                      struct xb_err *err)
{
    char *sql = xb_need(sqlite3_mprintf(
        "INSERT INTO main.\"%w\" SELECT * FROM other.\"%w\" WHERE run = ?", table, table));
    int r = xb_store_do(store, err, sql, XB_TEXT(run));
    sqlite3_free(sql);
    return r;
}

int xb_store_copy_run(struct xb_store *store, const char *run, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    /* Rows may refer to rows of tables that are copied later. */
    if (xb_store_do(store, err, "PRAGMA defer_foreign_keys = ON") < 0 ||
        xb_store_query(store, &stmt, err, TABLES) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0)
        if (copy_table(store, xb_column_text(stmt, 0), run, err) < 0)
            return -1;
    return r;
}

/* Are a table's rows of a run the same in both stores? */
static int table_is_same(struct xb_store *store, const char *table, const char *columns,
                         const char *run, bool *same, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    char *sql = xb_need(sqlite3_mprintf(
        "SELECT (SELECT count(*) FROM main.\"%w\" WHERE run = ?1) ="
        " (SELECT count(*) FROM other.\"%w\" WHERE run = ?1) AND NOT EXISTS"
        " (SELECT %s FROM main.\"%w\" WHERE run = ?1 EXCEPT SELECT %s FROM other.\"%w\" WHERE run = "
        "?1)",
        table, table, columns, table, columns, table));
    int r = xb_store_query(store, &stmt, err, sql, XB_TEXT(run));
    sqlite3_free(sql);
    if (r < 0 || xb_store_step(store, stmt, err) < 1)
        return -1;
    *same = sqlite3_column_int(stmt, 0);
    return 0;
}

/* All columns of a table but the one that marks imported runs. */
static char *columns_of(struct xb_store *store, const char *table, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, err,
                       "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info(?)"
                       " WHERE name != 'imported'",
                       XB_TEXT(table)) < 0 ||
        xb_store_step(store, stmt, err) < 1)
        return NULL;
    return xb_strdup(xb_column_text(stmt, 0));
}

/* Compare row by row, without the mark of imported runs. */
static int is_same(struct xb_store *store, const char *run, bool *same, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    *same = true;
    if (xb_store_query(store, &stmt, err, TABLES) < 0)
        return -1;
    while (*same && (r = xb_store_step(store, stmt, err)) != 0) {
        const char *table = xb_column_text(stmt, 0);
        xb_auto_free char *columns = r > 0 ? columns_of(store, table, err) : NULL;
        if (!columns || table_is_same(store, table, columns, run, same, err) < 0)
            return -1;
    }
    return 0;
}

/* Does `to` have every sample of which `from` has a result? */
static int has_samples_of(struct xb_store *store, const char *from, const char *to, const char *run,
                          bool *has, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    char sql[512];
    snprintf(
        sql, sizeof(sql),
        "SELECT NOT EXISTS (SELECT cell, attempt, guest, token, outcome, ended_ns FROM %s.samples"
        " WHERE run = ?1 AND outcome IS NOT NULL EXCEPT SELECT cell, attempt, guest, token,"
        " outcome, ended_ns FROM %s.samples WHERE run = ?1)",
        from, to);
    if (xb_store_query(store, &stmt, err, sql, XB_TEXT(run)) < 0 ||
        xb_store_step(store, stmt, err) < 1)
        return -1;
    *has = sqlite3_column_int(stmt, 0);
    return 0;
}

/* A run without a new result is further if it ended, or has more cells done or jobs collected. */
#define PROGRESS(db)                                                                               \
    "(SELECT state = 'finished', (SELECT count(*) FROM " db ".cells c WHERE c.run = r.run"         \
    " AND c.state = 'done'), (SELECT count(*) FROM " db ".samples s WHERE s.run = r.run"           \
    " AND s.collected) FROM " db ".runs r WHERE r.run = ?1)"

static int is_further(struct xb_store *store, const char *run, bool *further, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, err,
                       "SELECT state = 'unfinished' AND " PROGRESS("other") " > " PROGRESS(
                           "main") " FROM main.runs WHERE run = ?1",
                       XB_TEXT(run)) < 0 ||
        xb_store_step(store, stmt, err) < 1)
        return -1;
    *further = sqlite3_column_int(stmt, 0);
    return 0;
}

int xb_store_run_compare(struct xb_store *store, const char *run, enum xb_store_versus *out,
                         struct xb_err *err)
{
    bool same, ours_in_theirs, theirs_in_ours, further;
    if (is_same(store, run, &same, err) < 0 ||
        has_samples_of(store, "main", "other", run, &ours_in_theirs, err) < 0 ||
        has_samples_of(store, "other", "main", run, &theirs_in_ours, err) < 0 ||
        is_further(store, run, &further, err) < 0)
        return -1;
    *out = same                                             ? XB_VERSUS_SAME
           : theirs_in_ours && !(ours_in_theirs && further) ? XB_VERSUS_LESS
           : ours_in_theirs                                 ? XB_VERSUS_MORE
                                                            : XB_VERSUS_DIFFERS;
    return 0;
}
