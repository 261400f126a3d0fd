/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Merges stores, and exports runs from them. A run's UUID is in the key of all its rows, so rows of
 * two stores never collide.
 */
#ifndef XB_STORE_MERGE_H
#define XB_STORE_MERGE_H

#include "store.h"

struct xb_merged {
    uint32_t added;
    uint32_t finished; /* were unfinished here, and got more results */
    uint32_t known;    /* were here already, the same or with more */
};

/*
 * Import every run of the store at path; a second import changes nothing. XB_E_INPUT, and nothing
 * changed, where the file is no store, is damaged, comes from a newer xenbench, holds what no
 * xenbench writes, or has other results of a run that is here.
 */
int xb_store_import(struct xb_store *store, struct xb_app *app, const char *path,
                    struct xb_merged *merged, struct xb_err *err);

/* The same, of the run with this complete id only; NULL: of all. */
int xb_store_import_run(struct xb_store *store, const char *path, const char *run,
                        struct xb_merged *merged, struct xb_err *err);

/* Write the runs with these complete ids into a new store; path must not exist. */
int xb_store_export(struct xb_store *store, struct xb_app *app, const char *const *runs,
                    size_t count, const char *path, struct xb_err *err);

#endif
