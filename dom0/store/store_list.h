/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs of a store: the list, what `runs show` says of one, and removal.
 */
#ifndef XB_STORE_LIST_H
#define XB_STORE_LIST_H

#include "store_read.h"

#include <jansson.h>

struct xb_listed_run {
    char *run, *started_at, *ended_at, *state, *host, *workload, *name;
    int64_t done, cells; /* cells: without discarded ones */
    int64_t imported;
    char *shard_by; /* NULL: the run covers a whole experiment */
    int64_t shards, shard;
};
/* The oldest first. */
int xb_list_runs(const struct xb_read *in, struct xb_listed_run **rows, size_t *count);

/*
 * All runs of the sharded experiment that in->run is a shard of (NULL: the latest shard), by shard
 * number. Abandoned runs are left out, except in->run itself. None if in->run is no shard.
 */
struct xb_shard_row {
    char *run;
};
int xb_list_shards(const struct xb_read *in, struct xb_shard_row **rows, size_t *count);

/* A name, and the text about it. */
struct xb_told {
    char *word, *text;
};
/* What `runs show` says of a run, by subject. */
enum xb_tell { XB_TELL_CASES = 0, XB_TELL_GUESTS, XB_TELL_CELLS, XB_TELL_HOST, XB_TELL_WARNINGS };
int xb_tell(const struct xb_read *in, enum xb_tell what, struct xb_told **rows, size_t *count);
/* What the store knows of the run itself. */
int xb_tell_run(const struct xb_read *in, struct xb_told **rows, size_t *count);

/* Was the run begun with this store, and is it unfinished? 1, 0 or -1. */
int xb_store_run_is_open(struct xb_store *store, const char *run, struct xb_err *err);
/* Remove runs with all their rows: all runs or none. */
int xb_store_runs_delete(struct xb_store *store, char *const *runs, size_t count,
                         struct xb_err *err);

#endif
