/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a name to a session: find the domain, wait until its agent publishes rings, connect,
 * exchange HELLO. Each call of xb_agent_seek takes the steps that are possible now; xenstore's
 * events and retry_ns say when to call again.
 */
#include "agent_i.h"

#include "base.h"
#include "fault.h"

#include <errno.h>
#include <string.h>

#define SOCKET_RETRY_NS (20 * XB_NS_PER_MS)
/* A domain that is being restored causes no event until it has its name. */
#define DOMAIN_RETRY_NS (200 * XB_NS_PER_MS)
/* The rings of a killed agent stay published until another agent replaces them. */
#define RINGS_RETRY_NS (500 * XB_NS_PER_MS)
/* Each connection costs Dom0 a process: after this many without HELLO, attempts slow down. */
#define QUICK_ATTEMPTS 8

static int send_hello(struct xb_agent *agent, struct xb_err *err)
{
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = XB_PROTOCOL_MAJOR;
    hello.minor = XB_PROTOCOL_MINOR;
    hello.version = (char *)XB_VERSION;
    hello.controller = agent->controller;
    /* If the other side has already closed, the next wait says why. */
    if (xb_agent_sent(agent, xb_link_send(agent->link, XB_HELLO, 0, &hello.base, err)) < 0) {
        xb_agent_hang_up(agent);
        return -1;
    }
    agent->state = XB_AGENT_GREETING;
    xb_fault("hello-sent");
    return 0;
}

/* An attempt failed: try again later. */
static int again(struct xb_agent *agent, uint64_t after_ns)
{
    agent->state = XB_AGENT_AWAITING;
    agent->retry_ns = xb_now_ns() + after_ns;
    return 0;
}

static int seek_socket(struct xb_agent *agent)
{
    xb_err_clear(&agent->hint);
    if (xb_agent_connect_socket(agent, &agent->hint) < 0 || send_hello(agent, &agent->hint) < 0)
        return again(agent, SOCKET_RETRY_NS);
    return 0;
}

/*
 * Read a key: 1 and *value (to be freed) of at most XB_KEY_VALUE_MAX bytes; 0 if it has no value.
 */
static int read_key(struct xb_agent *agent, const char *key, char **value, size_t *bytes,
                    struct xb_err *err)
{
    char path[XB_WATCH_PATH_MAX];
    snprintf(path, sizeof(path), "/local/domain/%u/%s", agent->guest.domid, key);
    unsigned int length = 0;
    *value = xs_read(agent->xs, XBT_NULL, path, &length);
    if (!*value && errno == ENOENT)
        return 0;
    if (!*value)
        return xb_fail(err, XB_E_HOST, errno, "read xenstore key %s", path);
    *bytes = length;
    if (length <= XB_KEY_VALUE_MAX)
        return 1;
    free(*value);
    *value = NULL;
    return xb_fail(err, XB_E_BENCH, 0, "xenstore key %s holds %u bytes, the limit is %d", key,
                   length, XB_KEY_VALUE_MAX);
}

/* 1 and *out if rings of a known protocol are published, 0 if not yet, -1 if they never will be. */
static int published(struct xb_agent *agent, uint32_t *out, struct xb_err *err)
{
    xb_auto_free char *generation = NULL, *protocol = NULL;
    size_t bytes = 0;
    int r = read_key(agent, XB_KEY_GENERATION, &generation, &bytes, err);
    if (r <= 0 || xb_key_number(XB_KEY_GENERATION, generation, bytes, out, err) < 0)
        return r <= 0 ? r : -1;
    r = read_key(agent, XB_KEY_PROTOCOL, &protocol, &bytes, err);
    if (r <= 0)
        return r;
    return xb_key_protocol(protocol, bytes, err) < 0 ? -1 : 1;
}

static int connect_rings(struct xb_agent *agent, uint32_t generation)
{
    char path[XB_KEY_PATH_MAX + 1];
    snprintf(path, sizeof(path), "/local/domain/%u/" XB_KEY_RINGS "/%u", agent->guest.domid,
             generation);
    agent->generation = generation;
    xb_err_clear(&agent->hint);
    if (xb_agent_connect_rings(agent, path, &agent->hint) < 0 ||
        send_hello(agent, &agent->hint) < 0)
        return again(agent, RINGS_RETRY_NS);
    return 0;
}

/*
 * Newer rings alone do not mean that no answer will come: an agent that accepts HELLO publishes
 * rings for the next controller. So does a restarted agent; then the old rings are closed, or, if
 * the old agent died during a restore, still look open.
 */
static bool may_still_answer(struct xb_agent *agent)
{
    uint64_t now_ns = xb_now_ns();
    if (agent->superseded_ns == 0)
        agent->superseded_ns = now_ns;
    if (!xb_link_is_open(agent->link) || now_ns - agent->superseded_ns >= RINGS_RETRY_NS)
        return false;
    agent->retry_ns = agent->superseded_ns + RINGS_RETRY_NS;
    return true;
}

static int seek_rings(struct xb_agent *agent, struct xb_err *err)
{
    uint32_t generation;
    int r = published(agent, &generation, err);
    if (r <= 0)
        return r;
    if (agent->state == XB_AGENT_GREETING) {
        if (generation == agent->generation || may_still_answer(agent))
            return 0;
        xb_agent_hang_up(agent);
        agent->failures++;
    }
    agent->superseded_ns = 0;
    return connect_rings(agent, generation);
}

