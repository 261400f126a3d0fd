/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run that is under way, seen from another process. The store is only read, in short
 * transactions, so the run never waits for a reader.
 */
#ifndef XB_STORE_WATCH_H
#define XB_STORE_WATCH_H

#include "store_read.h"

/*
 * Open a store for reading alone; it is never migrated. XB_E_INPUT where the file is missing, is no
 * store, or has another version.
 */
int xb_store_open_to_read(struct xb_store **out, struct xb_app *app, const char *path,
                          struct xb_err *err);

struct xb_watch_case {
    char *name;
    uint32_t done, planned; /* repetitions; planned: those still to come */
    double mean_ns;         /* of a cell; NaN while none is done */
};
struct xb_watch_median {
    uint32_t case_no;
    char *guest, *unit; /* unit NULL: none */
    double median;
    uint32_t samples;
};
/* What a guest does in the cell that is under way. */
struct xb_watch_guest {
    char *name, *role; /* role NULL: no cell is under way */
    char *outcome;     /* of its job; NULL: none yet */
    bool armed;        /* it has its job */
    double wall_ns;
};
/* A cell: the one that is under way, or one that is done. */
struct xb_watch_cell {
    uint32_t cell, case_no, repetition, attempt; /* cell and repetition from 0 */
    bool warmup;
    char *state, *case_name, *started_at;
    char *samples; /* of a done cell: "g1 5.22 s, g2 failed" */
};

/* One look at a run: everything is from the same moment. */
struct xb_watch {
    char *run, *name, *state, *started_at;
    bool imported, open_ended; /* open_ended: it repeats until the medians are known */
    uint32_t cells, done;
    struct xb_watch_case *cases;
    size_t case_count;
    struct xb_watch_median *medians;
    size_t median_count;
    struct xb_watch_guest *guests;
    size_t guest_count;
    bool has_now;
    struct xb_watch_cell now;
    struct xb_watch_cell *news; /* cells that were done since the last look, in order */
    size_t news_count;
};
/* seen: how many done cells earlier looks have returned. */
int xb_watch_look(const struct xb_read *in, uint32_t seen, struct xb_watch *out);

#endif
