/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The agent's session with any order of requests and events. The input is a sequence of frames;
 * types from EVENT on are events: a gate is ready, a job ends, the connection is lost.
 * Nothing forks or touches files: the linker replaces those calls (fuzz/build.mk).
 * For: guest-agent/armcheck.c guest-agent/handlers.c guest-agent/input.c guest-agent/job.c guest-agent/output.c guest-agent/parts.c guest-agent/session.c guest-agent/transfer.c
 */
#include "state.h"
#include "handlers.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>

#define EVENT 0xff00
enum { EVENT_READY = EVENT, EVENT_RUNS, EVENT_ENDS, EVENT_LOST, EVENT_TIME };

#define FAKE_PID 0x3ffffff

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Replacements for system calls. */
pid_t __wrap_fork(void);
int __wrap_kill(pid_t pid, int signal);
pid_t __wrap_wait4(pid_t pid, int *status, int options, struct rusage *usage);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
int __wrap_open(const char *path, int flags, ...);
int __wrap_mkostemp(char *path, int flags);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __real_open(const char *path, int flags, ...);

pid_t __wrap_fork(void)
{
    return FAKE_PID; /* never the child: there is none */
}

int __wrap_kill(pid_t pid XB_UNUSED, int signal XB_UNUSED)
{
    return 0;
}

pid_t __wrap_wait4(pid_t pid, int *status, int options XB_UNUSED, struct rusage *usage XB_UNUSED)
{
    *status = 9; /* killed, which reaches the most code */
    return pid;
}

pid_t __wrap_waitpid(pid_t pid, int *status XB_UNUSED, int options XB_UNUSED)
{
    return pid;
}

/* A pull reads a file of /proc, or /dev/null. Nothing is written. */
int __wrap_open(const char *path, int flags, ...)
{
    if (flags & (O_WRONLY | O_RDWR | O_CREAT)) {
        errno = EACCES;
        return -1;
    }
    return __real_open(path[1] == 'p' ? "/proc/self/limits" : "/dev/null", O_RDONLY | O_CLOEXEC);
}

int __wrap_mkostemp(char *path XB_UNUSED, int flags XB_UNUSED)
{
    return memfd_create("pushed", MFD_CLOEXEC);
}

int __wrap_rename(const char *from XB_UNUSED, const char *to XB_UNUSED)
{
    return 0;
}

int __wrap_unlink(const char *path XB_UNUSED)
{
    return 0;
}

struct fixture {
    struct xa_agent agent;
    struct xa_session *session;
    int peer; /* the controller's end */
};

static void connect_controller(struct fixture *f)
{
    int ends[2];
    struct xb_channel *channel;
    struct xb_link *link;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0 ||
        xb_channel_unix_from_fd(&channel, ends[0], NULL) < 0 ||
        xb_link_new(&link, channel, NULL) < 0)
        abort();
    f->peer = ends[1];
    f->session = xa_session_begin(&f->agent, link);
}

static void disconnect_controller(struct fixture *f)
{
    xb_link_free(xa_session_end(f->session));
    close(f->peer);
}

/* Read and drop what the agent sends, so that it can go on. */
static void read_answers(struct fixture *f)
{
    static char ignored[64 * 1024];
    struct xb_err err = {0};
    do
        xb_link_pump(f->session->link, 0, &err);
    while (read(f->peer, ignored, sizeof(ignored)) > 0);
}

static void do_work(struct xa_agent *agent, uint64_t now_ns)
{
    xa_jobs_work(agent, now_ns);
    xa_transfers_work(agent);
    xa_jobs_sweep(agent);
}

static void happen(struct fixture *f, const struct xb_frame *frame)
{
    struct xa_job *job = xa_job_find(&f->agent, frame->job_id);
    switch (frame->type) {
    case EVENT_READY:
        if (job && job->phase == XA_JOB_ARMING)
            job->phase = XA_JOB_ARMED;
        break;
    case EVENT_RUNS:
        if (job && job->phase == XA_JOB_ARMED)
            job->phase = XA_JOB_RELEASED;
        break;
    case EVENT_ENDS:
        if (job && job->phase != XA_JOB_DONE)
            xa_job_ended(&f->agent, job, 1);
        break;
    case EVENT_LOST:
        disconnect_controller(f);
        connect_controller(f);
        break;
    case EVENT_TIME:
        do_work(&f->agent, UINT64_MAX - 1);
        break;
    default:
        break;
    }
}

static void set_up(struct fixture *f)
{
    *f = (struct fixture){0};
    signal(SIGPIPE, SIG_IGN); /* as xa_signals_open does: nobody reads a job's input here */
    f->agent.signal_fd = f->agent.uevent_fd = f->agent.listen_fd = -1;
    for (size_t i = 0; i < XA_TRANSFERS_MAX; i++)
        f->agent.transfers[i].fd = -1;
    connect_controller(f);
    f->session->greeted = true; /* EVENT_LOST covers the other state */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct fixture f;
    struct xb_frame frame;
    struct xb_err err = {0};
    long n;
    set_up(&f);
    for (; (n = xb_frame_decode(data, bytes, &frame, &err)) > 0; data += n, bytes -= (size_t)n) {
        if (frame.type >= EVENT)
            happen(&f, &frame);
        else if (!f.session->closing && !f.session->lost)
            xa_session_dispatch(f.session, &frame);
        do_work(&f.agent, 0);
        read_answers(&f);
    }
    disconnect_controller(&f);
    xa_jobs_end(&f.agent);
    return 0;
}
