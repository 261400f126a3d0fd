/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resolves NUMA nodes, and ranges with offline CPUs, in CPU lists once the host is known. */
#include "base.h"
#include "experiment_i.h"
#include "xen_host.h"

#include <string.h>

struct resolving {
    const struct xb_experiment *exp;
    const struct xb_exp_case *c;
    const struct xb_pcpu *pcpus;
    size_t count;
    struct xb_cpus online;
};

static int resolve(const struct resolving *r, struct xb_cpus *cpus, const char *of, unsigned line,
                   struct xb_err *err)
{
    for (unsigned node = 0; cpus->nodes && node < XB_NODES_MAX; node++) {
        bool found = false;
        if (!(cpus->nodes >> node & 1))
            continue;
        for (size_t i = 0; i < r->count; i++) {
            if (!r->pcpus[i].online || r->pcpus[i].node != node)
                continue;
            xb_cpus_add(cpus, r->pcpus[i].cpu);
            found = true;
        }
        if (!found)
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s:%u: case `%s`, %s: this host has no NUMA node %u with CPUs",
                           r->exp->path, line, r->c->name, of, node);
    }
    cpus->nodes = 0;
    return 0;
}

/* An affinity of `all` stays `all`, as Xen itself has it. */
static int resolve_mask(const struct resolving *r, struct xb_cpus *mask, const char *of,
                        struct xb_err *err)
{
    if (!xb_cpus_has(mask, XB_CPUS_MAX - 1))
        xb_cpus_drop_offline(mask, &r->online, (uint32_t)r->count);
    return resolve(r, mask, of, r->c->line, err);
}

/* A pool gets each of its CPUs by number, so `all` becomes the online CPUs. */
static int resolve_pool(const struct resolving *r, struct xb_exp_pool *pool, struct xb_err *err)
{
    bool open = xb_cpus_has(&pool->cpus, XB_CPUS_MAX - 1);
    xb_cpus_drop_offline(&pool->cpus, &r->online, open ? XB_CPUS_MAX : (uint32_t)r->count);
    return resolve(r, &pool->cpus, pool->name, pool->line, err);
}

static int resolve_masks(const struct resolving *r, struct xb_allocation *alloc, const char *of,
                         struct xb_err *err)
{
    for (size_t i = 0; i < alloc->hard_count; i++)
        if (resolve_mask(r, &alloc->hard[i], of, err) < 0)
            return -1;
    for (size_t i = 0; i < alloc->soft_count; i++)
        if (resolve_mask(r, &alloc->soft[i], of, err) < 0)
            return -1;
    return 0;
}

/* The nodes that give memory must exist, too. */
static int check_build(const struct resolving *r, size_t g, struct xb_err *err)
{
    const char *nodes = r->c->parts[g].build.nodes;
    struct xb_cpus cpus = {.nodes = 0};
    if (!nodes[0])
        return 0;
    if (xb_nodes_parse(nodes, &cpus.nodes, err) < 0)
        return -1;
    return resolve(r, &cpus, r->exp->guests[g].name, r->c->line, err);
}

int xb_exp_resolve_cpus(struct xb_experiment *exp, const struct xb_pcpu *pcpus, size_t count,
                        struct xb_err *err)
{
    struct xb_cpus online = {.nodes = 0};
    for (size_t i = 0; i < count; i++)
        if (pcpus[i].online)
            xb_cpus_add(&online, pcpus[i].cpu);
    for (size_t i = 0; i < exp->case_count; i++) {
        struct xb_exp_case *c = &exp->cases[i];
        struct resolving r = {exp, c, pcpus, count, online};
        if (resolve_masks(&r, &c->dom0, "dom0", err) < 0)
            return -1;
        for (size_t g = 0; g < exp->guest_count; g++)
            if (resolve_masks(&r, &c->guests[g], exp->guests[g].name, err) < 0 ||
                check_build(&r, g, err) < 0)
                return -1;
        for (size_t p = 0; p < c->pool_count; p++)
            if (resolve_pool(&r, &c->pools[p], err) < 0)
                return -1;
    }
    return 0;
}
