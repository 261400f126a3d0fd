/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_state.h"

#include "base.h"

#include <poll.h>
#include <stdarg.h>

int xb_run_guest_of(const struct xb_run *run, const struct xb_agent *agent)
{
    for (size_t g = 0; g < run->count; g++)
        if (run->agents[g] == agent)
            return (int)g;
    return -1;
}

uint32_t xb_run_domid(const struct xb_run *run, size_t guest)
{
    return run->agents[guest] ? xb_agent_guest(run->agents[guest])->domid : 0;
}

bool xb_run_has_domain(const struct xb_run *run, size_t guest)
{
    return run->guests[guest].is_domain && !run->guests[guest].left_out;
}

void xb_run_unfit(struct xb_run *run, size_t g, const struct xb_err *why)
{
    struct xb_run_guest *guest = &run->guests[g];
    struct xb_err stopped = {0};
    if (guest->unfit || xb_run_stopping(run, &stopped))
        return;
    guest->unfit = true;
    snprintf(guest->why, sizeof(guest->why), "%.255s", why->msg);
}

int xb_run_judge_asks(struct xb_run *run, const struct xb_ask *asks, struct xb_err *err)
{
    for (size_t g = 0; g < run->count; g++)
        if (asks[g].err.class != XB_E_NONE)
            xb_run_unfit(run, g, &asks[g].err);
    return xb_asks_judge(asks, run->count, err);
}

const struct xb_job_spec *xb_run_job(const struct xb_run *run, uint32_t case_no, size_t guest)
{
    const struct xb_exp_part *part = &run->exp->cases[case_no].parts[guest];
    bool idle = part->role == XB_ROLE_IDLE || run->guests[guest].left_out;
    return idle ? NULL : &run->jobs[part->workload];
}

uint64_t xb_run_timeout_ns(const struct xb_run *run, uint32_t case_no)
{
    uint64_t longest_ns = 0;
    for (size_t g = 0; g < run->count; g++) {
        const struct xb_job_spec *job = xb_run_job(run, case_no, g);
        if (job && run->exp->cases[case_no].parts[g].role == XB_ROLE_MEASURED &&
            job->timeout_ns > longest_ns)
            longest_ns = job->timeout_ns;
    }
    return longest_ns;
}

bool xb_run_stopping(struct xb_run *run, struct xb_err *err)
{
    struct pollfd stop = {.fd = run->stop_fd, .events = POLLIN};
    if (run->stop_fd < 0 || poll(&stop, 1, 0) <= 0)
        return false;
    if (!run->stopped_ns)
        run->stopped_ns = xb_now_ns();
    xb_fail(err, XB_E_BENCH, 0, "interrupted");
    return true;
}

int xb_run_warn(struct xb_run *run, struct xb_about about, enum xb_warning warning,
                struct xb_err *err, const char *fmt, ...)
{
    char message[768];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    if (xb_warning_kinds[warning].severity != XB_SEVERITY_NOTE)
        xb_progress_done(&run->progress, "warning: %s", message);
    return xb_store_warn(run->store, run->id, about, warning, err, "%s", message);
}
