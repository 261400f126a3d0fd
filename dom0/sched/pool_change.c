/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making, changing and removing cpupools.
 */
#include "base.h"
#include "bitmap.h"
#include "hypfs.h"
#include "pool.h"
#include "xen_domains.h"
#include "xen_host.h"

#include <string.h>
#include <xenctrl.h>

/*
 * Is the CPU in the pool now? Under core scheduling a core's threads come and go together, so that
 * a list read before the last change is out of date.
 */
static bool has_now(struct xb_xen *xen, uint32_t pool, uint32_t cpu)
{
    libxl_cpupoolinfo info;
    libxl_cpupoolinfo_init(&info);
    bool has =
        libxl_cpupool_info(xen->ctx, &info, pool) == 0 && libxl_bitmap_test(&info.cpumap, (int)cpu);
    libxl_cpupoolinfo_dispose(&info);
    return has;
}

static int tell_failed(struct xb_xen *xen, const struct xb_pool *pool, const struct xb_cpus *failed,
                       bool into, int rc, struct xb_err *err)
{
    char text[XB_CPUS_TEXT_BYTES];
    struct xb_err why = {0};
    xb_cpus_format(failed, XB_CPUS_MAX, text, sizeof(text));
    xb_xen_fail(
        xen, &why, XB_E_HOST, rc, "cannot %s CPU%s %.60s %s cpupool %s%s", into ? "put" : "take",
        xb_plural(xb_cpus_count(failed, XB_CPUS_MAX)), text, into ? "into" : "out of", pool->name,
        into ? "" : " (is a vcpu pinned there, or would a pool with domains lose its last CPU?)");
    return xb_fail_also(err, &why);
}

/* Take every CPU of cpus out of the pool, or put it into it. Every CPU is tried. */
static int move_cpus(struct xb_xen *xen, const struct xb_pool *pool, const struct xb_cpus *cpus,
                     bool into, struct xb_err *err)
{
    struct xb_cpus failed = {.nodes = 0};
    int first = 0;
    xb_xen_forget(xen);
    for (uint32_t cpu = 0; cpu < XB_CPUS_MAX; cpu++) {
        if (!xb_cpus_has(cpus, cpu) || has_now(xen, pool->id, cpu) == into)
            continue;
        int rc = into ? libxl_cpupool_cpuadd(xen->ctx, pool->id, (int)cpu)
                      : libxl_cpupool_cpuremove(xen->ctx, pool->id, (int)cpu);
        if (rc)
            xb_cpus_add(&failed, cpu);
        first = first ? first : rc;
    }
    return first ? tell_failed(xen, pool, &failed, into, first, err) : 0;
}

/* Take every CPU of cpus out of its pool; those that are free afterwards are in *freed. */
static int free_cpus(struct xb_xen *xen, const struct xb_cpus *cpus, uint32_t keep_pool,
                     struct xb_cpus *freed, struct xb_err *err)
{
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count = 0;
    int r = 0;
    *freed = *cpus;
    if (xb_pool_list(xen, &pools, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct xb_cpus both = xb_cpus_both(cpus, &pools[i].cpus);
        if (pools[i].id == keep_pool || move_cpus(xen, &pools[i], &both, false, err) == 0)
            continue;
        for (uint32_t cpu = 0; cpu < XB_CPUS_MAX; cpu++)
            if (xb_cpus_has(&both, cpu) && has_now(xen, pools[i].id, cpu))
                xb_cpus_remove(freed, cpu);
        r = -1;
    }
    return r;
}

static int check_cpus(struct xb_xen *xen, const char *name, const struct xb_cpus *cpus,
                      struct xb_err *err)
{
    xb_auto_free struct xb_pcpu *pcpus = NULL;
    size_t count = 0;
    if (xb_pcpu_list(xen, &pcpus, &count, err) < 0)
        return -1;
    if (xb_cpus_count(cpus, (uint32_t)count) == 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "cpupool %s: it needs at least one of the host's %zu CPUs", name, count);
    for (uint32_t cpu = 0; cpu < XB_CPUS_MAX; cpu++)
        if (xb_cpus_has(cpus, cpu) && (cpu >= count || !pcpus[cpu].online))
            return xb_fail(err, XB_E_INPUT, 0, "cpupool %s: this host has no CPU %u online", name,
                           cpu);
    return 0;
}

int xb_pool_create(struct xb_xen *xen, const char *name, const char *scheduler, const char *gran,
                   const struct xb_cpus *cpus, struct xb_err *err)
{
    libxl_scheduler sched;
    struct xb_pool pool;
    if (libxl_scheduler_from_string(scheduler, &sched) < 0)
        return xb_fail(err, XB_E_INPUT, 0, "cpupool %s: Xen has no scheduler `%.32s`", name,
                       scheduler);
    if (strlen(name) == 0 || strlen(name) > XB_POOL_NAME_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "a cpupool's name has 1 to %d letters",
                       XB_POOL_NAME_MAX);
    if (check_cpus(xen, name, cpus, err) < 0)
        return -1;
    struct xb_err none = {0};
    if (xb_pool_find(xen, name, &pool, &none) == 0)
        return xb_fail(err, XB_E_INPUT, 0, "a cpupool called %s exists already", name);

    libxl_bitmap empty;
    libxl_uuid uuid;
    uint32_t id = LIBXL_CPUPOOL_POOLID_ANY;
    libxl_bitmap_init(&empty);
    libxl_uuid_generate(&uuid);
    xb_xen_forget(xen);
    int rc = libxl_cpupool_create(xen->ctx, name, sched, empty, &uuid, &id);
    if (rc || xb_pool_find(xen, name, &pool, NULL) < 0)
        return xb_xen_fail(
            xen, err, XB_E_INPUT, rc,
            "cannot make cpupool %s with the scheduler %s (was this hypervisor built with it?)",
            name, scheduler);
    struct xb_cpus freed;
    if ((gran && xb_pool_gran_write(id, gran, err) < 0) ||
        free_cpus(xen, cpus, id, &freed, err) < 0 || move_cpus(xen, &pool, cpus, true, err) < 0) {
        xb_pool_destroy(xen, name, NULL);
        return -1;
    }
    return 0;
}

int xb_pool_return_cpus(struct xb_xen *xen, const char *name, const struct xb_cpus *cpus,
                        struct xb_err *err)
{
    struct xb_pool pool;
    struct xb_cpus freed;
    if (xb_pool_find(xen, name, &pool, err) < 0)
        return -1;
    struct xb_cpus surplus = xb_cpus_without(&pool.cpus, cpus);
    int r = free_cpus(xen, cpus, pool.id, &freed, err);
    r |= move_cpus(xen, &pool, &freed, true, err);
    r |= move_cpus(xen, &pool, &surplus, false, err);
    return r;
}

int xb_pool_set_cpus(struct xb_xen *xen, const char *name, const struct xb_cpus *cpus,
                     struct xb_err *err)
{
    return check_cpus(xen, name, cpus, err) < 0 ? -1 : xb_pool_return_cpus(xen, name, cpus, err);
}

bool xb_pool_risks_accepted(void)
{
    const char *risk = getenv("XENBENCH_RISK_POOLS");
    return risk && strcmp(risk, "1") == 0;
}

bool xb_pool_move_is_risky(struct xb_xen *xen)
{
    return !xb_pool_risks_accepted() && xb_xen_has(xen, XB_QUIRK_POOL_MOVE);
}

int xb_pool_move_domain(struct xb_xen *xen, uint32_t domid, const struct xb_pool *to,
                        struct xb_err *err)
{
    struct xb_pool from;
    if (xb_pool_of_domain(xen, domid, &from, err) < 0)
        return -1;
    if (from.id == to->id)
        return 0;
    if (xb_pool_move_is_risky(xen)) {
        char why[XB_QUIRK_BYTES];
        xb_quirk_say(XB_QUIRK_POOL_MOVE, why);
        return xb_fail(err, XB_E_INPUT, 0,
                       "domain %u runs in cpupool %s, and %s (here to %s): let the run make the "
                       "guest from an `image`, so that it is created there; or shut it down; or "
                       "accept the risk with XENBENCH_RISK_POOLS=1",
                       domid, from.name, why, to->name);
    }
    xb_xen_forget(xen);
    int rc = libxl_cpupool_movedomain(xen->ctx, to->id, domid);
    return rc ? xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot move domain %u from cpupool %s to %s",
                            domid, from.name, to->name)
              : 0;
}

