/*
 * Stores merged and taken apart. Runs have UUIDs, and all that belongs to a run is keyed by it, so that
 * rows of two stores never collide.
 */
#ifndef XB_STORE_MERGE_H
#define XB_STORE_MERGE_H

#include "store.h"

#define XB_STORE_IMPORT_MAX_BYTES (INT64_C(4) << 30)

struct xb_merged {
    uint32_t added;
    uint32_t finished; /* were here in part, and are whole now */
    uint32_t known;    /* were here already, as they are or with more */
};

/*
 * Take every run of the store in the file at path into this one; the file is only read. Doing so
 * again changes nothing. XB_E_INPUT, and nothing changed, where the file is no store, is damaged, was
 * written by a newer xenbench, holds what no xenbench would have written, or has other results
 * under the name of a run that is here.
 */
int xb_store_import(struct xb_store *store, struct xb_app *app, const char *path,
                    struct xb_merged *merged, struct xb_err *err);

/* Write runs (whole ids) into a new store, which must not be there yet. */
int xb_store_export(struct xb_store *store, struct xb_app *app, const char *const *runs,
                    size_t count, const char *path, struct xb_err *err);

#endif
