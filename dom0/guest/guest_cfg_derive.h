/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The xl.cfg of a clone: the source's, including its owner's changes, with a new identity.
 */
#ifndef XB_GUEST_CFG_DERIVE_H
#define XB_GUEST_CFG_DERIVE_H

#include "guest_def.h"

struct xb_cfg_change {
    const struct xb_guest_def *from, *to;
    const char *fs_uuid_from, *fs_uuid_to; /* NULL: keep the filesystem's UUID */
};

/*
 * Write the clone's cfg to path, with its own name, UUID, host name, machine id, disk and files of
 * the guest's directory; the rest stays.
 */
int xb_guest_cfg_derive(const struct xb_cfg_change *change, const char *path, struct xb_err *err);

/*
 * Does the cfg (as libxl's JSON) define the guest `to`: its name, UUID and disk, and no disk that
 * another guest writes to? XB_E_INPUT if not.
 */
int xb_guest_cfg_check(const struct xb_cfg_change *change, const char *json_path,
                       struct xb_err *err);

#endif
