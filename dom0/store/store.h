/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The store: results in one SQLite file (store_schema_*.sql, docs/store.md). One process at a time
 * writes, and others may read. What was committed survives the death of the process.
 */
#ifndef XB_STORE_H
#define XB_STORE_H

#include "app.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xb_store;

/*
 * Open the store at path (NULL: state_dir/results.sqlite); create makes a missing one. A store of
 * an older version is migrated. XB_E_INPUT where the file is missing, is no store, or comes from a
 * newer xenbench.
 */
int xb_store_open(struct xb_store **out, struct xb_app *app, const char *path, bool create,
                  struct xb_err *err);
void xb_store_close(
    struct xb_store *store); /* NULL is allowed; what was not committed is dropped */
const char *xb_store_path(const struct xb_store *store);

/* Either all changes between begin and commit are stored, or none. */
int xb_store_begin(struct xb_store *store, struct xb_err *err);
int xb_store_commit(struct xb_store *store, struct xb_err *err);
void xb_store_rollback(struct xb_store *store);
/*
 * Move what was committed from the log into the file, and sync the file. Not while jobs run.
 * XB_E_HOST also where the file was removed, replaced or cut beneath us.
 */
int xb_store_sync(struct xb_store *store, struct xb_err *err);

/* The time now as the store keeps times: UTC, ISO 8601. */
void xb_store_now(char out[32]);
/* The same with milliseconds. As text, both sort together. */
void xb_store_now_fine(char out[32]);
/* A new UUID. */
int xb_uuid_new(char out[37], struct xb_err *err);

#endif
