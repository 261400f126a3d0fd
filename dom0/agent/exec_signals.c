/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals to exec are for the commands: the first is passed on, the second kills. */
#include "exec_i.h"

#include "base.h"
#include "interrupt.h"

#include <signal.h>

#define CANCEL_TIMEOUT_NS (5 * XB_NS_PER_S)

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
    send_signal(exec, SIGKILL);
    heed_no_more(exec);
    exec->deadline_ns = xb_now_ns() + grace_ns;
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
    if (first)
        send_signal(exec, signal);
    else
        xb_exec_kill(exec, XB_EXEC_KILL_GRACE_NS);
    return first;
}

void xb_exec_call_off(struct xb_exec *exec)
{
    for (size_t i = 0; i < exec->count; i++) {
        struct xb_exec_guest *g = &exec->guests[i];
        if (!g->agent)
            continue;
        xb_agent_set_stop_fd(g->agent, -1);
        if (g->armed && !g->released && xb_agent_ready(g->agent))
            xb_agent_call(g->agent, XB_CANCEL, g->job_id, NULL, XB_DONE, NULL, CANCEL_TIMEOUT_NS,
                          NULL);
    }
    send_signal(exec, SIGKILL);
}
