/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps that turn a forked process into a job, up to the gate. They run in the gate process. */
#ifndef XA_JOB_PREPARE_H
#define XA_JOB_PREPARE_H

#include "err.h"
#include "gate.h"

/*
 * Session, signals, terminal, output; then, in xa_prepare_job, limits, user, environment, folder,
 * standard input: in this order, because each step depends on the earlier ones or would undo them.
 * Close the agent's descriptors in between. err says which step failed.
 */
int xa_prepare_session(const struct xa_gate_plan *plan, struct xb_err *err);
int xa_prepare_job(const struct xa_gate_plan *plan, struct xb_err *err);

/*
 * A NULL-terminated copy of argv; NULL if out of memory. Never freed, because the process ends or
 * executes.
 */
char **xa_prepare_argv(const Xb__Arm *arm);

#endif
