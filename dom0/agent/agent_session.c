/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The connection of a session: the link to its process (dom0/session), which holds the guest's
 * rings and has no rights. With --no-sandbox the controller holds the rings itself.
 */
#include "agent_i.h"
#include "agent_msg.h"
#include "base.h"
#include "sandbox.h"
#include "storm.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#define PROGRAM "xenbench-session"
/* How long the process may take to send the guest what is left, and to exit. */
#define END_GRACE_NS (300 * XB_NS_PER_MS)

/* Start the process, with guest_fd as its descriptor 1. Our end of the socket pair is the link. */
static int start_process(struct xb_agent *agent, const char *const *argv, int guest_fd,
                         struct xb_err *err)
{
    char program[PATH_MAX];
    int ends[2];
    struct xb_channel *ch;
    if (xb_app_program(agent->app, PROGRAM, program, err) < 0)
        return -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return xb_fail(err, XB_E_HOST, errno, "make a connection to a process");
    xb_auto_close int theirs = ends[1];
    const struct xb_child_spec spec = {
        .program = program,
        .argv = argv,
        .in = theirs,
        .out = guest_fd,
        .err = XB_SANDBOX_SANITIZED ? XB_CHILD_OURS : XB_CHILD_NULL,
        .group = true,
        .death_signal = SIGKILL,
    };
    if (xb_child_start(&agent->process, &spec, err) < 0) {
        close(ends[0]);
        return -1;
    }
    if (xb_channel_unix_from_fd(&ch, ends[0], err) == 0 && xb_link_new(&agent->link, ch, err) == 0)
        return 0;
    xb_agent_hang_up(agent);
    return -1;
}

static int connect_rings_here(struct xb_agent *agent, const char *xs_path, struct xb_err *err)
{
    struct xb_channel *ch;
    if (xb_channel_vchan_connect(&ch, agent->guest.domid, xs_path, err) < 0)
        return -1;
    return xb_link_new(&agent->link, ch, err);
}

int xb_agent_connect_rings(struct xb_agent *agent, const char *xs_path, struct xb_err *err)
{
    char domid[12];
    const char *const argv[] = {PROGRAM, "domain", domid, xs_path, NULL};
    if (xb_sandbox_is_off())
        return connect_rings_here(agent, xs_path, err);
    snprintf(domid, sizeof(domid), "%u", agent->guest.domid);
    return start_process(agent, argv, XB_CHILD_NULL, err);
}

int xb_agent_connect_socket(struct xb_agent *agent, struct xb_err *err)
{
    static const char *const argv[] = {PROGRAM, "socket", NULL};
    struct xb_channel *ch;
    if (xb_channel_unix_connect(&ch, agent->socket_path, err) < 0)
        return -1;
    if (xb_sandbox_is_off())
        return xb_link_new(&agent->link, ch, err);
    int r = start_process(agent, argv, ch->fd, err);
    xb_channel_close(ch);
    return r;
}

void xb_agent_say_farewell(const struct xb_agent *agent)
{
    /* Our other processes may have inherited the descriptor: closing it might go unnoticed. */
    if (agent->link && agent->process.pid)
        shutdown(xb_link_fd(agent->link), SHUT_WR);
}

/*
 * The process sees from its descriptor that we are gone. If it is stopped or taken over by its
 * guest, it is killed after END_GRACE_NS.
 */
void xb_agent_hang_up(struct xb_agent *agent)
{
    xb_agent_say_farewell(agent);
    xb_link_free(agent->link);
    agent->link = NULL;
    agent->storms.over = agent->storms.begun;
    agent->pingings_due = 0;
    memset(agent->series, 0, sizeof(agent->series));
    if (agent->process.pid == 0)
        return;
    if (xb_child_await(&agent->process, xb_now_ns() + END_GRACE_NS, -1) != XB_CHILD_ENDED)
        xb_child_kill(&agent->process, SIGKILL);
    xb_child_reap(&agent->process, NULL);
}

