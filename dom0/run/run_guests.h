/*
 * The guests of a run: made or started where they are not there, connected, at rest; and taken
 * away again.
 */
#ifndef XB_RUN_GUESTS_H
#define XB_RUN_GUESTS_H

#include "run_state.h"

/*
 * Have all guests running, built as the case asks where the run makes them, connected and settled,
 * and write down what they are.
 */
int xb_run_guests_up(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/* Connect to these guests (all of them: NULL) and wait until they have come to rest. */
int xb_run_guests_connect(struct xb_run *run, const bool *which, struct xb_err *err);
int xb_run_guests_start(struct xb_run *run, const char *const *names, size_t count,
                        struct xb_err *err);
/*
 * Only reach those that run, for a cell that was in flight; those that cannot be reached are left
 * NULL.
 */
void xb_run_guests_reach(struct xb_run *run);

/* Destroy the domains of guests that the run made: before their cpupools go. */
int xb_run_guests_destroy(struct xb_run *run, struct xb_err *err);
/*
 * Remove the guests of runs that are at their end in this store: the controller died after its last
 * sample, before it had cleared up. We hold the lock that it held.
 */
int xb_run_guests_sweep(struct xb_run *run, struct xb_err *err);
/* Disconnect; remove guests that were made for the run, stop those that were started for it. */
int xb_run_guests_down(struct xb_run *run, struct xb_err *err);
void xb_run_disconnect(struct xb_run *run);

/* Make a guest for this case, from its image; and remove one, whatever it does. */
int xb_run_make_guest(struct xb_run *run, size_t guest, uint32_t case_no, struct xb_err *err);
int xb_run_remove_guest(struct xb_run *run, const char *name, struct xb_err *err);

#endif
