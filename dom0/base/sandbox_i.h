/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by sandbox.c, sandbox_filter.c and sandbox_program.c. */
#ifndef XB_SANDBOX_I_H
#define XB_SANDBOX_I_H

#include "sandbox.h"

/* No new privileges, no files by name (Landlock), few system calls (seccomp): in this order. */
int xb_sandbox_filter(enum xb_sandbox_profile profile, struct xb_err *err);

/* The same for a program of the host, which may use more files and calls (sandbox_program.c). */
int xb_sandbox_filter_program(const char *program, const char *path, struct xb_err *err);

/* The kernel's version of Landlock; 0: none. */
int xb_sandbox_landlock(void);
/*
 * Everything that this version can refuse, as the system call takes it: older kernels require that
 * what they do not know is 0, and Debian's older headers lack it.
 */
struct xb_landlock {
    uint64_t files, net, scopes;
};
struct xb_landlock xb_sandbox_landlock_all(void);

#endif
