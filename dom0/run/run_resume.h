/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes over the cell that a dead controller left.
 */
#ifndef XB_RUN_RESUME_H
#define XB_RUN_RESUME_H

#include "run_state.h"

/* Finish, discard or reset the cell; its jobs may still be in the guests, at any stage. */
int xb_run_adopt(struct xb_run *run, struct xb_err *err);

#endif
