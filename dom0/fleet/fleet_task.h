/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a task of Slurm does: run its shard on this host, or in a lab, and bring the store back. A
 * task that is started again on the same node resumes its shard.
 */
#ifndef XB_FLEET_TASK_H
#define XB_FLEET_TASK_H

#include "app.h"

#include <stdio.h>

/* The job comes from `in`, the shard's number and the node's name from Slurm's environment. */
int xb_fleet_task(struct xb_app *app, FILE *in, struct xb_err *err);

#endif
