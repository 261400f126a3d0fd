/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The agent's one poll: the descriptors and deadlines, and their callbacks. */
#ifndef XA_LOOP_H
#define XA_LOOP_H

#include "err.h"
#include "frame.h"
#include "session.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

struct xa_agent;

/*
 * Per job a gate or three streams, per session a link; plus signals, and the listener or xenstore.
 */
#define XA_POLL_MAX (3 * XB_JOBS_MAX + XA_SESSION_SLOTS + 8)

typedef void xa_poll_fn(struct xa_agent *agent, void *arg, short revents);

struct xa_poll_set {
    size_t count;
    uint64_t deadline_ns; /* monotonic; UINT64_MAX: sleep until something happens */
    struct pollfd fds[XA_POLL_MAX];
    struct {
        xa_poll_fn *fn;
        void *arg;
    } sources[XA_POLL_MAX];
};

/* Poll fd for events; fn is called with arg and poll's revents. A negative fd is ignored. */
void xa_poll_add(struct xa_poll_set *set, int fd, short events, xa_poll_fn *fn, void *arg);
/* Let the poll end at deadline_ns (monotonic) at the latest. */
void xa_poll_until(struct xa_poll_set *set, uint64_t deadline_ns);

/* Serve until agent->stopping. Fails only if the agent cannot continue. */
int xa_loop_run(struct xa_agent *agent, struct xb_err *err);

#endif
