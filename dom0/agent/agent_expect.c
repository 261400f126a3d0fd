/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent_expect.h"

#include "base.h"

#include <inttypes.h>
#include <string.h>

/*
 * The answers that each request allows, one of each type; every request also allows ERROR. An armed
 * job may end at any time, even before its release.
 */
static const uint16_t answers_to[][2] = {
    [XB_PING] = {XB_PONG},
    [XB_STATUS_REQUEST] = {XB_STATUS},
    [XB_ARM] = {XB_ARMED, XB_RESULT},
    [XB_CANCEL] = {XB_DONE},
    [XB_KILL] = {XB_DONE},
    [XB_FORGET] = {XB_DONE},
    [XB_PUSH] = {XB_DONE},
    [XB_PULL] = {XB_PULLING, XB_END},
    [XB_QUIESCE] = {XB_DONE},
};

static struct xb_expect_job *find(struct xb_expect *expect, uint32_t job_id)
{
    for (size_t i = 0; i < XB_EXPECT_MAX; i++)
        if (expect->jobs[i].used && expect->jobs[i].job_id == job_id)
            return &expect->jobs[i];
    return NULL;
}

/* How free a slot is; the first is best. */
enum use {
    NEVER_USED,
    OVER,
    ENDING, /* a transfer's data or a job's refusal may come until CANCEL is answered */
    IN_USE,
};

static enum use use_of(const struct xb_expect_job *job)
{
    if (!job->used)
        return NEVER_USED;
    if (!job->over)
        return IN_USE;
    return job->answers[XB_DONE] > 0 ? ENDING : OVER;
}

/* Take the slot that has been free for longest: refusals may still come for it. */
static struct xb_expect_job *add(struct xb_expect *expect, uint32_t job_id)
{
    size_t place = 0;
    enum use least = IN_USE;
    for (size_t i = 0; i < XB_EXPECT_MAX; i++) {
        size_t at = (expect->next + i) % XB_EXPECT_MAX;
        enum use use = use_of(&expect->jobs[at]);
        if (use < least) {
            least = use;
            place = at;
        }
    }
    if (least == IN_USE)
        return NULL;
    expect->next = place + 1;
    expect->jobs[place] = (struct xb_expect_job){.used = true, .job_id = job_id};
    return &expect->jobs[place];
}

void xb_expect_abandon(struct xb_expect *expect, uint32_t job_id)
{
    struct xb_expect_job *job = find(expect, job_id);
    if (job)
        job->over = job->abandoned = true;
}

bool xb_expect_abandoned(const struct xb_expect *expect, uint32_t job_id)
{
    const struct xb_expect_job *job = find((struct xb_expect *)expect, job_id);
    return job && job->abandoned;
}

bool xb_expect_knows(const struct xb_expect *expect, uint32_t job_id)
{
    return find((struct xb_expect *)expect, job_id) != NULL;
}

static void add_credit(struct xb_expect_job *job, uint64_t bytes)
{
    if (__builtin_add_overflow(job->credit_bytes, bytes, &job->credit_bytes))
        job->credit_bytes = UINT64_MAX;
}

static void sent_arm(struct xb_expect_job *job, const Xb__Arm *arm)
{
    job->input.open = arm->stdin_stream;
    job->input.asked = arm->stdin_stream;
    if (arm->output != XB__OUTPUT_MODE__OUTPUT_STREAM)
        return;
    add_credit(job, arm->credit_bytes);
    job->ends[XB__STREAM__STREAM_STDOUT] = job->ends[XB__STREAM__STREAM_STDERR] = 1;
}

static void sent_fetch(struct xb_expect_job *job, const Xb__Fetch *fetch)
{
    if (fetch->stream == XB__STREAM__STREAM_NONE) {
        job->answers[XB_RESULT]++;
        return;
    }
    if (fetch->stream == XB__STREAM__STREAM_STDIN) {
        job->input.unknown |= !job->input.open;
        job->input.open = true;
        job->input.asked++;
        return;
    }
    add_credit(job, fetch->credit_bytes);
    /* A stream that ended while nobody listened ends again, besides an end already on its way. */
    if ((unsigned)fetch->stream < XB_EXPECT_STREAMS)
        job->ends[fetch->stream]++;
}

