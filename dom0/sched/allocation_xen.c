/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc.h"
#include "allocation.h"

#include "allocation_sched.h"
#include "base.h"
#include "bitmap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <xenctrl.h>

/* A guest that is short of CPU needs time to follow. */
#define VCPU_SETTLE_S 20u
#define VCPU_SETTLE_NS (VCPU_SETTLE_S * XB_NS_PER_S)
#define VCPU_LOOK_FIRST_NS XB_NS_PER_MS
#define VCPU_LOOK_LONGEST_NS (50 * XB_NS_PER_MS)

struct vcpu_list {
    libxl_vcpuinfo *info;
    int count;
    int host_cpus;
};

static void vcpu_list_free(struct vcpu_list *list)
{
    if (list->info)
        libxl_vcpuinfo_list_free(list->info, list->count);
}

#define xb_auto_vcpu_list XB_AUTO(vcpu_list_free)

static int list_vcpus(struct xb_xen *xen, uint32_t domid, struct vcpu_list *out, struct xb_err *err)
{
    xb_xen_forget(xen);
    out->info = libxl_list_vcpu(xen->ctx, domid, &out->count, &out->host_cpus);
    if (!out->info)
        return xb_xen_fail(xen, err, XB_E_BENCH, ERROR_DOMAIN_NOTFOUND,
                           "cannot list the vcpus of domain %u", domid);
    return 0;
}

int xb_vcpu_times(struct xb_xen *xen, uint32_t domid, struct xb_vcpu_time *out, size_t max,
                  size_t *count, struct xb_err *err)
{
    xc_domaininfo_t domain;
    xc_vcpuinfo_t now;
    /* libxl would ask for each vcpu's affinities too, while jobs run. */
    if (xc_domain_getinfolist(xen->xc, domid, 1, &domain) != 1 || domain.domain != domid)
        return xb_fail(err, XB_E_BENCH, 0, "cannot list the vcpus of domain %u", domid);
    *count = (size_t)domain.max_vcpu_id + 1;
    for (uint32_t v = 0; v < *count && v < max; v++) {
        if (xc_vcpu_getinfo(xen->xc, domid, v, &now) < 0)
            return xb_fail(err, XB_E_BENCH, errno, "read vcpu %u of domain %u", v, domid);
        out[v] = (struct xb_vcpu_time){
            .vcpu = v,
            .online = now.online,
            .running = now.running,
            .pcpu = now.cpu,
            .run_ns = now.cpu_time,
        };
    }
    return 0;
}

static int read_vcpus(struct xb_xen *xen, uint32_t domid, struct xb_allocation *out,
                      struct xb_err *err)
{
    xb_auto_vcpu_list struct vcpu_list list = {0};
    if (list_vcpus(xen, domid, &list, err) < 0)
        return -1;
    out->host_cpus = (uint32_t)list.host_cpus;
    out->hard = xb_calloc((size_t)list.count, sizeof(*out->hard));
    out->soft = xb_calloc((size_t)list.count, sizeof(*out->soft));
    out->hard_count = out->soft_count = (size_t)list.count;
    for (int v = 0; v < list.count; v++) {
        out->vcpus += list.info[v].online;
        out->hard[v] = xb_bitmap_to_cpus(&list.info[v].cpumap);
        out->soft[v] = xb_bitmap_to_cpus(&list.info[v].cpumap_soft);
    }
    return 0;
}

int xb_allocation_read_in(struct xb_xen *xen, uint32_t domid, const struct xb_pool *pools,
                          size_t pool_count, struct xb_allocation *out, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation got = XB_ALLOCATION_KEEP;
    struct xb_domain domain;
    if (read_vcpus(xen, domid, &got, err) < 0 || xb_domain_find(xen, domid, &domain, err) < 0)
        return -1;
    const struct xb_pool *pool = xb_pool_among(pools, pool_count, &domain, err);
    if (!pool || xb_sched_read(xen, domid, pool->scheduler, &got, err) < 0)
        return -1;
    got.memory_bytes = xb_memory_of(&domain);
    memcpy(got.pool, pool->name, sizeof(got.pool));
    *out = got;
    got = XB_ALLOCATION_KEEP;
    return 0;
}

int xb_allocation_read(struct xb_xen *xen, uint32_t domid, struct xb_allocation *out,
                       struct xb_err *err)
{
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count = 0;
    return xb_pool_list(xen, &pools, &count, err) < 0
               ? -1
               : xb_allocation_read_in(xen, domid, pools, count, out, err);
}

