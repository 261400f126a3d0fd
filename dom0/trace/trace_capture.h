/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Capturing Xen's trace: a child maps the trace buffers, sleeps until one is half full, and keeps
 * their records in memory in xentrace's format. Nothing goes to disk while jobs run.
 */
#ifndef XB_TRACE_CAPTURE_H
#define XB_TRACE_CAPTURE_H

#include "journal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The limit of a capture, unless a quarter of Dom0's free memory is less. */
#define XB_CAPTURE_BYTES_MAX (UINT64_C(256) << 20)

struct xb_capture;

/* One moment on Dom0's monotonic clock and on the trace's clock. */
struct xb_tsc_mark {
    uint64_t mono_ns, tsc;
};
struct xb_tsc_mark xb_tsc_mark_now(void);

/*
 * Begin: from the return on, every change of a vcpu's runstate is recorded. XB_E_HOST if Xen was
 * built without tracing or has no memory for it, or if another tracer runs.
 */
int xb_capture_start(struct xb_capture **out, struct xb_app *app, struct xb_err *err);

struct xb_captured {
    const void *bytes; /* NULL where size is 0 */
    size_t size;
    bool full; /* it stopped early; everything up to full_tsc is there */
    uint64_t full_tsc;
    uint64_t wakeups; /* how often the child woke to fetch records before the end */
};

/* Switch Xen's tracing off and return the records. Frees capture in any case. */
int xb_capture_stop(struct xb_capture *capture, struct xb_captured *out, struct xb_err *err);
/* Write the records to path (outfile.h). */
int xb_captured_keep(const struct xb_captured *captured, const char *path, struct xb_err *err);
void xb_captured_free(struct xb_captured *captured);

/* Stop and drop the records; capture may be NULL. */
void xb_capture_cancel(struct xb_capture *capture);

/* A killed capture leaves Xen tracing; the sweep switches that off. */
extern const struct xb_journal_kind xb_trace_kind;

#endif
