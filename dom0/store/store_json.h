/*
 * Tables of the store as JSON, a row an object that is named by its columns.
 */
#ifndef XB_STORE_JSON_H
#define XB_STORE_JSON_H

#include "store.h"

#include <jansson.h>

/* The run's own row; NULL with err filled. */
json_t *xb_store_run_json(struct xb_store *store, const char *run, struct xb_err *err);
/* Into an object: everything that belongs to the run, a list for each table, but for outputs. */
int xb_store_tables_json(struct xb_store *store, const char *run, json_t *into, struct xb_err *err);

#endif
