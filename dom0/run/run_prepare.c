/*
 * What a workload does in each guest before the first cell: look for what it needs, and prepare
 * its input.
 */
#include "base.h"
#include "run_i.h"
#include "run_output.h"

#include <errno.h>
#include <string.h>

#define ARM_TIMEOUT_NS (60 * XB_NS_PER_S)

/* One command of one workload, in all guests at once that are to run it. */
struct step {
    struct xb_run *run;
    const struct xb_job_spec *job;
    const bool *which;
    const char *what;
    uint32_t *job_ids;
    bool *over;
    size_t left;
    bool done;
};

/* Why it failed, in the words of its own output. */
static int fail_guest(struct step *step, size_t g, const Xb__Result *result, struct xb_err *err)
{
    struct xb_job_output *output xb_auto_free = calloc(2, sizeof(*output));
    char line[256] = "";
    struct xb_err ignored = {0};
    struct xb_agent *agent = step->run->agents[g];
    if (output &&
        xb_job_fetch(agent, step->job_ids[g], XB__STREAM__STREAM_STDOUT, result->stdout_bytes,
                     &output[0], &ignored) == 0 &&
        xb_job_fetch(agent, step->job_ids[g], XB__STREAM__STREAM_STDERR, result->stderr_bytes,
                     &output[1], &ignored) == 0)
        xb_job_last_line(output[1].used ? &output[1] : &output[0], line, sizeof(line));
    const char *said = line[0] ? line : result->detail[0] ? result->detail : "it said nothing";
    return xb_fail(err, XB_E_BENCH, 0, "guest %s, workload %s: `%s` failed (%s %d): %s",
                   step->run->guests[g].exp->name, step->job->name, step->what,
                   xb_outcome_word(result->outcome), result->status, said);
}

static int on_message(void *arg, struct xb_agent *agent, const struct xb_msg *msg,
                      struct xb_err *err)
{
    struct step *step = arg;
    size_t g = (size_t)xb_run_guest_of(step->run, agent);
    if (msg->job_id != step->job_ids[g] || step->over[g])
        return 0;
    if (msg->type == XB_ERROR)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s refused to run `%s`: %s", xb_agent_name(agent),
                       step->what, ((const Xb__Error *)msg->body)->message);
    if (msg->type != XB_RESULT)
        return 0;
    step->over[g] = true;
    step->done = --step->left == 0;
    return 0;
}

static int start(struct step *step, const struct xb_texts *command, struct xb_err *err)
{
    struct xb_run *run = step->run;
    for (size_t g = 0; g < run->count; g++) {
        if (!step->which[g])
            continue;
        char token[XB_TOKEN_MAX + 1];
        struct xb_job_arm arm;
        Xb__Release release = XB__RELEASE__INIT; /* now */
        snprintf(token, sizeof(token), "%s/%s/%u.%u", run->id, step->what, (unsigned)g,
                 (unsigned)(step->job - run->jobs));
        if (xb_job_arm_fill(step->job, command, token, &arm, err) < 0)
            return -1;
        step->job_ids[g] = xb_agent_next_job(run->agents[g]);
        int rc = xb_agent_call(run->agents[g], XB_ARM, step->job_ids[g], &arm.msg.base, XB_ARMED,
                               NULL, ARM_TIMEOUT_NS, err);
        xb_job_arm_free(&arm);
        if (rc < 0 ||
            xb_agent_send(run->agents[g], XB_RELEASE, step->job_ids[g], &release.base, err) < 0)
            return -1;
        step->left++;
    }
    return 0;
}

/*
 * Look at each result (asked for again, since the first one has passed by) and let the guest
 * forget it.
 */
