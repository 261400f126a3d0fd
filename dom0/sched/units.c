/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "units.h"

#include "base.h"

static bool is_whole(const struct xb_units *units)
{
    return units->gran > 0 && units->pcpus;
}

static bool are_same(const struct xb_units *units, uint32_t a, uint32_t b)
{
    const struct xb_pcpu *p = units->pcpus;
    if (a == b || !is_whole(units) || a >= units->count || b >= units->count)
        return a == b;
    return p[a].online && p[b].online && p[a].socket == p[b].socket &&
           (units->gran > 1 || p[a].core == p[b].core);
}

/* The first CPU of the place that has this one. */
static uint32_t first_of(const struct xb_units *units, uint32_t cpu)
{
    uint32_t first = 0;
    while (!are_same(units, first, cpu))
        first++;
    return first;
}

uint32_t xb_units_size(const struct xb_units *units)
{
    uint32_t most = 1;
    for (uint32_t a = 0; is_whole(units) && a < units->count; a++) {
        uint32_t size = 0;
        for (uint32_t b = 0; b < units->count; b++)
            size += are_same(units, a, b);
        most = size > most ? size : most;
    }
    return most;
}

uint32_t xb_units_for(const struct xb_units *units, uint32_t vcpus)
{
    uint32_t size = xb_units_size(units);
    return (vcpus + size - 1) / size;
}

struct xb_cpus xb_units_firsts(const struct xb_units *units, const struct xb_cpus *cpus)
{
    struct xb_cpus firsts = {.nodes = 0};
    for (uint32_t cpu = 0; cpu < XB_CPUS_MAX; cpu++)
        if (xb_cpus_has(cpus, cpu))
            xb_cpus_add(&firsts, first_of(units, cpu));
    return firsts;
}

int xb_units_missing(const struct xb_units *units, const struct xb_cpus *cpus)
{
    for (uint32_t cpu = 0; is_whole(units) && cpu < units->count; cpu++)
        for (uint32_t other = 0; !xb_cpus_has(cpus, cpu) && other < units->count; other++)
            if (xb_cpus_has(cpus, other) && are_same(units, cpu, other))
                return (int)cpu;
    return -1;
}

const char *xb_units_place(const struct xb_units *units)
{
    static const char *const places[] = {"CPU", "core", "socket"};
    return is_whole(units) && units->gran < (int)XB_ARRAY_LEN(places) ? places[units->gran]
                                                                      : places[0];
}
