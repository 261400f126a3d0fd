/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lifecycle_answer.h"

#include "agent.h"
#include "alloc.h"
#include "base.h"
#include "interrupt.h"

#include <errno.h>
#include <poll.h>

#define SETTLE_NS (60 * XB_NS_PER_S)
#define LOOK_AGAIN_MS 100
/* Allowed error of a guest's clock, beyond the uncertainty of reading it. */
#define SLACK_NS (50 * XB_NS_PER_MS)

struct waiting {
    struct xb_agent **agents;
    struct xb_answer *answers;
    uint64_t *asked_ns; /* when STATUS was requested */
    uint64_t deadline_ns;
    size_t count, missing;
    int stop_fd;
    bool done;
};

static size_t index_of(const struct waiting *w, const struct xb_agent *agent)
{
    size_t i = 0;
    while (w->agents[i] != agent)
        i++;
    return i;
}

static int on_ready(void *arg XB_UNUSED, struct xb_agent *agent, struct xb_err *err)
{
    Xb__Ping ping = XB__PING__INIT;
    return xb_agent_send(agent, XB_PING, 0, &ping.base, err);
}

static void take_status(struct xb_answer *answer, const Xb__Status *s, uint64_t asked_ns)
{
    uint64_t now_ns = xb_now_ns(), middle_ns = asked_ns + (now_ns - asked_ns) / 2;
    answer->has_status = true;
    answer->zero_ns = middle_ns > s->boottime_ns ? middle_ns - s->boottime_ns : 0;
    answer->zero_error_ns = (now_ns - asked_ns) / 2;
    answer->userspace_ns = s->userspace_ns;
    answer->started_ns = s->agent_started_ns;
    answer->published_ns = s->agent_published_ns;
    answer->frozen_ns = s->frozen_ns;
    answer->settled = s->settled;
}

static int on_message(void *arg, struct xb_agent *agent, const struct xb_msg *msg,
                      struct xb_err *err)
{
    struct waiting *w = arg;
    size_t i = index_of(w, agent);
    if (msg->type == XB_PONG && !w->answers[i].has_status) {
        /* A connection that was lost before STATUS asks again; the first PONG counts. */
        if (!w->answers[i].answered_ns)
            w->answers[i].answered_ns = xb_now_ns();
        w->asked_ns[i] = xb_now_ns();
        return xb_agent_send(agent, XB_STATUS_REQUEST, 0, NULL, err);
    }
    if (msg->type == XB_STATUS && !w->answers[i].has_status) {
        take_status(&w->answers[i], (const Xb__Status *)msg->body, w->asked_ns[i]);
        w->done = --w->missing == 0;
    }
    return 0;
}

static int on_lost(void *arg, struct xb_agent *agent, const struct xb_err *why, struct xb_err *err)
{
    struct waiting *w = arg;
    if (!xb_agent_may_return(agent))
        return xb_fail(err, why->class, 0, "%s", why->msg);
    xb_agent_reconnect(agent, w->deadline_ns);
    return 0;
}

static int wait_for_answers(struct waiting *w, struct xb_err *err)
{
    struct xb_agents_wait wait = {
        .agents = w->agents,
        .count = w->count,
        .deadline_ns =
            w->deadline_ns + XB_NS_PER_S, /* later than the agents' own, whose errors say more */
        .stop_fd = w->stop_fd,
        .stop = &w->done,
        .on_message = on_message,
        .on_ready = on_ready,
        .on_lost = on_lost,
        .arg = w,
    };
    int r = xb_agents_wait(&wait, err);
    if (r == XB_WAIT_STOP_FD)
        return xb_fail(err, XB_E_BENCH, EINTR, "stopped while waiting for guests to answer");
    if (r == XB_WAIT_DEADLINE)
        return xb_fail(err, XB_E_BENCH, 0, "%zu guests did not answer in time", w->missing);
    return r < 0 ? -1 : 0;
}

