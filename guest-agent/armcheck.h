/*
 * Is an ARM well formed? The gate process checks what only the guest can know (users, paths).
 */
#ifndef XB_ARMCHECK_H
#define XB_ARMCHECK_H

#include "err.h"
#include "xenbench.pb-c.h"

int xb_arm_check(const Xb__Arm *arm, struct xb_err *err);

#endif
