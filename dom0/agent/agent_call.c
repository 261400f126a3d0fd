/* What is built on xb_agents_wait: connecting, and one request with one answer. */
#include "agent_i.h"

#include "base.h"

#include <inttypes.h>

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
        .deadline_ns = UINT64_MAX, /* each has its own */
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

/* Wait until call is answered, or has room. */
static int wait_answer(struct xb_agent *agent, struct xb_call *call, uint64_t timeout_ns,
                       struct xb_err *err)
{
    uint64_t now_ns = xb_now_ns();
    struct xb_agents_wait wait = {
        .agents = &agent,
        .count = 1,
        .deadline_ns = timeout_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + timeout_ns,
        .stop_fd = agent->stop_fd,
        .stop = &call->wake,
        .on_message = ignore_message, /* not called: messages are kept while there is a call */
    };
    agent->call = call;
    int r = xb_agents_wait(&wait, err);
    agent->call = NULL;
    if (r == XB_WAIT_DEADLINE)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s: nothing in answer to %s for %" PRIu64 " ms",
                       agent->name, xb_type_name(call->request), timeout_ns / XB_NS_PER_MS);
    if (r == XB_WAIT_STOP_FD)
        return xb_fail(err, XB_E_BENCH, 0, "interrupted");
    return r;
}

/* The agent's refusal as an error of ours; its words are cleaned already. */
static int refused(const struct xb_agent *agent, const struct xb_call *call, struct xb_err *err)
{
    const Xb__Error *error = (const Xb__Error *)call->body;
    return xb_fail(err, XB_E_BENCH, error->errnum > 0 && !*error->message ? error->errnum : 0,
                   "guest %s refused %s: %s", agent->name, xb_type_name((uint16_t)error->request),
                   error->message);
}

int xb_agent_await(struct xb_agent *agent, struct xb_call *call, ProtobufCMessage **out,
                   uint64_t timeout_ns, struct xb_err *err)
{
    call->wake = false;
    call->got = 0;
    call->body = NULL;
    int r = wait_answer(agent, call, timeout_ns, err);
    if (r == 0 && call->got == XB_ERROR)
        r = refused(agent, call, err);
    if (r == 0 && out)
        *out = call->body;
    else if (call->body)
        protobuf_c_message_free_unpacked(call->body, NULL);
    return r;
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
