/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs in the store: executions of experiments.
 */
#ifndef XB_STORE_RUN_H
#define XB_STORE_RUN_H

#include "experiment.h"
#include "shard.h"
#include "store.h"
#include "warning.h"

#define XB_UUID_BYTES 37

/* What a guest does in a case, and the figure that counts there. */
struct xb_part {
    const char *role;     /* measured, background, idle */
    const char *workload; /* NULL where the guest is idle */
    const char *metric;   /* NULL: the wall time counts */
    const char *unit, *better;
    int64_t solo_case; /* the case in which it runs alone under the same settings; -1: none */
};

/* The description of a new run; strings are the caller's. */
struct xb_run_head {
    const struct xb_experiment *exp;
    const char *id;              /* UUID */
    const struct xb_part *parts; /* of guest g in case c: parts[c * exp->guest_count + g] */
    const char *workload;
    const char *metric; /* NULL: the wall time counts */
    const char *unit;   /* of the metric */
    const char *better; /* more, less */
    uint64_t seed;
    const char *overrides; /* JSON list of what the command line set */
    bool trace;            /* Xen's trace is taken in each cell */
    struct xb_shard shard; /* number 0: the run covers the whole experiment */
};

/* Write the run, its guests, cases, parts and first cells, as planned, in one transaction. */
int xb_store_run_begin(struct xb_store *store, const struct xb_run_head *head,
                       const struct xb_plan_cell *cells, size_t count, struct xb_err *err);

/*
 * The latest unfinished run of this exact experiment, overrides and shard that was begun with this
 * store. Returns 1 and fills id, 0 if there is none, or -1.
 */
int xb_store_run_unfinished(struct xb_store *store, const char *experiment, const char *overrides,
                            const struct xb_shard *shard, char id[XB_UUID_BYTES],
                            struct xb_err *err);
/* Does the store have this run, and will nobody resume it? 1, 0 or -1. */
int xb_store_run_over(struct xb_store *store, const char *run, struct xb_err *err);

/*
 * Find a run by its id or a unique beginning of the id; NULL or XB_RUN_LATEST: the latest run.
 * `unfinished` limits the search to unfinished runs. XB_E_INPUT where no run or several match.
 */
#define XB_RUN_LATEST "latest"
int xb_store_run_find(struct xb_store *store, const char *which, bool unfinished,
                      char id[XB_UUID_BYTES], struct xb_err *err);

/* The experiment that a run was begun from. */
struct xb_run_source {
    char *text, *file, *overrides;
    struct xb_texts sets; /* the overrides, one by one */
    bool imported;        /* from another store */
    uint64_t seed;
    struct xb_shard shard;
};
int xb_store_run_source(struct xb_store *store, const char *run, struct xb_run_source *out,
                        struct xb_err *err);
void xb_run_source_clear(struct xb_run_source *source);

uint64_t xb_store_run_seed(struct xb_store *store, const char *run);

/* Set a run's state and time of end: "finished", "abandoned", or "unfinished" at an early stop. */
int xb_store_run_ended(struct xb_store *store, const char *run, const char *state,
                       struct xb_err *err);
int xb_store_run_resumed(struct xb_store *store, const char *run, struct xb_err *err);

/* Is Xen's trace taken in a run's cells? 1, 0, or -1: the store does not know. */
int xb_store_run_trace(struct xb_store *store, const char *run);
int xb_store_run_set_trace(struct xb_store *store, const char *run, bool trace, struct xb_err *err);

/* One fact of the host manifest, to free; NULL where it is not there. */
char *xb_store_host_fact(struct xb_store *store, const char *run, const char *key);
/* Set a fact of the host manifest. */
int xb_store_host(struct xb_store *store, const char *run, const char *key, const char *value,
                  struct xb_err *err);

/* Store a warning; a later message of the same kind and subject replaces an earlier one. */
int xb_store_warn(struct xb_store *store, const char *run, struct xb_about about,
                  enum xb_warning warning, struct xb_err *err, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

#endif
