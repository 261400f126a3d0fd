/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables of the store as JSON; a row is an object whose keys are the columns.
 */
#ifndef XB_STORE_JSON_H
#define XB_STORE_JSON_H

#include "store.h"

#include <jansson.h>

/* The run's own row; NULL with err filled. */
json_t *xb_store_run_json(struct xb_store *store, const char *run, struct xb_err *err);
/* Put a list for each table of the run into an object; outputs are left out. */
int xb_store_tables_json(struct xb_store *store, const char *run, json_t *into, struct xb_err *err);

#endif
