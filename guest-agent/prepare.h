/* The steps that turn a forked process into a job, up to the gate. They run in the gate process. */
#ifndef XB_PREPARE_H
#define XB_PREPARE_H

#include "err.h"
#include "gate.h"

/*
 * Session, signals, output, limits, user, environment, directory, standard input: in this order,
 * since each needs what the ones before it gave or would lose what they took. err says which step
 * failed on what.
 */
int xb_prepare_job(const struct xb_gate_plan *plan, struct xb_err *err);

/*
 * A NULL-terminated copy of argv; NULL when there is no memory. Never freed: the process ends or
 * executes.
 */
char **xb_prepare_argv(const Xb__Arm *arm);

#endif
