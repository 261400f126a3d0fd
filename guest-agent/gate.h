/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gate: a forked process that becomes a job. It prepares everything slow, reports that it is
 * ready, and sleeps until the release; then it only notes the time and executes the command.
 */
#ifndef XA_GATE_H
#define XA_GATE_H

#include "err.h"
#include "sample.h"
#include "xenbench.pb-c.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum xa_gate_state {
    XA_GATE_SHUT = 0,
    XA_GATE_OPEN = 1,      /* the command was executed or is about to be */
    XA_GATE_CANCELLED = 2, /* set by the agent: the gate must not open */
};

/* Shared memory, by which the gate informs the agent without waking it. */
struct xa_gate_page {
    _Atomic int state;
    uint64_t opened_ns; /* monotonic */
    struct xa_cpu_times at_release;
    struct xb_err err; /* why it failed; class XB_E_NONE: it did not */
};

struct xa_gate {
    pid_t pid;
    int fd; /* readable once: a byte when ready, end of file after a failure */
    struct xa_gate_page *page;
};

/* What the gate process needs; used only in the child, owned by the caller. */
struct xa_gate_plan {
    const Xb__Arm *arm; /* checked */
    const char *tag;    /* for the job's environment: identifies its descendants */
    const int *job_fds; /* become descriptors 1 and 2 */
    int stdin_fd;       /* becomes descriptor 0; -1: as in arm */
};

/* The environment variable that holds the tag. */
#define XA_GATE_TAG_VARIABLE "XENBENCH_JOB"

/* Fork the gate process, which leads a new session. */
int xa_gate_start(struct xa_gate *out, const struct xa_gate_plan *plan, struct xb_err *err);
/* Let the gate open at at_ns (monotonic), or at once if that has passed. Called once. */
int xa_gate_release(struct xa_gate *gate, uint64_t at_ns, struct xb_err *err);
/*
 * Keep the gate from opening. False if it has opened already. The caller must still kill the
 * process.
 */
bool xa_gate_cancel(struct xa_gate *gate);
/* Free everything; the process stays. */
void xa_gate_close(struct xa_gate *gate);

#endif
