/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handles the guests' messages while the command runs. */
#include "alloc.h"
#include "exec_i.h"

#include "agent_json.h"
#include "base.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static struct xb_exec_guest *guest_of(struct xb_exec *exec, const struct xb_agent *agent)
{
    size_t i = 0;
    while (exec->guests[i].agent != agent)
        i++;
    return &exec->guests[i];
}

static void done_if_complete(struct xb_exec *exec, struct xb_exec_guest *g)
{
    if (g->has_result && g->eof[0] && g->eof[1])
        xb_exec_guest_done(exec, g);
}

static void capture(struct xb_exec_capture *c, const uint8_t *data, size_t bytes)
{
    if (!c->text)
        c->text = xb_malloc(XB_EXEC_CAPTURE_BYTES);
    if (bytes > XB_EXEC_CAPTURE_BYTES - c->bytes) {
        bytes = XB_EXEC_CAPTURE_BYTES - c->bytes;
        c->cut = true;
    }
    memcpy(c->text + c->bytes, data, bytes);
    c->bytes += bytes;
}

/* The time that our reader takes is not the agent's: it does not count against the deadline. */
static int write_out(struct xb_exec *exec, struct xb_guest_output *to, const Xb__Output *out)
{
    bool timed = exec->deadline_ns != UINT64_MAX || exec->signalled_ns;
    uint64_t from_ns = timed ? xb_now_ns() : 0;
    int r = xb_guest_output_write(to, out->data.data, out->data.len, out->eof);
    int errnum = errno;
    if ((timed || exec->signalled_ns) && !exec->killed) {
        uint64_t to_ns = xb_now_ns();
        if (exec->deadline_ns != UINT64_MAX)
            exec->deadline_ns += to_ns - from_ns;
        xb_exec_alive_reader_took(exec, from_ns, to_ns);
    }
    errno = errnum;
    return r;
}

static int show(struct xb_exec *exec, struct xb_exec_guest *g, size_t i, const Xb__Output *out,
                struct xb_err *err)
{
    if (exec->options->json) {
        if (out->data.len > 0)
            capture(&g->capture[i], out->data.data, out->data.len);
        return 0;
    }
    if (exec->broken_pipe || exec->killed || write_out(exec, &g->out[i], out) == 0)
        return 0;
    if (errno != EPIPE)
        return xb_fail(err, XB_E_HOST, errno, "write %s", i == 0 ? "stdout" : "stderr");
    exec->broken_pipe = exec->stop = true;
    return 0;
}

/* A send that fails needs no handling: the connection has ended, and on_lost follows. */
static void pay(struct xb_exec_guest *g)
{
    if (g->unpaid_bytes < XB_EXEC_WINDOW_BYTES / 4)
        return;
    Xb__Credit credit = XB__CREDIT__INIT;
    credit.bytes = g->unpaid_bytes;
    g->unpaid_bytes = 0;
    xb_agent_send(g->agent, XB_CREDIT, g->job_id, &credit.base, NULL);
}

static int take_output(struct xb_exec *exec, struct xb_exec_guest *g, const Xb__Output *out,
                       struct xb_err *err)
{
    size_t i = out->stream - XB__STREAM__STREAM_STDOUT;
    if (out->offset < g->seen_bytes[i]) {
        xb_exec_guest_failed(exec, g, "its agent sent output twice");
        return 0;
    }
    if (out->offset > g->seen_bytes[i])
        fprintf(stderr,
                "xenbench: guest %s: %" PRIu64 " bytes of output were lost with the connection\n",
                g->name, out->offset - g->seen_bytes[i]);
    g->seen_bytes[i] = out->offset + out->data.len;
    g->eof[i] |= out->eof;
    g->unpaid_bytes += out->data.len;
    if (show(exec, g, i, out, err) < 0)
        return -1;
    done_if_complete(exec, g);
    if (!g->done)
        pay(g);
    return 0;
}

static void take_result(struct xb_exec *exec, struct xb_exec_guest *g, const Xb__Result *result)
{
    g->has_result = true;
    g->status = xb_exec_status(result);
    xb_exec_remark(result, g->remark, sizeof(g->remark));
    if (exec->options->json && !g->result)
        g->result = xb_msg_json(&result->base);
    done_if_complete(exec, g);
}

static void take_error(struct xb_exec *exec, struct xb_exec_guest *g, const Xb__Error *error)
{
    /* The agent knows of no RELEASE, which came before the KILL: nothing will come of the job. */
    bool unreleased = error->request == XB_KILL && error->errnum == EINVAL && !g->has_result;
    if (unreleased)
        xb_agent_send(g->agent, XB_CANCEL, g->job_id, NULL, NULL);
    /* A job may end by itself while one of these requests is on its way. */
    if ((error->request == XB_KILL && !unreleased) || error->request == XB_CREDIT ||
        error->request == XB_RESIZE)
        return;
    char what[512];
    snprintf(what, sizeof(what), "guest %s refused %s: %s", g->name,
             xb_type_name((uint16_t)error->request), error->message);
    xb_exec_guest_failed(exec, g, what);
}

