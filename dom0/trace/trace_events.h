/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A trace as Chrome trace events, which Perfetto and about:tracing draw: a process of all CPUs with
 * a thread for each, and a process for each domain with a thread for each vcpu.
 */
#ifndef XB_TRACE_EVENTS_H
#define XB_TRACE_EVENTS_H

#include "trace_reduce.h"

#include <jansson.h>
#include <stdio.h>

struct xb_trace_events {
    FILE *out;
    const json_t *about; /* trace_about.h: the domains' names; NULL: not known */
    bool begun;
};

/* An xb_trace_slice_fn; arg is a struct xb_trace_events. Written at once, as traces are large. */
void xb_trace_events_slice(void *arg, const struct xb_trace_slice *slice);
/* After the last slice: names, and the end. */
void xb_trace_events_end(struct xb_trace_events *events, const struct xb_trace_sum *sum);

#endif
