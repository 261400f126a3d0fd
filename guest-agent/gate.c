/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate.h"

#include "base.h"
#include "descriptors.h"
#include "job_prepare.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/*
 * The CPU times are read this long before the release: close enough to it (the times advance in
 * steps of 10 ms), and early enough not to delay it.
 */
#define SAMPLE_LEAD_NS (5 * XB_NS_PER_MS)

struct gate_process {
    struct xa_gate_page *page;
    int fd;
    int stat_fd;
    char **argv;
};

static void sleep_until(uint64_t at_ns)
{
    struct timespec at = xb_timespec(at_ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        continue;
}

/* Wait until the agent says when to open. False if the agent is gone. */
static bool receive_release(int fd, uint64_t *at_ns)
{
    ssize_t n;
    do
        n = recv(fd, at_ns, sizeof(*at_ns), MSG_WAITALL);
    while (n < 0 && errno == EINTR);
    return n == sizeof(*at_ns);
}

static bool open_gate(struct xa_gate_page *page)
{
    int shut = XA_GATE_SHUT;
    page->opened_ns = xb_now_ns();
    return atomic_compare_exchange_strong(&page->state, &shut, XA_GATE_OPEN);
}

static void wait_at_gate(struct gate_process *process)
{
    uint64_t at_ns;
    if (!receive_release(process->fd, &at_ns))
        _exit(127);
    if (at_ns > xb_now_ns() + SAMPLE_LEAD_NS) {
        sleep_until(at_ns - SAMPLE_LEAD_NS);
        if (process->stat_fd >= 0)
            process->page->at_release = xa_cpu_times_read(process->stat_fd);
    }
    sleep_until(at_ns);
    if (!open_gate(process->page))
        _exit(127);
}

/*
 * Jobs must not inherit the agent's descriptors; above all, a waiting job must not hold the rings
 * open across a checkpoint. Nor may they count against the job's own limit.
 */
static int close_others(const struct gate_process *process, const struct xa_gate_plan *plan,
                        struct xb_err *err)
{
    const int keep[] = {process->fd, process->stat_fd, plan->stdin_fd};
    if (xa_close_all_but(keep, XB_ARRAY_LEN(keep)) < 0)
        return xb_fail(err, XB_E_HOST, errno, "close the agent's descriptors");
    return 0;
}

static __attribute__((noreturn)) void gate_main(struct gate_process *process,
                                                const struct xa_gate_plan *plan)
{
    struct xb_err *err = &process->page->err;
    process->stat_fd = xa_cpu_times_open();
    process->argv = xa_prepare_argv(plan->arm);
    if (!process->argv) {
        xb_fail(err, XB_E_HOST, ENOMEM, "copy the command");
        _exit(127);
    }
    if (xa_prepare_session(plan, err) < 0 || close_others(process, plan, err) < 0 ||
        xa_prepare_job(plan, err) < 0)
        _exit(127);

    /* The default slack of 50 us would delay each release. 0 restores the default for the job. */
    prctl(PR_SET_TIMERSLACK, 1UL);
    if (send(process->fd, "", 1, MSG_NOSIGNAL) != 1)
        _exit(127);
    wait_at_gate(process);
    prctl(PR_SET_TIMERSLACK, 0UL);
    execvp(process->argv[0], process->argv);
    xb_fail(err, XB_E_INPUT, errno, "execute %s", process->argv[0]);
    _exit(127);
}

int xa_gate_start(struct xa_gate *out, const struct xa_gate_plan *plan, struct xb_err *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return xb_fail(err, XB_E_HOST, errno, "make a job's gate");
    xb_auto_close int agent_end = ends[0], gate_end = ends[1];
    struct xa_gate_page *page =
        mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return xb_fail(err, XB_E_HOST, errno, "make a job's gate");

    pid_t pid = fork();
    if (pid == 0) {
        struct gate_process process = {.page = page, .fd = gate_end};
        gate_main(&process, plan);
    }
    if (pid < 0) {
        xb_fail(err, XB_E_HOST, errno, "fork a job");
        munmap(page, sizeof(*page));
        return -1;
    }
    *out = (struct xa_gate){.pid = pid, .fd = xb_steal_fd(&agent_end), .page = page};
    return 0;
}

int xa_gate_release(struct xa_gate *gate, uint64_t at_ns, struct xb_err *err)
{
    if (send(gate->fd, &at_ns, sizeof(at_ns), MSG_NOSIGNAL) != sizeof(at_ns))
        return xb_fail(err, XB_E_HOST, errno, "release the gate");
    return 0;
}

bool xa_gate_cancel(struct xa_gate *gate)
{
    int shut = XA_GATE_SHUT;
    return atomic_compare_exchange_strong(&gate->page->state, &shut, XA_GATE_CANCELLED) ||
           shut == XA_GATE_CANCELLED;
}

void xa_gate_close(struct xa_gate *gate)
{
    xb_cleanup_close(&gate->fd);
    gate->fd = -1;
    if (gate->page)
        munmap(gate->page, sizeof(*gate->page));
    gate->page = NULL;
}
