/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Physical CPUs, cpupools and their schedulers.
 */
#ifndef XB_POOL_H
#define XB_POOL_H

#include "cpus.h"
#include "err.h"
#include "schedule.h"
#include "setting.h"
#include "units.h"
#include "xen.h"
#include "xen_domains.h"

#define XB_POOL_NAME_MAX 63
#define XB_SCHEDULER_NAME_MAX 15

/* The number of CPU numbers (the largest plus one); 0 with err filled on failure. */
uint32_t xb_pcpu_count(struct xb_xen *xen, struct xb_err *err);

/* Read all CPUs into *out (to free), one entry per CPU number. */
int xb_pcpu_list(struct xb_xen *xen, struct xb_pcpu **out, size_t *out_count, struct xb_err *err);

/*
 * A scheduler's parameters for a whole pool; -1: the scheduler has no such parameter, or keep. Each
 * member needs a row in pool_params.c.
 */
struct xb_pool_params {
    int timeslice_ms;
    int ratelimit_us;
    int migration_delay_us;
    char schedule[XB_SCHEDULE_TEXT_BYTES]; /* of arinc653 (schedule.h); "": none, or keep */
};
#define XB_POOL_PARAMS_KEEP                                                                        \
    ((struct xb_pool_params){.timeslice_ms = -1, .ratelimit_us = -1, .migration_delay_us = -1})
extern const struct xb_setting xb_pool_settings[];       /* the rows of struct xb_pool_params */
extern const struct xb_setting_kind xb_setting_schedule; /* char[XB_SCHEDULE_TEXT_BYTES] */

struct xb_pool {
    uint32_t id;
    char name[XB_POOL_NAME_MAX + 1];
    char scheduler[XB_SCHEDULER_NAME_MAX + 1]; /* of xb_scheduler_words */
    uint32_t domains;                          /* how many live in it */
    struct xb_cpus cpus;
    struct xb_pool_params params;
    struct xb_units units; /* for promises: xb_pool_read_units fills it in */
};

/* Read all cpupools into *out (to free). */
int xb_pool_list(struct xb_xen *xen, struct xb_pool **out, size_t *out_count, struct xb_err *err);

/* Ask Xen what each pool's scheduler places as one unit (units.h); pcpus must outlive the pools. */
void xb_pool_read_units(struct xb_pool *pools, size_t pool_count, const struct xb_pcpu *pcpus,
                        size_t count);

/* Find a pool by name; XB_E_INPUT if there is none. */
int xb_pool_find(struct xb_xen *xen, const char *name, struct xb_pool *out, struct xb_err *err);

/* The pool of a domain, among those that were listed; NULL with err filled if it is not there. */
const struct xb_pool *xb_pool_among(const struct xb_pool *pools, size_t count,
                                    const struct xb_domain *domain, struct xb_err *err);
/* The pool of a domain, with its scheduler. */
int xb_pool_of_domain(struct xb_xen *xen, uint32_t domid, struct xb_pool *out, struct xb_err *err);

/*
 * Move a running domain. XB_E_INPUT on Xen up to 4.17, which has panicked at this (a page fault in
 * csched2_free_domdata, called by sched_move_domain), unless XENBENCH_RISK_POOLS=1 is set. Guests
 * that are created in a pool and die before the pool does are safe.
 */
int xb_pool_move_domain(struct xb_xen *xen, uint32_t domid, const struct xb_pool *to,
                        struct xb_err *err);
/* Would xb_pool_move_domain refuse? */
bool xb_pool_move_is_risky(struct xb_xen *xen);
/* Is XENBENCH_RISK_POOLS=1 set? */
bool xb_pool_risks_accepted(void);

/*
 * Create a pool from CPUs, taking them from their pools; gran is cpu, core, socket or NULL (as Xen
 * was booted). Checks that the pool exists afterwards, because Xen reports success but does nothing
 * for a scheduler that it was built without (XB_E_INPUT).
 */
int xb_pool_create(struct xb_xen *xen, const char *name, const char *scheduler, const char *gran,
                   const struct xb_cpus *cpus, struct xb_err *err);

/*
 * Remove a pool; its domains (see xb_pool_move_domain) and CPUs go to Pool-0. A pool of credit
 * waits two timeslices first, to avoid a hang of Xen (docs/measurement.md).
 */
int xb_pool_destroy(struct xb_xen *xen, const char *name, struct xb_err *err);

/*
 * Give a pool exactly these CPUs, which must be online: those it loses end up in no pool, those it
 * gains are taken from other pools. If a CPU cannot be moved, the others are, and err names all
 * failures.
 */
int xb_pool_set_cpus(struct xb_xen *xen, const char *name, const struct xb_cpus *cpus,
                     struct xb_err *err);

/* Likewise for recorded CPUs: a CPU that has gone offline since is reported with the failures. */
int xb_pool_return_cpus(struct xb_xen *xen, const char *name, const struct xb_cpus *cpus,
                        struct xb_err *err);

/*
 * Set the parameters that are not -1 and read them back. XB_E_INPUT if the scheduler lacks one. A
 * schedule names guests, so it stays as it is: see xb_pool_set_schedule.
 */
int xb_pool_set_params(struct xb_xen *xen, const char *name, const struct xb_pool_params *asked,
                       struct xb_err *err);

/* Writes the UUID of the guest of that name, which need not run yet. */
typedef int xb_uuid_fn(void *arg, const char *guest, char out[37], struct xb_err *err);

/*
 * Set the schedule of a pool under arinc653 and read it back. A domain that is built later runs by
 * its entries at once.
 */
int xb_pool_set_schedule(struct xb_xen *xen, const char *name, const char *text,
                         xb_uuid_fn *uuid_of, void *arg, struct xb_err *err);
/* The schedule in force, by the names of existing domains; "": none, or one that is too long. */
int xb_pool_read_schedule(struct xb_xen *xen, uint32_t pool, char out[XB_SCHEDULE_TEXT_BYTES],
                          struct xb_err *err);

/* For records and host descriptions; a parameter that a record lacks reads as -1. */
json_t *xb_pool_to_json(const struct xb_pool *pool);
int xb_pool_from_json(const json_t *json, struct xb_pool *out, struct xb_err *err);

#endif
