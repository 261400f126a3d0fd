/*
 * Physical CPUs, cpupools and their schedulers.
 */
#ifndef XB_POOL_H
#define XB_POOL_H

#include "cpus.h"
#include "err.h"
#include "setting.h"
#include "xen.h"

#define XB_POOL_NAME_MAX 63
#define XB_SCHEDULER_NAME_MAX 15

/* One physical CPU. */
struct xb_pcpu {
    uint32_t cpu;
    bool online; /* false: a number without a CPU behind it; the rest is 0 then */
    uint32_t core;
    uint32_t socket;
    uint32_t node;
    uint64_t idle_ns; /* since boot, as the hypervisor counts it */
};

/* How many CPU numbers the host has (the largest plus one), 0 with err filled on failure. */
uint32_t xb_pcpu_count(struct xb_xen *xen, struct xb_err *err);

/* All of them, in *out (to free), one entry per CPU number. */
int xb_pcpu_list(struct xb_xen *xen, struct xb_pcpu **out, size_t *out_count, struct xb_err *err);

/*
 * A scheduler's parameters for a whole pool; -1 where the scheduler has no such thing, or to keep
 * what is set. Another one is a member here and a row in pool_params.c.
 */
struct xb_pool_params {
    int timeslice_ms;
    int ratelimit_us;
    int migration_delay_us;
};
#define XB_POOL_PARAMS_KEEP                                                                        \
    ((struct xb_pool_params){.timeslice_ms = -1, .ratelimit_us = -1, .migration_delay_us = -1})
extern const struct xb_setting xb_pool_settings[]; /* the rows of struct xb_pool_params */

struct xb_pool {
    uint32_t id;
    char name[XB_POOL_NAME_MAX + 1];
    char scheduler[XB_SCHEDULER_NAME_MAX + 1]; /* of xb_scheduler_words */
    uint32_t domains;                          /* how many live in it */
    struct xb_cpus cpus;
    struct xb_pool_params params;
};

/* All cpupools, in *out (to free). */
int xb_pool_list(struct xb_xen *xen, struct xb_pool **out, size_t *out_count, struct xb_err *err);

/* One pool by its name; XB_E_INPUT where there is none. */
int xb_pool_find(struct xb_xen *xen, const char *name, struct xb_pool *out, struct xb_err *err);

/* The pool that a domain lives in, its scheduler with it. */
int xb_pool_of_domain(struct xb_xen *xen, uint32_t domid, struct xb_pool *out, struct xb_err *err);

/*
 * Move a running domain. XB_E_INPUT on a Xen that was seen to panic over it (up to 4.17: a page
 * fault in csched2_free_domdata, called by sched_move_domain), unless XENBENCH_RISK_POOLS=1 is set:
 * a benchmark is not worth the host. Guests that are born in a pool and die before it does are
 * safe.
 */
int xb_pool_move_domain(struct xb_xen *xen, uint32_t domid, const struct xb_pool *to,
                        struct xb_err *err);
/* Would it be refused? */
bool xb_pool_move_is_risky(struct xb_xen *xen);

/*
 * Make a pool of CPUs, which are taken out of the pools they are in; gran is the granularity of its
 * scheduling (cpu, core, socket; NULL: as Xen was booted). It is looked up again
 * afterwards: Xen reports success for schedulers that it was built without and makes nothing.
 * XB_E_INPUT for those.
 */
int xb_pool_create(struct xb_xen *xen, const char *name, const char *scheduler, const char *gran,
                   const struct xb_cpus *cpus, struct xb_err *err);

/*
 * Remove a pool: its domains (see xb_pool_move_domain) and its CPUs go to Pool-0. One of credit takes two of its timeslices,
 * for the sake of Xen (docs/measurement.md).
 */
int xb_pool_destroy(struct xb_xen *xen, const char *name, struct xb_err *err);

/*
 * Give a pool exactly these CPUs; those it loses go to no pool, those it gains are taken from
 * wherever they are.
 */
int xb_pool_set_cpus(struct xb_xen *xen, const char *name, const struct xb_cpus *cpus,
                     struct xb_err *err);

/*
 * Set the parameters that are not -1, and read back that they are in force. XB_E_INPUT where the
 * pool's scheduler does not know one.
 */
int xb_pool_set_params(struct xb_xen *xen, const char *name, const struct xb_pool_params *want,
                       struct xb_err *err);

/* For records and descriptions of hosts; a parameter that a record does not have is -1. */
json_t *xb_pool_to_json(const struct xb_pool *pool);
int xb_pool_from_json(const json_t *json, struct xb_pool *out, struct xb_err *err);

#endif
