/*
 * Repeated until sure: which cases go on after each round. All that is asked is in the store, so
 * that a run that is resumed decides as it would have.
 */
#ifndef XB_RUN_REPEAT_H
#define XB_RUN_REPEAT_H

#include "run_state.h"

/*
 * All cells that were planned are done: plan those that are still needed, and write down why cases
 * stop. *more false: none is needed.
 */
int xb_run_plan_more(struct xb_run *run, bool *more, struct xb_err *err);
/* Has the workload the metric that `until` names? */
int xb_run_check_until(const struct xb_run *run, struct xb_err *err);

#endif
