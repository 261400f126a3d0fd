/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The internals of the store, only for dom0/store and its tests.
 */
#ifndef XB_STORE_I_H
#define XB_STORE_I_H

#include "base.h"
#include "store.h"

#include <sqlite3.h>

/* "xben": tells file(1) and xenbench that a database is a store. */
#define XB_STORE_APPLICATION_ID 0x7862656e

struct xb_store {
    sqlite3 *db;
    char *path; /* for messages */
};

/*
 * Open a database as sqlite3_open_v2 does; its statements wait up to ten seconds for another
 * process's lock. The caller closes *db, after a failure too.
 */
int xb_store_open_db(const char *path, int flags, sqlite3 **db);

/* A value to bind to a `?`. */
struct xb_val {
    enum { XB_VAL_NULL, XB_VAL_TEXT, XB_VAL_INT, XB_VAL_REAL, XB_VAL_BLOB } kind;
    int64_t i;
    double f;
    const void *p;
    size_t bytes;
};
#define XB_NULL ((struct xb_val){.kind = XB_VAL_NULL})
#define XB_TEXT(text) ((struct xb_val){.kind = XB_VAL_TEXT, .p = (text)}) /* NULL: SQL's NULL */
#define XB_INT(number) ((struct xb_val){.kind = XB_VAL_INT, .i = (int64_t)(number)})
#define XB_REAL(number) ((struct xb_val){.kind = XB_VAL_REAL, .f = (number)})
#define XB_BLOB(data, length) ((struct xb_val){.kind = XB_VAL_BLOB, .p = (data), .bytes = (length)})
#define XB_INT_IF(yes, number) ((yes) ? XB_INT(number) : XB_NULL)
/* A cell's key, or a sample's with its guest as ?4, as the first parameters of a statement. */
#define XB_CELL_KEY(key) XB_TEXT((key).run), XB_INT((key).cell), XB_INT((key).attempt)
#define XB_WHERE_CELL " WHERE run = ?1 AND cell = ?2 AND attempt = ?3"
#define XB_WHERE_SAMPLE XB_WHERE_CELL " AND guest = ?4"

/* Run one statement with these values, and ignore the rows that it returns. */
#define xb_store_do(store, err, sql, ...)                                                          \
    xb_store_do_vals(store, err, sql, (struct xb_val[]){XB_NULL, ##__VA_ARGS__},                   \
                     XB_VALS_COUNT(__VA_ARGS__))
/*
 * Prepare a query for xb_store_step, which returns 1 for a row, 0 at the end, or -1. The caller
 * finalizes stmt, best by xb_auto_stmt.
 */
#define xb_store_query(store, stmt, err, sql, ...)                                                 \
    xb_store_query_vals(store, stmt, err, sql, (struct xb_val[]){XB_NULL, ##__VA_ARGS__},          \
                        XB_VALS_COUNT(__VA_ARGS__))
/* The arrays above begin with an entry that is not bound, because an array cannot be empty. */
#define XB_VALS_COUNT(...)                                                                         \
    (sizeof((struct xb_val[]){XB_NULL, ##__VA_ARGS__}) / sizeof(struct xb_val) - 1)
int xb_store_do_vals(struct xb_store *store, struct xb_err *err, const char *sql,
                     const struct xb_val *vals, size_t count);
int xb_store_query_vals(struct xb_store *store, sqlite3_stmt **stmt, struct xb_err *err,
                        const char *sql, const struct xb_val *vals, size_t count);
int xb_store_step(struct xb_store *store, sqlite3_stmt *stmt, struct xb_err *err);
/* The number of rows that the last xb_store_do changed. */
int xb_store_changes(struct xb_store *store);

XB_CLEANUP(stmt, sqlite3_stmt *, sqlite3_finalize)
#define xb_auto_stmt XB_AUTO(xb_cleanup_stmt)

/* A column's text, "" where it is NULL; valid until the next step. */
const char *xb_column_text(sqlite3_stmt *stmt, int column);
/* A column's number, NaN where it is NULL. */
double xb_column_real(sqlite3_stmt *stmt, int column);

/* The version that this program writes. */
extern const int xb_store_version;

int xb_store_fail_sql(struct xb_store *store, struct xb_err *err, const char *what);
/* Run statements; `what` says what failed: "cannot be written". */
int xb_store_exec(struct xb_store *store, const char *sql, const char *what, struct xb_err *err);
/* The first column of a query's first row. */
int xb_store_pragma(struct xb_store *store, const char *sql, int *out, struct xb_err *err);
/* Migrate a store to a later version, with a transaction for each step. */
int xb_store_migrate(struct xb_store *store, int version, int to, struct xb_err *err);

/*
 * store_copy.c: copy one run into this store from the one attached as `other`, which has the same
 * version. The caller has a transaction open.
 */
int xb_store_copy_run(struct xb_store *store, const char *run, struct xb_err *err);

/* A run that is in both stores: what the other store has. */
enum xb_store_versus {
    XB_VERSUS_SAME,
    XB_VERSUS_LESS,    /* only a part of what is here */
    XB_VERSUS_MORE,    /* all that is here, and more */
    XB_VERSUS_DIFFERS, /* other results for the same samples */
};
int xb_store_run_compare(struct xb_store *store, const char *run, enum xb_store_versus *out,
                         struct xb_err *err);

#endif
