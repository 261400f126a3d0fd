/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a shard on a machine without Xen, in a lab, which ends whatever happens. The lab's process
 * ends with this one, even if this one is killed; what it measured is then read from its disk.
 */
#ifndef XB_FLEET_LAB_H
#define XB_FLEET_LAB_H

#include "fleet_job.h"

struct xb_fleet_lab {
    struct xb_app *app;
    const struct xb_fleet_job *job;
    uint32_t shard;
    const char *node;  /* the lab's host name, to which -lab is added */
    const char *dir;   /* for temporary files */
    const char *store; /* the shard's; need not exist */
};

/*
 * End the shard's lab, if there is one (it may be a dead task's), and bring what it measured into
 * the store. The lab's disk stays only if it cannot be read.
 */
int xb_fleet_lab_end(const struct xb_fleet_lab *lab, struct xb_err *err);

/* Run the shard, or resume it, in a new lab. The store has what was measured, even on failure. */
int xb_fleet_lab_run(const struct xb_fleet_lab *lab, struct xb_err *err);

#endif
