/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_left.h"

#include "alloc.h"
#include "base.h"

#include <signal.h>

/*
 * After Ctrl-C, the time for all that guests are still asked; no guest may hold up the controller
 * longer.
 */
#define STOPPING_NS (3 * XB_NS_PER_S / 2)
#define LEAST_NS (100 * XB_NS_PER_MS)

static struct xb_left take_left(struct xb_left *left)
{
    struct xb_left taken = *left;
    *left = (struct xb_left){0};
    return taken;
}

/* How long the next answers may take. */
static uint64_t patience_ns(struct xb_run *run)
{
    struct xb_err stopped = {0};
    uint64_t now = xb_now_ns();
    if (!run->stopped_ns && !xb_run_stopping(run, &stopped))
        return XB_JOB_END_NS;
    uint64_t until = run->stopped_ns + STOPPING_NS;
    return now + LEAST_NS < until ? until - now : LEAST_NS;
}

static void ask_all(struct xb_run *run, struct xb_ask *asks)
{
    xb_agents_ask(asks, run->count, patience_ns(run));
    /* A guest that does not answer while the run is being stopped is not asked again. */
    for (size_t g = 0; run->stopped_ns && g < run->count; g++)
        if (asks[g].err.class != XB_E_NONE)
            run->guests[g].unfit = true;
    xb_asks_clear(asks, run->count);
}

/* A job that has ended need only be forgotten. */
static void end_all(struct xb_run *run, const struct xb_left *lefts, struct xb_ask *asks)
{
    Xb__Kill kill = XB__KILL__INIT;
    kill.signal = SIGKILL;
    for (size_t g = 0; g < run->count; g++) {
        bool armed = lefts[g].phase == XB__JOB_PHASE__JOB_PHASE_ARMED;
        if (!asks[g].agent)
            continue;
        if (!armed && lefts[g].phase != XB__JOB_PHASE__JOB_PHASE_RELEASED) {
            asks[g].agent = NULL;
            continue;
        }
        asks[g].type = armed ? XB_CANCEL : XB_KILL;
        asks[g].msg = armed ? NULL : &kill.base;
        asks[g].answer = XB_RESULT;
    }
    ask_all(run, asks);
}

void xb_jobs_end(struct xb_run *run, const struct xb_left *lefts)
{
    xb_auto_free struct xb_ask *asks = xb_calloc(run->count, sizeof(*asks));
    for (int forget = 0; forget < 2; forget++) {
        for (size_t g = 0; g < run->count; g++) {
            struct xb_agent *agent = run->agents[g];
            bool silent = run->stopped_ns && run->guests[g].unfit;
            bool there = lefts[g].job_id && agent && xb_agent_ready(agent) && !silent;
            asks[g] = (struct xb_ask){.agent = there ? agent : NULL,
                                      .job_id = lefts[g].job_id,
                                      .type = XB_FORGET,
                                      .answer = XB_DONE};
            /* Ctrl-C must not cut this short: most jobs are ended because the run is stopped. */
            if (there)
                xb_agent_set_stop_fd(agent, -1);
        }
        if (forget)
            ask_all(run, asks);
        else
            end_all(run, lefts, asks);
    }
    for (size_t g = 0; g < run->count; g++)
        if (run->agents[g])
            xb_agent_set_stop_fd(run->agents[g], run->stop_fd);
}

void xb_job_end(struct xb_run *run, size_t g, uint32_t job_id, Xb__JobPhase phase)
{
    xb_auto_free struct xb_left *lefts = xb_calloc(run->count, sizeof(*lefts));
    lefts[g] = (struct xb_left){job_id, phase};
    xb_jobs_end(run, lefts);
}

void xb_run_end_each(struct xb_run *run)
{
    xb_auto_free struct xb_left *lefts = xb_calloc(run->count, sizeof(*lefts));
    for (size_t g = 0; g < run->count; g++)
        lefts[g] = take_left(&run->guests[g].each);
    xb_jobs_end(run, lefts);
}

void xb_run_end_left(struct xb_run *run)
{
    xb_auto_free struct xb_left *lefts = xb_calloc(run->count, sizeof(*lefts));
    xb_run_end_each(run);
    for (size_t w = 0; w < run->exp->workload_count; w++) {
        for (size_t g = 0; g < run->count; g++)
            lefts[g] = take_left(&run->guests[g].prepared[w].left);
        xb_jobs_end(run, lefts);
    }
}
