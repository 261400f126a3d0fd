/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for results, lost guests and returning agents while jobs are released. */
#include "base.h"
#include "cell.h"

#include <inttypes.h>
#include <string.h>

/* How long a result may take to arrive after the job's own time-out. */
#define GRACE_NS (30 * XB_NS_PER_S)
#define RECONNECT_NS (60 * XB_NS_PER_S)

/* What a wait is for. */
struct watch {
    struct xb_cell *cell;
    bool (*is_over)(const struct xb_cell *cell);
    bool over;
};

static int hear(struct xb_cell *cell, struct xb_agent *agent, const struct xb_msg *msg,
                struct xb_err *err)
{
    size_t g = (size_t)xb_run_guest_of(cell->run, agent);
    struct xb_cell_guest *guest = &cell->guests[g];
    if (msg->job_id != guest->job_id || guest->stage != XB_STAGE_RELEASED)
        return 0;
    if (msg->type == XB_ARMED && xb_cell_role(cell, g) == XB_ROLE_BACKGROUND)
        return xb_cell_background_armed(cell, g, err);
    if (msg->type == XB_RESULT) {
        bool again = false;
        const Xb__Result *result = (const Xb__Result *)msg->body;
        if (xb_cell_background_again(cell, g, result, &again, err) < 0)
            return -1;
        return again ? 0 : xb_cell_take_result(cell, g, result, NULL, err);
    }
    if (msg->type == XB_ERROR) {
        const Xb__Error *refusal = (const Xb__Error *)msg->body;
        return xb_cell_lose(cell, g, refusal->message, err);
    }
    return 0;
}

bool xb_cell_is_token_of(const char *token, const char *sample)
{
    size_t n = strlen(sample);
    return strncmp(token, sample, n) == 0 && (token[n] == '\0' || token[n] == '+');
}

static const Xb__JobState *find_job(struct xb_cell *cell, size_t g)
{
    const Xb__Hello *hello = xb_agent_hello(cell->run->agents[g]);
    const struct xb_cell_guest *guest = &cell->guests[g];
    for (size_t i = 0; i < hello->n_jobs; i++)
        if (hello->jobs[i]->job_id == guest->job_id &&
            xb_cell_is_token_of(hello->jobs[i]->token, guest->token))
            return hello->jobs[i];
    return NULL;
}

/* The agent is back, after a restart, a restore or a lost connection: is our job still there? */
static int find_again(struct xb_cell *cell, struct xb_agent *agent, struct xb_err *err)
{
    size_t g = (size_t)xb_run_guest_of(cell->run, agent);
    struct xb_cell_guest *guest = &cell->guests[g];
    if (guest->stage != XB_STAGE_RELEASED)
        return 0;
    const Xb__JobState *job = find_job(cell, g);
    if (!job && guest->rearming)
        return xb_cell_background_unarmed(cell, g, err);
    if (!job)
        return xb_cell_lose(cell, g, "the guest's agent was restarted and knows nothing of the job",
                            err);
    if (job->phase == XB__JOB_PHASE__JOB_PHASE_DONE) {
        Xb__Fetch fetch = XB__FETCH__INIT;
        return xb_agent_send(agent, XB_FETCH, guest->job_id, &fetch.base, err);
    }
    if (xb_cell_role(cell, g) == XB_ROLE_BACKGROUND)
        return xb_cell_background_returned(cell, g, job->phase, err);
    /* If RELEASE was lost, it now comes late, and the sample says so. */
    if (job->phase == XB__JOB_PHASE__JOB_PHASE_ARMED && cell->release_ns)
        return xb_cell_send_release(cell, g, err);
    return 0; /* the agent sends the result by itself */
}

static int take_loss(struct xb_cell *cell, struct xb_agent *agent, const struct xb_err *why,
                     struct xb_err *err)
{
    size_t g = (size_t)xb_run_guest_of(cell->run, agent);
    if (cell->guests[g].stage != XB_STAGE_RELEASED)
        return 0;
    if (!xb_agent_may_return(agent))
        return xb_cell_lose(cell, g, why->msg, err);
    xb_agent_reconnect(agent, xb_now_ns() + RECONNECT_NS);
    return 0;
}

static int looked(struct watch *watch, int r)
{
    watch->over = watch->is_over && watch->is_over(watch->cell);
    return r;
}

static int on_message(void *arg, struct xb_agent *agent, const struct xb_msg *msg,
                      struct xb_err *err)
{
    struct watch *watch = arg;
    return looked(watch, hear(watch->cell, agent, msg, err));
}

static int on_ready(void *arg, struct xb_agent *agent, struct xb_err *err)
{
    struct watch *watch = arg;
    return looked(watch, find_again(watch->cell, agent, err));
}

static int on_lost(void *arg, struct xb_agent *agent, const struct xb_err *why, struct xb_err *err)
{
    struct watch *watch = arg;
    return looked(watch, take_loss(watch->cell, agent, why, err));
}

int xb_cell_watch(struct xb_cell *cell, uint64_t deadline_ns,
                  bool (*over)(const struct xb_cell *cell), struct xb_err *err)
{
    struct watch watch = {cell, over, false};
    struct xb_agents_wait wait = {
        .agents = cell->run->agents,
        .count = cell->run->count,
        .deadline_ns = deadline_ns,
        .stop_fd = cell->run->stop_fd,
        .stop = &watch.over,
        .on_message = on_message,
        .on_ready = on_ready,
        .on_lost = on_lost,
        .wakeups = &cell->wakeups,
        .arg = &watch,
    };
    int r = xb_agents_wait(&wait, err);
    return r == XB_WAIT_STOP_FD ? xb_fail(err, XB_E_BENCH, 0, "interrupted") : r;
}

/* Give up all measured guests: even their agents' own time-outs are over. */
static int give_up(struct xb_cell *cell, struct xb_err *err)
{
    for (size_t g = 0; g < cell->run->count; g++) {
        char why[160];
        snprintf(why, sizeof(why), "guest %s: no result %" PRIu64 " s after the job's time-out",
                 cell->run->guests[g].exp->name, (uint64_t)(GRACE_NS / XB_NS_PER_S));
        if (cell->guests[g].stage == XB_STAGE_RELEASED &&
            xb_cell_role(cell, g) == XB_ROLE_MEASURED && xb_cell_lose(cell, g, why, err) < 0)
            return -1;
    }
    return 0;
}

size_t xb_cell_released(const struct xb_cell *cell, enum xb_role role)
{
    size_t count = 0;
    for (size_t g = 0; g < cell->run->count; g++)
        count += cell->guests[g].stage == XB_STAGE_RELEASED && xb_cell_role(cell, g) == role;
    return count;
}

static bool all_in(const struct xb_cell *cell)
{
    return xb_cell_released(cell, XB_ROLE_MEASURED) == 0;
}

bool xb_cell_window_is_over(const struct xb_cell *cell)
{
    return cell->state > XB_CELL_RUNNING || (cell->state == XB_CELL_RUNNING && all_in(cell));
}

int xb_cell_wait(struct xb_cell *cell, struct xb_err *err)
{
    uint64_t from = cell->release_ns ? cell->release_ns : xb_now_ns();
    if (all_in(cell))
        return 0;
    int r = xb_cell_watch(cell, from + xb_run_timeout_ns(cell->run, cell->row.case_no) + GRACE_NS,
                          all_in, err);
    return r == XB_WAIT_DEADLINE ? give_up(cell, err) : r < 0 ? -1 : 0;
}
