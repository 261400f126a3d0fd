/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is an ARM well formed? The gate process checks what only the guest can know (users, paths).
 */
#ifndef XA_ARMCHECK_H
#define XA_ARMCHECK_H

#include "err.h"
#include "xenbench.pb-c.h"

int xa_arm_check(const Xb__Arm *arm, struct xb_err *err);

#endif
