/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool.h"

#include "alloc.h"
#include "base.h"
#include "bitmap.h"
#include "hypfs.h"
#include "xen_domains.h"

#include <errno.h>
#include <string.h>
#include <xenctrl.h>

uint32_t xb_pcpu_count(struct xb_xen *xen, struct xb_err *err)
{
    int count = libxl_get_max_cpus(xen->ctx);
    if (count > 0 && count <= XB_CPUS_MAX)
        return (uint32_t)count;
    if (count > XB_CPUS_MAX)
        xb_fail(err, XB_E_HOST, 0, "this host has %d CPUs; xenbench was built for %d", count,
                XB_CPUS_MAX);
    else
        xb_xen_fail(xen, err, XB_E_HOST, count, "cannot count the host's CPUs");
    return 0;
}

int xb_pcpu_list(struct xb_xen *xen, struct xb_pcpu **out, size_t *out_count, struct xb_err *err)
{
    uint32_t count = xb_pcpu_count(xen, err);
    if (!count)
        return -1;
    xb_auto_free struct xb_pcpu *pcpus = xb_calloc(count, sizeof(*pcpus));
    xb_auto_free xc_cpuinfo_t *info = xb_calloc(count, sizeof(*info));
    int idle_count = 0, topology_count = 0;
    if (xc_getcpuinfo(xen->xc, (int)count, info, &idle_count) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot ask Xen for the CPUs' idle times");
    libxl_cputopology *topology = libxl_get_cpu_topology(xen->ctx, &topology_count);
    if (!topology)
        return xb_xen_fail(xen, err, XB_E_HOST, ERROR_FAIL,
                           "cannot ask Xen for the CPUs' topology");
    for (uint32_t cpu = 0; cpu < count; cpu++) {
        pcpus[cpu].cpu = cpu;
        if (cpu >= (uint32_t)topology_count ||
            topology[cpu].core == LIBXL_CPUTOPOLOGY_INVALID_ENTRY)
            continue;
        pcpus[cpu].online = true;
        pcpus[cpu].core = topology[cpu].core;
        pcpus[cpu].socket = topology[cpu].socket;
        pcpus[cpu].node = topology[cpu].node;
        pcpus[cpu].idle_ns = cpu < (uint32_t)idle_count ? info[cpu].idletime : 0;
    }
    libxl_cputopology_list_free(topology, topology_count);
    *out = xb_steal_ptr(&pcpus);
    *out_count = count;
    return 0;
}

/* libxl's struct for the parameters of each scheduler. */
union xen_params {
    libxl_sched_credit_params credit;
    libxl_sched_credit2_params credit2;
};

/* A scheduler without pool parameters is not asked. */
static int get_params(struct xb_xen *xen, uint32_t pool, enum xb_scheduler scheduler,
                      union xen_params *out)
{
    *out = (union xen_params){0};
    if (scheduler == XB_SCHED_CREDIT)
        return libxl_sched_credit_params_get(xen->ctx, pool, &out->credit);
    if (scheduler == XB_SCHED_CREDIT2)
        return libxl_sched_credit2_params_get(xen->ctx, pool, &out->credit2);
    return 0;
}

static int put_params(struct xb_xen *xen, uint32_t pool, enum xb_scheduler scheduler,
                      union xen_params *params)
{
    if (scheduler == XB_SCHED_CREDIT)
        return libxl_sched_credit_params_set(xen->ctx, pool, &params->credit);
    if (scheduler == XB_SCHED_CREDIT2)
        return libxl_sched_credit2_params_set(xen->ctx, pool, &params->credit2);
    return 0;
}

static int read_params(struct xb_xen *xen, struct xb_pool *pool, struct xb_err *err)
{
    enum xb_scheduler scheduler = xb_scheduler_of(pool->scheduler);
    union xen_params params;
    int rc = get_params(xen, pool->id, scheduler, &params);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot read the scheduler of cpupool %s",
                           pool->name);
    pool->params = XB_POOL_PARAMS_KEEP;
    xb_settings_from_xen(xb_pool_settings, &pool->params, scheduler, &params);
    return scheduler == XB_SCHED_ARINC653
               ? xb_pool_read_schedule(xen, pool->id, pool->params.schedule, err)
               : 0;
}

static int fill_pool(struct xb_xen *xen, const libxl_cpupoolinfo *info, struct xb_pool *pool,
                     struct xb_err *err)
{
    *pool = (struct xb_pool){.id = info->poolid, .domains = info->n_dom};
    snprintf(pool->name, sizeof(pool->name), "%s", info->pool_name ? info->pool_name : "");
    snprintf(pool->scheduler, sizeof(pool->scheduler), "%s",
             libxl_scheduler_to_string(info->sched));
    pool->cpus = xb_bitmap_to_cpus(&info->cpumap);
    return read_params(xen, pool, err);
}

