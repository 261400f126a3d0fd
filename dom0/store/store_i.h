/*
 * The inside of the store, for dom0/store and its tests alone.
 */
#ifndef XB_STORE_I_H
#define XB_STORE_I_H

#include "store.h"

#include <sqlite3.h>

/* "xben": tells file(1), and us, that a database is a store. */
#define XB_STORE_APPLICATION_ID 0x7862656e

struct xb_store {
    sqlite3 *db;
    char *path; /* for messages */
};

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

/* Run one statement with these values; rows that it gives are passed over. */
#define xb_store_do(store, err, sql, ...)                                                          \
    xb_store_do_vals(store, err, sql, (struct xb_val[]){XB_NULL, ##__VA_ARGS__},                   \
                     XB_VALS_COUNT(__VA_ARGS__))
/*
 * Prepare a query; then xb_store_step: 1 for a row, 0 at the end, -1. Finalize stmt, or let
 * xb_auto_stmt.
 */
#define xb_store_query(store, stmt, err, sql, ...)                                                 \
    xb_store_query_vals(store, stmt, err, sql, (struct xb_val[]){XB_NULL, ##__VA_ARGS__},          \
                        XB_VALS_COUNT(__VA_ARGS__))
/* The arrays above begin with one entry that is not bound, so that none may follow. */
#define XB_VALS_COUNT(...)                                                                         \
    (sizeof((struct xb_val[]){XB_NULL, ##__VA_ARGS__}) / sizeof(struct xb_val) - 1)
int xb_store_do_vals(struct xb_store *store, struct xb_err *err, const char *sql,
                     const struct xb_val *vals, size_t count);
int xb_store_query_vals(struct xb_store *store, sqlite3_stmt **stmt, struct xb_err *err,
                        const char *sql, const struct xb_val *vals, size_t count);
int xb_store_step(struct xb_store *store, sqlite3_stmt *stmt, struct xb_err *err);
/* Rows that the last xb_store_do changed. */
int xb_store_changes(struct xb_store *store);

static inline void xb_cleanup_stmt(sqlite3_stmt **stmt)
{
    sqlite3_finalize(*stmt);
}
#define xb_auto_stmt __attribute__((cleanup(xb_cleanup_stmt)))

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
/* Lead a store from one version to a later one, each in a transaction of its own. */
int xb_store_migrate(struct xb_store *store, int version, int to, struct xb_err *err);

/*
 * store_copy.c: with another store of the same version attached as `other`, copy one run from it
 * into this one. Within the caller's transaction.
 */
int xb_store_copy_run(struct xb_store *store, const char *run, struct xb_err *err);

/* A run that is in both: what the other store has of it. */
enum xb_store_versus {
    XB_VERSUS_SAME,
    XB_VERSUS_LESS,    /* nothing that is not here */
    XB_VERSUS_MORE,    /* all that is here, and more */
    XB_VERSUS_DIFFERS, /* other results for the same samples */
};
int xb_store_run_compare(struct xb_store *store, const char *run, enum xb_store_versus *out,
                         struct xb_err *err);
/* Row for row, but for the mark of a run that was imported. */
int xb_store_run_is_same(struct xb_store *store, const char *run, bool *same, struct xb_err *err);

#endif
