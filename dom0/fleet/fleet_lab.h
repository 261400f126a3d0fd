/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A shard on a machine without Xen: in a lab, which ends whatever happens. The lab's process ends
 * with ours, even if we are killed; what was measured is then read from the disk that it left.
 */
#ifndef XB_FLEET_LAB_H
#define XB_FLEET_LAB_H

#include "fleet_job.h"

struct xb_fleet_lab {
    struct xb_app *app;
    const struct xb_fleet_job *job;
    uint32_t shard;
    const char *node;  /* the lab is called so, with -lab */
    const char *dir;   /* for files of ours */
    const char *store; /* of the shard; need not exist */
};

/*
 * End the shard's lab, if there is one, also one that a dead task left, and bring what it measured
 * into the store. The lab's disk stays only if it cannot be read.
 */
int xb_fleet_lab_end(const struct xb_fleet_lab *lab, struct xb_err *err);

/* Run the shard, or resume it, in a new lab. The store has what was measured, also on -1. */
int xb_fleet_lab_run(const struct xb_fleet_lab *lab, struct xb_err *err);

#endif
