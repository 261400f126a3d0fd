/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals to exec are for the commands: the first is passed on, the second kills. */
#include "alloc.h"
#include "exec_i.h"

#include "base.h"
#include "interrupt.h"

#include <signal.h>

static void send_signal(struct xb_exec *exec, int signal)
{
    Xb__Kill kill = XB__KILL__INIT;
    kill.signal = (uint32_t)signal;
    for (size_t i = 0; i < exec->count; i++) {
        struct xb_exec_guest *g = &exec->guests[i];
        if (g->done || !g->released)
            continue;
        if (xb_agent_ready(g->agent)) {
            xb_agent_send(g->agent, XB_KILL, g->job_id, &kill.base, NULL);
            if (!exec->killed)
                xb_exec_alive_watch(exec, g);
            continue;
        }
        char what[256];
        snprintf(what, sizeof(what),
                 "guest %s: interrupted while the connection was lost: the command may still "
                 "run there",
                 g->name);
        xb_exec_guest_failed(exec, g, what);
    }
}

/* From here on, the next signal ends exec at once. */
static void heed_no_more(struct xb_exec *exec)
{
    xb_exec_terminal_close(exec); /* a signal that ends exec would leave the terminal raw */
    for (size_t i = 0; i < exec->count; i++) {
        exec->guests[i].out[0].stop_fd = exec->guests[i].out[1].stop_fd = -1;
        xb_agent_set_stop_fd(exec->guests[i].agent, -1);
    }
    xb_interrupt_unblock();
    exec->signal_fd = -1;
}

void xb_exec_kill(struct xb_exec *exec, uint64_t grace_ns)
{
    if (exec->killed)
        return;
    exec->killed = true;
    exec->signalled_ns = xb_now_ns();
    send_signal(exec, SIGKILL);
    heed_no_more(exec);
    exec->deadline_ns = exec->signalled_ns + grace_ns;
    exec->stop = true; /* end the wait, whose deadline is out of date */
}

bool xb_exec_signal(void *arg)
{
    struct xb_exec *exec = arg;
    int signal = xb_interrupt_next(exec->signal_fd);
    bool first = exec->signal == 0;
    if (signal == 0)
        return true;
    exec->signal = signal;
    if (!first) {
        xb_exec_kill(exec, XB_EXEC_LEAVE_NS);
        return false;
    }
    exec->signalled_ns = xb_now_ns();
    exec->stop = true; /* end the wait, whose deadline is out of date */
    send_signal(exec, signal);
    return true;
}

/* An ARM without an answer may still arm its job, so it is cancelled too. */
static bool is_armed(const struct xb_exec_guest *g)
{
    return g->agent && g->job_id != 0 && !g->released && xb_agent_ready(g->agent);
}

/*
 * CANCEL and FORGET have one deadline, because the user may have pressed Ctrl-C. An agent that is
 * busy finds both later.
 */
static void cancel_armed(struct xb_exec *exec)
{
    uint64_t until_ns = xb_now_ns() + XB_EXEC_LEAVE_NS;
    xb_auto_free struct xb_ask *asks = xb_calloc(exec->count, sizeof(*asks));
    for (size_t i = 0; i < exec->count; i++) {
        const struct xb_exec_guest *g = &exec->guests[i];
        asks[i].agent = is_armed(g) ? g->agent : NULL;
        asks[i].type = XB_CANCEL;
        asks[i].answer = g->armed ? XB_RESULT : XB_DONE; /* only an armed job has a result */
    }
    xb_exec_ask(exec, asks, XB_EXEC_LEAVE_NS);
    xb_asks_clear(asks, exec->count);
    for (size_t i = 0; i < exec->count; i++) {
        if (asks[i].err.class != XB_E_NONE)
            asks[i].agent = NULL;
        asks[i].type = XB_FORGET;
        asks[i].answer = XB_DONE;
    }
    uint64_t now_ns = xb_now_ns();
    xb_exec_ask(exec, asks, now_ns < until_ns ? until_ns - now_ns : 0);
    xb_asks_clear(asks, exec->count);
}

void xb_exec_call_off(struct xb_exec *exec)
{
    exec->signalled_ns = xb_now_ns();
    for (size_t i = 0; i < exec->count; i++)
        if (exec->guests[i].agent)
            xb_agent_set_stop_fd(exec->guests[i].agent, -1);
    cancel_armed(exec);
    send_signal(exec, SIGKILL);
}