static int seek_domain(struct xb_agent *agent, struct xb_err *err)
{
    int r = xb_agent_domain_find(agent, err);
    if (r < 0)
        return -1;
    xb_err_clear(&agent->hint);
    if (r == 0) {
        xb_fail(&agent->hint, XB_E_BENCH, 0, "no domain with its UUID is running");
        agent->retry_ns = xb_now_ns() + DOMAIN_RETRY_NS;
        return 0;
    }
    agent->state = XB_AGENT_AWAITING;
    return xb_agent_watch_generation(agent, err);
}

int xb_agent_seek(struct xb_agent *agent, struct xb_err *err)
{
    /* A guest that rewrites its keys in a loop must not cause attempts in a loop. */
    uint64_t now_ns = xb_now_ns();
    if (now_ns < agent->not_before_ns) {
        agent->retry_ns = agent->not_before_ns;
        return 0;
    }
    agent->not_before_ns =
        now_ns + (agent->failures < QUICK_ATTEMPTS ? SOCKET_RETRY_NS : RINGS_RETRY_NS);
    agent->retry_ns = agent->unwatched ? now_ns + RINGS_RETRY_NS : UINT64_MAX;
    if (agent->socket_path)
        return agent->state == XB_AGENT_GREETING ? 0 : seek_socket(agent);
    if (!agent->has_door && xb_agent_door(agent, err) <= 0)
        return agent->state == XB_AGENT_OUTSIDE ? 0 : -1;
    if (agent->state == XB_AGENT_SEEKING && seek_domain(agent, err) < 0)
        return -1;
    return agent->state == XB_AGENT_SEEKING ? 0 : seek_rings(agent, err);
}

void xb_agent_greeting_lost(struct xb_agent *agent, const struct xb_err *why)
{
    xb_agent_hang_up(agent);
    agent->hint = *why;
    agent->failures++;
    again(agent, agent->socket_path ? SOCKET_RETRY_NS : RINGS_RETRY_NS);
}

static bool is_full(struct xb_agent *agent)
{
    size_t bytes = 0;
    xb_auto_free char *state = NULL;
    return agent->xs && read_key(agent, XB_KEY_STATE, &state, &bytes, NULL) > 0 && state &&
           bytes == strlen(XB_STATE_FULL) && memcmp(state, XB_STATE_FULL, bytes) == 0;
}

int xb_agent_seek_expired(struct xb_agent *agent, struct xb_err *err)
{
    const char *hint = agent->hint.class                  ? agent->hint.msg
                       : agent->state == XB_AGENT_SEEKING ? "Dom0 had no time to look for it"
                                                          : "it has not published its rings";
    if (agent->state == XB_AGENT_AWAITING && !agent->hint.class && is_full(agent))
        hint = "its agent serves as many controllers as it can; wait for one to end, or end one";
    char holder[200];
    if (agent->state == XB_AGENT_OUTSIDE) {
        xb_guest_door_holder(&agent->talk, holder, sizeof(holder));
        return xb_fail(err, XB_E_BENCH, 0,
                       "%s was still connecting to its agent, which connects to one controller "
                       "at a time",
                       holder);
    }
    if (agent->state == XB_AGENT_GREETING)
        hint = "its agent does not answer HELLO";
    if (agent->socket_path)
        return xb_fail(err, XB_E_BENCH, 0, "no agent in time: %s", hint);
    return xb_fail(err, XB_E_BENCH, 0,
                   "no agent in time: %s (`xenbench guest console %s` shows its boot; is the "
                   "agent in its image and enabled?)",
                   hint, agent->guest.name);
}

/* The agent refused HELLO and says why. */
static int turned_away(const Xb__Error *error, struct xb_err *err)
{
    return xb_fail(err, XB_E_BENCH, 0, "its agent refused our HELLO: %s", error->message);
}

static int check_hello(const Xb__Hello *hello, struct xb_err *err)
{
    if (xb_check_major(hello->major, hello->minor, err) < 0)
        return -1;
    if (hello->n_jobs > XB_JOBS_MAX)
        return xb_fail(err, XB_E_BENCH, 0, "it lists %zu jobs, the limit is %d", hello->n_jobs,
                       XB_JOBS_MAX);
    return 0;
}

int xb_agent_greeted(struct xb_agent *agent, const struct xb_incoming *msg, struct xb_err *err)
{
    int r = -1;
    if (msg->type == XB_ERROR)
        turned_away((const Xb__Error *)msg->body, err);
    else if (msg->type != XB_HELLO || msg->job_id != 0)
        xb_fail(err, XB_E_BENCH, 0, "it sent %s before HELLO", xb_type_name(msg->type));
    else
        r = check_hello((const Xb__Hello *)msg->body, err);
    if (r < 0) {
        protobuf_c_message_free_unpacked(msg->body, NULL);
        return -1;
    }
    if (agent->hello)
        xb__hello__free_unpacked(agent->hello, NULL);
    Xb__Hello *hello = agent->hello = (Xb__Hello *)msg->body;
    if (hello->first_id)
        agent->last_job = hello->first_id - 1;
    xb_expect_reconnected(&agent->expect, hello);
    if (agent->xs)
        xb_agent_unwatch_generation(agent);
    agent->state = XB_AGENT_READY;
    agent->ready_ns = xb_now_ns();
    if (hello->minor >= XB_MINOR_SESSIONS)
        xb_agent_door_leave(agent);
    return 0;
}
