/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guests that are started anew between cells: for another build, or after a loss.
 */
#ifndef XB_RUN_REBUILD_H
#define XB_RUN_REBUILD_H

#include "run_state.h"

/*
 * Before a cell, make every guest fit the case: build guests of the run anew where the case needs
 * another build, bring lost guests up again (where the experiment continues after a loss), set up
 * cpupools, and prepare workloads that are not prepared yet. A guest that was running before the
 * run is connected to again; it is started only if its domain is gone.
 */
int xb_run_guests_fit(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/*
 * Find lost guests, and give up their sessions; returns their number. All agents are asked at once,
 * because nothing else shows that an agent hangs, or that a domain died unobserved.
 */
size_t xb_run_find_lost(struct xb_run *run, bool *lost);
/*
 * End the lost guests' sessions, and the domains of those that the run made or started, for
 * xb_run_guests_up to start anew. A guest that was running before the run keeps its domain.
 */
int xb_run_end_lost(struct xb_run *run, struct xb_err *err);
/*
 * Go on without a guest: its session ends, its domain too where the run made or started it. Warns.
 * In each cell that it has a job in, its sample is lost.
 */
int xb_run_leave_out(struct xb_run *run, size_t guest, struct xb_err *err);
/* Build a stopped guest of the run as this case needs it; make it again where necessary. */
int xb_run_build_guest(struct xb_run *run, size_t guest, uint32_t case_no, struct xb_err *err);
/* Must the guest be made again from an image for this case? A resumed run says yes if in doubt. */
bool xb_run_must_make(const struct xb_run *run, size_t guest, uint32_t case_no);
/* Store in the guest's definition how to build the guest in this case. */
int xb_run_set_build(struct xb_run *run, size_t guest, uint32_t case_no, struct xb_err *err);

#endif
