/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A workload's commands in each guest beside its job: `requires`, `prepare`, and `each` before
 * every repetition. Processes that the latter two leave running live on until run_left.c ends them.
 */
#include "alloc.h"
#include "base.h"
#include "keys.h"
#include "run_left.h"
#include "run_output.h"
#include "run_rebuild.h"

#include <string.h>

/* The time that a result may take to arrive after the job's time-out, or after a FETCH. */
#define FETCH_TIMEOUT_NS (60 * XB_NS_PER_S)

/* One command of one workload, in all guests that run it, at once. */
struct step {
    struct xb_run *run;
    const struct xb_cell_row *row; /* the cell of `each`, else NULL */
    const struct xb_job_spec *job;
    const bool *which;
    int what; /* enum what */
    size_t waiting_for;
    size_t failed; /* the first guest to say that its command failed; run->count: none */
    bool done;
};

enum what { REQUIRES, PREPARE, EACH, WHATS };
static const char *const what_words[WHATS] = {"requires", "prepare", "each"};

/* A step's token is the run's id, the step's name, and numbers (see arm). */
bool xb_job_is_step(const char *token)
{
    size_t id = XB_UUID_BYTES - 1, length = strlen(token);
    for (int w = 0; length > id && w < WHATS; w++) {
        size_t n = strlen(what_words[w]);
        if (token[id] == '/' && strncmp(token + id + 1, what_words[w], n) == 0 &&
            token[id + 1 + n] == '/')
            return true;
    }
    return false;
}

static struct xb_left *left_by(const struct step *step, size_t g)
{
    struct xb_run_guest *guest = &step->run->guests[g];
    return step->row ? &guest->each : &guest->prepared[step->job - step->run->jobs].left;
}

/* Fail with the last line of the command's own output. */
static int fail_guest(struct step *step, size_t g, const Xb__Result *result, struct xb_err *err)
{
    xb_auto_free struct xb_job_output *output = xb_calloc(2, sizeof(*output));
    char line[256] = "";
    bool came = true;
    for (int i = 0; i < 2; i++) {
        struct xb_fetch fetch = {
            .agent = step->run->agents[g],
            .job_id = left_by(step, g)->job_id,
            .stream = i ? XB__STREAM__STREAM_STDERR : XB__STREAM__STREAM_STDOUT,
            .written = i ? result->stderr_bytes : result->stdout_bytes,
            .out = &output[i],
        };
        xb_jobs_fetch(&fetch, 1, step->run->stop_fd);
        came = came && fetch.err.class == XB_E_NONE;
    }
    if (came)
        xb_job_last_line(output[1].used ? &output[1] : &output[0], line, sizeof(line));
    const char *said = line[0] ? line : result->detail[0] ? result->detail : "it said nothing";
    return xb_fail(err, XB_E_BENCH, 0, "guest %s, workload %s: `%s` failed (%s %d): %s",
                   step->run->guests[g].exp->name, step->job->name, what_words[step->what],
                   xb_outcome_word(result->outcome), result->status, said);
}

static bool is_well(const Xb__Result *result)
{
    return result->outcome == XB__OUTCOME__OUTCOME_EXITED && result->status == 0;
}

static int on_message(void *arg, struct xb_agent *agent, const struct xb_msg *msg,
                      struct xb_err *err)
{
    struct step *step = arg;
    size_t g = (size_t)xb_run_guest_of(step->run, agent);
    struct xb_left *left = left_by(step, g);
    if (!step->which[g] || msg->job_id != left->job_id ||
        left->phase == XB__JOB_PHASE__JOB_PHASE_DONE)
        return 0;
    if (msg->type == XB_ERROR)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s refused to run `%s`: %s", xb_agent_name(agent),
                       what_words[step->what], ((const Xb__Error *)msg->body)->message);
    if (msg->type != XB_RESULT)
        return 0;
    left->phase = XB__JOB_PHASE__JOB_PHASE_DONE;
    step->waiting_for--;
    if (step->failed == step->run->count && !is_well((const Xb__Result *)msg->body))
        step->failed = g;
    /* One failure fails the step, and ends the commands in other guests. */
    step->done = step->waiting_for == 0 || step->failed < step->run->count;
    return 0;
}

