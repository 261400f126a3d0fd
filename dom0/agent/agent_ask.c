/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to several guests at once, and the single request built on them. */
#include "agent_i.h"

#include "alloc.h"
#include "base.h"

#include <inttypes.h>
#include <poll.h>

/* Calls under way, one per agent. */
struct calls {
    struct xb_call *calls;
    size_t count;
    struct xb_agent **open; /* agents still awaited; NULL for the others */
    struct xb_ask *asks;    /* the requests; NULL: they were sent before */
    uint64_t timeout_ns;    /* for each answer */
    bool woken;
};

static int ignore_message(void *arg XB_UNUSED, struct xb_agent *agent XB_UNUSED,
                          const struct xb_msg *msg XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return 0; /* never called: messages are kept during a call */
}

static int on_lost(void *arg, struct xb_agent *agent, const struct xb_err *why,
                   struct xb_err *err XB_UNUSED)
{
    struct calls *c = arg;
    for (size_t i = 0; i < c->count; i++)
        if (c->open[i] == agent)
            c->calls[i].err = *why;
    c->woken = true;
    return 0;
}

/* Turn the agent's refusal into an error; its strings are clean already. */
static void refuse(struct xb_call *call)
{
    const Xb__Error *error = (const Xb__Error *)call->body;
    xb_fail(&call->err, XB_E_BENCH, error->errnum > 0 && !*error->message ? error->errnum : 0,
            "guest %s refused %s: %s", xb_agent_name(call->agent),
            xb_type_name((uint16_t)error->request), error->message);
    protobuf_c_message_free_unpacked(call->body, NULL);
    call->body = NULL;
}

static uint64_t deadline(uint64_t now_ns, uint64_t timeout_ns)
{
    return timeout_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + timeout_ns;
}

static void send_request(struct xb_ask *ask, struct xb_call *call, bool may_wait)
{
    call->wake = false;
    call->got = 0;
    call->body = NULL;
    xb_agent_send_waiting(ask->agent, ask->type, ask->job_id, ask->msg, may_wait, &call->err);
}

/* Send a guest that has answered its next request, if ask->again wants one; false if not. */
static bool ask_again(struct calls *c, size_t i)
{
    struct xb_ask *ask = c->asks ? &c->asks[i] : NULL;
    struct xb_call *call = &c->calls[i];
    if (!ask || !ask->again || !call->body)
        return false;
    ask->body = call->body;
    if (!ask->again(ask))
        return false;
    protobuf_c_message_free_unpacked(call->body, NULL);
    ask->body = NULL;
    send_request(ask, call, false);
    call->until_ns = deadline(xb_now_ns(), c->timeout_ns);
    return call->err.class == XB_E_NONE;
}

/* Close every call that has an answer or an error; returns the number still open. */
static size_t settle(struct calls *c)
{
    size_t open = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct xb_call *call = &c->calls[i];
        if (!c->open[i])
            continue;
        if (call->got == XB_ERROR)
            refuse(call);
        if (call->err.class == XB_E_NONE && (!call->wake || ask_again(c, i))) {
            open++;
            continue;
        }
        call->agent->call = NULL;
        c->open[i] = NULL;
    }
    return open;
}

/* The wait ended early: fail every open call, but at a deadline only those whose time is up. */
static void give_up(struct calls *c, int end, const struct xb_err *why)
{
    uint64_t now_ns = xb_now_ns();
    for (size_t i = 0; i < c->count; i++) {
        struct xb_call *call = &c->calls[i];
        if (!c->open[i] || (end == XB_WAIT_DEADLINE && now_ns < call->until_ns))
            continue;
        if (end == XB_WAIT_DEADLINE)
            xb_fail(&call->err, XB_E_BENCH, 0, "guest %s: no answer to %s within %" PRIu64 " ms",
                    xb_agent_name(call->agent), xb_type_name(call->request),
                    c->timeout_ns / XB_NS_PER_MS);
        else if (end == XB_WAIT_STOP_FD)
            xb_fail(&call->err, XB_E_BENCH, 0, "interrupted");
        else
            call->err = *why;
    }
}

/* Open the calls whose request could be sent; returns their stop descriptor. */
static int open_calls(struct calls *c)
{
    int stop_fd = -1;
    for (size_t i = 0; i < c->count; i++) {
        struct xb_call *call = &c->calls[i];
        if (!call->agent || call->err.class != XB_E_NONE)
            continue;
        call->woken = &c->woken;
        c->open[i] = call->agent;
        call->agent->call = call;
        stop_fd = call->agent->stop_fd;
    }
    return stop_fd;
}

