/* Built on waiting and asking: connecting, and simple requests. */
#include "agent_i.h"

#include "base.h"

#define STATUS_TIMEOUT_NS (10 * XB_NS_PER_S)

struct connecting {
    size_t missing;
    bool done;
};

static int count_ready(void *arg, struct xb_agent *agent XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    struct connecting *c = arg;
    c->done = --c->missing == 0;
    return 0;
}

static int ignore_message(void *arg XB_UNUSED, struct xb_agent *agent XB_UNUSED,
                          const struct xb_msg *msg XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return 0;
}

static int wait_ready(struct xb_agent **agents, size_t count, int stop_fd, struct xb_err *err)
{
    struct connecting c = {.missing = count, .done = count == 0};
    struct xb_agents_wait wait = {
        .agents = agents,
        .count = count,
        .deadline_ns = UINT64_MAX, /* each agent has a deadline of its own */
        .stop_fd = stop_fd,
        .stop = &c.done,
        .on_message = ignore_message,
        .on_ready = count_ready,
        .arg = &c,
    };
    int r = xb_agents_wait(&wait, err);
    return r == XB_WAIT_STOP_FD ? xb_fail(err, XB_E_BENCH, 0, "interrupted while connecting") : r;
}

int xb_agents_connect(struct xb_agent **agents, struct xb_app *app, const char *const *names,
                      size_t count, uint64_t deadline_ns, int stop_fd, struct xb_err *err)
{
    int r = 0;
    size_t made = 0;
    while (made < count && (r = xb_agent_new(&agents[made], app, names[made], err)) == 0) {
        xb_agent_set_stop_fd(agents[made], stop_fd);
        xb_agent_reconnect(agents[made++], deadline_ns);
    }
    if (r == 0)
        r = xb_agents_join(agents, count, deadline_ns, stop_fd, err);
    if (r == 0)
        r = wait_ready(agents, count, stop_fd, err);
    for (size_t i = 0; r < 0 && i < count; i++) {
        if (i < made)
            xb_agent_free(agents[i]);
        agents[i] = NULL;
    }
    return r;
}

int xb_agent_connect(struct xb_agent **out, struct xb_app *app, const char *name,
                     uint64_t deadline_ns, struct xb_err *err)
{
    return xb_agents_connect(out, app, &name, 1, deadline_ns, -1, err);
}

int xb_agent_ping(struct xb_agent *agent, uint64_t timeout_ns, struct xb_err *err)
{
    Xb__Ping ping = XB__PING__INIT;
    return xb_agent_call(agent, XB_PING, 0, &ping.base, XB_PONG, NULL, timeout_ns, err);
}

int xb_agent_status(struct xb_agent *agent, Xb__Status **out, struct xb_err *err)
{
    ProtobufCMessage *msg = NULL;
    if (xb_agent_call(agent, XB_STATUS_REQUEST, 0, NULL, XB_STATUS, &msg, STATUS_TIMEOUT_NS, err) <
        0)
        return -1;
    *out = (Xb__Status *)msg;
    return 0;
}
