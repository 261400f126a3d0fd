/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "job.h"

#include "state.h"
#include "armcheck.h"
#include "base.h"
#include "descend.h"
#include "loop.h"
#include "job_pty.h"
#include "reap.h"
#include "result.h"
#include "sample.h"
#include "transfer.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct xa_job *xa_job_find(struct xa_agent *agent, uint32_t id)
{
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        if (agent->jobs[i] && agent->jobs[i]->id == id && !agent->jobs[i]->gone)
            return agent->jobs[i];
    }
    return NULL;
}

struct xa_job *xa_job_by_pid(struct xa_agent *agent, pid_t pid)
{
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        if (agent->jobs[i] && agent->jobs[i]->gate.pid == pid)
            return agent->jobs[i];
    }
    return NULL;
}

static struct xa_job **free_slot(struct xa_agent *agent)
{
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        if (!agent->jobs[i])
            return &agent->jobs[i];
    }
    return NULL;
}

/* Kept output uses memory until FORGET, so promise at most half of the guest's memory. */
static int promise_memory(const struct xa_agent *agent, uint64_t bytes, struct xb_err *err)
{
    uint64_t limit = xa_read_named_value("/proc/meminfo", "MemTotal") * 1024 / 2;
    uint64_t promised = bytes;
    for (size_t i = 0; i < XB_JOBS_MAX; i++)
        promised += agent->jobs[i] ? agent->jobs[i]->promised_bytes : 0;
    if (limit > 0 && promised > limit)
        return xb_fail(err, XB_E_INPUT, ENOSPC,
                       "the output of all jobs could take %" PRIu64 " bytes, the limit is %" PRIu64
                       " (forget jobs, or keep less)",
                       promised, limit);
    return 0;
}

/*
 * A running job may write more than is finally kept: at least an eighth of the guest's memory,
 * which does no harm.
 */
static uint64_t output_bound(uint64_t promised_bytes)
{
    uint64_t eighth = xa_read_named_value("/proc/meminfo", "MemTotal") * 1024 / 8;
    return promised_bytes > eighth ? promised_bytes : eighth;
}

static int open_terminal(struct xa_job *job, const Xb__Arm *arm, struct xb_err *err)
{
    struct xa_pty pty;
    if (xa_pty_open(&pty, arm->terminal, err) < 0 ||
        xa_input_open_terminal(&job->input, pty.master, pty.slave, err) < 0)
        return -1;
    return xa_output_open_terminal(&job->output, pty.master, pty.slave, arm->credit_bytes, err);
}

static int open_streams(const struct xa_agent *agent, struct xa_job *job, const Xb__Arm *arm,
                        struct xb_err *err)
{
    bool streamed = arm->output == XB__OUTPUT_MODE__OUTPUT_STREAM;
    uint64_t keep_bytes = arm->keep_bytes ? arm->keep_bytes : XB_KEEP_BYTES_DEFAULT;
    job->promised_bytes = XA_STREAMS * (streamed ? XA_STREAM_WINDOW_BYTES : keep_bytes) +
                          (arm->stdin_stream ? XB_INPUT_WINDOW_BYTES : 0);
    if (promise_memory(agent, job->promised_bytes, err) < 0)
        return -1;
    if (arm->terminal)
        return open_terminal(job, arm, err);
    if (arm->stdin_stream && xa_input_open_pipe(&job->input, err) < 0)
        return -1;
    if (streamed)
        return xa_output_open_streamed(&job->output, arm->credit_bytes, err);
    return xa_output_open_kept(&job->output, keep_bytes, output_bound(job->promised_bytes), err);
}

static void free_job(struct xa_job *job)
{
    xa_gate_close(&job->gate);
    xa_output_close(&job->output);
    xa_input_close(&job->input);
    xa_counters_close(&job->counters);
    free(job);
}