int xb_expect_sent(struct xb_expect *expect, uint16_t type, uint32_t job_id,
                   const ProtobufCMessage *msg, struct xb_err *err)
{
    struct xb_expect_job *job = find(expect, job_id);
    if (!job)
        job = add(expect, job_id);
    if (!job)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%zu jobs and transfers are open with this guest, which is the limit",
                       (size_t)XB_EXPECT_MAX);
    job->requests[type]++;
    for (size_t i = 0; type < XB_ARRAY_LEN(answers_to) && i < 2; i++)
        if (answers_to[type][i])
            job->answers[answers_to[type][i]]++;
    if (type == XB_ARM)
        sent_arm(job, (const Xb__Arm *)msg);
    else if (type == XB_INPUT)
        job->input.sent_bytes =
            ((const Xb__Input *)msg)->offset + ((const Xb__Input *)msg)->data.len;
    else if (type == XB_FETCH)
        sent_fetch(job, (const Xb__Fetch *)msg);
    else if (type == XB_CREDIT)
        add_credit(job, ((const Xb__Credit *)msg)->bytes);
    else if (type == XB_PULL)
        add_credit(job, ((const Xb__Pull *)msg)->credit_bytes);
    return 0;
}

static int take_credit(struct xb_expect_job *job, uint16_t type, size_t bytes, struct xb_err *err)
{
    if (bytes > XB_DATA_MAX)
        return xb_fail(err, XB_E_BENCH, 0, "it sent %zu bytes in one %s, the limit is %zu", bytes,
                       xb_type_name(type), XB_DATA_MAX);
    if (bytes > job->credit_bytes)
        return xb_fail(err, XB_E_BENCH, 0,
                       "it sent %zu bytes in %s with %" PRIu64 " of credit left", bytes,
                       xb_type_name(type), job->credit_bytes);
    job->credit_bytes -= bytes;
    return 0;
}

static int received_output(struct xb_expect_job *job, const Xb__Output *out, struct xb_err *err)
{
    if (out->stream != XB__STREAM__STREAM_STDOUT && out->stream != XB__STREAM__STREAM_STDERR)
        return xb_fail(err, XB_E_BENCH, 0, "it sent OUTPUT of stream %d", (int)out->stream);
    if (job->ends[out->stream] == 0)
        return xb_fail(err, XB_E_BENCH, 0,
                       "it sent OUTPUT of a stream that has ended or was not asked for");
    if (out->data.len == 0 && !out->eof)
        return xb_fail(err, XB_E_BENCH, 0, "it sent an empty OUTPUT");
    if (out->eof)
        job->ends[out->stream]--;
    return take_credit(job, XB_OUTPUT, out->data.len, err);
}

static int received_data(struct xb_expect_job *job, const Xb__Data *data, struct xb_err *err)
{
    if (!job->pulling || data->data.len == 0)
        return xb_fail(err, XB_E_BENCH, 0, "it sent %s DATA",
                       job->pulling ? "an empty" : "unasked");
    return take_credit(job, XB_DATA, data->data.len, err);
}

/*
 * Each ACCEPT must grant a step more than the last, so the bytes sent bound the number of ACCEPTs.
 */
static int received_accept(struct xb_expect_input *input, const Xb__Accept *accept,
                           struct xb_err *err)
{
    if (!input->open)
        return xb_fail(err, XB_E_BENCH, 0, "it accepted input for a job that has none");
    if (input->unknown) {
        input->sent_bytes = input->offset = accept->offset;
        input->until = 0;
    }
    if (accept->offset < input->offset || accept->offset > input->sent_bytes ||
        accept->until < input->until || accept->until < accept->offset ||
        accept->until - accept->offset > XB_INPUT_WINDOW_BYTES)
        return xb_fail(err, XB_E_BENCH, 0,
                       "it accepted %" PRIu64 " bytes of input, up to %" PRIu64 ", of %" PRIu64
                       " that were sent",
                       accept->offset, accept->until, input->sent_bytes);
    bool news =
        accept->until - input->until >= XB_INPUT_STEP_BYTES || (accept->closed && !input->closed);
    if (input->asked == 0 && !news)
        return xb_fail(err, XB_E_BENCH, 0, "it accepted input without being asked");
    if (input->asked > 0)
        input->asked--;
    input->unknown = false;
    input->offset = accept->offset;
    input->until = accept->until;
    input->closed |= accept->closed;
    return 0;
}

