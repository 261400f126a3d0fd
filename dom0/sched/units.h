/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A place is what a scheduler fills at once: a CPU, or under core scheduling all threads of a core.
 * As many vcpus form a unit: vcpus 0 and 1, then 2 and 3. Of a unit's hard affinity, only the first
 * CPU of each place counts (cpupool_domain_master_cpumask in xen/common/sched).
 */
#ifndef XB_UNITS_H
#define XB_UNITS_H

#include "cpus.h"

/* One physical CPU. */
struct xb_pcpu {
    uint32_t cpu;
    bool online; /* false: no CPU has this number; the other members are 0 */
    uint32_t core;
    uint32_t socket;
    uint32_t node;
    uint64_t idle_ns; /* since boot, counted by the hypervisor */
};

/* If zeroed, each CPU is a place by itself. */
struct xb_units {
    int gran;                    /* index in xb_sched_gran_words */
    const struct xb_pcpu *pcpus; /* not owned; NULL: unknown, as if gran were 0 */
    size_t count;
};

/* The number of CPUs in the largest place, and so of vcpus in a unit. */
uint32_t xb_units_size(const struct xb_units *units);
/* How many units this many vcpus form. */
uint32_t xb_units_for(const struct xb_units *units, uint32_t vcpus);
/* The first CPU of each place that has a CPU in the set. */
struct xb_cpus xb_units_firsts(const struct xb_units *units, const struct xb_cpus *cpus);
/* A CPU outside the set whose place has a CPU in the set; -1: the set is of complete places. */
int xb_units_missing(const struct xb_units *units, const struct xb_cpus *cpus);
/* "CPU", "core", "socket" */
const char *xb_units_place(const struct xb_units *units);

#endif
