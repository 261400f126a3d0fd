/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ends and forgets jobs that are still in guests, whatever their phase. An agent that forgets a job
 * with `leave` ends the processes that the job left running.
 */
#ifndef XB_RUN_LEFT_H
#define XB_RUN_LEFT_H

#include "base.h"
#include "run_state.h"

/* How long a guest may take to end a job, and again to forget it. */
#define XB_JOB_END_NS (10 * XB_NS_PER_S)

/* End a job of this run, and all that it started, as far as possible. */
void xb_job_end(struct xb_run *run, size_t guest, uint32_t job_id, Xb__JobPhase phase);
/* Likewise one job per guest, in all guests at once; lefts is by guest, job_id 0: none. */
void xb_jobs_end(struct xb_run *run, const struct xb_left *lefts);
/* After a cell: end the processes that `each` left running. */
void xb_run_end_each(struct xb_run *run);
/* At the run's end: likewise those that `prepare` left. */
void xb_run_end_left(struct xb_run *run);

#endif
