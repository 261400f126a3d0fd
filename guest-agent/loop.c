/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loop.h"

#include "state.h"
#include "base.h"
#include "hotplug.h"
#include "listen.h"
#include "reap.h"
#include "rendezvous.h"

#include <errno.h>

void xa_poll_add(struct xa_poll_set *set, int fd, short events, xa_poll_fn *fn, void *arg)
{
    if (fd < 0 || set->count == XA_POLL_MAX)
        return;
    set->fds[set->count] = (struct pollfd){.fd = fd, .events = events};
    set->sources[set->count].fn = fn;
    set->sources[set->count].arg = arg;
    set->count++;
}

void xa_poll_until(struct xa_poll_set *set, uint64_t deadline_ns)
{
    if (deadline_ns < set->deadline_ns)
        set->deadline_ns = deadline_ns;
}

/*
 * Signals come first, because the end of a child may end what other sources wait for; links come
 * last, because requests change everything else.
 */
static void collect(struct xa_agent *agent, struct xa_poll_set *set)
{
    set->count = 0;
    set->deadline_ns = UINT64_MAX;
    xa_signals_poll(agent, set);
    xa_jobs_poll(agent, set);
    xa_hotplug_poll(agent, set);
    xa_listen_poll(agent, set);
    xa_rendezvous_poll(agent, set);
    xa_sessions_poll(agent, set);
}

static int wait_for_events(struct xa_agent *agent, struct xa_poll_set *set, struct xb_err *err)
{
    struct timespec timeout = {0};
    uint64_t now_ns = xb_now_ns();
    if (set->deadline_ns != UINT64_MAX && set->deadline_ns > now_ns)
        timeout = xb_timespec(set->deadline_ns - now_ns);
    int n = ppoll(set->fds, set->count, set->deadline_ns == UINT64_MAX ? NULL : &timeout, NULL);
    agent->woken_ns = xb_now_ns();
    agent->wakeups++;
    if (n < 0 && errno != EINTR)
        return xb_fail(err, XB_E_HOST, errno, "wait for events");
    if (n < 0)
        set->count = 0; /* stopped and continued: poll reported nothing */
    return 0;
}

static void dispatch(struct xa_agent *agent, const struct xa_poll_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->fds[i].revents)
            set->sources[i].fn(agent, set->sources[i].arg, set->fds[i].revents);
    }
}

/* React to the events, in order of dependency. */
static void work(struct xa_agent *agent)
{
    xa_sessions_work(agent);
    xa_jobs_work(agent, agent->woken_ns);
    xa_transfers_work(agent);
    xa_jobs_sweep(agent);
    xa_listen_work(agent);
    xa_rendezvous_work(agent, agent->woken_ns);
}

int xa_loop_run(struct xa_agent *agent, struct xb_err *err)
{
    struct xa_poll_set *set = malloc(sizeof(*set));
    if (!set)
        return xb_fail(err, XB_E_HOST, ENOMEM, "start the agent's loop");
    int r = 0;
    while (r == 0 && !agent->stopping) {
        collect(agent, set);
        r = wait_for_events(agent, set, err);
        if (r == 0) {
            dispatch(agent, set);
            work(agent);
        }
    }
    free(set);
    return r;
}
