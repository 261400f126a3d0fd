/*
 * The parts of an allocation that are not a vcpu's: what the scheduler knows of a domain, and its
 * memory. For allocation_xen.c alone.
 */
#ifndef XB_ALLOCATION_SCHED_H
#define XB_ALLOCATION_SCHED_H

#include "allocation.h"

/* Weight and cap, or what rtds gives each vcpu; nothing under schedulers that have neither. */
int xb_sched_read(struct xb_xen *xen, uint32_t domid, const char *scheduler,
                  struct xb_allocation *out, struct xb_err *err);
/* XB_E_INPUT where the scheduler of the domain's pool has no such setting. */
int xb_sched_apply(struct xb_xen *xen, uint32_t domid, const struct xb_allocation *want,
                   struct xb_err *err);

int xb_memory_read(struct xb_xen *xen, uint32_t domid, uint64_t *bytes, struct xb_err *err);
/* Tell the domain's balloon and wait until it has obeyed; 0: keep. */
int xb_memory_apply(struct xb_xen *xen, uint32_t domid, uint64_t bytes, struct xb_err *err);

#endif
