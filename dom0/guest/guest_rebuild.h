/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Build settings for the next start of one of xenbench's guests.
 */
#ifndef XB_GUEST_REBUILD_H
#define XB_GUEST_REBUILD_H

#include "app.h"

#include "pool.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_guest_build {
    uint64_t memory_bytes; /* 0: unchanged */
    const char *pool;      /* the cpupool to start in; NULL: Pool-0 */
    const char *tsc_mode;  /* xl's word; NULL: Xen's default */
    const char *nodes;     /* "0-1": NUMA nodes for its memory; NULL: any */
};

/*
 * Replace these settings in the guest's xl.cfg. The guest must be stopped. XB_E_INPUT if there is
 * no such guest.
 */
int xb_guest_rebuild(struct xb_app *app, const char *name, const struct xb_guest_build *build,
                     struct xb_err *err);

/*
 * The quoted name of the cpupool in an xl.cfg, as xl reads it. False, and "" in out, if there is
 * none.
 */
bool xb_guest_cfg_pool(const char *path, char out[XB_POOL_NAME_MAX + 1]);

#endif
