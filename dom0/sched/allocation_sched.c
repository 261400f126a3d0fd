#include "allocation_sched.h"

#include "base.h"

#include <errno.h>
#include <string.h>

#define BALLOON_WAIT_NS (60 * XB_NS_PER_S)
#define BALLOON_LOOK_AGAIN_NS (100 * XB_NS_PER_MS)
#define BALLOON_SLACK_KB 1024

static int read_rtds(struct xb_xen *xen, uint32_t domid, struct xb_allocation *out,
                     struct xb_err *err)
{
    libxl_vcpu_sched_params params;
    libxl_vcpu_sched_params_init(&params);
    int status = 0, rc = libxl_vcpu_sched_params_get_all(xen->ctx, domid, &params);
    if (rc)
        status =
            xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot read what rtds gives domain %u", domid);
    for (int i = 0; status == 0 && i < params.num_vcpus; i++) {
        const libxl_sched_params *p = &params.vcpus[i];
        struct xb_rtds rtds = {(uint32_t)p->period, (uint32_t)p->budget, p->extratime};
        status = xb_allocation_set_rtds(out, p->vcpuid, &rtds, err);
    }
    libxl_vcpu_sched_params_dispose(&params);
    return status;
}

int xb_sched_read(struct xb_xen *xen, uint32_t domid, const char *scheduler,
                  struct xb_allocation *out, struct xb_err *err)
{
    out->weight = out->cap = -1;
    if (strcmp(scheduler, "rtds") == 0)
        return read_rtds(xen, domid, out, err);
    if (strncmp(scheduler, "credit", 6) != 0)
        return 0;
    libxl_domain_sched_params params;
    libxl_domain_sched_params_init(&params);
    int rc = libxl_domain_sched_params_get(xen->ctx, domid, &params);
    out->weight = params.weight;
    out->cap = params.cap;
    libxl_domain_sched_params_dispose(&params);
    return rc ? xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot read weight and cap of domain %u",
                            domid)
              : 0;
}

static int apply_credit(struct xb_xen *xen, uint32_t domid, int weight, int cap, struct xb_err *err)
{
    libxl_domain_sched_params params;
    libxl_domain_sched_params_init(&params);
    if (weight >= 0)
        params.weight = weight;
    if (cap >= 0)
        params.cap = cap;
    xb_xen_forget(xen);
    int rc = libxl_domain_sched_params_set(xen->ctx, domid, &params);
    libxl_domain_sched_params_dispose(&params);
    return rc ? xb_xen_fail(xen, err, rc == ERROR_INVAL ? XB_E_INPUT : XB_E_HOST, rc,
                            "cannot give domain %u weight %d, cap %d (-1: as it was)", domid,
                            weight, cap)
              : 0;
}

/* One vcpu at a time, so that those that keep what they have need not be known. */
static int apply_rtds_vcpu(struct xb_xen *xen, uint32_t domid, int vcpu, const struct xb_rtds *want,
                           struct xb_err *err)
{
    libxl_sched_params one;
    libxl_vcpu_sched_params params;
    libxl_vcpu_sched_params_init(&params);
    libxl_sched_params_init(&one);
    one.vcpuid = vcpu;
    if (want->period_us)
        one.period = (int)want->period_us;
    if (want->budget_us)
        one.budget = (int)want->budget_us;
    if (want->extratime >= 0)
        one.extratime = want->extratime;
    params.sched = LIBXL_SCHEDULER_RTDS;
    params.num_vcpus = 1;
    params.vcpus = &one;
    xb_xen_forget(xen);
    int rc = vcpu < 0 ? libxl_vcpu_sched_params_set_all(xen->ctx, domid, &params)
                      : libxl_vcpu_sched_params_set(xen->ctx, domid, &params);
    return rc ? xb_xen_fail(xen, err, rc == ERROR_INVAL ? XB_E_INPUT : XB_E_HOST, rc,
                            "cannot give domain %u a budget of %u us in %u us (0: as it was)",
                            domid, want->budget_us, want->period_us)
              : 0;
}

static int apply_rtds(struct xb_xen *xen, uint32_t domid, const struct xb_allocation *want,
                      struct xb_err *err)
{
    if (want->rtds_count == 1)
        return apply_rtds_vcpu(xen, domid, -1, &want->rtds[0], err);
    for (size_t v = 0; v < want->rtds_count; v++) {
        const struct xb_rtds *rtds = &want->rtds[v];
        bool keeps = !rtds->period_us && !rtds->budget_us && rtds->extratime < 0;
        if (!keeps && apply_rtds_vcpu(xen, domid, (int)v, rtds, err) < 0)
            return -1;
    }
    return 0;
}

