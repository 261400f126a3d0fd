/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one poll over all sessions: connections, xenstore's events, deadlines, inputs, the stop. */
#include "agent_i.h"

#include "alloc.h"
#include "base.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* After this many messages from a guest that sends without pause, the other guests get a turn. */
#define MESSAGES_PER_TURN 64
/* Each return of a guest costs Dom0 a process. One that keeps leaving this soon stays lost. */
#define SHORT_LIFE_NS XB_NS_PER_S
#define SHORT_LIVES_MAX 32
#define FDS_PER_AGENT 3
#define KEPT_MAX 4096
#define WAIT_GOES_ON 3 /* beside enum xb_wait_end */

struct poller {
    const struct xb_agents_wait *wait;
    struct pollfd
        *fds; /* the stop descriptor; per agent its link, xenstore's events, its door; the inputs */
    nfds_t count;
    bool more; /* there may be messages of which poll reports nothing */
};

static bool stopped(const struct xb_agents_wait *wait)
{
    return wait->stop && *wait->stop;
}

static bool connecting(const struct xb_agent *agent)
{
    return agent->state != XB_AGENT_LOST && agent->state != XB_AGENT_READY;
}

static int lose(const struct xb_agents_wait *wait, struct xb_agent *agent, struct xb_err *why,
                struct xb_err *err)
{
    xb_agent_disconnect(agent);
    agent->state = XB_AGENT_LOST;
    agent->loss = *why;
    xb_fail_context(why, "guest %s", agent->name);
    if (wait->on_lost)
        return wait->on_lost(wait->arg, agent, why, err);
    return xb_fail(err, why->class, 0, "%s", why->msg);
}

static int keep(struct xb_agent *agent, const struct xb_incoming *msg, struct xb_err *why)
{
    if (agent->kept_count >= KEPT_MAX) {
        protobuf_c_message_free_unpacked(msg->body, NULL);
        return xb_fail(why, XB_E_BENCH, 0, "it sent more than %d messages instead of an answer",
                       KEPT_MAX);
    }
    struct xb_kept *kept = xb_calloc(1, sizeof(*kept));
    kept->msg = (struct xb_msg){.type = msg->type, .job_id = msg->job_id, .body = msg->body};
    *agent->kept_end = kept;
    agent->kept_end = &kept->next;
    agent->kept_count++;
    return 0;
}

static bool answers(const struct xb_call *call, const struct xb_incoming *msg)
{
    if (!call || call->got || msg->job_id != call->job_id)
        return false;
    if (call->answer && msg->type == XB_ERROR)
        return ((const Xb__Error *)msg->body)->request == call->request;
    return call->answer == 0 || msg->type == call->answer;
}

static void wake(struct xb_call *call)
{
    call->wake = *call->woken = true;
}

/*
 * Handle a message of a ready session. An error in the message goes to why, the callback's to err.
 */
static int take_message(const struct xb_agents_wait *wait, struct xb_agent *agent,
                        const struct xb_incoming *in, struct xb_err *why, struct xb_err *err)
{
    struct xb_call *call = agent->call;
    if (xb_expect_received(&agent->expect, in->type, in->job_id, in->body, why) < 0 ||
        xb_expect_abandoned(&agent->expect, in->job_id)) {
        protobuf_c_message_free_unpacked(in->body, NULL);
        return 0;
    }
    if (answers(call, in)) {
        call->got = in->type;
        call->body = in->body;
        if (call->take && call->take(call)) {
            protobuf_c_message_free_unpacked(in->body, NULL);
            call->got = 0;
            call->body = NULL;
        } else {
            wake(call);
        }
        return 0;
    }
    if (call) {
        keep(agent, in, why);
        return 0;
    }
    struct xb_msg msg = {.type = in->type, .job_id = in->job_id, .body = in->body};
    int r = wait->on_message(wait->arg, agent, &msg, err);
    protobuf_c_message_free_unpacked(in->body, NULL);
    return r;
}

static int take(const struct xb_agents_wait *wait, struct xb_agent *agent,
                const struct xb_incoming *in, struct xb_err *why, struct xb_err *err)
{
    if (!in->body)
        return 0;
    if (agent->state == XB_AGENT_READY)
        return take_message(wait, agent, in, why, err);
    if (xb_agent_greeted(agent, in, why) < 0 || !wait->on_ready)
        return 0;
    return wait->on_ready(wait->arg, agent, err);
}

/*
 * Take at most MESSAGES_PER_TURN received messages, also those that arrived before this poll. why
 * is filled if the connection or its peer is at fault; *gone: it ended and broke no rule.
 */
