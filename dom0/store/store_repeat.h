/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Repetitions in the store: each case's progress, why it stopped, and cells that are planned during
 * a run.
 */
#ifndef XB_STORE_REPEAT_H
#define XB_STORE_REPEAT_H

#include "store_run.h"

/* The progress of a case; discarded cells do not count. */
struct xb_case_progress {
    uint32_t warmups, repetitions; /* planned or done */
    uint32_t last_cell;            /* the last cell of the whole run, plus one */
    uint64_t spent_ns;             /* the time that the case's cells took, as far as known */
    bool stopped;
};
/* Fill progress, which has room for count cases, by the cases' numbers. */
int xb_store_progress(struct xb_store *store, const char *run, struct xb_case_progress *progress,
                      size_t count, struct xb_err *err);

/* A guest that is measured in a case, and its figure. xb_measured_free frees the list. */
struct xb_measured {
    char *guest, *metric; /* metric NULL: the wall time */
};
int xb_store_measured(struct xb_store *store, const char *run, uint32_t case_no,
                      struct xb_measured **out, size_t *count, struct xb_err *err);
void xb_measured_free(struct xb_measured *measured, size_t count);

/*
 * The figure of every counted sample of a guest in a case, in *out (to free); metric NULL: the wall
 * time in seconds. Failed samples are left out.
 */
int xb_store_figures(struct xb_store *store, const char *run, uint32_t case_no, const char *guest,
                     const char *metric, double **out, size_t *count, struct xb_err *err);

/* A case gets no more repetitions: reason is count, sure, max or time; why is for people. */
int xb_store_case_stopped(struct xb_store *store, const char *run, uint32_t case_no,
                          const char *reason, const char *why, struct xb_err *err);

/* Stop all cases that have not stopped, with reason count: all their repetitions are done. */
int xb_store_cases_counted(struct xb_store *store, const char *run, struct xb_err *err);

/* Add planned cells, numbered from `first`. The caller has a transaction open. */
int xb_store_cells_add(struct xb_store *store, const char *run, uint32_t first,
                       const struct xb_plan_cell *cells, size_t count, struct xb_err *err);

#endif