static int move_domains(struct xb_xen *xen, const struct xb_pool *from, const struct xb_pool *to,
                        struct xb_err *err)
{
    size_t count;
    xb_auto_free struct xb_domain *domains = xb_domain_list(xen, &count, err);
    if (!domains)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (domains[i].pool == from->id && xb_pool_move_domain(xen, domains[i].domid, to, err) < 0)
            return -1;
    return 0;
}

/*
 * XB_QUIRK_CREDIT_POOL_END: the pool's timer must not have just started. It starts once per
 * timeslice, so make the timeslice as long as possible and wait for the old one's next start: a
 * second without a start follows.
 */
static void calm_credit(struct xb_xen *xen, const struct xb_pool *pool)
{
    struct xb_pool_params slow = XB_POOL_PARAMS_KEEP;
    slow.timeslice_ms = XEN_SYSCTL_CSCHED_TSLICE_MAX;
    if (!xb_xen_has(xen, XB_QUIRK_CREDIT_POOL_END) ||
        xb_scheduler_of(pool->scheduler) != XB_SCHED_CREDIT || pool->params.timeslice_ms <= 0 ||
        xb_pool_set_params(xen, pool->name, &slow, NULL) < 0)
        return;
    usleep(2000 * (useconds_t)pool->params.timeslice_ms);
}

/* CPUs that the pool has lost go to Pool-0, even if it has not lost all. */
static int give_back(struct xb_xen *xen, const struct xb_pool *from, const struct xb_pool *home,
                     struct xb_err *err)
{
    struct xb_cpus lost = from->cpus;
    for (uint32_t cpu = 0; cpu < XB_CPUS_MAX; cpu++)
        if (has_now(xen, from->id, cpu))
            xb_cpus_remove(&lost, cpu);
    return move_cpus(xen, home, &lost, true, err);
}

int xb_pool_destroy(struct xb_xen *xen, const char *name, struct xb_err *err)
{
    struct xb_pool pool, home;
    xb_xen_forget(xen);
    if (xb_pool_find(xen, name, &pool, err) < 0 || xb_pool_find(xen, XB_POOL_0, &home, err) < 0)
        return -1;
    if (pool.id == home.id)
        return xb_fail(err, XB_E_INPUT, 0, "cpupool " XB_POOL_0 " cannot be removed");
    if (move_domains(xen, &pool, &home, err) < 0)
        return -1;
    calm_credit(xen, &pool);
    /* libxl would take each thread of a core by itself, and fail at the second. */
    int rc = 0, r = move_cpus(xen, &pool, &pool.cpus, false, err);
    if (r == 0)
        rc = libxl_cpupool_destroy(xen->ctx, pool.id);
    if (rc)
        r = xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot remove cpupool %s", name);
    return r | give_back(xen, &pool, &home, err);
}