static int take_messages(struct poller *p, struct xb_agent *agent, short revents, bool *gone,
                         struct xb_err *why, struct xb_err *err)
{
    struct xb_err closed = {0};
    *gone = revents && xb_link_pump(agent->link, revents, &closed) < 0;
    if (agent->call && agent->call->room && xb_link_room(agent->link) >= agent->call->room)
        wake(agent->call);
    struct xb_incoming in;
    for (int i = 0; *gone || i < MESSAGES_PER_TURN; i++) {
        if (xb_agent_take(agent, &in, gone, &closed) <= 0)
            break;
        if (take(p->wait, agent, &in, why, err) < 0)
            return -1;
        *gone &= !why->class;
        if (why->class || stopped(p->wait) || !agent->link)
            return 0;
        p->more |= i == MESSAGES_PER_TURN - 1;
    }
    *why = closed;
    return 0;
}

/* A connection ended and broke no rule: may the guest connect again? */
static bool is_worth_another(struct xb_agent *agent, struct xb_err *why)
{
    if (agent->state == XB_AGENT_READY)
        agent->short_lives =
            xb_now_ns() - agent->ready_ns < SHORT_LIFE_NS ? agent->short_lives + 1 : 0;
    if (agent->short_lives <= SHORT_LIVES_MAX)
        return true;
    const struct xb_err one = *why;
    xb_err_clear(why);
    xb_fail(why, one.class, 0, "%s, %u times in a row", one.msg, agent->short_lives);
    return false;
}

static int service_link(struct poller *p, struct xb_agent *agent, short revents, struct xb_err *err)
{
    struct xb_err why = {0};
    bool gone = false;
    if (take_messages(p, agent, revents, &gone, &why, err) < 0)
        return -1;
    if (why.class == XB_E_NONE)
        return 0;
    if (agent->state != XB_AGENT_READY && gone) {
        xb_agent_greeting_lost(agent, &why);
        return 0;
    }
    agent->may_return = gone && is_worth_another(agent, &why);
    /* A dead domain may first show as a closed ring: the domain's end is the better reason. */
    struct xb_err ended = {0};
    if (gone && agent->xs && xb_agent_domain_check(agent, &ended) < 0)
        why = ended;
    return lose(p->wait, agent, &why, err);
}

static int service_domain(struct poller *p, struct xb_agent *agent, struct xb_err *err)
{
    struct xb_err why = {0};
    bool seek = false;
    if (xb_agent_domain_events(agent, &seek, &why) < 0) {
        if (connecting(agent) && agent->may_return)
            xb_agent_reconnect(agent, agent->deadline_ns); /* the next domain with this UUID */
        else
            return lose(p->wait, agent, &why, err);
    } else if (seek && connecting(agent) && xb_agent_seek(agent, &why) < 0) {
        agent->may_return = false;
        return lose(p->wait, agent, &why, err);
    }
    return 0;
}

/* Do what is due while the agent connects. */
static int service_timers(struct poller *p, struct xb_agent *agent, short door, uint64_t now_ns,
                          struct xb_err *err)
{
    struct xb_err why = {0};
    if (!connecting(agent))
        return 0;
    if (agent->state == XB_AGENT_OUTSIDE && door)
        xb_agent_door_opened(agent, &why);
    if (agent->state == XB_AGENT_OUTSIDE && now_ns >= agent->tell_ns)
        xb_agent_door_tell(agent);
    if (now_ns >= agent->deadline_ns)
        xb_agent_seek_expired(agent, &why);
    else if (why.class == XB_E_NONE && now_ns >= agent->retry_ns)
        xb_agent_seek(agent, &why);
    if (why.class == XB_E_NONE)
        return 0;
    agent->may_return = false;
    return lose(p->wait, agent, &why, err);
}

static int service(struct poller *p, size_t i, uint64_t now_ns, struct xb_err *err)
{
    struct xb_agent *agent = p->wait->agents[i];
    const struct pollfd *fds = &p->fds[1 + FDS_PER_AGENT * i];
    if (!agent)
        return 0;
    /* Frames come first: they were sent before the domain ended. */
    bool asked = agent->link && fds[0].fd == xb_link_fd(agent->link);
    if (agent->link && service_link(p, agent, (short)(asked ? fds[0].revents : 0), err) < 0)
        return -1;
    bool events = fds[1].revents || xb_agent_has_events(agent);
    if (agent->state != XB_AGENT_LOST && events && !stopped(p->wait) &&
        service_domain(p, agent, err) < 0)
        return -1;
    return stopped(p->wait) ? 0 : service_timers(p, agent, fds[2].revents, now_ns, err);
}

static int deliver_kept(const struct xb_agents_wait *wait, struct xb_agent *agent,
                        struct xb_err *err)
{
    while (agent->kept && !agent->call && !stopped(wait)) {
        struct xb_kept *kept = agent->kept;
        agent->kept = kept->next;
        agent->kept_count--;
        if (!agent->kept)
            agent->kept_end = &agent->kept;
        int r = wait->on_message(wait->arg, agent, &kept->msg, err);
        protobuf_c_message_free_unpacked((ProtobufCMessage *)kept->msg.body, NULL);
        free(kept);
        if (r < 0)
            return -1;
    }
    return 0;
}

