/*
 * The agent's whole state, the first argument of every function. The agent trusts Dom0, which owns
 * this machine, but parses its messages strictly, so that a bug shows as an error. Jobs are not
 * trusted: they may change users, flood their output, fork, detach and refuse to die.
 */
#ifndef XB_AGENT_H
#define XB_AGENT_H

#include "base.h"
#include "err.h"
#include "files.h"
#include "frame.h"
#include "holder.h"
#include "job.h"
#include "session.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_rendezvous;

struct xb_agent_options {
    const char *socket_path; /* serve this unix socket instead of vchan; NULL: vchan */
    bool init;               /* we are PID 1 and alone */
    bool lock_memory;
};

struct xb_agent {
    struct xb_agent_options options;
    char boot_id[64];
    struct xb_name_area name_area;
    int signal_fd;
    int uevent_fd;                    /* as PID 1, else -1 */
    int listen_fd;                    /* in socket mode, else -1 */
    struct xb_rendezvous *rendezvous; /* in vchan mode, else NULL */
    struct xb_session sessions[XB_SESSION_SLOTS];
    struct xb_job *jobs[XB_JOBS_MAX]; /* NULL: free */
    uint64_t arm_serial;              /* jobs ever armed; makes their tags unique */
    struct xb_transfer transfers[XB_TRANSFERS_MAX];

    uint64_t wakeups;      /* returns of poll */
    uint64_t woken_ns;     /* monotonic, the latest of them */
    uint64_t started_ns;   /* boottime clock */
    uint64_t published_ns; /* boottime clock, 0: not yet */
    uint64_t userspace_ns; /* boottime clock when PID 1 was executed; 0: not yet read */
    uint32_t generation;
    uint32_t restores;
    uint64_t frozen_ns; /* in all restores */

    bool stopping;
    int reboot_command; /* init mode: the final command for reboot(2) */
};

/* The boottime clock counts from the kernel's start and runs on while the domain is suspended. */
static inline uint64_t xb_boottime_ns(void)
{
    return xb_clock_ns(CLOCK_BOOTTIME);
}

#endif
