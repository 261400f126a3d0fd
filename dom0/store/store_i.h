/*
 * The inside of the store, for dom0/store*.c alone.
 */
#ifndef XB_STORE_I_H
#define XB_STORE_I_H

#include "store.h"

/* "xben": tells file(1), and us, that a database is a store. */
#define XB_STORE_APPLICATION_ID 0x7862656e

struct xb_store {
    sqlite3 *db;
    char *path; /* for messages */
};

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