/* An agent before protocol 1.2 ends the processes that a command leaves running. */
static int warn_of_old_agent(struct step *step, size_t g, struct xb_err *err)
{
    struct xb_run_guest *guest = &step->run->guests[g];
    struct xb_about about = XB_ABOUT_GUEST(guest->exp->name);
    const Xb__Hello *hello = xb_agent_hello(step->run->agents[g]);
    if (step->what == REQUIRES || hello->minor >= XB_MINOR_LEAVE || guest->told_ends)
        return 0;
    guest->told_ends = true;
    return xb_run_warn(
        step->run, about, XB_WARN_AGENT_ENDS_PREPARE, err,
        "guest %s: its agent (protocol %u.%u) ends processes that `%s` leaves in the background; "
        "agents of protocol 1.%d let them live (rebuild the image, or install this xenbench's "
        "agent)",
        about.guest, hello->major, hello->minor, what_words[step->what], XB_MINOR_LEAVE);
}

static int release(struct step *step, size_t g, struct xb_err *err)
{
    struct xb_left *left = left_by(step, g);
    Xb__Release now = XB__RELEASE__INIT;
    if (xb_agent_send(step->run->agents[g], XB_RELEASE, left->job_id, &now.base, err) < 0)
        return -1;
    left->phase = XB__JOB_PHASE__JOB_PHASE_RELEASED;
    step->waiting_for++;
    return 0;
}

typedef char token[XB_TOKEN_MAX + 1];

/* Jobs are noted before they are armed: a job may exist even where the answer is lost. */
static int arm(struct step *step, const struct xb_texts *command, struct xb_err *err)
{
    struct xb_run *run = step->run;
    xb_auto_free struct xb_arming *armings = xb_calloc(run->count, sizeof(*armings));
    xb_auto_free token *tokens = xb_calloc(run->count, sizeof(*tokens));
    for (size_t g = 0; g < run->count; g++) {
        struct xb_left *left = left_by(step, g);
        if (!step->which[g])
            continue;
        if (warn_of_old_agent(step, g, err) < 0)
            return -1;
        snprintf(tokens[g], sizeof(tokens[g]), "%s/%s/%u.%u", run->id, what_words[step->what],
                 (unsigned)g, (unsigned)(step->job - run->jobs));
        *left = (struct xb_left){xb_agent_next_job(run->agents[g]), XB__JOB_PHASE__JOB_PHASE_ARMED};
        armings[g] =
            (struct xb_arming){left->job_id, step->job, command, tokens[g], step->what != REQUIRES};
    }
    return xb_jobs_arm(run, step->row, armings, err);
}

static int start(struct step *step, const struct xb_texts *command, struct xb_err *err)
{
    if (arm(step, command, err) < 0)
        return -1;
    for (size_t g = 0; g < step->run->count; g++)
        if (step->which[g] && release(step, g, err) < 0)
            return -1;
    return 0;
}

/* Let the guests forget the step's jobs, and end what these left running. */
static void forget(struct step *step)
{
    struct xb_run *run = step->run;
    xb_auto_free struct xb_left *lefts = xb_calloc(run->count, sizeof(*lefts));
    for (size_t g = 0; g < run->count; g++) {
        if (!step->which[g])
            continue;
        lefts[g] = *left_by(step, g);
        *left_by(step, g) = (struct xb_left){0};
    }
    xb_jobs_end(run, lefts);
}

/* A failure that is taken back ended the wait for the others, which may still be at work. */
static int check_failed(struct step *step, struct xb_err *err)
{
    if (step->failed == step->run->count)
        return 0;
    xb_fail(err, XB_E_BENCH, 0,
            "guest %s, workload %s: `%s` failed, and asked again the guest says that it did not",
            step->run->guests[step->failed].exp->name, step->job->name, what_words[step->what]);
    xb_run_unfit(step->run, step->failed, err);
    return -1;
}

/*
 * Fetch each result again, because on_message does not keep it, and judge it. The guest still
 * remembers commands that may have left processes running.
 */