static int start_gate(struct xa_agent *agent, struct xa_job *job, const Xb__Arm *arm,
                      struct xb_err *err)
{
    struct xa_gate_plan plan = {
        .arm = arm, .tag = job->tag, .job_fds = job->output.job_fds, .stdin_fd = job->input.job_fd};
    snprintf(job->tag, sizeof(job->tag), "%" PRIu32 ".%" PRIu64, job->id, ++agent->arm_serial);
    if (xa_gate_start(&job->gate, &plan, err) < 0)
        return -1;
    xa_output_handed_over(&job->output);
    xa_input_handed_over(&job->input);
    xa_counters_open(&job->counters, job->gate.pid, xa_counter_kinds, XA_COUNTER_KINDS);
    return 0;
}

/* Remove an input that was pushed for this job alone, even if the job never starts. */
static void drop_stdin(const Xb__Arm *arm)
{
    const ProtobufCBinaryData *path = &arm->stdin_path;
    char text[PATH_MAX];
    if (!arm->stdin_remove || path->len == 0 || path->len >= sizeof(text) || path->data[0] != '/' ||
        memchr(path->data, '\0', path->len))
        return;
    snprintf(text, sizeof(text), "%.*s", (int)path->len, (const char *)path->data);
    unlink(text);
}

static int arm_job(struct xa_session *session, uint32_t id, const Xb__Arm *arm, struct xb_err *err)
{
    struct xa_agent *agent = session->agent;
    if (xa_arm_check(arm, err) < 0)
        return -1;
    /* Free jobs forgotten just before. Requests come last in a turn, so nobody uses a job here. */
    xa_jobs_sweep(agent);
    struct xa_job **slot = free_slot(agent);
    if (!slot)
        return xb_fail(err, XB_E_INPUT, ENOSPC,
                       "the agent holds %d jobs, which is the limit: "
                       "forget some",
                       XB_JOBS_MAX);
    struct xa_job *job = calloc(1, sizeof(*job));
    if (!job)
        return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for a job");

    job->id = id;
    job->owner = session;
    job->phase = XA_JOB_ARMING;
    job->leave = arm->leave;
    job->timeout_ns = arm->timeout_ns;
    job->deadline_ns = UINT64_MAX;
    job->gate.fd = -1;
    xa_counters_init(&job->counters);
    xb__result__init(&job->result);
    xa_output_init(&job->output);
    xa_input_init(&job->input);
    snprintf(job->token, sizeof(job->token), "%s", arm->token);
    if (open_streams(agent, job, arm, err) < 0 || start_gate(agent, job, arm, err) < 0) {
        free_job(job);
        return -1;
    }
    *slot = job;
    return 0;
}

int xa_job_arm(struct xa_session *session, uint32_t id, const Xb__Arm *arm, struct xb_err *err)
{
    int r = xa_job_find(session->agent, id) || xa_transfer_find(session, id)
                ? xb_fail(err, XB_E_INPUT, EEXIST, "id %u is in use", id)
                : arm_job(session, id, arm, err);
    if (r < 0)
        drop_stdin(arm);
    return r;
}

int xa_job_release(struct xa_agent *agent, struct xa_job *job, uint64_t at_ns, struct xb_err *err)
{
    if (job->phase != XA_JOB_ARMED)
        return xb_fail(err, XB_E_INPUT, job->phase == XA_JOB_ARMING ? EAGAIN : EALREADY,
                       job->phase == XA_JOB_ARMING ? "not armed yet: wait for ARMED"
                                                   : "released before");
    job->start = xa_result_start(agent);
    uint64_t now_ns = xb_now_ns();
    if (at_ns == 0)
        at_ns = now_ns;
    if (xa_gate_release(&job->gate, at_ns, err) < 0)
        return -1;
    job->phase = XA_JOB_RELEASED;
    job->result.release_ns = at_ns;
    job->result.late_ns = now_ns > at_ns ? now_ns - at_ns : 0;
    uint64_t from_ns = at_ns > now_ns ? at_ns : now_ns;
    if (job->timeout_ns && __builtin_add_overflow(from_ns, job->timeout_ns, &job->deadline_ns))
        job->deadline_ns = UINT64_MAX;
    return 0;
}

