/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connecting and simple requests, built on agent_wait.c and agent_ask.c. */
#include "agent_i.h"

#include "alloc.h"
#include "base.h"

struct connecting {
    struct xb_agent **agents;
    struct xb_err *errs;
    size_t count;
    bool all; /* all or none: the first loss ends the wait */
    bool done;
};

/* Is each agent ready or failed? Checked afresh each time, because a ready agent may be lost. */
static bool all_known(const struct connecting *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->errs[i].class == XB_E_NONE && !xb_agent_ready(c->agents[i]))
            return false;
    return true;
}

static int take_ready(void *arg, struct xb_agent *agent XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    struct connecting *c = arg;
    c->done = all_known(c);
    return 0;
}

static int take_lost(void *arg, struct xb_agent *agent, const struct xb_err *why,
                     struct xb_err *err XB_UNUSED)
{
    struct connecting *c = arg;
    for (size_t i = 0; i < c->count; i++)
        if (c->agents[i] == agent && c->errs[i].class == XB_E_NONE)
            c->errs[i] = *why;
    c->done = c->all || all_known(c);
    return 0;
}

static int ignore_message(void *arg XB_UNUSED, struct xb_agent *agent XB_UNUSED,
                          const struct xb_msg *msg XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return 0;
}

static int wait_ready(struct connecting *c, int stop_fd, struct xb_err *err)
{
    struct xb_agents_wait wait = {
        .agents = c->agents,
        .count = c->count,
        .deadline_ns = UINT64_MAX, /* each agent has a deadline of its own */
        .stop_fd = stop_fd,
        .stop = &c->done,
        .on_message = ignore_message,
        .on_ready = take_ready,
        .on_lost = take_lost,
        .arg = c,
    };
    c->done = all_known(c);
    int r = xb_agents_wait(&wait, err);
    return r == XB_WAIT_STOP_FD ? xb_fail(err, XB_E_BENCH, 0, "interrupted while connecting") : r;
}

/* Start looking for every agent; false if that failed for one of them. */
static bool look_for(struct connecting *c, struct xb_app *app, const char *const *names,
                     uint64_t deadline_ns, int stop_fd)
{
    bool each = true;
    for (size_t i = 0; i < c->count; i++) {
        c->errs[i] = (struct xb_err){0};
        if (xb_agent_new(&c->agents[i], app, names[i], &c->errs[i]) < 0) {
            c->agents[i] = NULL;
            each = false;
            continue;
        }
        xb_agent_set_stop_fd(c->agents[i], stop_fd);
        xb_agent_reconnect(c->agents[i], deadline_ns);
    }
    return each;
}

static void connect_some(struct connecting *c, struct xb_app *app, const char *const *names,
                         uint64_t deadline_ns, int stop_fd)
{
    struct xb_err common = {0}; /* an error that concerns no single guest */
    bool each = look_for(c, app, names, deadline_ns, stop_fd);
    int r = c->all && !each ? 0
            : xb_agents_join(c->agents, c->count, deadline_ns, stop_fd, &common) < 0
                ? -1
                : wait_ready(c, stop_fd, &common);
    for (size_t i = 0; i < c->count; i++) {
        if (r < 0 && c->errs[i].class == XB_E_NONE)
            c->errs[i] = common;
        if (c->errs[i].class != XB_E_NONE) {
            xb_agent_free(c->agents[i]);
            c->agents[i] = NULL;
        }
    }
}

void xb_agents_connect_each(struct xb_agent **agents, struct xb_app *app, const char *const *names,
                            size_t count, uint64_t deadline_ns, int stop_fd, struct xb_err *errs)
{
    struct connecting c = {.agents = agents, .errs = errs, .count = count};
    connect_some(&c, app, names, deadline_ns, stop_fd);
}

int xb_agents_connect(struct xb_agent **agents, struct xb_app *app, const char *const *names,
                      size_t count, uint64_t deadline_ns, int stop_fd, struct xb_err *err)
{
    xb_auto_free struct xb_err *errs = xb_calloc(count, sizeof(*errs));
    struct connecting c = {.agents = agents, .errs = errs, .count = count, .all = true};
    const struct xb_err *first = NULL;
    connect_some(&c, app, names, deadline_ns, stop_fd);
    for (size_t i = 0; i < count && !first; i++)
        if (errs[i].class != XB_E_NONE)
            first = &errs[i];
    if (first)
        xb_agents_free(agents, count);
    return first ? xb_fail(err, first->class, 0, "%s", first->msg) : 0;
}

int xb_agent_status(struct xb_agent *agent, Xb__Status **out, struct xb_err *err)
{
    ProtobufCMessage *msg = NULL;
    if (xb_agent_call(agent, XB_STATUS_REQUEST, 0, NULL, XB_STATUS, &msg, XB_STATUS_TIMEOUT_NS,
                      err) < 0)
        return -1;
    *out = (Xb__Status *)msg;
    return 0;
}