/*
 * Does the mask mean "run anywhere"? It has all the host's CPUs, or came from "all" and so has
 * members beyond any host. CPUs outside the pool are then no error.
 */
static bool is_open_ended(const struct xb_cpus *mask, uint32_t host_cpus)
{
    return xb_cpus_has(mask, XB_CPUS_MAX - 1) || xb_cpus_count(mask, host_cpus) == host_cpus;
}

static int check_mask(const struct xb_pool *pool, uint32_t domid, size_t vcpu, const char *kind,
                      const struct xb_cpus *mask, uint32_t host_cpus, struct xb_err *err)
{
    if (xb_cpus_count(mask, host_cpus) == 0)
        return xb_fail(
            err, XB_E_INPUT, 0,
            "domain %u, vcpu %zu: the %s affinity has no CPU of this host (it has CPUs 0 to %u)",
            domid, vcpu, kind, host_cpus - 1);
    for (uint32_t cpu = 0; cpu < XB_CPUS_MAX && !is_open_ended(mask, host_cpus); cpu++) {
        if (!xb_cpus_has(mask, cpu) || xb_cpus_has(&pool->cpus, cpu))
            continue;
        char members[XB_CPUS_TEXT_BYTES];
        xb_cpus_format(&pool->cpus, XB_CPUS_MAX, members, sizeof(members));
        return xb_fail(
            err, XB_E_INPUT, 0,
            "domain %u, vcpu %zu: CPU %u of the %s affinity is not in cpupool %s, which has %s",
            domid, vcpu, cpu, kind, pool->name, members);
    }
    return 0;
}

static int set_affinity(struct xb_xen *xen, uint32_t domid, uint32_t vcpu,
                        const struct xb_cpus *hard, const struct xb_cpus *soft, struct xb_err *err)
{
    xb_auto_bitmap libxl_bitmap hard_map, soft_map;
    libxl_bitmap_init(&hard_map);
    libxl_bitmap_init(&soft_map);
    if ((hard && xb_bitmap_from_cpus(xen, hard, &hard_map, err) < 0) ||
        (soft && xb_bitmap_from_cpus(xen, soft, &soft_map, err) < 0))
        return -1;
    int rc = libxl_set_vcpuaffinity(xen->ctx, domid, vcpu, hard ? &hard_map : NULL,
                                    soft ? &soft_map : NULL);
    return rc ? xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot pin vcpu %u of domain %u", vcpu, domid)
              : 0;
}

static int apply_affinity(struct xb_xen *xen, uint32_t domid, const struct xb_pool *pool,
                          const struct xb_allocation *want, struct xb_err *err)
{
    xb_auto_vcpu_list struct vcpu_list list = {0};
    if (want->hard_count == 0 && want->soft_count == 0)
        return 0;
    if (list_vcpus(xen, domid, &list, err) < 0)
        return -1;
    size_t most = want->hard_count > want->soft_count ? want->hard_count : want->soft_count;
    if (most > 1 && most > (size_t)list.count)
        return xb_fail(err, XB_E_INPUT, 0, "domain %u: affinities for %zu vcpus asked, it has %d",
                       domid, most, list.count);
    for (size_t v = 0; v < (size_t)list.count; v++) {
        const struct xb_cpus *hard = xb_mask_of_vcpu(want->hard, want->hard_count, v);
        const struct xb_cpus *soft = xb_mask_of_vcpu(want->soft, want->soft_count, v);
        if ((hard && check_mask(pool, domid, v, "hard", hard, (uint32_t)list.host_cpus, err) < 0) ||
            (soft && check_mask(pool, domid, v, "soft", soft, (uint32_t)list.host_cpus, err) < 0) ||
            ((hard || soft) && set_affinity(xen, domid, (uint32_t)v, hard, soft, err) < 0))
            return -1;
    }
    return 0;
}

/*
 * Linux takes a vcpu down by itself when xenstore says so, but brings one up only when udev or a
 * person asks. For Dom0, we ask.
 */
static void bring_up_dom0_cpus(uint32_t count)
{
    for (uint32_t cpu = 1; cpu < count; cpu++) {
        char path[64];
        snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
        xb_auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd >= 0 && write(fd, "1", 1) < 0)
            continue; /* the caller counts the vcpus and reports it */
    }
}

