/*
 * Xen's own file system: what it was built with, and the granularity of a cpupool's scheduling.
 */
#ifndef XB_HYPFS_H
#define XB_HYPFS_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The configuration that this hypervisor was built with, to free; NULL where it does not tell. */
char *xb_xen_config(void);
/* Is "CONFIG_NAME=y" a line of it? */
bool xb_xen_config_has(const char *config, const char *name);

/* "cpu", "core" or "socket" of a pool into out, from hypfs; false where Xen does not tell. */
bool xb_pool_gran_read(uint32_t pool, char *out, size_t bytes);
/* Of a pool that has no CPU yet. XB_E_INPUT where Xen does not let it. */
int xb_pool_gran_write(uint32_t pool, const char *gran, struct xb_err *err);

/*
 * The granularity of the host's own pool into out; returns who says so: hypfs where Xen offers it,
 * else its command line, which Xen may not have been able to follow, else Xen's default.
 */
const char *xb_host_gran_read(const char *command_line, char *out, size_t bytes);
/* What the last sched-gran= on Xen's command line asks for; false where it asks for none. */
bool xb_gran_asked(const char *command_line, char *out, size_t bytes);

#endif
