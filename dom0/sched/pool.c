#include "pool.h"

#include "base.h"
#include "bitmap.h"

#include <errno.h>
#include <string.h>

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
    xb_auto_free struct xb_pcpu *pcpus = calloc(count, sizeof(*pcpus));
    xb_auto_free xc_cpuinfo_t *info = calloc(count, sizeof(*info));
    if (!pcpus || !info)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot list %u CPUs", count);
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

static int read_params(struct xb_xen *xen, libxl_scheduler sched, struct xb_pool *pool,
                       struct xb_err *err)
{
    int rc = 0;
    pool->params = XB_POOL_PARAMS_KEEP;
    if (sched == LIBXL_SCHEDULER_CREDIT) {
        libxl_sched_credit_params p;
        libxl_sched_credit_params_init(&p);
        rc = libxl_sched_credit_params_get(xen->ctx, pool->id, &p);
        pool->params = (struct xb_pool_params){p.tslice_ms, p.ratelimit_us, p.vcpu_migr_delay_us};
    } else if (sched == LIBXL_SCHEDULER_CREDIT2) {
        libxl_sched_credit2_params p;
        libxl_sched_credit2_params_init(&p);
        rc = libxl_sched_credit2_params_get(xen->ctx, pool->id, &p);
        pool->params.ratelimit_us = p.ratelimit_us;
    }
    return rc ? xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot read the scheduler of cpupool %s",
                            pool->name)
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
    return read_params(xen, info->sched, pool, err);
}

int xb_pool_list(struct xb_xen *xen, struct xb_pool **out, size_t *out_count, struct xb_err *err)
{
    int count = 0, status = 0;
    xb_xen_forget(xen);
    libxl_cpupoolinfo *info = libxl_list_cpupool(xen->ctx, &count);
    if (!info)
        return xb_xen_fail(xen, err, XB_E_HOST, ERROR_FAIL, "cannot list the cpupools");
    struct xb_pool *pools = calloc((size_t)count, sizeof(*pools));
    if (!pools)
        status = xb_fail(err, XB_E_HOST, ENOMEM, "cannot list %d cpupools", count);
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

/* 1 found, 0 not, -1 failed. */
static int look_up(struct xb_xen *xen, const char *name, uint32_t id, struct xb_pool *out,
                   struct xb_err *err)
{
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count = 0;
    if (xb_pool_list(xen, &pools, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (name ? strcmp(pools[i].name, name) == 0 : pools[i].id == id) {
            *out = pools[i];
            return 1;
        }
    }
    return 0;
}

int xb_pool_find(struct xb_xen *xen, const char *name, struct xb_pool *out, struct xb_err *err)
{
    int found = look_up(xen, name, 0, out, err);
    if (found == 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "no cpupool is called `%.64s` (`xl cpupool-list` shows them)", name);
    return found < 0 ? -1 : 0;
}

int xb_pool_of_domain(struct xb_xen *xen, uint32_t domid, struct xb_pool *out, struct xb_err *err)
{
    libxl_dominfo info;
    libxl_dominfo_init(&info);
    int rc = libxl_domain_info(xen->ctx, &info, domid);
    uint32_t id = info.cpupool;
    libxl_dominfo_dispose(&info);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_BENCH, rc, "domain %u is not running", domid);
    int found = look_up(xen, NULL, id, out, err);
    if (found == 0)
        return xb_fail(err, XB_E_HOST, 0, "domain %u lives in cpupool %u, which Xen does not list",
                       domid, id);
    return found < 0 ? -1 : 0;
}

static int set_credit(struct xb_xen *xen, const struct xb_pool *pool,
                      const struct xb_pool_params *p)
{
    libxl_sched_credit_params params = {
        .tslice_ms = p->timeslice_ms >= 0 ? p->timeslice_ms : pool->params.timeslice_ms,
        .ratelimit_us = p->ratelimit_us >= 0 ? p->ratelimit_us : pool->params.ratelimit_us,
        .vcpu_migr_delay_us = p->migration_delay_us >= 0 ? p->migration_delay_us
                                                         : pool->params.migration_delay_us,
    };
    return libxl_sched_credit_params_set(xen->ctx, pool->id, &params);
}

static bool wants_params(const struct xb_pool_params *p)
{
    return p->timeslice_ms >= 0 || p->ratelimit_us >= 0 || p->migration_delay_us >= 0;
}

static bool param_differs(int want, int got)
{
    return want >= 0 && want != got;
}

int xb_pool_set_params(struct xb_xen *xen, const char *name, const struct xb_pool_params *want,
                       struct xb_err *err)
{
    struct xb_pool pool;
    if (xb_pool_find(xen, name, &pool, err) < 0)
        return -1;
    bool credit = strcmp(pool.scheduler, "credit") == 0,
         credit2 = strcmp(pool.scheduler, "credit2") == 0;
    if (!wants_params(want))
        return 0;
    if (!credit && (!credit2 || want->timeslice_ms >= 0 || want->migration_delay_us >= 0))
        return xb_fail(err, XB_E_INPUT, 0,
                       "cpupool %s: the scheduler %s has no such parameter (a time slice and a "
                       "migration delay "
                       "are of credit, a rate limit of credit and credit2)",
                       name, pool.scheduler);
    xb_xen_forget(xen);
    libxl_sched_credit2_params credit2_params = {.ratelimit_us = want->ratelimit_us};
    int rc = credit ? set_credit(xen, &pool, want)
                    : libxl_sched_credit2_params_set(xen->ctx, pool.id, &credit2_params);
    if (rc)
        return xb_xen_fail(xen, err, rc == ERROR_INVAL ? XB_E_INPUT : XB_E_HOST, rc,
                           "cpupool %s: cannot set the parameters of %s", name, pool.scheduler);
    if (xb_pool_find(xen, name, &pool, err) < 0)
        return -1;
    if (param_differs(want->timeslice_ms, pool.params.timeslice_ms) ||
        param_differs(want->ratelimit_us, pool.params.ratelimit_us) ||
        param_differs(want->migration_delay_us, pool.params.migration_delay_us))
        return xb_fail(err, XB_E_HOST, 0,
                       "cpupool %s: Xen took the parameters of %s and did not put them in force",
                       name, pool.scheduler);
    return 0;
}
