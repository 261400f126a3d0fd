/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of an allocation that no single vcpu has: the scheduler's settings of a domain, and its
 * memory. For allocation_xen.c alone.
 */
#ifndef XB_ALLOCATION_SCHED_H
#define XB_ALLOCATION_SCHED_H

#include "allocation.h"

/* Read weight and cap, or each vcpu's rtds parameters; nothing under other schedulers. */
int xb_sched_read(struct xb_xen *xen, uint32_t domid, const char *scheduler,
                  struct xb_allocation *out, struct xb_err *err);
/* Apply them. XB_E_INPUT if the scheduler of the domain's pool lacks a setting. */
int xb_sched_apply(struct xb_xen *xen, uint32_t domid, const struct xb_pool *pool,
                   const struct xb_allocation *want, struct xb_err *err);

/* The memory that a domain has, plus what Xen has promised it. */
static inline uint64_t xb_memory_of(const struct xb_domain *domain)
{
    return domain->memory_bytes + domain->outstanding_bytes;
}
/* Set the balloon's target and wait until the domain has followed; 0: keep. */
int xb_memory_apply(struct xb_xen *xen, uint32_t domid, uint64_t bytes, struct xb_err *err);

#endif