int xb_sched_apply(struct xb_xen *xen, uint32_t domid, const struct xb_allocation *want,
                   struct xb_err *err)
{
    struct xb_pool pool;
    bool shares = want->weight >= 0 || want->cap >= 0;
    if (!shares && want->rtds_count == 0)
        return 0;
    if (xb_pool_of_domain(xen, domid, &pool, err) < 0)
        return -1;
    bool credit = strncmp(pool.scheduler, "credit", 6) == 0;
    if (shares && !credit)
        return xb_fail(err, XB_E_INPUT, 0,
                       "domain %u: the scheduler %s of cpupool %s knows neither weight nor cap "
                       "(credit and credit2 do)",
                       domid, pool.scheduler, pool.name);
    if (want->rtds_count && strcmp(pool.scheduler, "rtds") != 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "domain %u: the scheduler %s of cpupool %s knows no period and budget "
                       "(rtds does)",
                       domid, pool.scheduler, pool.name);
    return credit ? apply_credit(xen, domid, want->weight, want->cap, err)
                  : apply_rtds(xen, domid, want, err);
}

int xb_memory_read(struct xb_xen *xen, uint32_t domid, uint64_t *bytes, struct xb_err *err)
{
    libxl_dominfo info;
    libxl_dominfo_init(&info);
    int rc = libxl_domain_info(xen->ctx, &info, domid);
    *bytes = (info.current_memkb + info.outstanding_memkb) * 1024;
    libxl_dominfo_dispose(&info);
    return rc ? xb_xen_fail(xen, err, XB_E_BENCH, rc, "domain %u is not running", domid) : 0;
}

static bool obeys(uint64_t is_bytes, uint64_t want_bytes)
{
    uint64_t apart = is_bytes > want_bytes ? is_bytes - want_bytes : want_bytes - is_bytes;
    return apart <= BALLOON_SLACK_KB * UINT64_C(1024);
}

/*
 * Xen gives a domain no more than its allowance, which `xl mem-set` makes as small as its target. Then it has to follow the
 * target up; else it is left as it was found.
 */
static bool allowance_is_below(struct xb_xen *xen, uint32_t domid, uint64_t bytes)
{
    libxl_dominfo info;
    libxl_dominfo_init(&info);
    bool below = libxl_domain_info(xen->ctx, &info, domid) == 0 && info.max_memkb < bytes / 1024;
    libxl_dominfo_dispose(&info);
    return below;
}

int xb_memory_apply(struct xb_xen *xen, uint32_t domid, uint64_t bytes, struct xb_err *err)
{
    uint64_t now = 0, deadline_ns = xb_now_ns() + BALLOON_WAIT_NS;
    if (!bytes)
        return 0;
    if (xb_memory_read(xen, domid, &now, err) < 0)
        return -1;
    if (obeys(now, bytes))
        return 0;
    xb_xen_forget(xen);
    int rc = libxl_set_memory_target(xen->ctx, domid, (int64_t)(bytes / 1024), 0,
                                     allowance_is_below(xen, domid, bytes));
    if (rc)
        return xb_xen_fail(xen, err, XB_E_INPUT, rc,
                           "domain %u cannot be given %llu MiB of memory by its balloon (no more "
                           "than it was made with, no less than its kernel needs)",
                           domid, (unsigned long long)bytes >> 20);
    while (!obeys(now, bytes)) {
        if (xb_now_ns() > deadline_ns)
            return xb_fail(err, XB_E_BENCH, 0,
                           "domain %u: its balloon was told to leave it %llu MiB, after %d s it "
                           "has %llu MiB (its kernel needs CONFIG_XEN_BALLOON; `resize: restart` "
                           "makes it anew instead)",
                           domid, (unsigned long long)bytes >> 20,
                           (int)(BALLOON_WAIT_NS / XB_NS_PER_S), (unsigned long long)now >> 20);
        struct timespec nap = xb_timespec(BALLOON_LOOK_AGAIN_NS);
        nanosleep(&nap, NULL);
        if (xb_memory_read(xen, domid, &now, err) < 0)
            return -1;
    }
    return 0;
}