static int judge(struct step *step, struct xb_err *err)
{
    struct xb_run *run = step->run;
    xb_auto_free struct xb_ask *asks = xb_calloc(run->count, sizeof(*asks));
    Xb__Fetch fetch = XB__FETCH__INIT;
    for (size_t g = 0; g < run->count; g++)
        if (step->which[g] && left_by(step, g)->phase == XB__JOB_PHASE__JOB_PHASE_DONE)
            asks[g] = (struct xb_ask){.agent = run->agents[g],
                                      .job_id = left_by(step, g)->job_id,
                                      .type = XB_FETCH,
                                      .answer = XB_RESULT,
                                      .msg = &fetch.base};
    xb_agents_ask(asks, run->count, FETCH_TIMEOUT_NS);
    int r = xb_run_judge_asks(run, asks, err);
    for (size_t g = 0; r == 0 && g < run->count; g++)
        if (asks[g].body)
            r = is_well((const Xb__Result *)asks[g].body)
                    ? 0
                    : fail_guest(step, g, (const Xb__Result *)asks[g].body, err);
    xb_asks_clear(asks, run->count);
    return r < 0 ? -1 : check_failed(step, err);
}

/* Blame each guest whose command has not ended. */
static int late(struct step *step, struct xb_err *err)
{
    xb_fail(err, XB_E_BENCH, 0, "workload %s: `%s` did not end in time", step->job->name,
            what_words[step->what]);
    for (size_t g = 0; g < step->run->count; g++)
        if (step->which[g] && left_by(step, g)->phase != XB__JOB_PHASE__JOB_PHASE_DONE)
            xb_run_unfit(step->run, g, err);
    return -1;
}

static int wait_for(struct step *step, struct xb_err *err)
{
    struct xb_agents_wait wait = {
        .agents = step->run->agents,
        .count = step->run->count,
        .deadline_ns = xb_now_ns() + step->job->timeout_ns + FETCH_TIMEOUT_NS,
        .stop_fd = step->run->stop_fd,
        .stop = &step->done,
        .on_message = on_message,
        .arg = step,
    };
    int r = xb_agents_wait(&wait, err);
    if (r == XB_WAIT_DEADLINE)
        return late(step, err);
    if (r == XB_WAIT_STOP_FD)
        return xb_fail(err, XB_E_BENCH, 0, "interrupted");
    return r < 0 ? -1 : 0;
}

static int do_step(struct step step, int what, const struct xb_texts *command, struct xb_err *err)
{
    if (command->count == 0)
        return 0;
    step.what = what;
    step.failed = step.run->count;
    xb_progress_now(&step.run->progress, "%s: `%s` in each guest", step.job->name,
                    what_words[what]);
    int r = start(&step, command, err) < 0 || wait_for(&step, err) < 0 ? -1 : judge(&step, err);
    /* `requires` leaves nothing running. A step that failed may be done again from its start. */
    if (r < 0 || what == REQUIRES)
        forget(&step);
    return r;
}

/* Does the guest run this workload in this case (XB_EXP_NO_CASE: in any case of its build)? */
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
    xb_auto_free bool *which = xb_calloc(run->count, sizeof(*which));
    for (size_t w = 0; w < run->exp->workload_count; w++) {
        const struct xb_job_spec *job = &run->jobs[w];
        size_t wanted = 0;
        for (size_t g = 0; g < run->count; g++) {
            which[g] = !run->guests[g].prepared[w].done && is_to_run(run, g, w, case_no);
            wanted += which[g];
        }
        if (wanted == 0)
            continue;
        struct step step = {.run = run, .job = job, .which = which};
        if (do_step(step, REQUIRES, &job->workload->requires, err) < 0 ||
            do_step(step, PREPARE, &job->workload->prepare, err) < 0)
            return -1;
        for (size_t g = 0; g < run->count; g++)
            run->guests[g].prepared[w].done = run->guests[g].prepared[w].done || which[g];
    }
    return 0;
}

int xb_job_each(struct xb_run *run, const struct xb_cell_row *row, struct xb_err *err)
{
    xb_auto_free bool *which = xb_calloc(run->count, sizeof(*which));
    for (size_t w = 0; w < run->exp->workload_count; w++) {
        const struct xb_job_spec *job = &run->jobs[w];
        size_t wanted = 0;
        for (size_t g = 0; g < run->count; g++) {
            which[g] = xb_run_job(run, row->case_no, g) == job;
            wanted += which[g];
        }
        struct step step = {.run = run, .row = row, .job = job, .which = which};
        if (wanted > 0 && do_step(step, EACH, &job->workload->each, err) < 0)
            return -1;
    }
    return 0;
}
