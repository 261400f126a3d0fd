/*
 * The xl.cfg of a clone: the source's, as its owner has left it, with another identity.
 */
#ifndef XB_GUEST_CFG_DERIVE_H
#define XB_GUEST_CFG_DERIVE_H

#include "guest_def.h"

struct xb_cfg_change {
    const struct xb_guest_def *from, *to;
    const char *fs_uuid_from, *fs_uuid_to; /* NULL: the filesystem's UUID stays */
};

/*
 * Write the clone's cfg to path. Name, UUID, host name, machine id, the disk and what is named
 * below the guest's directory become the clone's; all else stays.
 */
int xb_guest_cfg_derive(const struct xb_cfg_change *change, const char *path, struct xb_err *err);

/*
 * Does the cfg, as libxl's JSON of it tells, make the guest that was meant: name and UUID are `to`'s
 * and its disk is, and no disk that another guest writes to is in it? XB_E_INPUT where not.
 */
int xb_guest_cfg_check(const struct xb_cfg_change *change, const char *json_path,
                       struct xb_err *err);

#endif