int xb_pool_list(struct xb_xen *xen, struct xb_pool **out, size_t *out_count, struct xb_err *err)
{
    int count = 0, status = 0;
    xb_xen_forget(xen);
    libxl_cpupoolinfo *info = libxl_list_cpupool(xen->ctx, &count);
    if (!info)
        return xb_xen_fail(xen, err, XB_E_HOST, ERROR_FAIL, "cannot list the cpupools");
    struct xb_pool *pools = xb_calloc((size_t)count, sizeof(*pools));
    for (int i = 0; i < count && status == 0; i++)
        status = fill_pool(xen, &info[i], &pools[i], err);
    libxl_cpupoolinfo_list_free(info, count);
    if (status < 0) {
        free(pools);
        return -1;
    }
    *out = pools;
    *out_count = (size_t)count;
    return 0;
}

void xb_pool_read_units(struct xb_pool *pools, size_t pool_count, const struct xb_pcpu *pcpus,
                        size_t count)
{
    for (size_t i = 0; i < pool_count; i++) {
        char word[16];
        int gran = xb_pool_gran_read(pools[i].id, word, sizeof(word)) ? xb_sched_gran_of(word) : 0;
        pools[i].units =
            (struct xb_units){.gran = gran > 0 ? gran : 0, .pcpus = pcpus, .count = count};
    }
}

const struct xb_pool *xb_pool_among(const struct xb_pool *pools, size_t count,
                                    const struct xb_domain *domain, struct xb_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (pools[i].id == domain->pool)
            return &pools[i];
    xb_fail(err, XB_E_HOST, 0, "domain %u is in cpupool %u, which Xen does not list", domain->domid,
            domain->pool);
    return NULL;
}

int xb_pool_find(struct xb_xen *xen, const char *name, struct xb_pool *out, struct xb_err *err)
{
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count = 0;
    if (xb_pool_list(xen, &pools, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(pools[i].name, name) == 0) {
            *out = pools[i];
            return 0;
        }
    }
    return xb_fail(err, XB_E_INPUT, 0,
                   "no cpupool is called `%.64s` (`xl cpupool-list` shows them)", name);
}

int xb_pool_of_domain(struct xb_xen *xen, uint32_t domid, struct xb_pool *out, struct xb_err *err)
{
    struct xb_domain domain;
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count = 0;
    if (xb_domain_find(xen, domid, &domain, err) < 0 || xb_pool_list(xen, &pools, &count, err) < 0)
        return -1;
    const struct xb_pool *pool = xb_pool_among(pools, count, &domain, err);
    if (pool)
        *out = *pool;
    return pool ? 0 : -1;
}

/*
 * Keep the parameters that want does not set: libxl sets all of a scheduler's parameters at once.
 */
static int set_params(struct xb_xen *xen, const struct xb_pool *pool,
                      const struct xb_pool_params *want)
{
    enum xb_scheduler scheduler = xb_scheduler_of(pool->scheduler);
    union xen_params params;
    xb_xen_forget(xen);
    int rc = get_params(xen, pool->id, scheduler, &params);
    if (rc)
        return rc;
    xb_settings_to_xen(xb_pool_settings, want, scheduler, &params);
    return put_params(xen, pool->id, scheduler, &params);
}

int xb_pool_set_params(struct xb_xen *xen, const char *name, const struct xb_pool_params *asked,
                       struct xb_err *err)
{
    struct xb_pool pool;
    struct xb_pool_params numbers = *asked;
    const struct xb_pool_params *want = &numbers;
    char why[160];
    numbers.schedule[0] = '\0';
    if (xb_pool_find(xen, name, &pool, err) < 0)
        return -1;
    const struct xb_setting *unknown = xb_settings_unknown(xb_pool_settings, want, pool.scheduler);
    if (unknown)
        return xb_fail(err, XB_E_INPUT, 0, "cpupool %s: the scheduler %s has no `%s` (%s)", name,
                       pool.scheduler, unknown->name,
                       xb_setting_knowers(unknown, "has", "have", why, sizeof(why)));
    if (!xb_settings_differ(xb_pool_settings, want, &pool.params, why, sizeof(why)))
        return 0;
    int rc = set_params(xen, &pool, want);
    if (rc)
        return xb_xen_fail(xen, err, rc == ERROR_INVAL ? XB_E_INPUT : XB_E_HOST, rc,
                           "cpupool %s: cannot set the parameters of %s: %s", name, pool.scheduler,
                           why);
    if (xb_pool_find(xen, name, &pool, err) < 0)
        return -1;
    if (xb_settings_differ(xb_pool_settings, want, &pool.params, why, sizeof(why)))
        return xb_fail(err, XB_E_HOST, 0,
                       "cpupool %s: Xen accepted the parameters of %s but did not apply them: %s",
                       name, pool.scheduler, why);
    return 0;
}