static uint64_t next_deadline(const struct calls *c)
{
    uint64_t next_ns = UINT64_MAX;
    for (size_t i = 0; i < c->count; i++)
        if (c->open[i] && c->calls[i].until_ns < next_ns)
            next_ns = c->calls[i].until_ns;
    return next_ns;
}

static void await_calls(struct calls *c)
{
    xb_auto_free struct xb_agent **open = xb_calloc(c->count, sizeof(struct xb_agent *));
    c->open = open;
    struct xb_agents_wait wait = {
        .agents = open,
        .count = c->count,
        .stop_fd = open_calls(c),
        .stop = &c->woken,
        .on_message = ignore_message,
        .on_lost = on_lost,
        .arg = c,
    };
    while (settle(c) > 0) {
        struct xb_err why = {0};
        c->woken = false;
        wait.deadline_ns = next_deadline(c);
        int end = xb_agents_wait(&wait, &why);
        if (end != XB_WAIT_STOPPED)
            give_up(c, end, &why);
    }
}

static int pass_on(const struct xb_err *why, struct xb_err *err)
{
    if (err && err->class == XB_E_NONE)
        *err = *why;
    return -1;
}

int xb_agent_await(struct xb_agent *agent, struct xb_call *call, ProtobufCMessage **out,
                   uint64_t timeout_ns, struct xb_err *err)
{
    struct calls c = {.calls = call, .count = 1, .timeout_ns = timeout_ns};
    call->agent = agent;
    call->err = (struct xb_err){0};
    call->wake = false;
    call->got = 0;
    call->body = NULL;
    call->until_ns = deadline(xb_now_ns(), timeout_ns);
    await_calls(&c);
    if (call->err.class != XB_E_NONE)
        return pass_on(&call->err, err);
    if (out)
        *out = call->body;
    else if (call->body)
        protobuf_c_message_free_unpacked(call->body, NULL);
    return 0;
}

int xb_agent_go_on(const struct xb_agent *agent, struct xb_err *err)
{
    struct pollfd stop = {.fd = agent->stop_fd, .events = POLLIN};
    return poll(&stop, 1, 0) > 0 ? xb_fail(err, XB_E_BENCH, 0, "interrupted") : 0;
}

int xb_agent_call(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                  const ProtobufCMessage *msg, uint16_t answer, ProtobufCMessage **out,
                  uint64_t timeout_ns, struct xb_err *err)
{
    struct xb_call call = {.request = type, .answer = answer, .job_id = job_id};
    if (xb_agent_send_waiting(agent, type, job_id, msg, true, err) < 0)
        return -1;
    return xb_agent_await(agent, &call, out, timeout_ns, err);
}

void xb_agents_ask(struct xb_ask *asks, size_t count, uint64_t timeout_ns)
{
    xb_auto_free struct xb_call *calls = xb_calloc(count, sizeof(*calls));
    struct calls c = {.calls = calls, .count = count, .asks = asks, .timeout_ns = timeout_ns};
    for (size_t i = 0; i < count; i++) {
        struct xb_ask *ask = &asks[i];
        ask->body = NULL;
        ask->err = (struct xb_err){0};
        if (!ask->agent)
            continue;
        calls[i] = (struct xb_call){.agent = ask->agent,
                                    .request = ask->type,
                                    .answer = ask->answer,
                                    .job_id = ask->job_id};
        send_request(ask, &calls[i], true);
    }
    /* The clock starts now: sending a long request may have waited for room. */
    uint64_t until_ns = deadline(xb_now_ns(), timeout_ns);
    for (size_t i = 0; i < count; i++)
        calls[i].until_ns = until_ns;
    await_calls(&c);
    for (size_t i = 0; i < count; i++) {
        asks[i].body = calls[i].body;
        asks[i].err = calls[i].err;
    }
}

void xb_asks_clear(struct xb_ask *asks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (asks[i].body)
            protobuf_c_message_free_unpacked(asks[i].body, NULL);
    for (size_t i = 0; i < count; i++)
        asks[i].body = NULL;
}

int xb_asks_judge(const struct xb_ask *asks, size_t count, struct xb_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (asks[i].err.class != XB_E_NONE)
            return pass_on(&asks[i].err, err);
    return 0;
}
