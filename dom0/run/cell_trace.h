/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Xen's trace of a cell's window, and how well it agrees with Xen's own counts.
 */
#ifndef XB_CELL_TRACE_H
#define XB_CELL_TRACE_H

#include "err.h"
#include "store_check.h"
#include "trace_capture.h"

struct xb_cell;

struct xb_cell_trace {
    struct xb_capture *capture;     /* NULL: no trace */
    struct xb_trace_match *matches; /* vcpus whose run time is known from Xen for the window */
    size_t match_count;
};

/* Call first at the start: if a trace is wanted, this starts keeping records. */
int xb_cell_trace_start(struct xb_cell *cell, struct xb_err *err);
/* Note a vcpu's run time in the window by Xen's count, to compare the trace with. */
int xb_cell_trace_match(struct xb_cell *cell, uint32_t domid, uint32_t vcpu, uint64_t run_ns,
                        struct xb_err *err);
/* Call last at the end: reduce the trace and store the result. */
int xb_cell_trace_reduce(struct xb_cell *cell, struct xb_err *err);
void xb_cell_trace_free(struct xb_cell *cell);

#endif
