/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cell that a dead controller left.
 */
#ifndef XB_RUN_RESUME_H
#define XB_RUN_RESUME_H

#include "run_state.h"

/* Deal with it: its jobs may still be in the guests, at any stage. */
int xb_run_adopt(struct xb_run *run, struct xb_err *err);

#endif
