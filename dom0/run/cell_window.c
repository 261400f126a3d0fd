/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the first fit of the clocks to the second, nobody else may talk to the cell's guests. */
#include "base.h"
#include "cell.h"
#include "guest_talk.h"

static void tell(void *arg, const char *text)
{
    struct xb_run *run = arg;
    xb_progress_done(&run->progress, "%s", text);
}

int xb_cell_window_open(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    struct xb_talk_wait wait = {
        .deadline_ns = xb_now_ns() + run->exp->boot_timeout_ns,
        .stop_fd = run->stop_fd,
        .tell = tell,
        .arg = run,
    };
    return xb_agents_measure(run->agents, run->count, &wait, err);
}

void xb_cell_window_close(struct xb_cell *cell)
{
    xb_agents_measured(cell->run->agents, cell->run->count);
}
