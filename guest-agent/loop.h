/* The agent's one poll: what there is to wait for, and whom to tell. */
#ifndef XB_LOOP_H
#define XB_LOOP_H

#include "err.h"
#include "frame.h"
#include "session.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

struct xb_agent;

/* Each job has a gate or three streams, each session a link; then signals, and the listener or
 * xenstore. */
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

/* Wait for events on fd; fn is called with arg and what poll said. A negative fd is ignored. */
void xb_poll_add(struct xb_poll_set *set, int fd, short events, xb_poll_fn *fn, void *arg);
/* Wake up at the latest at deadline_ns. */
void xb_poll_until(struct xb_poll_set *set, uint64_t deadline_ns);

/* Serve until agent->stopping. Fails only when the agent cannot go on. */
int xb_loop_run(struct xb_agent *agent, struct xb_err *err);

#endif
