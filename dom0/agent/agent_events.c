/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xenstore's events for all sessions of this process, on one connection: each connection with
 * watches has a thread of libxenstore's, whose start and end take longer than a message to a guest.
 * Whoever reads the events hands each to the session that it is for.
 */
#include "agent_i.h"

#include "alloc.h"
#include "base.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define TOKEN_ENDED "domain-ended"
#define TOKEN_GENERATION "generation-%" PRIu32
#define TOKEN_BYTES 32
#define EVENTS_PER_TURN 256

struct xb_agent_events {
    struct xs_handle *xs;
    struct xb_agent *first; /* the sessions, by next_with_events */
    uint32_t last_number;
    pid_t pid;   /* the thread does not survive a fork */
    bool broken; /* the connection is lost: those that come later get a new one */
};

static struct xb_agent_events *open_events(void)
{
    struct xb_agent_events *events = xb_calloc(1, sizeof(*events));
    events->pid = getpid();
    events->xs = xs_open(0);
    if (events->xs && xs_watch(events->xs, "@releaseDomain", TOKEN_ENDED))
        return events;
    int errnum = errno;
    xs_close(events->xs);
    free(events);
    errno = errnum;
    return NULL;
}

static bool is_usable(const struct xb_agent_events *events)
{
    return events && !events->broken && events->pid == getpid();
}

static void close_if_unused(struct xb_app *app, struct xb_agent_events *events)
{
    if (events->first || events == app->agent_events || events->pid != getpid())
        return;
    xs_close(events->xs);
    free(events);
}

int xb_agent_events_join(struct xb_agent *agent, struct xb_err *err)
{
    struct xb_agent_events *old = agent->app->agent_events;
    struct xb_agent_events *events = is_usable(old) ? old : open_events();
    if (!events)
        return xb_fail(err, XB_E_HOST, errno,
                       "watch xenstore for the end of guest %s (is xenstored running?)",
                       agent->name);
    agent->app->agent_events = events;
    if (old && old != events)
        close_if_unused(agent->app, old);
    agent->events = events;
    agent->xs = events->xs;
    agent->number = ++events->last_number;
    agent->next_with_events = events->first;
    events->first = agent;
    return 0;
}

void xb_agent_events_leave(struct xb_agent *agent)
{
    struct xb_agent_events *events = agent->events;
    if (!events)
        return;
    xb_agent_unwatch_generation(agent);
    struct xb_agent **at = &events->first;
    while (*at != agent)
        at = &(*at)->next_with_events;
    *at = agent->next_with_events;
    agent->events = NULL;
    agent->xs = NULL;
    close_if_unused(agent->app, events);
}

static const char *token_of(const struct xb_agent *agent, char out[TOKEN_BYTES])
{
    snprintf(out, TOKEN_BYTES, TOKEN_GENERATION, agent->number);
    return out;
}

int xb_agent_watch_generation(struct xb_agent *agent, struct xb_err *err)
{
    char path[XB_WATCH_PATH_MAX], token[TOKEN_BYTES];
    snprintf(path, sizeof(path), "/local/domain/%u/" XB_KEY_GENERATION, agent->guest.domid);
    if (strcmp(path, agent->watched) == 0 || agent->unwatched)
        return 0;
    xb_agent_unwatch_generation(agent);
    if (!xs_watch(agent->xs, path, token_of(agent, token)))
        return xb_fail(err, XB_E_HOST, errno, "watch xenstore key %s", path);
    strcpy(agent->watched, path);
    return 0;
}

void xb_agent_unwatch_generation(struct xb_agent *agent)
{
    char token[TOKEN_BYTES];
    if (agent->watched[0])
        xs_unwatch(agent->xs, agent->watched, token_of(agent, token));
    agent->watched[0] = '\0';
    agent->events_of_key = 0;
}

static void hand_out(struct xb_agent_events *events, const char *token)
{
    uint32_t number = 0;
    bool ended = strcmp(token, TOKEN_ENDED) == 0;
    if (!ended && sscanf(token, "generation-%" SCNu32, &number) != 1)
        return;
    for (struct xb_agent *agent = events->first; agent; agent = agent->next_with_events) {
        agent->domain_ended |= ended;
        agent->events_of_key += agent->number == number;
    }
}

bool xb_agent_has_events(const struct xb_agent *agent)
{
    return agent->domain_ended || agent->events_of_key > 0;
}

/* A guest can outrun this loop; unread events keep the descriptor readable. */
static int read_events(struct xb_agent_events *events, struct xb_err *err)
{
    char **event = NULL;
    for (int i = 0; i < EVENTS_PER_TURN && (event = xs_check_watch(events->xs)) != NULL; i++) {
        hand_out(events, event[XS_WATCH_TOKEN]);
        free(event);
    }
    if (event || errno == EAGAIN)
        return 0;
    events->broken = true;
    return xb_fail(err, XB_E_HOST, errno, "read xenstore's events");
}

int xb_agent_events_take(struct xb_agent *agent, bool *ended, uint32_t *of_key, struct xb_err *err)
{
    int r = read_events(agent->events, err);
    *ended = agent->domain_ended;
    *of_key = agent->events_of_key;
    agent->domain_ended = false;
    agent->events_of_key = 0;
    return r;
}
