/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs an experiment.
 */
#ifndef XB_RUN_H
#define XB_RUN_H

#include "app.h"
#include "experiment.h"
#include "shard.h"

#include <stdbool.h>

struct xb_store;

struct xb_run_options {
    const struct xb_exp_source *source; /* the experiment; NULL: that of the resumed run */
    const char
        *resume;  /* an unfinished run's id, a beginning of it, or "latest"; NULL: see afresh */
    bool afresh;  /* begin a new run even where an unfinished one could be resumed */
    bool passing; /* the caller removes the store: there will be nothing to resume */
    /*
     * Nobody resumes what other runs left on this host: remove the guests of all other runs, also
     * of those that this store does not know.
     */
    bool alone;
    /*
     * Set where the unfinished run is not resumed because it began on another host than this one is
     * now; NULL: nobody asks.
     */
    bool *other_host;
    const char *store;     /* NULL: the default store */
    bool quiet;            /* no progress on stderr */
    struct xb_shard shard; /* of a new run: the part to run; number 0: all of it */
    /* take Xen's trace in each cell, even where the experiment does not ask for it */
    bool trace;
    /* a directory for the traces themselves; NULL: only their figures are stored */
    const char *keep_traces;
    /* Reports the results of the finished run with this complete id; NULL: no report. */
    int (*report)(void *arg, struct xb_store *store, const char *run, struct xb_err *err);
    void *report_arg;
};

/*
 * Run an experiment, or resume an unfinished run of the same file, and report. On -1, err has
 * XB_E_INPUT: nothing was touched; XB_E_BENCH: samples failed, a guest was lost, or the run was
 * interrupted; XB_E_HOST: all else. The host is restored as far as possible, the store is kept.
 */
int xb_run(struct xb_app *app, const struct xb_run_options *options, struct xb_err *err);

#endif
