/* CPU lists that speak of NUMA nodes, once the host is known. */
#include "base.h"
#include "experiment_i.h"

#include <string.h>

struct resolving {
    const struct xb_experiment *exp;
    const struct xb_exp_case *c;
    const struct xb_pcpu *pcpus;
    size_t count;
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

static int resolve_masks(const struct resolving *r, struct xb_allocation *alloc, const char *of,
                         struct xb_err *err)
{
    for (size_t i = 0; i < alloc->hard_count; i++)
        if (resolve(r, &alloc->hard[i], of, r->c->line, err) < 0)
            return -1;
    for (size_t i = 0; i < alloc->soft_count; i++)
        if (resolve(r, &alloc->soft[i], of, r->c->line, err) < 0)
            return -1;
    return 0;
}

/* The nodes that memory comes from must be there, too. */
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

int xb_exp_resolve_nodes(struct xb_experiment *exp, const struct xb_pcpu *pcpus, size_t count,
                         struct xb_err *err)
{
    for (size_t i = 0; i < exp->case_count; i++) {
        struct xb_exp_case *c = &exp->cases[i];
        struct resolving r = {exp, c, pcpus, count};
        if (resolve_masks(&r, &c->dom0, "dom0", err) < 0)
            return -1;
        for (size_t g = 0; g < exp->guest_count; g++)
            if (resolve_masks(&r, &c->guests[g], exp->guests[g].name, err) < 0 ||
                check_build(&r, g, err) < 0)
                return -1;
        for (size_t p = 0; p < c->pool_count; p++)
            if (resolve(&r, &c->pools[p].cpus, c->pools[p].name, c->pools[p].line, err) < 0)
                return -1;
    }
    return 0;
}
