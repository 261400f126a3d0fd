/*
 * The runs of a store: all of them, what `runs show` tells of one, and their removal.
 */
#ifndef XB_STORE_LIST_H
#define XB_STORE_LIST_H

#include "store_read.h"

#include <jansson.h>

struct xb_listed_run {
    char *run, *started_at, *ended_at, *state, *host, *workload, *name;
    int64_t done, cells; /* cells without those that were discarded */
    int64_t imported;
};
/* The oldest first. */
int xb_list_runs(const struct xb_read *in, struct xb_listed_run **rows, size_t *count);

/* A word and what is said of it. */
struct xb_told {
    char *word, *text;
};
/* What is told of a run, subject by subject. */
enum xb_tell { XB_TELL_CASES = 0, XB_TELL_GUESTS, XB_TELL_CELLS, XB_TELL_HOST, XB_TELL_WARNINGS };
int xb_tell(const struct xb_read *in, enum xb_tell what, struct xb_told **rows, size_t *count);
/* Of the run itself, what is known. */
int xb_tell_run(const struct xb_read *in, struct xb_told **rows, size_t *count);

/* Was the run begun with this store, and has not come to its end? 1, 0 or -1. */
int xb_store_run_is_open(struct xb_store *store, const char *run, struct xb_err *err);
/* Remove runs and all that belongs to them: all or none. */
int xb_store_runs_delete(struct xb_store *store, char *const *runs, size_t count,
                         struct xb_err *err);

#endif
