#include "handlers.h"

#include "agent.h"
#include "base.h"
#include "keys.h"
#include "pty.h"
#include "rendezvous.h"
#include "status.h"

#include <errno.h>
#include <signal.h>

static Xb__JobPhase phase_on_the_wire(enum xb_job_phase phase)
{
    switch (phase) {
    case XB_JOB_ARMING: /* ARMED follows */
    case XB_JOB_ARMED:
        return XB__JOB_PHASE__JOB_PHASE_ARMED;
    case XB_JOB_RELEASED:
        return XB__JOB_PHASE__JOB_PHASE_RELEASED;
    case XB_JOB_DONE:
        return XB__JOB_PHASE__JOB_PHASE_DONE;
    }
    return XB__JOB_PHASE__JOB_PHASE_NONE;
}

/* A job of another controller that is there is not told of: it is none of this one's business. */
static void send_hello(struct xb_session *session)
{
    struct xb_agent *agent = session->agent;
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
        struct xb_job *job = agent->jobs[i];
        if (!job || job->gone || xb_job_is_of_another(job, session))
            continue;
        xb_job_told(job, session);
        Xb__JobState *state = &states[hello.n_jobs];
        xb__job_state__init(state);
        state->job_id = job->id;
        state->phase = phase_on_the_wire(job->phase);
        state->token = job->token;
        list[hello.n_jobs++] = state;
    }
    xb_session_send(session, XB_HELLO, 0, &hello.base);
}

int xb_handle_hello(struct xb_session *session, uint32_t job_id XB_UNUSED,
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
    xb_session_greeted(session, hello->controller);
    xb_rendezvous_taken(session->agent);
    send_hello(session);
    return 0;
}

int xb_handle_ping(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                   struct xb_err *err XB_UNUSED)
{
    const Xb__Ping *ping = (const Xb__Ping *)msg;
    Xb__Pong pong = XB__PONG__INIT;
    pong.sequence = ping->sequence;
    pong.dom0_ns = ping->dom0_ns;
    pong.received_ns = session->received_ns;
    pong.sent_ns = xb_now_ns();
    xb_session_send(session, XB_PONG, job_id, &pong.base);
    return 0;
}

int xb_handle_status_request(struct xb_session *session, uint32_t job_id,
                             const ProtobufCMessage *msg XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    struct xb_status status;
    xb_status_read(session->agent, &status);
    xb_session_send(session, XB_STATUS, job_id, &status.msg.base);
    return 0;
}

int xb_handle_quiesce(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                      struct xb_err *err)
{
    const Xb__Quiesce *quiesce = (const Xb__Quiesce *)msg;
    if (!session->agent->rendezvous)
        return xb_fail(err, XB_E_INPUT, EOPNOTSUPP,
                       "there are no rings to close: this agent serves a socket");
    xb_session_send(session, XB_DONE, job_id, NULL);
    session->closing = true;
    xb_rendezvous_quiesce(session, quiesce->resume_after_ns);
    return 0;
}

/* A job that may be asked for: it is the session's from then on. */
static struct xb_job *need_job(struct xb_session *session, uint32_t job_id, struct xb_err *err)
{
    struct xb_job *job = xb_job_find(session->agent, job_id);
    if (!job) {
        xb_fail(err, XB_E_INPUT, ENOENT, "there is no job %u", job_id);
        return NULL;
    }
    if (xb_job_is_of_another(job, session)) {
        xb_fail(err, XB_E_INPUT, EBUSY, "job %u belongs to another connected controller", job_id);
        return NULL;
    }
    xb_job_adopt(job, session);
    return job;
}

int xb_handle_arm(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                  struct xb_err *err)
{
    if (xb_job_find(session->agent, job_id) || xb_transfer_find(session, job_id))
        return xb_fail(err, XB_E_INPUT, EEXIST, "id %u is in use", job_id);
    return xb_job_arm(session, job_id, (const Xb__Arm *)msg, err);
}

int xb_handle_release(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                      struct xb_err *err)
{
    struct xb_job *job = need_job(session, job_id, err);
    return job ? xb_job_release(session->agent, job, ((const Xb__Release *)msg)->at_ns, err) : -1;
}

