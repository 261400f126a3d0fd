/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session's start and end, and its properties. */
#include "agent_i.h"

#include "alloc.h"
#include "base.h"

#include <string.h>
#include <sys/random.h>

/* Name the guest behind a socket, for messages; a long path is cut. */
static void name_socket_guest(struct xb_guest *guest, const char *name)
{
    memset(guest, 0, sizeof(*guest));
    strncpy(guest->name, name, sizeof(guest->name) - 1);
}

static int find(struct xb_agent *agent, struct xb_err *err)
{
    size_t prefix = strlen(XB_AGENT_UNIX);
    if (strncmp(agent->name, XB_AGENT_UNIX, prefix) == 0) {
        agent->socket_path = agent->name + prefix;
        name_socket_guest(&agent->guest, agent->name);
        return 0;
    }
    if (xb_guest_find(agent->app, agent->name, &agent->guest, err) < 0)
        return -1;
    return xb_agent_events_join(agent, err);
}

int xb_agent_new(struct xb_agent **out, struct xb_app *app, const char *name, struct xb_err *err)
{
    struct xb_agent *agent = xb_calloc(1, sizeof(*agent));
    agent->name = xb_strdup(name);
    agent->app = app;
    if (getrandom(&agent->controller, sizeof(agent->controller), 0) < 0)
        agent->controller = 0; /* without a number, the agent waits for the old connection's end */
    agent->stop_fd = agent->talk.fd = agent->process.fd = -1;
    agent->kept_end = &agent->kept;
    if (find(agent, err) < 0 || xb_agent_talk_open(agent, err) < 0) {
        xb_agent_free(agent);
        return -1;
    }
    *out = agent;
    return 0;
}

static void forget_kept(struct xb_agent *agent)
{
    while (agent->kept) {
        struct xb_kept *kept = agent->kept;
        agent->kept = kept->next;
        protobuf_c_message_free_unpacked((ProtobufCMessage *)kept->msg.body, NULL);
        free(kept);
    }
    agent->kept_end = &agent->kept;
    agent->kept_count = 0;
}

void xb_agent_disconnect(struct xb_agent *agent)
{
    xb_agent_hang_up(agent);
    if (agent->xs)
        xb_agent_unwatch_generation(agent);
    xb_agent_door_leave(agent);
    forget_kept(agent);
}

void xb_agent_free(struct xb_agent *agent)
{
    if (!agent)
        return;
    xb_agent_disconnect(agent);
    xb_agent_events_leave(agent);
    if (agent->hello)
        xb__hello__free_unpacked(agent->hello, NULL);
    xb_guest_talk_close(&agent->talk);
    free(agent->name);
    free(agent);
}

void xb_agents_free(struct xb_agent **agents, size_t count)
{
    for (size_t i = 0; agents && i < count; i++)
        if (agents[i])
            xb_agent_say_farewell(agents[i]);
    for (size_t i = 0; agents && i < count; i++) {
        xb_agent_free(agents[i]);
        agents[i] = NULL;
    }
}

void xb_agent_reconnect(struct xb_agent *agent, uint64_t deadline_ns)
{
    xb_agent_disconnect(agent);
    agent->state = XB_AGENT_SEEKING;
    agent->deadline_ns = deadline_ns;
    agent->retry_ns = 0;
    agent->generation = 0;
    agent->superseded_ns = 0;
    agent->failures = agent->short_lives;
    agent->key_events = 0;
    agent->unwatched = false;
    agent->suspended = agent->may_return = false;
    xb_err_clear(&agent->hint);
    xb_err_clear(&agent->loss);
}

void xb_agent_drop(struct xb_agent *agent)
{
    xb_agent_disconnect(agent);
    agent->state = XB_AGENT_LOST;
    agent->may_return = false;
}

void xb_agent_set_stop_fd(struct xb_agent *agent, int stop_fd)
{
    agent->stop_fd = stop_fd;
}

