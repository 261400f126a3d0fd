/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "handlers.h"

#include "state.h"
#include "base.h"
#include "keys.h"
#include "job_pty.h"
#include "rendezvous.h"
#include "status.h"

#include <errno.h>
#include <signal.h>

static Xb__JobPhase phase_on_the_wire(enum xa_job_phase phase)
{
    switch (phase) {
    case XA_JOB_ARMING: /* ARMED follows */
    case XA_JOB_ARMED:
        return XB__JOB_PHASE__JOB_PHASE_ARMED;
    case XA_JOB_RELEASED:
        return XB__JOB_PHASE__JOB_PHASE_RELEASED;
    case XA_JOB_DONE:
        return XB__JOB_PHASE__JOB_PHASE_DONE;
    }
    return XB__JOB_PHASE__JOB_PHASE_NONE;
}

/* Jobs of another connected controller are omitted. */
static void send_hello(struct xa_session *session)
{
    struct xa_agent *agent = session->agent;
    Xb__JobState states[XB_JOBS_MAX], *list[XB_JOBS_MAX];
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = XB_PROTOCOL_MAJOR;
    hello.minor = XB_PROTOCOL_MINOR;
    hello.version = (char *)XB_VERSION;
    hello.boot_id = agent->boot_id;
    hello.generation = session->generation;
    hello.first_id = session->first_id;
    hello.max_jobs = XB_JOBS_MAX;
    hello.jobs = list;
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        struct xa_job *job = agent->jobs[i];
        if (!job || job->gone || xa_job_is_of_another(job, session))
            continue;
        xa_job_told(job, session);
        Xb__JobState *state = &states[hello.n_jobs];
        xb__job_state__init(state);
        state->job_id = job->id;
        state->phase = phase_on_the_wire(job->phase);
        state->token = job->token;
        list[hello.n_jobs++] = state;
    }
    xa_session_send(session, XB_HELLO, 0, &hello.base);
}

int xa_handle_hello(struct xa_session *session, uint32_t job_id XB_UNUSED,
                    const ProtobufCMessage *msg, struct xb_err *err)
{
    const Xb__Hello *hello = (const Xb__Hello *)msg;
    if (hello->major != XB_PROTOCOL_MAJOR) {
        session->closing = true;
        return xb_fail(err, XB_E_INPUT, EPROTONOSUPPORT,
                       "protocol %u.%u is not supported: this agent (version %s) speaks %d.%d",
                       hello->major, hello->minor, XB_VERSION, XB_PROTOCOL_MAJOR,
                       XB_PROTOCOL_MINOR);
    }
    xa_session_greeted(session, hello->controller);
    xa_rendezvous_taken(session->agent);
    send_hello(session);
    return 0;
}

int xa_handle_ping(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                   struct xb_err *err XB_UNUSED)
{
    const Xb__Ping *ping = (const Xb__Ping *)msg;
    Xb__Pong pong = XB__PONG__INIT;
    pong.sequence = ping->sequence;
    pong.dom0_ns = ping->dom0_ns;
    pong.received_ns = session->received_ns;
    pong.sent_ns = xb_now_ns();
    xa_session_send(session, XB_PONG, job_id, &pong.base);
    return 0;
}

int xa_handle_status_request(struct xa_session *session, uint32_t job_id,
                             const ProtobufCMessage *msg XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    struct xa_status status;
    xa_status_read(session->agent, &status);
    xa_session_send(session, XB_STATUS, job_id, &status.msg.base);
    return 0;
}

int xa_handle_quiesce(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                      struct xb_err *err)
{
    const Xb__Quiesce *quiesce = (const Xb__Quiesce *)msg;
    if (!session->agent->rendezvous)
        return xb_fail(err, XB_E_INPUT, EOPNOTSUPP,
                       "there are no rings to close: this agent serves a socket");
    xa_session_send(session, XB_DONE, job_id, NULL);
    session->closing = true;
    xa_rendezvous_quiesce(session, quiesce->resume_after_ns);
    return 0;
}

/* Find a job that this session may use, and make the session its owner. */
static struct xa_job *need_job(struct xa_session *session, uint32_t job_id, struct xb_err *err)
{
    struct xa_job *job = xa_job_find(session->agent, job_id);
    if (!job) {
        xb_fail(err, XB_E_INPUT, ENOENT, "there is no job %u", job_id);
        return NULL;
    }
    if (xa_job_is_of_another(job, session)) {
        xb_fail(err, XB_E_INPUT, EBUSY, "job %u belongs to another connected controller", job_id);
        return NULL;
    }
    xa_job_adopt(job, session);
    return job;
}

int xa_handle_arm(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                  struct xb_err *err)
{
    return xa_job_arm(session, job_id, (const Xb__Arm *)msg, err);
}

