/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reap.h"

#include "state.h"
#include "base.h"
#include "job.h"
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

static const int handled[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};

/* A signal ignored by our parent must not end us (nohup, a shell's `&`). */
static bool is_ignored(int signal)
{
    struct sigaction now;
    return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int xa_signals_open(struct xa_agent *agent, struct xb_err *err)
{
    sigset_t set;
    sigemptyset(&set);
    signal(SIGCHLD, SIG_DFL); /* if ignored, children would leave no status */
    for (size_t i = 0; i < XB_ARRAY_LEN(handled); i++)
        if (agent->options.init || !is_ignored(handled[i]))
            sigaddset(&set, handled[i]);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return xb_fail(err, XB_E_HOST, errno, "block signals");
    agent->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (agent->signal_fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "open a signal descriptor");
    return 0;
}

/*
 * Look at each zombie before reaping it: a job's group can be killed safely only while its leader
 * still occupies the number. Other zombies are holders, and orphans that we adopted as subreaper.
 */
static void reap(struct xa_agent *agent)
{
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            return;
        struct xa_job *job = xa_job_by_pid(agent, info.si_pid);
        if (job)
            xa_job_ended(agent, job, agent->woken_ns);
        else
            waitpid(info.si_pid, NULL, 0);
    }
}

void xa_reap_killed(pid_t pid, uint64_t until_ns)
{
    const struct timespec step = xb_timespec(XB_NS_PER_MS);
    pid_t reaped;
    while ((reaped = waitpid(pid, NULL, WNOHANG)) >= 0 && xb_now_ns() < until_ns)
        if (reaped == 0)
            nanosleep(&step, NULL);
}

/*
 * PID 1 obeys the signals of busybox's and sysvinit's init: SIGUSR1 halt, SIGUSR2 power off,
 * SIGTERM (and the kernel's SIGINT for ctrl-alt-del) reboot. Elsewhere they mean: stop.
 */
static int reboot_command(int signal)
{
    switch (signal) {
    case SIGUSR1:
        return RB_HALT_SYSTEM;
    case SIGUSR2:
        return RB_POWER_OFF;
    default:
        return RB_AUTOBOOT;
    }
}

static void stop(struct xa_agent *agent, int signal)
{
    if (agent->options.init && signal == SIGHUP)
        return;
    agent->reboot_command = reboot_command(signal);
    agent->stopping = true;
}

static void signal_event(struct xa_agent *agent, void *arg XB_UNUSED, short revents XB_UNUSED)
{
    struct signalfd_siginfo info;
    while (read(agent->signal_fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            reap(agent);
        else
            stop(agent, (int)info.ssi_signo);
    }
}

void xa_signals_poll(struct xa_agent *agent, struct xa_poll_set *set)
{
    xa_poll_add(set, agent->signal_fd, POLLIN, signal_event, NULL);
}
