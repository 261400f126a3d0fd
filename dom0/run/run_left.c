#include "run_left.h"

#include "base.h"

#include <signal.h>

#define END_NS (10 * XB_NS_PER_S)

void xb_job_end(struct xb_run *run, size_t g, uint32_t job_id, Xb__JobPhase phase)
{
    struct xb_agent *agent = run->agents[g];
    struct xb_err ignored = {0};
    ProtobufCMessage *result = NULL;
    Xb__Kill kill = XB__KILL__INIT;
    kill.signal = SIGKILL;
    /* Also where the run is being stopped: that is what most of them are ended for. */
    xb_agent_set_stop_fd(agent, -1);
    if (phase == XB__JOB_PHASE__JOB_PHASE_ARMED)
        xb_agent_call(agent, XB_CANCEL, job_id, NULL, XB_RESULT, &result, END_NS, &ignored);
    else if (phase == XB__JOB_PHASE__JOB_PHASE_RELEASED)
        xb_agent_call(agent, XB_KILL, job_id, &kill.base, XB_RESULT, &result, END_NS, &ignored);
    if (result)
        protobuf_c_message_free_unpacked(result, NULL);
    xb_err_clear(&ignored);
    xb_agent_call(agent, XB_FORGET, job_id, NULL, XB_DONE, NULL, END_NS, &ignored);
    xb_agent_set_stop_fd(agent, run->stop_fd);
}

static void end_step(struct xb_run *run, size_t g, struct xb_left *left)
{
    struct xb_agent *agent = run->agents[g];
    if (left->job_id && agent && xb_agent_ready(agent))
        xb_job_end(run, g, left->job_id, left->phase);
    *left = (struct xb_left){0};
}

void xb_run_end_each(struct xb_run *run)
{
    for (size_t g = 0; g < run->count; g++)
        end_step(run, g, &run->guests[g].each);
}

void xb_run_end_left(struct xb_run *run)
{
    xb_run_end_each(run);
    for (size_t g = 0; g < run->count; g++)
        for (size_t w = 0; w < run->exp->workload_count; w++)
            end_step(run, g, &run->guests[g].prepared[w].left);
}