int xa_handle_release(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                      struct xb_err *err)
{
    struct xa_job *job = need_job(session, job_id, err);
    return job ? xa_job_release(session->agent, job, ((const Xb__Release *)msg)->at_ns, err) : -1;
}

int xa_handle_cancel(struct xa_session *session, uint32_t job_id,
                     const ProtobufCMessage *msg XB_UNUSED, struct xb_err *err)
{
    struct xa_transfer *transfer = xa_transfer_find(session, job_id);
    struct xa_job *job = transfer ? NULL : need_job(session, job_id, err);
    if (transfer)
        xa_transfer_cancel(transfer);
    else if (!job || xa_job_cancel(session->agent, job, err) < 0)
        return -1;
    xa_session_send(session, XB_DONE, job_id, NULL);
    return 0;
}

int xa_handle_kill(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                   struct xb_err *err)
{
    uint32_t number = ((const Xb__Kill *)msg)->signal;
    struct xa_job *job = need_job(session, job_id, err);
    if (!job)
        return -1;
    if (number == 0 || number > (uint32_t)SIGRTMAX)
        return xb_fail(err, XB_E_INPUT, EINVAL, "there is no signal %u", number);
    if (xa_job_kill(session->agent, job, (int)number, err) < 0)
        return -1;
    xa_session_send(session, XB_DONE, job_id, NULL);
    return 0;
}

int xa_handle_credit(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                     struct xb_err *err XB_UNUSED)
{
    uint64_t bytes = ((const Xb__Credit *)msg)->bytes;
    struct xa_transfer *transfer = xa_transfer_find(session, job_id);
    if (transfer) {
        xa_transfer_credit(transfer, bytes);
        return 0;
    }
    /* No error: the job or transfer may have ended while the credit was on its way. */
    struct xb_err ignored = {0};
    struct xa_job *job = need_job(session, job_id, &ignored);
    if (job)
        xa_output_credit(&job->output, bytes);
    return 0;
}

int xa_handle_fetch(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                    struct xb_err *err)
{
    const Xb__Fetch *fetch = (const Xb__Fetch *)msg;
    struct xa_job *job = need_job(session, job_id, err);
    if (!job)
        return -1;
    switch (fetch->stream) {
    case XB__STREAM__STREAM_NONE:
        if (job->phase != XA_JOB_DONE)
            return xb_fail(err, XB_E_INPUT, EBUSY, "job %u has no result yet", job_id);
        xa_session_send(session, XB_RESULT, job_id, &job->result.base);
        return 0;
    case XB__STREAM__STREAM_STDOUT:
        return xa_output_fetch(&job->output, XA_STDOUT, fetch->offset, fetch->credit_bytes, err);
    case XB__STREAM__STREAM_STDERR:
        return xa_output_fetch(&job->output, XA_STDERR, fetch->offset, fetch->credit_bytes, err);
    case XB__STREAM__STREAM_STDIN:
        if (!job->input.window)
            return xb_fail(err, XB_E_INPUT, EINVAL, "job %u was armed without INPUT", job_id);
        xa_input_ask(&job->input);
        return 0;
    default:
        return xb_fail(err, XB_E_INPUT, EINVAL, "there is no stream %d", (int)fetch->stream);
    }
}

int xa_handle_input(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                    struct xb_err *err)
{
    if (!xa_job_find(session->agent, job_id))
        return 0; /* no error: the job may have ended while the input was on its way */
    struct xa_job *job = need_job(session, job_id, err);
    return job ? xa_input_take(&job->input, (const Xb__Input *)msg, err) : -1;
}

int xa_handle_resize(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                     struct xb_err *err)
{
    const Xb__Resize *resize = (const Xb__Resize *)msg;
    if (!xa_job_find(session->agent, job_id))
        return 0; /* no error, as with input */
    struct xa_job *job = need_job(session, job_id, err);
    if (!job || job->input.closed)
        return job ? 0 : -1;
    if (!job->input.terminal)
        return xb_fail(err, XB_E_INPUT, ENOTTY, "job %u has no terminal", job_id);
    return xa_pty_resize(job->input.fd, resize->rows, resize->columns, err);
}

int xa_handle_forget(struct xa_session *session, uint32_t job_id,
                     const ProtobufCMessage *msg XB_UNUSED, struct xb_err *err)
{
    struct xa_job *job = need_job(session, job_id, err);
    if (!job)
        return -1;
    if (job->phase != XA_JOB_DONE)
        return xb_fail(err, XB_E_INPUT, EBUSY, "job %u has not ended", job_id);
    xa_job_forget(job);
    xa_session_send(session, XB_DONE, job_id, NULL);
    return 0;
}