static void kill_all(struct xa_job *job, enum xa_job_kill why)
{
    job->kill = why;
    job->kill_signal = SIGKILL;
    xa_descend_kill(job->gate.pid, job->tag);
}

int xa_job_cancel(struct xa_agent *agent XB_UNUSED, struct xa_job *job, struct xb_err *err)
{
    if (job->phase == XA_JOB_DONE)
        return xb_fail(err, XB_E_INPUT, ESRCH, "the job has ended");
    if (!xa_gate_cancel(&job->gate))
        return xb_fail(err, XB_E_INPUT, EBUSY, "the job runs already: kill it");
    kill_all(job, XA_KILL_CANCEL);
    return 0;
}

int xa_job_kill(struct xa_agent *agent XB_UNUSED, struct xa_job *job, int signal,
                struct xb_err *err)
{
    if (job->phase == XA_JOB_ARMING || job->phase == XA_JOB_ARMED)
        return xb_fail(err, XB_E_INPUT, EINVAL, "the job is not released: cancel it");
    if (job->phase == XA_JOB_DONE && signal != SIGKILL)
        return xb_fail(err, XB_E_INPUT, ESRCH, "the job has ended");
    if (signal == SIGKILL) {
        kill_all(job, XA_KILL_ASKED); /* an ended job: kill what it left behind */
        return 0;
    }
    if (kill(-job->gate.pid, signal) < 0)
        return xb_fail(err, XB_E_HOST, errno, "send signal %d to the job", signal);
    job->kill = XA_KILL_ASKED;
    job->kill_signal = signal;
    return 0;
}

void xa_job_forget(struct xa_job *job)
{
    if (job->leave)
        xa_descend_kill(-1, job->tag);
    job->gone = true;
}

static void arming_failed(struct xa_job *job)
{
    struct xb_err err = job->gate.page->err;
    if (err.class == XB_E_NONE)
        xb_fail(&err, XB_E_HOST, 0,
                job->kill == XA_KILL_CANCEL ? "cancelled" : "the gate process died");
    xa_session_refuse(job->owner, XB_ARM, job->id, &err);
    job->gone = true;
}

/* Send the result to the owner or, if the owner has left, to the sessions that know of the job. */
static void send_result(struct xa_agent *agent, const struct xa_job *job)
{
    if (job->owner)
        xa_session_send(job->owner, XB_RESULT, job->id, &job->result.base);
    for (size_t i = 0; !job->owner && i < XA_SESSION_SLOTS; i++) {
        if (job->told & 1U << i)
            xa_session_send(&agent->sessions[i], XB_RESULT, job->id, &job->result.base);
    }
}

void xa_job_ended(struct xa_agent *agent, struct xa_job *job, uint64_t ended_ns)
{
    /* Kill the rest of the job's group, whose number is not reused until its leader is reaped. */
    if (!job->leave)
        kill(-job->gate.pid, SIGKILL);
    int status = 0;
    struct rusage usage = {0};
    wait4(job->gate.pid, &status, 0, &usage);
    if (job->phase == XA_JOB_ARMING) {
        arming_failed(job);
    } else {
        xa_result_fill(agent, job, status, &usage, ended_ns);
        xa_input_job_ended(&job->input);
        job->phase = XA_JOB_DONE;
        send_result(agent, job);
    }
    job->gate.pid = -1;
    job->deadline_ns = UINT64_MAX;
    xa_gate_close(&job->gate);
}

/* The gate reports that it is ready. If it failed, its exit ends the job. */
static void gate_event(struct xa_agent *agent XB_UNUSED, void *arg, short revents XB_UNUSED)
{
    struct xa_job *job = arg;
    char ready;
    if (job->phase != XA_JOB_ARMING || job->gone)
        return;
    ssize_t n = read(job->gate.fd, &ready, 1);
    if (n <= 0) {
        /* The gate has failed, and its exit follows. */
        xb_cleanup_close(&job->gate.fd);
        job->gate.fd = -1;
        return;
    }
    job->phase = XA_JOB_ARMED;
    Xb__Armed armed = XB__ARMED__INIT;
    armed.pid = (uint32_t)job->gate.pid;
    xa_session_send(job->owner, XB_ARMED, job->id, &armed.base);
}

