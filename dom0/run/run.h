/*
 * Carrying out an experiment.
 */
#ifndef XB_RUN_H
#define XB_RUN_H

#include "app.h"
#include "yaml.h"

#include <stdbool.h>

struct xb_store;

struct xb_run_options {
    const char *file; /* the experiment; NULL: the one of the run that is resumed */
    const char
        *resume; /* an unfinished run's id, a beginning of it, or "latest"; NULL: see afresh */
    bool afresh; /* begin anew even where an unfinished run of the same file could be finished */
    struct xb_texts sets; /* KEY=VALUE: before what the file says */
    const char *store;    /* NULL: the default one */
    bool quiet;           /* no progress on stderr */
    /* take Xen's trace in each cell, even where the experiment does not ask for it */
    bool trace;
    /* a directory for the traces themselves; NULL: only what they come to is kept */
    const char *keep_traces;
    /* Tells what a run that came to its end has found (its whole id); NULL: nobody is told. */
    int (*report)(void *arg, struct xb_store *store, const char *run, struct xb_err *err);
    void *report_arg;
};

/*
 * Run an experiment to its end, and report. A run of the same file that was not finished is
 * finished. Returns 0, or -1 with
 * err filled: XB_E_INPUT where nothing was touched, XB_E_BENCH where samples failed, a guest was
 * lost or someone
 * interrupted it, XB_E_HOST otherwise. In every case the host is as it was found, as far as it lets
 * itself be
 * put back, and what was committed is in the store.
 */
int xb_run(struct xb_app *app, const struct xb_run_options *options, struct xb_err *err);

#endif