static struct pollfd *input_fds(const struct poller *p)
{
    return p->fds + 1 + FDS_PER_AGENT * p->wait->count;
}

static int service_inputs(struct poller *p, struct xb_err *err)
{
    const struct xb_agents_wait *wait = p->wait;
    for (size_t i = 0; i < wait->input_count && !stopped(wait); i++) {
        const struct pollfd *polled = &input_fds(p)[i];
        if (polled->revents && polled->fd == wait->inputs[i].fd(wait->arg) &&
            wait->inputs[i].on_readable(wait->arg, err) < 0)
            return -1;
    }
    return 0;
}

/* Fill the poll set; returns the time of the next deadline. */
static uint64_t prepare(struct poller *p)
{
    const struct xb_agents_wait *wait = p->wait;
    uint64_t until_ns = wait->deadline_ns;
    p->fds[0] = (struct pollfd){.fd = wait->stop_fd, .events = POLLIN};
    for (size_t i = 0; i < wait->input_count; i++)
        input_fds(p)[i] = (struct pollfd){.fd = wait->inputs[i].fd(wait->arg), .events = POLLIN};
    for (size_t i = 0; i < wait->count; i++) {
        struct pollfd *fds = &p->fds[1 + FDS_PER_AGENT * i];
        fds[0] = fds[1] = fds[2] = (struct pollfd){.fd = -1, .events = POLLIN};
        struct xb_agent *agent = wait->agents[i];
        if (!agent || agent->state == XB_AGENT_LOST)
            continue;
        if (agent->link) {
            fds[0].fd = xb_link_fd(agent->link);
            fds[0].events = xb_link_poll_events(agent->link);
        }
        if (agent->xs)
            fds[1].fd = xs_fileno(agent->xs);
        p->more |= xb_agent_has_events(agent); /* read in another's turn */
        if (agent->state == XB_AGENT_OUTSIDE) {
            fds[2].fd = agent->door_wait.child.fd;
            until_ns = agent->tell_ns < until_ns ? agent->tell_ns : until_ns;
        }
        if (connecting(agent) && agent->deadline_ns < until_ns)
            until_ns = agent->deadline_ns;
        if (connecting(agent) && agent->retry_ns < until_ns)
            until_ns = agent->retry_ns;
    }
    return until_ns;
}

static int sleep_until(struct poller *p, uint64_t until_ns, struct xb_err *err)
{
    /* Read the clock only if it is needed: a system call where Dom0's clocksource is xen. */
    bool bounded = p->more || until_ns != UINT64_MAX;
    uint64_t now_ns = bounded && !p->more ? xb_now_ns() : until_ns;
    if (!p->more && p->wait->wakeups)
        (*p->wait->wakeups)++; /* poll is about to sleep, and a wake-up will end it */
    p->more = false;
    struct timespec left = xb_timespec(until_ns > now_ns ? until_ns - now_ns : 0);
    if (ppoll(p->fds, p->count, bounded ? &left : NULL, NULL) < 0) {
        if (errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "wait for guests");
        for (size_t i = 0; i < p->count; i++)
            p->fds[i].revents = 0;
    }
    return 0;
}

static int turn(struct poller *p, struct xb_err *err)
{
    const struct xb_agents_wait *wait = p->wait;
    if (sleep_until(p, prepare(p), err) < 0)
        return -1;
    uint64_t now_ns = xb_now_ns();
    for (size_t i = 0; i < wait->count && !stopped(wait); i++)
        if (service(p, i, now_ns, err) < 0)
            return -1;
    if (service_inputs(p, err) < 0)
        return -1;
    if (stopped(wait))
        return XB_WAIT_STOPPED;
    if (p->fds[0].revents)
        return XB_WAIT_STOP_FD;
    return now_ns >= wait->deadline_ns ? XB_WAIT_DEADLINE : WAIT_GOES_ON;
}

/* Did an earlier wait leave frames in the links? */
static bool links_may_hold(const struct xb_agents_wait *wait)
{
    for (size_t i = 0; i < wait->count; i++)
        if (wait->agents[i] && wait->agents[i]->link && xb_link_may_hold(wait->agents[i]->link))
            return true;
    return false;
}

int xb_agents_wait(const struct xb_agents_wait *wait, struct xb_err *err)
{
    size_t count = 1 + FDS_PER_AGENT * wait->count + wait->input_count;
    xb_auto_free struct pollfd *fds = xb_calloc(count, sizeof(*fds));
    struct poller p = {.wait = wait, .fds = fds, .count = count};
    for (size_t i = 0; i < wait->count; i++)
        if (wait->agents[i] && deliver_kept(wait, wait->agents[i], err) < 0)
            return -1;
    if (stopped(wait))
        return XB_WAIT_STOPPED;
    p.more = links_may_hold(wait);
    int r;
    do
        r = turn(&p, err);
    while (r == WAIT_GOES_ON);
    return r;
}
