/*
 * How a case will be on a host: pools and domains with all that holds for them. For doubts*.c
 * alone.
 */
#ifndef XB_DOUBTS_VIEW_H
#define XB_DOUBTS_VIEW_H

#include "doubts.h"

/* A pool as it will be while the case is measured. */
struct xb_pool_view {
    const char *name;
    const char *scheduler;
    struct xb_cpus cpus;
    bool whole_cores; /* its threads of a core never run vcpus of two domains at once */
};

/* One domain as it will be. */
struct xb_view {
    int guest; /* its number; -1: Dom0 */
    const char *name;
    const struct xb_allocation *alloc;
    uint32_t vcpus;
    int weight;
    struct xb_pool_view pool;
    struct xb_cpus cpus; /* where any of its vcpus may run: affinity and pool together */
    bool pinned;         /* to less than its pool */
    bool busy;           /* it runs something in this case */
};

/* What the case says of a pool; NULL: nothing. */
const struct xb_exp_pool *xb_view_asked_pool(const struct xb_doubt_case *c, const char *name);
const struct xb_pool *xb_view_found_pool(const struct xb_host_facts *host, const char *name);
/* False where there is no such pool. */
bool xb_view_pool(const struct xb_doubt_case *c, const struct xb_host_facts *host, const char *name,
                  struct xb_pool_view *out);
/* guest -1: Dom0. Where its pool does not exist, pool.name is NULL. */
void xb_view_domain(const struct xb_doubt_case *c, const struct xb_host_facts *host, int guest,
                    struct xb_view *out);

/* What guest g has, or is to be made with. */
uint64_t xb_view_memory(const struct xb_doubt_case *c, const struct xb_host_facts *host, size_t g);
/* What those that do not run yet take of Xen's free memory, overhead included. */
uint64_t xb_view_memory_needed(const struct xb_doubt_case *c, const struct xb_host_facts *host);

/*
 * doubts_make.c: what the run makes can be made: XB_E_INPUT with file and line where an image, a type
 * or memory is not there.
 */
int xb_view_makeable(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                     struct xb_err *err);

#endif
