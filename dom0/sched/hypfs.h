/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Xen's own file system: its build configuration, and the scheduling granularity of cpupools.
 */
#ifndef XB_HYPFS_H
#define XB_HYPFS_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The hypervisor's build configuration, to free; NULL if Xen does not report it. */
char *xb_xen_config(void);
/* Does config contain the line "NAME=y"? name is complete, as in "CONFIG_SCHED_NULL". */
bool xb_xen_config_has(const char *config, const char *name);

/* Read a pool's "cpu", "core" or "socket" from hypfs; false if Xen does not report it. */
bool xb_pool_gran_read(uint32_t pool, char *out, size_t bytes);
/* Set the granularity of a pool that has no CPU yet. XB_E_INPUT if Xen does not allow it. */
int xb_pool_gran_write(uint32_t pool, const char *gran, struct xb_err *err);

/*
 * Read the granularity of Pool-0 into out. Returns the source: hypfs where Xen has it, else the
 * command line (which Xen may not have been able to follow), else Xen's default.
 */
const char *xb_host_gran_read(const char *command_line, char *out, size_t bytes);
/* The value of the last sched-gran= on Xen's command line; false if there is none. */
bool xb_gran_asked(const char *command_line, char *out, size_t bytes);

#endif