static int judge(struct step *step, struct xb_err *err)
{
    for (size_t g = 0; g < step->run->count; g++) {
        if (!step->which[g])
            continue;
        struct xb_agent *agent = step->run->agents[g];
        ProtobufCMessage *msg = NULL;
        Xb__Fetch fetch = XB__FETCH__INIT;
        if (xb_agent_call(agent, XB_FETCH, step->job_ids[g], &fetch.base, XB_RESULT, &msg,
                          ARM_TIMEOUT_NS, err) < 0)
            return -1;
        const Xb__Result *result = (const Xb__Result *)msg;
        bool well = result->outcome == XB__OUTCOME__OUTCOME_EXITED && result->status == 0;
        int rc = well ? 0 : fail_guest(step, g, result, err);
        protobuf_c_message_free_unpacked(msg, NULL);
        struct xb_err ignored = {0};
        xb_agent_call(agent, XB_FORGET, step->job_ids[g], NULL, XB_DONE, NULL, XB_JOB_FORGET_NS,
                      &ignored);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int wait_for(struct step *step, struct xb_err *err)
{
    struct xb_agents_wait wait = {
        .agents = step->run->agents,
        .count = step->run->count,
        .deadline_ns = xb_now_ns() + step->job->timeout_ns + ARM_TIMEOUT_NS,
        .stop_fd = step->run->stop_fd,
        .stop = &step->done,
        .on_message = on_message,
        .arg = step,
    };
    int r = xb_agents_wait(&wait, err);
    if (r == XB_WAIT_DEADLINE)
        return xb_fail(err, XB_E_BENCH, 0, "workload %s: `%s` did not end in time",
                       step->job->name, step->what);
    if (r == XB_WAIT_STOP_FD)
        return xb_fail(err, XB_E_BENCH, 0, "interrupted");
    return r < 0 ? -1 : 0;
}

static int do_step(struct xb_run *run, const struct xb_job_spec *job, const bool *which,
                   const char *what, const struct xb_texts *command, struct xb_err *err)
{
    if (command->count == 0)
        return 0;
    uint32_t *job_ids xb_auto_free = calloc(run->count, sizeof(*job_ids));
    bool *over xb_auto_free = calloc(run->count, sizeof(*over));
    if (!job_ids || !over)
        return xb_fail(err, XB_E_HOST, ENOMEM, "%zu guests", run->count);
    struct step step = {
        .run = run, .job = job, .which = which, .what = what, .job_ids = job_ids, .over = over};
    xb_progress_now(&run->progress, "%s: `%s` in each guest", job->name, what);
    if (start(&step, command, err) < 0 || wait_for(&step, err) < 0)
        return -1;
    return judge(&step, err);
}

/* Does the guest run this workload in this case (XB_EXP_NO_CASE: in any, as it has been made)? */
static bool is_to_run(const struct xb_run *run, size_t g, size_t workload, uint32_t case_no)
{
    uint32_t first = case_no == XB_EXP_NO_CASE ? 0 : case_no;
    uint32_t end = case_no == XB_EXP_NO_CASE ? (uint32_t)run->exp->case_count : case_no + 1;
    for (uint32_t c = first; c < end; c++)
        if (xb_run_job(run, c, g) == &run->jobs[workload] && !xb_run_must_make(run, g, c))
            return true;
    return false;
}

int xb_job_prepare(struct xb_run *run, uint32_t case_no, struct xb_err *err)
{
    bool *which xb_auto_free = calloc(run->count, sizeof(*which));
    if (!which)
        return xb_fail(err, XB_E_HOST, ENOMEM, "%zu guests", run->count);
    for (size_t w = 0; w < run->exp->workload_count; w++) {
        const struct xb_job_spec *job = &run->jobs[w];
        size_t wanted = 0;
        for (size_t g = 0; g < run->count; g++) {
            which[g] = !run->guests[g].prepared[w] && is_to_run(run, g, w, case_no);
            wanted += which[g];
        }
        if (wanted == 0)
            continue;
        if (do_step(run, job, which, "requires", &job->workload->requires, err) < 0 ||
            do_step(run, job, which, "prepare", &job->workload->prepare, err) < 0)
            return -1;
        for (size_t g = 0; g < run->count; g++)
            run->guests[g].prepared[w] = run->guests[g].prepared[w] || which[g];
    }
    return 0;
}
