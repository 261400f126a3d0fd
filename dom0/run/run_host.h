/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host of a run: record it and each guest's baseline, apply a case, restore everything.
 */
#ifndef XB_RUN_HOST_H
#define XB_RUN_HOST_H

#include "run_state.h"

int xb_run_host_begin(struct xb_run *run, struct xb_err *err);
int xb_run_host_baseline(struct xb_run *run, struct xb_err *err);
/* Get one guest's baseline, from the store if a resumed run made or started the guest earlier. */
int xb_run_guest_baseline(struct xb_run *run, size_t guest, struct xb_err *err);
int xb_run_host_apply(struct xb_run *run, uint32_t case_no, struct xb_err *err);
int xb_run_host_end(struct xb_run *run, struct xb_err *err);
/*
 * May guests that the run makes have what the host needs back: CPUs of pools, or memory? Then their
 * domains must end before the host is restored.
 */
bool xb_run_guests_hold_host(const struct xb_run *run);
/* Read which nodes gave a guest its memory, just after it was built. */
void xb_run_read_built(struct xb_run *run, size_t guest);

/* A guest's (-1: Dom0's) allocation in a case: its baseline with the case's settings; to free. */
int xb_run_wanted(const struct xb_run *run, uint32_t case_no, int guest, struct xb_allocation *out,
                  struct xb_err *err);
/* The governor, turbo and C-states that a case needs. */
struct xb_power_want xb_run_wanted_power(const struct xb_run *run, const struct xb_exp_case *c);

/*
 * run_pools.c: set up the cpupools of a case, and put all other pools back to the baseline.
 */
int xb_run_pools_apply(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/*
 * Give pools under arinc653 the schedules of the case: once its guests are made, since a schedule
 * names UUIDs, and before they are started, since a guest that it does not name never boots.
 */
int xb_run_pools_schedule(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/* Are the cpupools of the case in force? */
bool xb_run_pools_are(const struct xb_run *run, uint32_t case_no);

#endif
