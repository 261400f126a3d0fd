/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guests of a run: made, started, connected, settled; and removed again.
 */
#ifndef XB_RUN_GUESTS_H
#define XB_RUN_GUESTS_H

#include "run_state.h"

/*
 * Get all guests running, connected and settled, and store their facts. Guests that the run makes
 * are built for the case.
 */
int xb_run_guests_up(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/* Connect to these guests (NULL: all) and wait until they have settled. */
int xb_run_guests_connect(struct xb_run *run, const bool *which, struct xb_err *err);
/* Start these guests without waiting for their agents. */
int xb_run_guests_start(struct xb_run *run, const char *const *names, size_t count,
                        struct xb_err *err);
/*
 * Connect to the guests that are running, for a cell that was in flight; the agents of the others
 * stay NULL.
 */
void xb_run_guests_reach(struct xb_run *run);

/* Destroy the domains of guests that the run made, before their cpupools are removed. */
int xb_run_guests_destroy(struct xb_run *run, struct xb_err *err);
/*
 * Remove the guests of finished and abandoned runs in this store whose controller died before it
 * could; with `alone`, the guests of all other runs. The caller holds the run lock (run_lock.h).
 */
int xb_run_guests_sweep(struct xb_run *run, struct xb_err *err);
/* Disconnect; remove guests that were made for the run, stop those that were started for it. */
int xb_run_guests_down(struct xb_run *run, struct xb_err *err);
void xb_run_disconnect(struct xb_run *run);

/* Make a guest for this case from its image; remove a guest, even a running one. */
int xb_run_make_guest(struct xb_run *run, size_t guest, uint32_t case_no, struct xb_err *err);
int xb_run_remove_guest(struct xb_run *run, const char *name, struct xb_err *err);

#endif
