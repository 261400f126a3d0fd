/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Repetition until sure: decides which cases continue after each round, from the store alone, so
 * that a resumed run decides as the first process would have.
 */
#ifndef XB_RUN_REPEAT_H
#define XB_RUN_REPEAT_H

#include "run_state.h"

/*
 * After all planned cells: plan those that are still needed, and store why cases stop. *more is
 * false where none is needed.
 */
int xb_run_plan_more(struct xb_run *run, bool *more, struct xb_err *err);
/* Does every measured workload have the metric that `until` names? */
int xb_run_check_until(const struct xb_run *run, struct xb_err *err);

#endif
