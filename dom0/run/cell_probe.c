/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cell_probe.h"

#include "base.h"
#include "cell.h"
#include "xen_host.h"

void xb_cell_probe_begin(struct xb_cell *cell)
{
    cell->probe.begun = true;
    xb_probe_read(NULL, &cell->probe.at_start);
    cell->probe.start = xb_tsc_mark_now();
}

static int judge_dom0(struct xb_cell *cell, const struct xb_probe *passed, struct xb_err *err)
{
    if (!xb_probe_is_short(passed))
        return 0;
    struct xb_about about = xb_cell_about(cell, XB_DOM0);
    return xb_run_warn(cell->run, about, XB_WARN_DOM0_SHORT, err,
                       "cell %u: Dom0 was short of CPU: in %.2f s Xen kept its vcpus "
                       "waiting for %.2f s and tasks in it waited for a vcpu for %.2f s",
                       cell->row.cell + 1, (double)passed->time_ns / 1e9,
                       (double)passed->steal_ns / 1e9, (double)passed->pressure_ns / 1e9);
}

void xb_cell_probe_end(struct xb_cell *cell)
{
    if (!cell->probe.begun)
        return;
    xb_probe_read(NULL, &cell->probe.at_end);
    cell->probe.end = xb_tsc_mark_now();
}

int xb_cell_probe_write(struct xb_cell *cell, struct xb_err *err)
{
    if (!cell->probe.begun || !cell->run->xen)
        return 0; /* not a Dom0, so its state says nothing */
    struct xb_probe passed = xb_probe_between(&cell->probe.at_start, &cell->probe.at_end);
    if (xb_store_probe(cell->run->store, cell->key, &passed, err) < 0)
        return -1;
    return judge_dom0(cell, &passed, err);
}