/* The process has closed its end without sending a parting record. */
static int process_died(struct xb_agent *agent, bool *gone, struct xb_err *why)
{
    int signal = 0;
    if (xb_child_await(&agent->process, xb_now_ns() + END_GRACE_NS, -1) != XB_CHILD_ENDED)
        xb_child_kill(&agent->process, SIGKILL);
    int status = xb_child_reap(&agent->process, &signal);
    *gone = false;
    xb_err_clear(why);
    if (signal == SIGSYS)
        return xb_fail(why, XB_E_BENCH, 0,
                       "the process of its session tried what the sandbox forbids, and was killed: "
                       "did the guest take it over?");
    return xb_fail(why, XB_E_BENCH, 0, "the process of its session died (%s %d)",
                   signal ? "signal" : "status", signal ? signal : status);
}

static int read_parting(const struct xb_frame *frame, bool *gone, struct xb_err *why)
{
    struct xb_err told = {0};
    xb_err_clear(why);
    if (xb_parting_unpack(frame, gone, &told) == 0) {
        *why = told;
        return -1;
    }
    *gone = false;
    return xb_fail(why, XB_E_BENCH, 0, "the process of its session ended with a wrong record");
}

/* Reported once per session: a run marks each cell that a storm disturbs. */
static void take_storm(struct xb_agent *agent, bool rages)
{
    if (rages && agent->storms.begun == 0)
        fprintf(stderr,
                "xenbench: guest %s: its event channel wakes Dom0 without a message, more than %d "
                "times a second; it is looked at every %d ms until that ends\n",
                agent->name, XB_STORM_PER_S, (int)(XB_STORM_STEP_NS / XB_NS_PER_MS));
    agent->storms.begun += rages && agent->storms.begun == agent->storms.over;
    agent->storms.over = rages ? agent->storms.over : agent->storms.begun;
}

void xb_agent_order_pings(struct xb_agent *agent, struct xb_pinging *pinging)
{
    uint8_t record[XB_RECORD_MAX];
    size_t bytes = xb_pings_order_pack(record, &pinging->order);
    if (!xb_agent_ready(agent) ||
        xb_link_queue_packed(agent->link, XB_RECORD_PINGS, 0, record, bytes, NULL) < 0)
        return; /* the PING will not be sent either */
    agent->pinging = pinging;
    agent->pingings_due++;
}

/* The times may arrive when nobody waits for them any more, but only if a series was ordered. */
static int take_pings(struct xb_agent *agent, const struct xb_frame *frame)
{
    if (agent->pingings_due == 0)
        return -1;
    agent->pingings_due--;
    return xb_pings_unpack(frame, agent->pinging);
}

/* Handle a frame of the process itself, not of its guest: 1 if it was one. */
static int take_own(struct xb_agent *agent, const struct xb_frame *frame)
{
    bool rages;
    if (xb_storm_unpack(frame, &rages) == 0) {
        take_storm(agent, rages);
        return 1;
    }
    return frame->type == XB_RECORD_PINGS && take_pings(agent, frame) == 0;
}

static int unpack(const struct xb_agent *agent, const struct xb_frame *frame,
                  struct xb_incoming *out, struct xb_err *why)
{
    *out = (struct xb_incoming){.type = frame->type, .job_id = frame->job_id};
    out->body = agent->process.pid ? xb_record_unpack(frame, why) : xb_msg_unpack(frame, why);
    return out->body ? 1 : -1;
}

int xb_agent_take(struct xb_agent *agent, struct xb_incoming *out, bool *gone, struct xb_err *why)
{
    struct xb_frame frame;
    bool has_process = agent->process.pid != 0;
    int n = xb_link_next(agent->link, &frame, why);
    if (n <= 0) {
        if (n < 0 && !*gone)
            *gone = !xb_link_is_open(agent->link); /* false: the bytes were not a valid frame */
        return has_process && *gone ? process_died(agent, gone, why) : n;
    }
    if (has_process && frame.type == XB_RECORD_PARTING)
        return read_parting(&frame, gone, why);
    if (has_process && take_own(agent, &frame)) {
        *out = (struct xb_incoming){.type = frame.type};
        return 1;
    }
    struct xb_err broken = {0};
    if (unpack(agent, &frame, out, &broken) == 1)
        return 1;
    *gone = false; /* even if it has closed the connection since */
    *why = broken;
    return -1;
}
