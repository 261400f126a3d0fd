/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dom0's own state at both edges of a cell's window, read without waking anybody.
 */
#ifndef XB_CELL_PROBE_H
#define XB_CELL_PROBE_H

#include "err.h"
#include "probe.h"
#include "trace_capture.h"

struct xb_cell;

struct xb_cell_probe {
    bool begun;
    struct xb_tsc_mark start, end;
    struct xb_probe at_start, at_end;
};

/* Read Dom0's state. Call these last, at the start and at the end. */
void xb_cell_probe_begin(struct xb_cell *cell);
void xb_cell_probe_end(struct xb_cell *cell);
/* Store the difference, and warn if Dom0 was short of CPU. */
int xb_cell_probe_write(struct xb_cell *cell, struct xb_err *err);

#endif
