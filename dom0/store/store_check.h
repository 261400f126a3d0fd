/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks against the hypervisor in the store: promises, Dom0's own state, counters, traces.
 */
#ifndef XB_STORE_CHECK_H
#define XB_STORE_CHECK_H

#include "probe.h"
#include "promise.h"
#include "store_cell.h"
#include "trace_reduce.h"

int xb_store_promise(struct xb_store *store, struct xb_cell_key key, const char *guest,
                     const struct xb_promise *promise, struct xb_err *err);

int xb_store_probe(struct xb_store *store, struct xb_cell_key key, const struct xb_probe *passed,
                   struct xb_err *err);

/* A result's counters, or the reason why there are none. */
int xb_store_counters(struct xb_store *store, struct xb_cell_key key, const char *guest,
                      const Xb__Result *result, struct xb_err *err);

/* A vcpu's run time in one window, by Xen's count and by the trace. */
struct xb_trace_match {
    uint16_t domid, vcpu;
    uint64_t xen_ns, trace_ns;
};

struct xb_trace_kept {
    const struct xb_trace_sum *sum;
    uint64_t bytes, span_ns, covered_ns, wakeups; /* as the columns of traces */
    const struct xb_trace_match *matches;
    size_t match_count;
    /* A domain's name; NULL: the domain is not in the experiment. */
    const char *(*name)(void *arg, uint16_t domid);
    void *arg;
};
/* Store a cell's trace in one transaction. */
int xb_store_trace(struct xb_store *store, struct xb_cell_key key, const struct xb_trace_kept *kept,
                   struct xb_err *err);

#endif
