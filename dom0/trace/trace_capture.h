/*
 * Taking Xen's trace: a child process maps the trace buffers, sleeps until one of them is half
 * full, and keeps what they held in memory, in xentrace's own format. Nothing is written to a
 * disk while jobs run.
 */
#ifndef XB_TRACE_CAPTURE_H
#define XB_TRACE_CAPTURE_H

#include "journal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What Xen keeps for each CPU until it is fetched. It is given up by a reboot alone: Xen cannot
 * free it.
 */
#define XB_CAPTURE_PAGES_PER_CPU 256
/* What a capture may hold, where a quarter of Dom0's free memory is not less. */
#define XB_CAPTURE_BYTES_MAX (UINT64_C(256) << 20)

struct xb_capture;

/* A moment on Dom0's monotonic clock and on the clock of the trace's time stamps. */
struct xb_tsc_mark {
    uint64_t mono_ns, tsc;
};
struct xb_tsc_mark xb_tsc_mark_now(void);

/*
 * Begin: when this returns, every change of a vcpu's runstate on every CPU is being kept.
 * XB_E_HOST where that cannot be: Xen was built without, has no memory for its buffers, or
 * somebody else is tracing.
 */
int xb_capture_start(struct xb_capture **out, struct xb_app *app, struct xb_err *err);

struct xb_captured {
    const void *bytes; /* NULL where size is 0 */
    size_t size;
    bool full; /* it had to stop before its end: all is there up to full_tsc */
    uint64_t full_tsc;
    uint64_t wakeups; /* how often the child ran to fetch records before it was told to stop */
};

/* End, switch Xen's tracing off, and have what was kept. capture is freed in any case. */
int xb_capture_stop(struct xb_capture *capture, struct xb_captured *out, struct xb_err *err);
/* Write it where the user said (outfile.h). */
int xb_captured_keep(const struct xb_captured *captured, const char *path, struct xb_err *err);
void xb_captured_free(struct xb_captured *captured);

/* Stop, and drop what was kept; NULL is allowed. */
void xb_capture_cancel(struct xb_capture *capture);

/* A capture that was killed leaves Xen tracing: the sweep switches that off. */
extern const struct xb_journal_kind xb_trace_kind;

#endif
