/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Background load: released before the window opens, kept running until it has closed, then killed.
 * Its samples are stored but do not count.
 */
#include "base.h"
#include "cell.h"

#include <signal.h>
#include <string.h>

#define END_TIMEOUT_NS (30 * XB_NS_PER_S)

static bool is_background(const struct xb_cell *cell, size_t g)
{
    return xb_cell_role(cell, g) == XB_ROLE_BACKGROUND;
}

static bool background_ends(const struct xb_cell *cell)
{
    return cell->state >= XB_CELL_SHUT;
}

static int release_now(struct xb_cell *cell, size_t g, struct xb_err *err)
{
    Xb__Release release = XB__RELEASE__INIT; /* no time: at once */
    if (xb_agent_send(cell->run->agents[g], XB_RELEASE, cell->guests[g].job_id, &release.base,
                      err) < 0)
        return -1;
    cell->guests[g].stage = XB_STAGE_RELEASED;
    return 0;
}

int xb_cell_background_start(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    size_t started = 0;
    for (size_t g = 0; g < run->count; g++) {
        if (!is_background(cell, g))
            continue;
        if (release_now(cell, g, err) < 0)
            return -1;
        started++;
    }
    if (started == 0 || run->exp->background_lead_ns == 0)
        return 0;
    if (xb_cell_watch(cell, xb_now_ns() + run->exp->background_lead_ns, NULL, err) < 0)
        return -1;
    cell->wakeups = 0; /* earlier wake-ups did not disturb the window */
    return cell->lost.class == XB_E_NONE
               ? xb_cell_judge_load(cell, err)
               : xb_fail(err, XB_E_BENCH, 0, "background load, before the window: %s",
                         cell->lost.msg);
}

static int arm_now(struct xb_cell *cell, size_t g, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    struct xb_cell_guest *guest = &cell->guests[g];
    const struct xb_job_spec *job = xb_run_job(run, cell->row.case_no, g);
    char token[XB_TOKEN_MAX + 1];
    const struct xb_job_place place = {run, g, &cell->row};
    xb_auto_arm struct xb_job_arm arm = {.words = NULL};
    if (snprintf(token, sizeof(token), "%s+%u", guest->token, guest->restarts) >=
            (int)sizeof(token) ||
        xb_job_arm_fill(&place, job, &job->workload->command, token, &arm, err) < 0)
        return xb_fail(err, XB_E_HOST, 0, "background load of guest %s cannot be started again",
                       run->guests[g].exp->name);
    int r = xb_agent_send(run->agents[g], XB_ARM, guest->job_id, &arm.msg.base, err);
    guest->rearming = r == 0;
    return r;
}

/* Run the same command once more, as another job. */
static int arm_again(struct xb_cell *cell, size_t g, struct xb_err *err)
{
    struct xb_cell_guest *guest = &cell->guests[g];
    struct xb_agent *agent = cell->run->agents[g];
    if (xb_agent_send(agent, XB_FORGET, guest->job_id, NULL, err) < 0)
        return -1;
    guest->job_id = xb_agent_next_job(agent);
    guest->restarts++;
    return arm_now(cell, g, err);
}

int xb_cell_background_unarmed(struct xb_cell *cell, size_t g, struct xb_err *err)
{
    struct xb_agent *agent = cell->run->agents[g];
    const Xb__Hello *hello = xb_agent_hello(agent);
    for (size_t i = 0; i < hello->n_jobs; i++)
        if (hello->jobs[i]->phase == XB__JOB_PHASE__JOB_PHASE_DONE &&
            xb_cell_is_token_of(hello->jobs[i]->token, cell->guests[g].token) &&
            xb_agent_send(agent, XB_FORGET, hello->jobs[i]->job_id, NULL, err) < 0)
            return -1;
    return arm_now(cell, g, err);
}

