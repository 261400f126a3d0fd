/*
 * The gate: a forked process that becomes a job. It prepares everything that takes time, says that
 * it is ready, and sleeps until the release; then all that is left to do is to note the time and to
 * execute the command.
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
    XB_GATE_OPEN = 1,      /* the command was or is about to be executed */
    XB_GATE_CANCELLED = 2, /* set by the agent: it will not open */
};

/* Shared memory: how the gate tells the agent without waking it. */
struct xb_gate_page {
    _Atomic int state;
    uint64_t opened_ns; /* monotonic */
    struct xb_cpu_times at_release;
    struct xb_err err; /* why it failed: class is XB_E_NONE when it did not */
};

struct xb_gate {
    pid_t pid;
    int fd; /* readable once: a byte when it is ready, end of file when it has failed */
    struct xb_gate_page *page;
};

/* What the gate process needs; all of it is used in the child and stays the caller's. */
struct xb_gate_plan {
    const Xb__Arm *arm; /* checked */
    const char *tag;    /* for the job's environment, to tell its descendants by */
    const int *job_fds; /* what becomes descriptors 1 and 2 */
    int stdin_fd;       /* what becomes descriptor 0; -1: what arm says */
};

/* The environment variable that holds the tag. */
#define XB_GATE_TAG_VARIABLE "XENBENCH_JOB"

/* Fork the gate process, which leads a new session. */
int xb_gate_start(struct xb_gate *out, const struct xb_gate_plan *plan, struct xb_err *err);
/* Let it open at at_ns (monotonic), or at once when that has passed. Called once. */
int xb_gate_release(struct xb_gate *gate, uint64_t at_ns, struct xb_err *err);
/*
 * Keep it from opening: true when it will not, false when it has opened already. The process stays
 * to be killed.
 */
bool xb_gate_cancel(struct xb_gate *gate);
/* Free all but the process. */
void xb_gate_close(struct xb_gate *gate);

#endif
