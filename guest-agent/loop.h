/* The agent's one poll: the descriptors and deadlines, and their callbacks. */
#ifndef XB_LOOP_H
#define XB_LOOP_H

#include "err.h"
#include "frame.h"
#include "session.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

struct xb_agent;

/*
 * Per job a gate or three streams, per session a link; plus signals, and the listener or xenstore.
 */
#define XB_POLL_MAX (3 * XB_JOBS_MAX + XB_SESSION_SLOTS + 8)

typedef void xb_poll_fn(struct xb_agent *agent, void *arg, short revents);

struct xb_poll_set {
    size_t count;
    uint64_t deadline_ns; /* monotonic; UINT64_MAX: sleep until something happens */
    struct pollfd fds[XB_POLL_MAX];
    struct {
        xb_poll_fn *fn;
        void *arg;
    } sources[XB_POLL_MAX];
};

/* Wait for events on fd; fn gets arg and poll's result. A negative fd is ignored. */
void xb_poll_add(struct xb_poll_set *set, int fd, short events, xb_poll_fn *fn, void *arg);
/* Wake up at the latest at deadline_ns. */
void xb_poll_until(struct xb_poll_set *set, uint64_t deadline_ns);

/* Serve until agent->stopping. Fails only if the agent cannot continue. */
int xb_loop_run(struct xb_agent *agent, struct xb_err *err);

#endif
