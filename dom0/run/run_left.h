/*
 * Jobs that stay in guests: whatever their phase, they are ended and forgotten. An agent that
 * forgets a job with `leave` ends what it left running.
 */
#ifndef XB_RUN_LEFT_H
#define XB_RUN_LEFT_H

#include "run_state.h"

/* End a job of this run, whatever it does, and all that it started. Does what it can. */
void xb_job_end(struct xb_run *run, size_t guest, uint32_t job_id, Xb__JobPhase phase);
/* The same of one job per guest, in all guests at once; by guest, job_id 0: none. */
void xb_jobs_end(struct xb_run *run, const struct xb_left *lefts);
/* End what `each` left running, when its cell is over. */
void xb_run_end_each(struct xb_run *run);
/* The same for `prepare` too, at the run's end. */
void xb_run_end_left(struct xb_run *run);

#endif
