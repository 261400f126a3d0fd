/*
 * Repetitions in the store: how far each case has come, why it stopped, and cells that are planned
 * while a run goes on.
 */
#ifndef XB_STORE_REPEAT_H
#define XB_STORE_REPEAT_H

#include "store_run.h"

/* A case on its way; cells that were discarded do not count. */
struct xb_case_progress {
    uint32_t warmups, repetitions; /* planned or done */
    uint32_t last_cell;            /* the last cell of the whole run, plus one */
    uint64_t spent_ns;             /* what its cells took, as far as it is known */
    bool stopped;
};
/* Of every case, by its number; progress has room for count cases. */
int xb_store_progress(struct xb_store *store, const char *run, struct xb_case_progress *progress,
                      size_t count, struct xb_err *err);

/* Who is measured in a case, by which figure. Strings are to free with xb_measured_free. */
struct xb_measured {
    char *guest, *metric; /* metric NULL: the wall time */
};
int xb_store_measured(struct xb_store *store, const char *run, uint32_t case_no,
                      struct xb_measured **out, size_t *count, struct xb_err *err);
void xb_measured_free(struct xb_measured *measured, size_t count);

/*
 * The figure of every counted sample of a guest in a case, in *out (to free); metric NULL: the wall
 * time in seconds. Samples that failed have none.
 */
int xb_store_figures(struct xb_store *store, const char *run, uint32_t case_no, const char *guest,
                     const char *metric, double **out, size_t *count, struct xb_err *err);

/* A case gets no more repetitions: reason is count, sure, max or time; why says it in words. */
int xb_store_case_stopped(struct xb_store *store, const char *run, uint32_t case_no,
                          const char *reason, const char *why, struct xb_err *err);

/* The same of all cases that have not stopped, since all of their count is done. */
int xb_store_cases_counted(struct xb_store *store, const char *run, struct xb_err *err);

/* Add planned cells, the first of which has this number. Within the caller's transaction. */
int xb_store_cells_add(struct xb_store *store, const char *run, uint32_t first,
                       const struct xb_plan_cell *cells, size_t count, struct xb_err *err);

#endif