const char *xb_agent_name(const struct xb_agent *agent)
{
    return agent->name;
}

const struct xb_guest *xb_agent_guest(const struct xb_agent *agent)
{
    return &agent->guest;
}

bool xb_agent_ready(const struct xb_agent *agent)
{
    return agent->state == XB_AGENT_READY;
}

bool xb_agent_may_return(const struct xb_agent *agent)
{
    return agent->may_return;
}

struct xb_agent_storms xb_agent_storms(const struct xb_agent *agent)
{
    return agent->storms;
}

const Xb__Hello *xb_agent_hello(const struct xb_agent *agent)
{
    return agent->hello;
}

static bool is_left_over(const struct xb_agent *agent, uint32_t job_id)
{
    for (size_t i = 0; agent->hello && i < agent->hello->n_jobs; i++)
        if (agent->hello->jobs[i]->job_id == job_id)
            return true;
    return false;
}

uint32_t xb_agent_next_job(struct xb_agent *agent)
{
    do
        agent->last_job++;
    while (agent->last_job == 0 || xb_expect_knows(&agent->expect, agent->last_job) ||
           is_left_over(agent, agent->last_job));
    return agent->last_job;
}

int xb_agent_sent(const struct xb_agent *agent, int r)
{
    return r < 0 && !xb_link_is_open(agent->link) ? 0 : r;
}

static int no_connection(const struct xb_agent *agent, uint16_t type, struct xb_err *err)
{
    return xb_fail(err, XB_E_BENCH, 0, "guest %s: no connection to send %s on%s%s", agent->name,
                   xb_type_name(type), agent->loss.class ? ": " : "", agent->loss.msg);
}

int xb_agent_queue(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                   const ProtobufCMessage *msg, struct xb_err *err)
{
    if (!xb_agent_ready(agent))
        return no_connection(agent, type, err);
    struct xb_err why = {0};
    if (xb_expect_sent(&agent->expect, type, job_id, msg, &why) < 0 ||
        xb_agent_sent(agent, xb_link_queue(agent->link, type, job_id, msg, &why)) < 0)
        return xb_fail(err, why.class, 0, "guest %s: %s", agent->name, why.msg);
    return 0;
}

void xb_agent_flush(struct xb_agent *agent)
{
    if (xb_agent_ready(agent))
        xb_link_flush(agent->link, NULL); /* the next wait meets the end of a connection */
}

static int send_whole(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                      const ProtobufCMessage *msg, struct xb_err *err)
{
    if (xb_expect_sent(&agent->expect, type, job_id, msg, err) < 0)
        return -1;
    return xb_agent_sent(agent, xb_link_send(agent->link, type, job_id, msg, err));
}

int xb_agent_send_waiting(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                          const ProtobufCMessage *msg, bool may_wait, struct xb_err *err)
{
    if (!xb_agent_ready(agent))
        return no_connection(agent, type, err);
    struct xb_err why = {0};
    bool fits = !msg || protobuf_c_message_get_packed_size(msg) <= XB_FRAME_BODY_MAX;
    int r = fits ? send_whole(agent, type, job_id, msg, &why)
                 : xb_agent_send_parts(agent, type, job_id, msg, may_wait, &why);
    return r < 0 ? xb_fail(err, why.class, 0, "guest %s: %s", agent->name, why.msg) : 0;
}

int xb_agent_send(struct xb_agent *agent, uint16_t type, uint32_t job_id,
                  const ProtobufCMessage *msg, struct xb_err *err)
{
    return xb_agent_send_waiting(agent, type, job_id, msg, false, err);
}

bool xb_agent_has_bulk_room(const struct xb_agent *agent)
{
    return xb_agent_ready(agent) && xb_link_has_bulk_room(agent->link);
}

size_t xb_agent_room(const struct xb_agent *agent)
{
    return xb_agent_ready(agent) ? xb_link_room(agent->link) : 0;
}
