/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pools and domains of a case on a host, with all their settings. For doubts*.c alone.
 */
#ifndef XB_DOUBTS_VIEW_H
#define XB_DOUBTS_VIEW_H

#include "doubts.h"

/* Room for the text of a doubt. */
#define XB_WHY_BYTES 400

/* A pool as it will be while the case is measured. */
struct xb_pool_view {
    const char *name;
    const char *scheduler;
    struct xb_cpus cpus;
    bool whole_cores; /* a core's threads never run vcpus of two domains at once */
    struct xb_units units;
    const char *schedule; /* of arinc653, as the case sets it; "": not set */
};

/* One domain as it will be while the case is measured. */
struct xb_view {
    int guest; /* the guest's number; -1: Dom0 */
    const char *name;
    const struct xb_allocation *alloc;
    uint32_t vcpus;
    int weight;
    struct xb_pool_view pool;
    struct xb_cpus cpus; /* where any of its vcpus may run, by affinity and pool */
    bool pinned;         /* to a part of its pool */
    bool busy;           /* it runs something in this case */
};

/* The case's entry for a pool; NULL: none. */
const struct xb_exp_pool *xb_view_asked_pool(const struct xb_doubt_case *c, const char *name);
const struct xb_pool *xb_view_found_pool(const struct xb_host_facts *host, const char *name);
/* False if there is no such pool. */
bool xb_view_pool(const struct xb_doubt_case *c, const struct xb_host_facts *host, const char *name,
                  struct xb_pool_view *out);
/* guest -1: Dom0. If its pool does not exist, pool.name is NULL. */
void xb_view_domain(const struct xb_doubt_case *c, const struct xb_host_facts *host, int guest,
                    struct xb_view *out);

/* The memory that guest g has, or will be made with. */
uint64_t xb_view_memory(const struct xb_doubt_case *c, const struct xb_host_facts *host, size_t g);
/* The memory that guests not yet running need from Xen, including overhead. */
uint64_t xb_view_memory_needed(const struct xb_doubt_case *c, const struct xb_host_facts *host);

/*
 * doubts_places.c: can the schedulers place the vcpus? XB_E_INPUT if null has too few CPUs, core
 * scheduling does not get whole cores, or a schedule of arinc653 leaves a vcpu out.
 */
int xb_view_placeable(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                      struct xb_err *err);

/*
 * doubts_make.c: can the run make its guests? XB_E_INPUT with file and line if an image, a type or
 * memory is missing.
 */
int xb_view_makeable(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                     struct xb_err *err);

#endif