int xb_cell_background_again(struct xb_cell *cell, size_t g, const Xb__Result *result, bool *again,
                             struct xb_err *err)
{
    bool well = (result->outcome == XB__OUTCOME__OUTCOME_EXITED && result->status == 0) ||
                result->outcome == XB__OUTCOME__OUTCOME_TIMEOUT;
    *again = is_background(cell, g) && well && !xb_cell_window_is_over(cell);
    if (*again)
        return arm_again(cell, g, err);
    if (!is_background(cell, g) || background_ends(cell) || !cell->release_ns)
        return 0; /* before the window, xb_cell_judge_load warns */
    struct xb_about about = xb_cell_about(cell, cell->run->guests[g].exp->name);
    return well ? 0
                : xb_run_warn(cell->run, about, XB_WARN_BACKGROUND_FAILED, err,
                              "guest %s: its background load failed in the window (%s %d) and is "
                              "missing from then on",
                              about.guest, xb_outcome_word(result->outcome), result->status);
}

static int send_kill(struct xb_cell *cell, size_t g, struct xb_err *err)
{
    Xb__Kill kill = XB__KILL__INIT;
    kill.signal = SIGKILL;
    return xb_agent_send(cell->run->agents[g], XB_KILL, cell->guests[g].job_id, &kill.base, err);
}

/* An armed job cannot be killed. If background load is to end by now, release the job first. */
int xb_cell_background_armed(struct xb_cell *cell, size_t g, struct xb_err *err)
{
    cell->guests[g].rearming = false;
    if (release_now(cell, g, err) < 0)
        return -1;
    return background_ends(cell) ? send_kill(cell, g, err) : 0;
}

int xb_cell_background_returned(struct xb_cell *cell, size_t g, int phase, struct xb_err *err)
{
    /* ARMED, RELEASE or the final KILL may have been lost with the connection. */
    if (phase == XB__JOB_PHASE__JOB_PHASE_ARMED)
        return xb_cell_background_armed(cell, g, err);
    cell->guests[g].rearming = false;
    return background_ends(cell) ? send_kill(cell, g, err) : 0;
}

/* A guest without a connection is sent KILL once it is connected again. */
static bool can_be_killed(const struct xb_cell *cell, size_t g)
{
    return is_background(cell, g) && cell->guests[g].stage == XB_STAGE_RELEASED &&
           !cell->guests[g].rearming && xb_agent_ready(cell->run->agents[g]);
}

static bool all_ended(const struct xb_cell *cell)
{
    return xb_cell_released(cell, XB_ROLE_BACKGROUND) == 0;
}

/* The load may still run: the guest must not go on into the next cell as it is. */
static int give_up(struct xb_cell *cell, size_t g, struct xb_err *err)
{
    char why[160];
    snprintf(why, sizeof(why), "guest %s: its background load could not be ended",
             cell->run->guests[g].exp->name);
    return xb_cell_lose(cell, g, why, err);
}

/* Wait until all background load has its samples. */
static int wait_for_end(struct xb_cell *cell, struct xb_err *err)
{
    if (!all_ended(cell) && xb_cell_watch(cell, xb_now_ns() + END_TIMEOUT_NS, all_ended, err) < 0)
        return -1;
    for (size_t g = 0; g < cell->run->count; g++)
        if (is_background(cell, g) && cell->guests[g].stage == XB_STAGE_RELEASED &&
            give_up(cell, g, err) < 0)
            return -1;
    return 0;
}

int xb_cell_background_end(struct xb_cell *cell, struct xb_err *err)
{
    uint64_t wakeups = cell->wakeups;
    for (size_t g = 0; g < cell->run->count; g++) {
        struct xb_err ignored = {0}; /* a lost guest's sample has the reason */
        if (can_be_killed(cell, g) && send_kill(cell, g, &ignored) < 0 &&
            xb_cell_lose(cell, g, ignored.msg, err) < 0)
            return -1;
    }
    int r = wait_for_end(cell, err);
    cell->wakeups = wakeups;
    return r;
}
