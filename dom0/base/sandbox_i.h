/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between sandbox.c and sandbox_filter.c.
 */
#ifndef XB_SANDBOX_I_H
#define XB_SANDBOX_I_H

#include "sandbox.h"

/* No new privileges, no files by name (Landlock), few system calls (seccomp): in this order. */
int xb_sandbox_filter(enum xb_sandbox_profile profile, struct xb_err *err);

/* Likewise for a program. */
int xb_sandbox_filter_program(const char *program, const char *path, struct xb_err *err);

/* The version of Landlock that the kernel has; 0: none. */
int xb_sandbox_landlock(void);
/*
 * All that this version can refuse, for its own call: older kernels want what they do not know to
 * be 0, and Debian's older headers lack it.
 */
struct xb_landlock {
    uint64_t files, net, scopes;
};
struct xb_landlock xb_sandbox_landlock_all(void);

#endif
