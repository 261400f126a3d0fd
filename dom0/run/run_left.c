#include "run_left.h"

#include "alloc.h"
#include "base.h"

#include <signal.h>

#define END_NS (10 * XB_NS_PER_S)

static struct xb_left take_left(struct xb_left *left)
{
    struct xb_left taken = *left;
    *left = (struct xb_left){0};
    return taken;
}

static void ask_all(struct xb_ask *asks, size_t count)
{
    xb_agents_ask(asks, count, END_NS);
    xb_asks_clear(asks, count);
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
    ask_all(asks, run->count);
}

void xb_jobs_end(struct xb_run *run, const struct xb_left *lefts)
{
    xb_auto_free struct xb_ask *asks = xb_calloc(run->count, sizeof(*asks));
    for (int forget = 0; forget < 2; forget++) {
        for (size_t g = 0; g < run->count; g++) {
            struct xb_agent *agent = run->agents[g];
            bool there = lefts[g].job_id && agent && xb_agent_ready(agent);
            asks[g] = (struct xb_ask){.agent = there ? agent : NULL,
                                      .job_id = lefts[g].job_id,
                                      .type = XB_FORGET,
                                      .answer = XB_DONE};
            /* Ctrl-C must not cut this short: most jobs are ended because the run is stopped. */
            if (there)
                xb_agent_set_stop_fd(agent, -1);
        }
        if (forget)
            ask_all(asks, run->count);
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
