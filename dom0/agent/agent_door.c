/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Agreement with other commands: who may connect, who talks, and who measures (guest_talk.h). */
#include "agent_i.h"

#include "base.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define TELL_AFTER_NS XB_NS_PER_S

/* Turn a socket's path into a file name. */
static void key_of_socket(const char *path, char *out, size_t bytes)
{
    xb_auto_free char *whole = realpath(path, NULL);
    snprintf(out, bytes, "unix%s", whole ? whole : path);
    for (char *c = out; *c; c++)
        if (*c == '/')
            *c = '=';
}

int xb_agent_talk_open(struct xb_agent *agent, struct xb_err *err)
{
    char key[NAME_MAX - 20];
    snprintf(key, sizeof(key), "%s", agent->guest.uuid);
    if (agent->socket_path)
        key_of_socket(agent->socket_path, key, sizeof(key));
    return xb_guest_talk_open(&agent->talk, agent->app, key, agent->guest.name, err);
}

int xb_agent_door(struct xb_agent *agent, struct xb_err *err)
{
    if (agent->state == XB_AGENT_OUTSIDE)
        return 0;
    agent->has_door = xb_guest_door_take(&agent->talk);
    if (agent->has_door)
        return 1;
    if (xb_guest_door_wait(&agent->talk, &agent->door_wait, err) < 0)
        return -1;
    agent->state = XB_AGENT_OUTSIDE;
    agent->tell_ns = xb_now_ns() + TELL_AFTER_NS;
    return 0;
}

int xb_agent_door_opened(struct xb_agent *agent, struct xb_err *err)
{
    if (!xb_lock_wait_end(&agent->door_wait))
        return xb_fail(err, XB_E_HOST, 0, "the wait for its agent's door failed");
    xb_guest_door_taken(&agent->talk);
    agent->has_door = true;
    agent->state = XB_AGENT_SEEKING;
    agent->retry_ns = 0;
    return 0;
}

void xb_agent_door_tell(struct xb_agent *agent)
{
    char holder[200];
    xb_guest_door_holder(&agent->talk, holder, sizeof(holder));
    agent->tell_ns = UINT64_MAX;
    fprintf(stderr, "xenbench: guest %s: waiting for %s, which is connecting to its agent\n",
            agent->name, holder);
}

void xb_agent_door_leave(struct xb_agent *agent)
{
    bool may_have = agent->has_door || agent->door_wait.child.pid > 0;
    xb_lock_wait_cancel(&agent->door_wait);
    if (may_have)
        xb_guest_door_leave(&agent->talk);
    agent->has_door = false;
}

/*
 * The next agent by the path of its lock file: all commands lock in this order, so none deadlock.
 */
static struct xb_agent *next_in_order(struct xb_agent **agents, size_t count, const char *after)
{
    struct xb_agent *best = NULL;
    for (size_t i = 0; i < count; i++) {
        struct xb_agent *agent = agents[i];
        if (agent && strcmp(agent->talk.path, after) > 0 &&
            (!best || strcmp(agent->talk.path, best->talk.path) < 0))
            best = agent;
    }
    return best;
}

static void tell_stderr(void *arg XB_UNUSED, const char *text)
{
    fprintf(stderr, "xenbench: %s\n", text);
}

int xb_agents_join(struct xb_agent **agents, size_t count, uint64_t deadline_ns, int stop_fd,
                   struct xb_err *err)
{
    struct xb_talk_wait wait = {
        .deadline_ns = deadline_ns, .stop_fd = stop_fd, .tell = tell_stderr};
    struct xb_agent *agent = NULL;
    while ((agent = next_in_order(agents, count, agent ? agent->talk.path : "")))
        if (xb_guest_talk_join(&agent->talk, &wait, err) < 0)
            return -1;
    return 0;
}

int xb_agents_measure(struct xb_agent **agents, size_t count, const struct xb_talk_wait *wait,
                      struct xb_err *err)
{
    struct xb_agent *agent = NULL;
    while ((agent = next_in_order(agents, count, agent ? agent->talk.path : "")))
        if (xb_guest_talk_measure(&agent->talk, wait, err) < 0)
            return -1;
    return 0;
}

void xb_agents_measured(struct xb_agent **agents, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (agents[i])
            xb_guest_talk_measured(&agents[i]->talk);
}
