/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * After a signal, exec waits for a command only as long as its guest's agent answers PINGs: a guest
 * that is silent, or leaves a frame half sent, must not hold up a user who pressed Ctrl-C. A
 * command that ignores the signal goes on, as under ssh.
 */
#include "exec_i.h"

#include "base.h"

#include <inttypes.h>

/* An agent that has answered for a while since the signal is there, and may be slow. */
#define SILENCE_NS (10 * XB_NS_PER_S)
/* The pause before the next PING: a quarter of the time since the signal, within these bounds. */
#define PAUSE_SHORTEST_NS (100 * XB_NS_PER_MS)
#define PAUSE_LONGEST_NS (4 * XB_NS_PER_S)

static bool is_watched(const struct xb_exec_guest *g)
{
    return g->alive.watched && !g->done;
}

static void ping(const struct xb_exec *exec, struct xb_exec_guest *g, uint64_t now_ns)
{
    Xb__Ping msg = XB__PING__INIT;
    g->alive.patience_ns =
        now_ns < exec->signalled_ns + XB_EXEC_LEAVE_NS ? XB_EXEC_LEAVE_NS : SILENCE_NS;
    g->alive.asked_ns = now_ns;
    xb_agent_send(g->agent, XB_PING, 0, &msg.base, NULL);
}

void xb_exec_alive_watch(const struct xb_exec *exec, struct xb_exec_guest *g)
{
    g->alive.watched = true;
    ping(exec, g, exec->signalled_ns);
}

void xb_exec_alive_answered(struct xb_exec *exec, struct xb_exec_guest *g)
{
    uint64_t now_ns = xb_now_ns(), pause_ns = (now_ns - exec->signalled_ns) / 4;
    if (pause_ns < PAUSE_SHORTEST_NS)
        pause_ns = PAUSE_SHORTEST_NS;
    exec->stop = true; /* end the wait, whose deadline is out of date */
    g->alive.asked_ns = 0;
    g->alive.next_ns = now_ns + (pause_ns < PAUSE_LONGEST_NS ? pause_ns : PAUSE_LONGEST_NS);
}

void xb_exec_alive_reader_took(struct xb_exec *exec, uint64_t from_ns, uint64_t to_ns)
{
    for (size_t i = 0; i < exec->count; i++) {
        struct xb_exec_guest *g = &exec->guests[i];
        if (g->alive.asked_ns)
            g->alive.asked_ns +=
                to_ns - (from_ns > g->alive.asked_ns ? from_ns : g->alive.asked_ns);
    }
}

bool xb_exec_alive_leaves(const struct xb_exec *exec, const struct xb_exec_guest *g)
{
    return g->alive.asked_ns ||
           (exec->signalled_ns && xb_now_ns() < exec->signalled_ns + 2 * XB_EXEC_LEAVE_NS);
}

static uint64_t due_ns(const struct xb_exec_guest *g)
{
    return g->alive.asked_ns ? g->alive.asked_ns + g->alive.patience_ns : g->alive.next_ns;
}

uint64_t xb_exec_alive_due_ns(const struct xb_exec *exec)
{
    uint64_t first_ns = UINT64_MAX;
    for (size_t i = 0; i < exec->count; i++)
        if (is_watched(&exec->guests[i]) && due_ns(&exec->guests[i]) < first_ns)
            first_ns = due_ns(&exec->guests[i]);
    return first_ns;
}

/*
 * The command is not killed: an agent that is only late finds the signal first, and a command that
 * handles it gets the time to do so.
 */
static void leave(struct xb_exec *exec, struct xb_exec_guest *g)
{
    char what[256];
    snprintf(what, sizeof(what),
             "guest %s: interrupted, and its agent does not answer within %" PRIu64
             " ms: the command may still run there",
             g->name, g->alive.patience_ns / XB_NS_PER_MS);
    xb_exec_guest_failed(exec, g, what);
}

void xb_exec_alive_look(struct xb_exec *exec, uint64_t now_ns)
{
    for (size_t i = 0; i < exec->count; i++) {
        struct xb_exec_guest *g = &exec->guests[i];
        if (!is_watched(g) || now_ns < due_ns(g))
            continue;
        if (g->alive.asked_ns)
            leave(exec, g);
        else if (xb_agent_ready(g->agent))
            ping(exec, g, now_ns);
        else
            g->alive.next_ns = now_ns + PAUSE_LONGEST_NS; /* it comes back, or a deadline ends it */
    }
}
