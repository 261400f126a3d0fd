/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_needs.h"

#include "base.h"
#include "sched_words.h"
#include "slurm_node.h"

#include <string.h>

/* Add a feature, unless it is there already. No feature's name is the end of another's. */
static void add(struct xb_fleet_needs *needs, const char *prefix, const char *word)
{
    char feature[64];
    size_t used = strlen(needs->features), room = sizeof(needs->features) - used;
    snprintf(feature, sizeof(feature), "%s%s", prefix, word);
    const char *found = needs->features;
    size_t length = strlen(feature);
    while ((found = strstr(found, feature)) && found[length] != '\0' && found[length] != '&')
        found += length;
    if (!found && length + 2 <= room)
        snprintf(needs->features + used, room, "%s%s", used ? "&" : "", feature);
}

static void need_cpus(struct xb_fleet_needs *needs, const struct xb_cpus *cpus)
{
    /* CPUs that only a range names may be offline, and those of a NUMA node depend on the host. */
    for (uint32_t cpu = needs->cpus; cpu < XB_CPUS_MAX; cpu++)
        if (xb_cpus_has(cpus, cpu) && !(cpus->ranged[cpu / 64] >> (cpu % 64) & 1))
            needs->cpus = cpu + 1;
}

static void need_masks(struct xb_fleet_needs *needs, const struct xb_allocation *alloc)
{
    for (size_t i = 0; i < alloc->hard_count; i++)
        need_cpus(needs, &alloc->hard[i]);
}

static void need_host(struct xb_fleet_needs *needs, const struct xb_exp_host *host)
{
    if (host->smt >= 0)
        add(needs, XB_SLURM_SMT, host->smt ? "on" : "off");
    if (host->sched_gran >= 0)
        add(needs, XB_SLURM_GRAN, xb_sched_gran_words[host->sched_gran]);
    if (host->governor[0] || host->turbo >= 0)
        add(needs, XB_SLURM_CPUFREQ, "");
}

static void need_guest(struct xb_fleet_needs *needs, const struct xb_exp_guest *guest,
                       const struct xb_exp_part *part, uint64_t *bytes)
{
    if (part->build.type > 0)
        add(needs, XB_SLURM_TYPE, xb_guest_type_words[part->build.type]);
    *bytes += part->build.memory_bytes ? part->build.memory_bytes : guest->memory_bytes;
}

static void need_case(struct xb_fleet_needs *needs, const struct xb_experiment *exp,
                      const struct xb_exp_case *c)
{
    uint64_t bytes = 0;
    need_masks(needs, &c->dom0);
    need_host(needs, &c->host);
    for (size_t p = 0; p < c->pool_count; p++) {
        if (c->pools[p].scheduler[0])
            add(needs, XB_SLURM_SCHEDULER, c->pools[p].scheduler);
        if (c->pools[p].has_cpus)
            need_cpus(needs, &c->pools[p].cpus);
    }
    for (size_t g = 0; g < exp->guest_count; g++) {
        need_masks(needs, &c->guests[g]);
        need_guest(needs, &exp->guests[g], &c->parts[g], &bytes);
    }
    uint64_t mib = (bytes + XB_MIB - 1) / XB_MIB;
    needs->memory_mib = mib > needs->memory_mib ? mib : needs->memory_mib;
}

void xb_fleet_needs(const struct xb_experiment *exp, struct xb_fleet_needs *out)
{
    bool domains = false;
    *out = (struct xb_fleet_needs){.features = ""};
    for (size_t g = 0; g < exp->guest_count; g++)
        domains = domains || !exp->guests[g].socket;
    if (!domains)
        return;
    add(out, XB_SLURM_XEN, "");
    for (size_t c = 0; c < exp->case_count; c++)
        need_case(out, exp, &exp->cases[c]);
}
