/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The share of CPU time that scheduling settings promise guests whose vcpus always want to run.
 * Depends on its arguments alone. docs/measurement.md has the formulas and their sources.
 */
#ifndef XB_PROMISE_H
#define XB_PROMISE_H

#include "allocation.h"

#include <stdbool.h>
#include <stddef.h>

struct xb_promise {
    bool known;
    double cpus;   /* 1: all the time of one CPU */
    char how[120]; /* for people: the reasoning, or why there is no promise */
};

/*
 * One promise per guest, from settings that were read back or will be applied (vcpus, weight, cap
 * and pool are set). All other domains, Dom0 too, are taken to be idle.
 */
void xb_promises(const struct xb_pool *pools, size_t pool_count, const struct xb_allocation *guests,
                 size_t count, struct xb_promise *out);

/*
 * What the schedule of a pool under arinc653 gives the guest of that name; out stays as it is under
 * another scheduler, and where there is no schedule.
 */
void xb_promise_by_schedule(const struct xb_pool *pool, const char *guest, uint32_t vcpus,
                            struct xb_promise *out);

/*
 * Share out `capacity` in proportion to the weights (NULL: equal), none beyond its limit; what some
 * cannot take goes to the others in proportion (weighted max-min fairness).
 */
void xb_share_out(double capacity, const double *weights, const double *limits, size_t count,
                  double *out);

#endif