int xb_handle_cancel(struct xb_session *session, uint32_t job_id,
                     const ProtobufCMessage *msg XB_UNUSED, struct xb_err *err)
{
    struct xb_transfer *transfer = xb_transfer_find(session, job_id);
    struct xb_job *job = transfer ? NULL : need_job(session, job_id, err);
    if (transfer)
        xb_transfer_cancel(transfer);
    else if (!job || xb_job_cancel(session->agent, job, err) < 0)
        return -1;
    xb_session_send(session, XB_DONE, job_id, NULL);
    return 0;
}

int xb_handle_kill(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                   struct xb_err *err)
{
    uint32_t number = ((const Xb__Kill *)msg)->signal;
    struct xb_job *job = need_job(session, job_id, err);
    if (!job)
        return -1;
    if (number == 0 || number > (uint32_t)SIGRTMAX)
        return xb_fail(err, XB_E_INPUT, EINVAL, "there is no signal %u", number);
    if (xb_job_kill(session->agent, job, (int)number, err) < 0)
        return -1;
    xb_session_send(session, XB_DONE, job_id, NULL);
    return 0;
}

int xb_handle_credit(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                     struct xb_err *err XB_UNUSED)
{
    uint64_t bytes = ((const Xb__Credit *)msg)->bytes;
    struct xb_transfer *transfer = xb_transfer_find(session, job_id);
    if (transfer) {
        xb_transfer_credit(transfer, bytes);
        return 0;
    }
    /* Credit for what has just ended crosses its end on the way: no error. */
    struct xb_err ignored = {0};
    struct xb_job *job = need_job(session, job_id, &ignored);
    if (job)
        xb_output_credit(&job->output, bytes);
    return 0;
}

int xb_handle_fetch(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                    struct xb_err *err)
{
    const Xb__Fetch *fetch = (const Xb__Fetch *)msg;
    struct xb_job *job = need_job(session, job_id, err);
    if (!job)
        return -1;
    switch (fetch->stream) {
    case XB__STREAM__STREAM_NONE:
        if (job->phase != XB_JOB_DONE)
            return xb_fail(err, XB_E_INPUT, EBUSY, "job %u has no result yet", job_id);
        xb_session_send(session, XB_RESULT, job_id, &job->result.base);
        return 0;
    case XB__STREAM__STREAM_STDOUT:
        return xb_output_fetch(&job->output, XB_STDOUT, fetch->offset, fetch->credit_bytes, err);
    case XB__STREAM__STREAM_STDERR:
        return xb_output_fetch(&job->output, XB_STDERR, fetch->offset, fetch->credit_bytes, err);
    case XB__STREAM__STREAM_STDIN:
        if (!job->input.window)
            return xb_fail(err, XB_E_INPUT, EINVAL, "job %u was armed without INPUT", job_id);
        xb_input_ask(&job->input);
        return 0;
    default:
        return xb_fail(err, XB_E_INPUT, EINVAL, "there is no stream %d", (int)fetch->stream);
    }
}

int xb_handle_input(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                    struct xb_err *err)
{
    if (!xb_job_find(session->agent, job_id))
        return 0; /* input for what has just ended crosses its end on the way: no error */
    struct xb_job *job = need_job(session, job_id, err);
    return job ? xb_input_take(&job->input, (const Xb__Input *)msg, err) : -1;
}

int xb_handle_resize(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                     struct xb_err *err)
{
    const Xb__Resize *resize = (const Xb__Resize *)msg;
    if (!xb_job_find(session->agent, job_id))
        return 0; /* as with input */
    struct xb_job *job = need_job(session, job_id, err);
    if (!job || job->input.closed)
        return job ? 0 : -1;
    if (!job->input.terminal)
        return xb_fail(err, XB_E_INPUT, ENOTTY, "job %u has no terminal", job_id);
    return xb_pty_resize(job->input.fd, resize->rows, resize->columns, err);
}

int xb_handle_forget(struct xb_session *session, uint32_t job_id,
                     const ProtobufCMessage *msg XB_UNUSED, struct xb_err *err)
{
    struct xb_job *job = need_job(session, job_id, err);
    if (!job)
        return -1;
    if (job->phase != XB_JOB_DONE)
        return xb_fail(err, XB_E_INPUT, EBUSY, "job %u has not ended", job_id);
    xb_job_forget(job);
    xb_session_send(session, XB_DONE, job_id, NULL);
    return 0;
}
