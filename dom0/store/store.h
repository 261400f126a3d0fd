/*
 * The store: results in one SQLite file (store_schema_*.sql, docs/store.md). One process writes to it
 * at a time; readers may look
 * on. What was committed survives the death of the process.
 */
#ifndef XB_STORE_H
#define XB_STORE_H

#include "app.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xb_store;

/*
 * Open the store at path (NULL: state_dir/results.sqlite), made where there is none if create. A
 * store of an older
 * version is migrated. XB_E_INPUT where it is not there, is no store, or was written by a newer
 * xenbench.
 */
int xb_store_open(struct xb_store **out, struct xb_app *app, const char *path, bool create,
                  struct xb_err *err);
void xb_store_close(
    struct xb_store *store); /* NULL is allowed; what was not committed is dropped */
const char *xb_store_path(const struct xb_store *store);

/* Everything between begin and commit is there wholly or not at all. */
int xb_store_begin(struct xb_store *store, struct xb_err *err);
int xb_store_commit(struct xb_store *store, struct xb_err *err);
void xb_store_rollback(struct xb_store *store);
/* Move what was committed into the file itself and sync it: not while jobs run. */
int xb_store_sync(struct xb_store *store, struct xb_err *err);

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

/* Now, UTC, ISO 8601, as the store keeps it. */
void xb_store_now(char out[32]);
/* A new UUID. */
int xb_uuid_new(char out[37], struct xb_err *err);

#endif