/* Wait until guests settle: a boot still going on would disturb the next measurement. */
static int settle(struct waiting *w, struct xb_err *err)
{
    uint64_t until_ns = xb_now_ns() + SETTLE_NS;
    for (size_t i = 0; i < w->count; i++) {
        while (!w->answers[i].settled && xb_now_ns() < until_ns) {
            struct pollfd stop = {.fd = w->stop_fd, .events = POLLIN};
            Xb__Status *status = NULL;
            if (poll(&stop, 1, LOOK_AGAIN_MS) > 0)
                return xb_fail(err, XB_E_BENCH, EINTR, "stopped while guests came to rest");
            if (xb_agent_status(w->agents[i], &status, err) < 0)
                return -1;
            w->answers[i].settled = status->settled;
            xb__status__free_unpacked(status, NULL);
        }
    }
    return 0;
}

int xb_answers_await(struct xb_app *app, const char *const *names, size_t count,
                     uint64_t deadline_ns, bool settle_too, struct xb_answer *out,
                     struct xb_err *err)
{
    xb_auto_free struct xb_agent **agents = xb_calloc(count + 1, sizeof(struct xb_agent *));
    xb_auto_free uint64_t *asked_ns = xb_calloc(count + 1, sizeof(*asked_ns));
    xb_auto_close int stop_fd = xb_stop_fd();
    struct waiting w = {.agents = agents,
                        .answers = out,
                        .asked_ns = asked_ns,
                        .count = count,
                        .missing = count,
                        .stop_fd = stop_fd,
                        .deadline_ns = deadline_ns};
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct xb_answer){0};
        status = xb_agent_new(&agents[i], app, names[i], err);
        if (status < 0)
            break;
        xb_agent_set_stop_fd(agents[i], stop_fd);
        xb_agent_reconnect(agents[i], deadline_ns);
    }
    if (status == 0)
        status = xb_agents_join(agents, count, deadline_ns, stop_fd, err);
    if (status == 0)
        status = wait_for_answers(&w, err);
    if (status == 0 && settle_too)
        status = settle(&w, err);
    xb_agents_free(agents, count);
    return status;
}

/* The times must be in order, and within the time that passed in Dom0. */
static bool is_possible(const struct xb_answer *a, uint64_t unpaused_ns)
{
    uint64_t slack_ns = SLACK_NS + a->zero_error_ns;
    return a->has_status && a->published_ns > 0 && a->userspace_ns <= a->started_ns &&
           a->started_ns <= a->published_ns && a->zero_ns + slack_ns >= unpaused_ns &&
           a->published_ns <= XB_NS_PER_S * 86400 &&
           a->zero_ns + a->published_ns <= a->answered_ns + slack_ns;
}

void xb_answer_parts(struct xb_life_sample *sample, const struct xb_answer *a, uint64_t unpaused_ns)
{
    if (a->answered_ns < unpaused_ns)
        return;
    if (!is_possible(a, unpaused_ns)) {
        sample->parts_refused = true;
        xb_life_part(sample, "guest", a->answered_ns - unpaused_ns, false);
        return;
    }
    /* Rounding may put the start of the guest's clock a little before the domain's. */
    uint64_t at_ns[] = {unpaused_ns,
                        a->zero_ns,
                        a->zero_ns + a->userspace_ns,
                        a->zero_ns + a->started_ns,
                        a->zero_ns + a->published_ns,
                        a->answered_ns};
    static const char *const names[] = {"loader", "kernel", "user space", "agent", "answer"};
    for (size_t i = 1; i < XB_ARRAY_LEN(at_ns); i++) {
        if (at_ns[i] < at_ns[i - 1])
            at_ns[i] = at_ns[i - 1];
        if (at_ns[i] > a->answered_ns)
            at_ns[i] = a->answered_ns;
        xb_life_part(sample, names[i - 1], at_ns[i] - at_ns[i - 1], true);
    }
}
