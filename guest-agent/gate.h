/*
 * The gate: a forked process that becomes a job. It prepares everything slow, reports that it is
 * ready, and sleeps until the release; then it only notes the time and executes the command.
 */
#ifndef XB_GATE_H
#define XB_GATE_H

#include "err.h"
#include "sample.h"
#include "xenbench.pb-c.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum xb_gate_state {
    XB_GATE_SHUT = 0,
    XB_GATE_OPEN = 1,      /* the command was executed or is about to be */
    XB_GATE_CANCELLED = 2, /* set by the agent: the gate must not open */
};

/* Shared memory, by which the gate informs the agent without waking it. */
struct xb_gate_page {
    _Atomic int state;
    uint64_t opened_ns; /* monotonic */
    struct xb_cpu_times at_release;
    struct xb_err err; /* why it failed; class XB_E_NONE: it did not */
};

struct xb_gate {
    pid_t pid;
    int fd; /* readable once: a byte when ready, end of file after a failure */
    struct xb_gate_page *page;
};

/* What the gate process needs; used only in the child, owned by the caller. */
struct xb_gate_plan {
    const Xb__Arm *arm; /* checked */
    const char *tag;    /* for the job's environment: identifies its descendants */
    const int *job_fds; /* become descriptors 1 and 2 */
    int stdin_fd;       /* becomes descriptor 0; -1: as in arm */
};

/* The environment variable that holds the tag. */
#define XB_GATE_TAG_VARIABLE "XENBENCH_JOB"

/* Fork the gate process, which leads a new session. */
int xb_gate_start(struct xb_gate *out, const struct xb_gate_plan *plan, struct xb_err *err);
/* Let the gate open at at_ns (monotonic), or at once if that has passed. Called once. */
int xb_gate_release(struct xb_gate *gate, uint64_t at_ns, struct xb_err *err);
/*
 * Keep the gate from opening: true if it will not, false if it has opened. The process remains to
 * be killed.
 */
bool xb_gate_cancel(struct xb_gate *gate);
/* Free all but the process. */
void xb_gate_close(struct xb_gate *gate);

#endif
