/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds domains from configurations, and destroys them. */
#ifndef XB_DOMAIN_BUILD_H
#define XB_DOMAIN_BUILD_H

#include "domain_config.h"

/* Build the domain and leave it paused. Fills libxl's defaults into config. */
int xb_domain_build(struct xb_xen *xen, libxl_domain_config *config, uint32_t *domid,
                    struct xb_err *err);

/* Destroy a domain and wait until its devices are gone. 0 also if there is none. */
int xb_domain_destroy(struct xb_xen *xen, uint32_t domid, struct xb_err *err);

/* Would xl take memory from Dom0 for a guest? */
bool xb_memory_may_balloon(struct xb_xen *xen);

/*
 * Make sure that Xen has the memory for these domains, shrinking Dom0 if xl would (autoballoon, and
 * no dom0_mem=). Until *lock_fd is closed, xl cannot take the freed memory; close it after the
 * builds. XB_E_HOST, with the numbers, if there is too little.
 */
int xb_memory_free(struct xb_xen *xen, libxl_domain_config *configs, size_t count, int *lock_fd,
                   struct xb_err *err);

#endif
