/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "work.h"

#include "base.h"
#include "interrupt.h"

#include <errno.h>
#include <poll.h>

int xb_work_begin(struct xb_work *work, bool quiet, struct xb_err *err)
{
    *work = (struct xb_work)XB_WORK_NONE;
    xb_progress_begin(&work->line, quiet);
    work->interrupt = xb_interrupt_open(err);
    return work->interrupt < 0 ? -1 : 0;
}

void xb_work_end(struct xb_work *work)
{
    xb_progress_end(&work->line);
    if (work->interrupt >= 0)
        xb_interrupt_take(work->interrupt); /* signals so far have been handled */
    xb_interrupt_close(work->interrupt);
    work->interrupt = -1;
}

void xb_work_on(struct xb_work *work, const char *what, uint64_t total_bytes)
{
    if (!work)
        return;
    snprintf(work->what, sizeof(work->what), "%s", what);
    work->done_bytes = 0;
    work->total_bytes = total_bytes;
    xb_progress_step(&work->line);
}

int xb_work_did(struct xb_work *work, uint64_t bytes, struct xb_err *err)
{
    if (!work)
        return 0;
    struct pollfd stop = {.fd = work->interrupt, .events = POLLIN};
    work->done_bytes += bytes;
    if (work->interrupt >= 0 && poll(&stop, 1, 0) > 0)
        return xb_fail(err, XB_E_BENCH, EINTR, "stopped; the incomplete result is removed");
    xb_progress_bytes(&work->line, work->what, work->done_bytes, work->total_bytes);
    return 0;
}
