/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doubts_view.h"

#include "base.h"

#include <string.h>

const struct xb_exp_pool *xb_view_asked_pool(const struct xb_doubt_case *c, const char *name)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    for (size_t i = 0; i < ec->pool_count; i++)
        if (strcmp(ec->pools[i].name, name) == 0)
            return &ec->pools[i];
    return NULL;
}

const struct xb_pool *xb_view_found_pool(const struct xb_host_facts *host, const char *name)
{
    for (size_t i = 0; i < host->pool_count; i++)
        if (strcmp(host->pools[i].name, name) == 0)
            return &host->pools[i];
    return NULL;
}

/* The pool as the case has it: without the CPUs that the case's new pools take. */
bool xb_view_pool(const struct xb_doubt_case *c, const struct xb_host_facts *host, const char *name,
                  struct xb_pool_view *out)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    const struct xb_exp_pool *asked = xb_view_asked_pool(c, name);
    const struct xb_pool *found = xb_view_found_pool(host, name);
    if (!asked && !found)
        return false;
    *out = (struct xb_pool_view){.name = name, .scheduler = XB_SCHEDULER_DEFAULT};
    if (found) {
        out->scheduler = found->scheduler;
        out->cpus = found->cpus;
    }
    /* A pool without `sched_gran` has the granularity that Xen was booted with. */
    int gran =
        asked && asked->sched_gran >= 0 ? asked->sched_gran : xb_sched_gran_of(host->sched_gran);
    out->whole_cores = gran > 0;
    out->units = (struct xb_units){
        .gran = gran > 0 ? gran : 0, .pcpus = host->pcpus, .count = host->pcpus ? host->cpus : 0};
    out->schedule = asked ? asked->params.schedule : "";
    if (asked && asked->has_cpus)
        out->cpus = asked->cpus;
    if (asked && asked->scheduler[0])
        out->scheduler = asked->scheduler;
    for (size_t i = 0; i < ec->pool_count; i++)
        if (&ec->pools[i] != asked)
            out->cpus = xb_cpus_without(&out->cpus, &ec->pools[i].cpus);
    return true;
}

/* An existing guest's vcpus (from its xl.cfg if it is stopped), else those it will be made with. */
static uint32_t vcpus_of(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                         size_t guest)
{
    const struct xb_host_guest *found = xb_host_present(host, c->exp->guests[guest].name);
    if (found && found->vcpus)
        return found->vcpus;
    uint32_t vcpus = xb_exp_maxvcpus(c->exp, c->case_no, guest);
    return vcpus ? vcpus : 1;
}

/* If the case names no pool, an existing guest stays in its own. */
static const char *pool_name(const struct xb_host_facts *host, const char *guest,
                             const struct xb_allocation *alloc)
{
    const struct xb_host_guest *found = guest ? xb_host_present(host, guest) : NULL;
    if (alloc->pool[0])
        return alloc->pool;
    return found && found->pool[0] ? found->pool : XB_POOL_0;
}

void xb_view_domain(const struct xb_doubt_case *c, const struct xb_host_facts *host, int guest,
                    struct xb_view *out)
{
    const struct xb_allocation *alloc = guest < 0 ? c->dom0 : &c->guests[guest];
    *out = (struct xb_view){
        .guest = guest,
        .name = guest < 0 ? "Dom0" : c->exp->guests[guest].name,
        .alloc = alloc,
        .vcpus = alloc->vcpus ? alloc->vcpus
                 : guest < 0  ? (host->dom0.vcpus ? host->dom0.vcpus : 1)
                              : vcpus_of(c, host, (size_t)guest),
        .busy = guest < 0 || c->exp->cases[c->case_no].parts[guest].role != XB_ROLE_IDLE,
        .weight = alloc->weight >= 0 ? alloc->weight : XB_DEFAULT_WEIGHT,
    };
    if (!xb_view_pool(c, host, pool_name(host, guest < 0 ? NULL : out->name, alloc), &out->pool))
        return;
    for (size_t v = 0; v < alloc->hard_count && (v == 0 || v < out->vcpus); v++)
        for (size_t w = 0; w < XB_ARRAY_LEN(out->cpus.bits); w++)
            out->cpus.bits[w] |= alloc->hard[v].bits[w];
    out->cpus = alloc->hard_count ? xb_cpus_both(&out->cpus, &out->pool.cpus) : out->pool.cpus;
    out->pinned = !xb_cpus_equal(&out->cpus, &out->pool.cpus, XB_CPUS_MAX);
}

/* Page tables, grant tables and the like, as libxl estimates for a PV guest: about a hundredth. */
#define OVERHEAD_BYTES (UINT64_C(4) << 20)

uint64_t xb_view_memory(const struct xb_doubt_case *c, const struct xb_host_facts *host, size_t g)
{
    const struct xb_exp_guest *guest = &c->exp->guests[g];
    /* A guest that an earlier part of this run made may have another case's memory. */
    const struct xb_host_guest *found = xb_host_present(host, guest->name);
    const struct xb_exp_build *build = &c->exp->cases[c->case_no].parts[g].build;
    const struct xb_host_image *image = xb_host_image(host, build->image);
    uint64_t asked = build->memory_bytes;
    if (found)
        return found->memory_bytes;
    if (asked || guest->memory_bytes)
        return asked ? asked : guest->memory_bytes;
    return xb_image_default_memory(image ? image->min_memory_bytes : 0);
}

uint64_t xb_view_memory_needed(const struct xb_doubt_case *c, const struct xb_host_facts *host)
{
    uint64_t need = 0;
    for (size_t g = 0; g < c->exp->guest_count; g++) {
        const struct xb_host_guest *found = xb_host_guest(host, c->exp->guests[g].name);
        if (c->exp->guests[g].socket || (found && found->running))
            continue;
        uint64_t memory = xb_view_memory(c, host, g);
        need += memory + memory / 128 + OVERHEAD_BYTES;
    }
    return need;
}