static void stdout_event(struct xa_agent *agent XB_UNUSED, void *arg, short revents XB_UNUSED)
{
    xa_output_read(&((struct xa_job *)arg)->output, XA_STDOUT);
}

static void stderr_event(struct xa_agent *agent XB_UNUSED, void *arg, short revents XB_UNUSED)
{
    xa_output_read(&((struct xa_job *)arg)->output, XA_STDERR);
}

static void input_event(struct xa_agent *agent XB_UNUSED, void *arg, short revents)
{
    xa_input_write(&((struct xa_job *)arg)->input, revents);
}

void xa_jobs_poll(struct xa_agent *agent, struct xa_poll_set *set)
{
    static xa_poll_fn *const stream_event[XA_STREAMS] = {stdout_event, stderr_event};
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        struct xa_job *job = agent->jobs[i];
        if (!job)
            continue;
        const struct xb_link *link = xa_session_ready_link(job->owner);
        xa_poll_until(set, job->deadline_ns);
        if (job->phase == XA_JOB_ARMING)
            xa_poll_add(set, job->gate.fd, POLLIN, gate_event, job);
        short events;
        if (xa_input_wants(&job->input, &events))
            xa_poll_add(set, job->input.fd, events, input_event, job);
        for (int s = 0; link && s < XA_STREAMS; s++) {
            if (xa_output_wants(&job->output, s, link))
                xa_poll_add(set, job->output.streams[s].fd, POLLIN, stream_event[s], job);
        }
    }
}

void xa_jobs_work(struct xa_agent *agent, uint64_t now_ns)
{
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        struct xa_job *job = agent->jobs[i];
        if (!job || job->gone)
            continue;
        if (now_ns >= job->deadline_ns) {
            kill_all(job, XA_KILL_TIMEOUT);
            job->deadline_ns = UINT64_MAX;
        }
        if (job->phase != XA_JOB_ARMING)
            xa_input_tell(&job->input, job->owner, job->id);
        struct xb_link *link = xa_session_ready_link(job->owner);
        struct xb_err err = {0};
        if (link && xa_output_send(&job->output, link, job->id, &err) < 0)
            xa_session_lost(job->owner, &err);
    }
}

void xa_jobs_sweep(struct xa_agent *agent)
{
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        if (agent->jobs[i] && agent->jobs[i]->gone) {
            free_job(agent->jobs[i]);
            agent->jobs[i] = NULL;
        }
    }
}

static uint32_t bit_of(const struct xa_session *session)
{
    return 1U << (session - session->agent->sessions);
}

bool xa_job_is_of_another(const struct xa_job *job, const struct xa_session *session)
{
    return job->owner && job->owner != session && !job->owner->lost;
}

void xa_job_told(struct xa_job *job, const struct xa_session *session)
{
    job->told |= bit_of(session);
}

void xa_job_adopt(struct xa_job *job, struct xa_session *session)
{
    if (job->owner && job->owner != session) {
        xa_output_disconnected(&job->output);
        xa_input_disconnected(&job->input);
    }
    job->owner = session;
}

void xa_jobs_disconnected(const struct xa_session *session)
{
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        struct xa_job *job = session->agent->jobs[i];
        if (!job)
            continue;
        job->told &= ~bit_of(session);
        if (job->owner != session)
            continue;
        job->owner = NULL;
        xa_output_disconnected(&job->output);
        xa_input_disconnected(&job->input);
    }
}

void xa_jobs_end(struct xa_agent *agent)
{
    uint64_t until_ns = xb_now_ns() + XA_DEATH_NS;
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        struct xa_job *job = agent->jobs[i];
        if (!job)
            continue;
        if (job->gate.pid > 0) {
            xa_descend_kill(job->gate.pid, job->tag);
            xa_reap_killed(job->gate.pid, until_ns);
        } else if (job->leave) {
            xa_descend_kill(-1, job->tag);
        }
        free_job(job);
        agent->jobs[i] = NULL;
    }
}
