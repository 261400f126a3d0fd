/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All of the agent's state, passed down instead of globals. The agent trusts Dom0, which owns this
 * machine, but parses its messages strictly, so that a bug shows as an error. Jobs are not
 * trusted: they may change users, flood their output, fork, detach and refuse to die.
 */
#ifndef XA_STATE_H
#define XA_STATE_H

#include "base.h"
#include "err.h"
#include "transfer.h"
#include "frame.h"
#include "holder.h"
#include "job.h"
#include "session.h"

#include <stdbool.h>
#include <stdint.h>

struct xa_rendezvous;

struct xa_agent_options {
    const char *socket_path; /* serve this unix socket instead of vchan; NULL: vchan */
    bool init;               /* we are PID 1 and alone */
    bool lock_memory;
};

struct xa_agent {
    struct xa_agent_options options;
    char boot_id[64];
    struct xa_name_area name_area;
    int signal_fd;
    int uevent_fd;                    /* as PID 1, else -1 */
    int listen_fd;                    /* in socket mode, else -1 */
    struct xa_rendezvous *rendezvous; /* in vchan mode, else NULL */
    struct xa_session sessions[XA_SESSION_SLOTS];
    struct xa_job *jobs[XB_JOBS_MAX]; /* NULL: free */
    uint64_t arm_serial;              /* counts the jobs, to make their tags unique */
    struct xa_transfer transfers[XA_TRANSFERS_MAX];

    uint64_t wakeups;      /* returns of poll */
    uint64_t woken_ns;     /* monotonic, the latest wakeup */
    uint64_t started_ns;   /* boottime clock */
    uint64_t published_ns; /* boottime clock, 0: not yet */
    uint64_t userspace_ns; /* boottime clock when PID 1 was executed; 0: not yet read */
    uint32_t generation;
    uint32_t restores;
    uint64_t frozen_ns; /* in all freezes so far */

    bool stopping;
    int reboot_command; /* init mode: the final command for reboot(2) */
};

/* The boottime clock counts from the kernel's start and runs on while the domain is suspended. */
static inline uint64_t xa_boottime_ns(void)
{
    return xb_clock_ns(CLOCK_BOOTTIME);
}

#endif