static bool is_over(const struct xb_expect_job *job, uint16_t type)
{
    if (type == XB_END)
        return true;
    /* DONE also answers KILL and CANCEL; the last DONE is for FORGET. */
    bool ending = job->requests[XB_FORGET] > 0 || job->requests[XB_PUSH] > 0;
    return ending && job->answers[XB_DONE] == 0;
}

static int received_error(struct xb_expect_job *job, const Xb__Error *error, struct xb_err *err)
{
    uint16_t type = error->request >= XB_TYPES ? 0 : (uint16_t)error->request;
    if (job->requests[type] == 0)
        return xb_fail(err, XB_E_BENCH, 0, "it refused a message (%s) that was not sent",
                       xb_type_name(type));
    job->requests[type]--;
    /* A refusal replaces the answers, and the job too if the request was to start it. */
    for (size_t i = 0; type < XB_ARRAY_LEN(answers_to) && i < 2; i++)
        if (answers_to[type][i] && job->answers[answers_to[type][i]] > 0)
            job->answers[answers_to[type][i]]--;
    job->over |= type == XB_ARM || type == XB_PUSH || type == XB_PULL || type == XB_FORGET;
    return 0;
}

static void received_answer(struct xb_expect_job *job, uint16_t type)
{
    job->answers[type]--;
    if (type == XB_PULLING)
        job->pulling = true;
    job->over |= is_over(job, type);
}

int xb_expect_received(struct xb_expect *expect, uint16_t type, uint32_t job_id,
                       const ProtobufCMessage *msg, struct xb_err *err)
{
    struct xb_expect_job *job = find(expect, job_id);
    if (!job)
        return xb_fail(err, XB_E_BENCH, 0, "it sent %s for job %u, which was not started here",
                       xb_type_name(type), job_id);
    if (type == XB_OUTPUT)
        return received_output(job, (const Xb__Output *)msg, err);
    if (type == XB_ACCEPT)
        return received_accept(&job->input, (const Xb__Accept *)msg, err);
    if (type == XB_DATA)
        return received_data(job, (const Xb__Data *)msg, err);
    if (type == XB_ERROR)
        return received_error(job, (const Xb__Error *)msg, err);
    if (type >= XB_TYPES || job->answers[type] == 0)
        return xb_fail(err, XB_E_BENCH, 0, "it sent %s without being asked", xb_type_name(type));
    received_answer(job, type);
    return 0;
}

static void keep_job(struct xb_expect *expect, const Xb__JobState *state)
{
    struct xb_expect_job *job = add(expect, state->job_id);
    if (!job)
        return;
    /* RESULT comes by itself at a job's end; for a job that has ended, FETCH asks for it. */
    job->answers[XB_RESULT] = state->phase != XB__JOB_PHASE__JOB_PHASE_DONE;
    /* The agent may still prepare an armed job: the answer to its ARM goes to the new owner. */
    job->answers[XB_ARMED] = job->requests[XB_ARM] = state->phase == XB__JOB_PHASE__JOB_PHASE_ARMED;
    /*
     * Without credit a streamed job's output waits, but the agent still reports the stream's end.
     */
    job->ends[XB__STREAM__STREAM_STDOUT] = job->ends[XB__STREAM__STREAM_STDERR] = 1;
}

void xb_expect_reconnected(struct xb_expect *expect, const Xb__Hello *hello)
{
    memset(expect, 0, sizeof(*expect));
    for (size_t i = 0; i < hello->n_jobs; i++)
        if (!find(expect, hello->jobs[i]->job_id))
            keep_job(expect, hello->jobs[i]);
}