int xb_exec_message(void *arg, struct xb_agent *agent, const struct xb_msg *msg, struct xb_err *err)
{
    struct xb_exec *exec = arg;
    struct xb_exec_guest *g = guest_of(exec, agent);
    if (msg->type == XB_PONG && g->alive.asked_ns)
        xb_exec_alive_answered(exec, g);
    if (msg->job_id != g->job_id)
        return 0;
    if (msg->type == XB_OUTPUT)
        return take_output(exec, g, (const Xb__Output *)msg->body, err);
    if (msg->type == XB_ACCEPT)
        xb_exec_input_accepted(exec, g, (const Xb__Accept *)msg->body);
    else if (msg->type == XB_RESULT)
        take_result(exec, g, (const Xb__Result *)msg->body);
    else if (msg->type == XB_ERROR)
        take_error(exec, g, (const Xb__Error *)msg->body);
    return 0;
}

int xb_exec_lost(void *arg, struct xb_agent *agent, const struct xb_err *why,
                 struct xb_err *err XB_UNUSED)
{
    struct xb_exec *exec = arg;
    struct xb_exec_guest *g = guest_of(exec, agent);
    if (exec->killed || !xb_agent_may_return(agent) || xb_exec_alive_leaves(exec, g)) {
        xb_exec_guest_failed(exec, g, why->msg);
        return 0;
    }
    fprintf(stderr, "xenbench: %s; waiting for it to come back%s\n", why->msg,
            exec->terminal.raw.raw ? "\r" : "");
    xb_agent_reconnect(agent, xb_now_ns() + exec->options->connect_timeout_ns);
    return 0;
}

static const Xb__JobState *our_job(const struct xb_exec *exec, const struct xb_exec_guest *g)
{
    const Xb__Hello *hello = xb_agent_hello(g->agent);
    for (size_t i = 0; i < hello->n_jobs; i++)
        if (hello->jobs[i]->job_id == g->job_id && strcmp(hello->jobs[i]->token, exec->token) == 0)
            return hello->jobs[i];
    return NULL;
}

/*
 * Fetch one stream's output from offset on. Credit does not outlive its connection, so grant new.
 */
static void fetch(struct xb_exec_guest *g, Xb__Stream stream, uint64_t offset)
{
    Xb__Fetch msg = XB__FETCH__INIT;
    msg.stream = stream;
    msg.offset = offset;
    msg.credit_bytes = stream == XB__STREAM__STREAM_NONE ? 0 : XB_EXEC_WINDOW_BYTES / 2;
    xb_agent_send(g->agent, XB_FETCH, g->job_id, &msg.base, NULL);
}

/* A send that fails needs no handling: the connection is lost again, and on_lost follows. */
static void resume(struct xb_exec *exec, struct xb_exec_guest *g, const Xb__JobState *job)
{
    g->unpaid_bytes = 0;
    if (job->phase == XB__JOB_PHASE__JOB_PHASE_ARMED) {
        Xb__Release now = XB__RELEASE__INIT; /* the first RELEASE was lost on its way */
        xb_agent_send(g->agent, XB_RELEASE, g->job_id, &now.base, NULL);
    }
    if (job->phase == XB__JOB_PHASE__JOB_PHASE_DONE && !g->has_result)
        fetch(g, XB__STREAM__STREAM_NONE, 0);
    if (job->phase != XB__JOB_PHASE__JOB_PHASE_DONE)
        xb_exec_input_resume(exec, g);
    if (exec->options->terminal)
        xb_exec_terminal_tell(exec);
    for (int i = 0; i < 2; i++)
        if (!g->eof[i])
            fetch(g, (Xb__Stream)(XB__STREAM__STREAM_STDOUT + i), g->seen_bytes[i]);
}

int xb_exec_ready(void *arg, struct xb_agent *agent, struct xb_err *err XB_UNUSED)
{
    struct xb_exec *exec = arg;
    struct xb_exec_guest *g = guest_of(exec, agent);
    const Xb__JobState *job = our_job(exec, g);
    if (!job) {
        char what[256];
        snprintf(what, sizeof(what),
                 "guest %s: its agent is back but does not know the command (the agent or the "
                 "guest was restarted)",
                 g->name);
        xb_exec_guest_failed(exec, g, what);
        return 0;
    }
    resume(exec, g, job);
    return 0;
}
