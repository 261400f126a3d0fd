/*
 * What a guest that xenbench made is built with the next time that it is started.
 */
#ifndef XB_GUEST_REBUILD_H
#define XB_GUEST_REBUILD_H

#include "app.h"

#include "pool.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_guest_build {
    uint64_t memory_bytes; /* 0: as it is */
    const char *pool;      /* the cpupool that it is born in; NULL: Pool-0 */
    const char *tsc_mode;  /* xl's word; NULL: Xen's default */
    const char *nodes;     /* "0-1": NUMA nodes that its memory comes from; NULL: any */
};

/*
 * Write it into the guest's xl.cfg, in place of what that says of these things. The guest must not
 * run. XB_E_INPUT where there is no such guest.
 */
int xb_guest_rebuild(struct xb_app *app, const char *name, const struct xb_guest_build *build,
                     struct xb_err *err);

/*
 * The cpupool that an xl.cfg names, as xl would read it: a name in quotes. False, and "" in out,
 * where it names none.
 */
bool xb_guest_cfg_pool(const char *path, char out[XB_POOL_NAME_MAX + 1]);

#endif
