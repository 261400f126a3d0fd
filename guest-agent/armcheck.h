/*
 * Is an ARM well formed? What only the guest can know (users, paths) is found out by the gate
 * process.
 */
#ifndef XB_ARMCHECK_H
#define XB_ARMCHECK_H

#include "err.h"
#include "xenbench.pb-c.h"

int xb_arm_check(const Xb__Arm *arm, struct xb_err *err);

#endif
