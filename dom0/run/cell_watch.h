/*
 * What is watched through a cell's window without waking anybody: Dom0's own state at both edges,
 * and Xen's trace.
 */
#ifndef XB_CELL_WATCH_H
#define XB_CELL_WATCH_H

#include "err.h"
#include "probe.h"
#include "store_check.h"
#include "trace_capture.h"

struct xb_cell;

struct xb_cell_watch {
    bool begun;
    struct xb_capture *capture; /* NULL: no trace */
    struct xb_tsc_mark start, end;
    struct xb_probe probe, probe_end;
    struct xb_trace_match *matches; /* vcpus whose run time is known from Xen for the window */
    size_t match_count;
};

/* Before anything else at the start: if a trace is wanted, records are kept from now on. */
int xb_cell_watch_trace(struct xb_cell *cell, struct xb_err *err);
/* The last thing that is read at the start, and at the end. */
void xb_cell_watch_begin(struct xb_cell *cell);
void xb_cell_watch_end(struct xb_cell *cell);
/* What Dom0 was short of, once all is read. Warns. */
int xb_cell_watch_write(struct xb_cell *cell, struct xb_err *err);
/* A vcpu's run time in the window by Xen's count. */
int xb_cell_watch_match(struct xb_cell *cell, uint32_t domid, uint32_t vcpu, uint64_t run_ns,
                        struct xb_err *err);
/* After all else at the end: reduce the trace and write it down. */
int xb_cell_watch_reduce(struct xb_cell *cell, struct xb_err *err);
void xb_cell_watch_free(struct xb_cell *cell);

#endif
