/*
 * The host of a run: recorded, then the baseline of each guest; a case applied; everything put back.
 */
#ifndef XB_RUN_HOST_H
#define XB_RUN_HOST_H

#include "run_state.h"

int xb_run_host_begin(struct xb_run *run, struct xb_err *err);
int xb_run_host_baseline(struct xb_run *run, struct xb_err *err);
/* Of a guest that the run made or started before it was cut off: as it was then. */
int xb_run_guest_baseline(struct xb_run *run, size_t guest, struct xb_err *err);
int xb_run_host_apply(struct xb_run *run, uint32_t case_no, struct xb_err *err);
int xb_run_host_end(struct xb_run *run, struct xb_err *err);
/* Of a guest that has just been built: which nodes gave its memory? */
void xb_run_read_built(struct xb_run *run, size_t guest);

/* What a case asks of guest g (-1: Dom0), over its baseline; to free. */
int xb_run_wanted(const struct xb_run *run, uint32_t case_no, int guest, struct xb_allocation *out,
                  struct xb_err *err);
/* What a case asks of governor, turbo and C-states. */
struct xb_power_want xb_run_wanted_power(const struct xb_run *run, const struct xb_exp_case *c);

/*
 * run_pools.c: the cpupools of a case: those it needs are there, those it does not are as at the
 * baseline.
 */
int xb_run_pools_apply(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/* Are the cpupools of the case those that are in force? */
bool xb_run_pools_are(const struct xb_run *run, uint32_t case_no);

#endif
