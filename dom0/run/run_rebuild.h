/*
 * Guests that have to be started anew between cells: for another build, or after they were lost.
 */
#ifndef XB_RUN_REBUILD_H
#define XB_RUN_REBUILD_H

#include "run_state.h"

/*
 * Before a cell, have every guest as the case needs it: those that were made for the run and must be
 * built otherwise are built anew, those that were lost are started again (where the experiment goes
 * on after a loss), workloads are prepared where they have not been. Cpupools are put in place on
 * the way.
 */
int xb_run_guests_fit(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/*
 * Which guests are lost? All agents are asked at once: of one that hangs, or whose domain died while
 * nobody listened, nothing else tells. Its session is given up then. Returns how many are lost.
 */
size_t xb_run_find_lost(struct xb_run *run, bool *lost);
/* Have one that the run made, and that does not run, as this case needs it: made again if need be. */
int xb_run_build_guest(struct xb_run *run, size_t guest, uint32_t case_no, struct xb_err *err);
/* Does this case need another guest, made again from an image? A run that is resumed says so if in doubt. */
bool xb_run_must_make(const struct xb_run *run, size_t guest, uint32_t case_no);
/* Write down what a guest is to be built with in this case. */
int xb_run_set_build(struct xb_run *run, size_t guest, uint32_t case_no, struct xb_err *err);

#endif