static int wait_for_vcpus(struct xb_xen *xen, uint32_t domid, uint32_t want, struct xb_err *err)
{
    uint64_t deadline_ns = xb_now_ns() + VCPU_SETTLE_NS, pause_ns = VCPU_LOOK_FIRST_NS;
    for (;;) {
        xb_auto_vcpu_list struct vcpu_list list = {0};
        uint32_t online = 0;
        if (domid == 0)
            bring_up_dom0_cpus(want);
        if (list_vcpus(xen, domid, &list, err) < 0)
            return -1;
        for (int v = 0; v < list.count; v++)
            online += list.info[v].online;
        if (online == want)
            return 0;
        if (xb_now_ns() > deadline_ns)
            return xb_fail(err, XB_E_BENCH, 0,
                           "domain %u: %u vcpus asked, %u online after %u s (its kernel must "
                           "hotplug vcpus: CONFIG_HOTPLUG_CPU, and in the guest a udev rule or "
                           "`echo 1 > /sys/devices/system/cpu/cpuN/online`)",
                           domid, want, online, VCPU_SETTLE_S);
        xb_pause(&pause_ns, VCPU_LOOK_LONGEST_NS);
    }
}

static int apply_vcpus(struct xb_xen *xen, uint32_t domid, uint32_t want, struct xb_err *err)
{
    xb_auto_vcpu_list struct vcpu_list list = {0};
    if (want == 0)
        return 0;
    if (list_vcpus(xen, domid, &list, err) < 0)
        return -1;
    if (want > (uint32_t)list.count)
        return xb_fail(err, XB_E_INPUT, 0, "domain %u: %u vcpus asked, it was made with at most %d",
                       domid, want, list.count);
    uint32_t online = 0;
    for (int v = 0; v < list.count; v++)
        online += list.info[v].online;
    if (online == want)
        return 0;
    struct xb_cpus first = xb_cpus_first(want);
    xb_auto_bitmap libxl_bitmap map;
    libxl_bitmap_init(&map);
    int rc = libxl_bitmap_alloc(xen->ctx, &map, list.count);
    for (int v = 0; rc == 0 && v < list.count; v++)
        if (xb_cpus_has(&first, (uint32_t)v))
            libxl_bitmap_set(&map, v);
    if (rc == 0)
        rc = libxl_set_vcpuonline(xen->ctx, domid, &map, NULL);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot give domain %u %u vcpus", domid, want);
    return wait_for_vcpus(xen, domid, want, err);
}

/*
 * Moving between pools resets the scheduler's parameters to Xen's defaults. Set again the
 * parameters that the new scheduler knows too.
 */
static int apply_pool(struct xb_xen *xen, uint32_t domid, const struct xb_allocation *want,
                      struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation before = XB_ALLOCATION_KEEP;
    struct xb_pool pool;
    if (!want->pool[0])
        return 0;
    if (xb_pool_find(xen, want->pool, &pool, err) < 0 ||
        xb_allocation_read(xen, domid, &before, err) < 0)
        return -1;
    if (strcmp(before.pool, want->pool) == 0)
        return 0;
    if (domid == 0)
        return xb_fail(err, XB_E_INPUT, 0, "Dom0 is in cpupool %s, and Xen does not let it move",
                       before.pool);
    if (xb_pool_move_domain(xen, domid, &pool, err) < 0)
        return -1;
    return xb_settings_fit(xb_domain_settings, &before, pool.scheduler, err) < 0
               ? -1
               : xb_sched_apply(xen, domid, &pool, &before, err);
}

int xb_allocation_apply(struct xb_xen *xen, uint32_t domid, const struct xb_allocation *want,
                        struct xb_err *err)
{
    struct xb_pool pool;
    if (apply_pool(xen, domid, want, err) < 0 ||
        xb_memory_apply(xen, domid, want->memory_bytes, err) < 0 ||
        apply_vcpus(xen, domid, want->vcpus, err) < 0)
        return -1;
    if (!want->hard_count && !want->soft_count &&
        !xb_settings_said_of_scheduler(xb_domain_settings, want))
        return 0;
    /* Look up the pool only once: the name of each pool is a request to xenstore. */
    if (xb_pool_of_domain(xen, domid, &pool, err) < 0 ||
        apply_affinity(xen, domid, &pool, want, err) < 0)
        return -1;
    return xb_sched_apply(xen, domid, &pool, want, err);
}
