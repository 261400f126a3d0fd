/*
 * The share of CPU time that scheduling settings promise, for guests whose vcpus all want to run
 * all the time. Looks at nothing but its arguments. docs/measurement.md has the formulas and
 * where they are from.
 */
#ifndef XB_PROMISE_H
#define XB_PROMISE_H

#include "allocation.h"

#include <stdbool.h>
#include <stddef.h>

struct xb_promise {
    bool known;
    double cpus;   /* 1: the whole time of one CPU */
    char how[120]; /* what it follows from, or why it is not known; for people */
};

/*
 * One promise for each guest, from what was read back or will be in force (vcpus, weight, cap and
 * pool filled). Those of other domains are not looked at: they are taken to be idle, Dom0 too.
 */
int xb_promises(const struct xb_pool *pools, size_t pool_count, const struct xb_allocation *guests,
                size_t count, struct xb_promise *out, struct xb_err *err);

/*
 * Share `capacity` out in proportion to weights, none beyond its limit: what some cannot take
 * goes to the others in the same proportion (weighted max-min fairness). weights NULL: all alike.
 */
void xb_share_out(double capacity, const double *weights, const double *limits, size_t count,
                  double *out);

#endif
