/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A set of CPUs, and xl's text for it: "all", "none", "2-3", "0,2,4-7", "all,^1".
 */
#ifndef XB_CPUS_H
#define XB_CPUS_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_CPUS_MAX 512 /* CPU numbers are below this: the most that Xen is usually built for */
#define XB_CPUS_TEXT_BYTES (XB_CPUS_MAX * 4)

struct xb_cpus {
    uint64_t bits[XB_CPUS_MAX / 64];
    /*
     * After parsing: CPUs that only a range or `all` names. After xb_cpus_drop_offline: CPUs that
     * were dropped because they are offline.
     */
    uint64_t ranged[XB_CPUS_MAX / 64];
    uint64_t nodes; /* NUMA nodes whose CPUs belong too; 0 once the host is known */
};

static inline bool xb_cpus_has(const struct xb_cpus *cpus, uint32_t cpu)
{
    return cpu < XB_CPUS_MAX && (cpus->bits[cpu / 64] >> (cpu % 64) & 1);
}

static inline void xb_cpus_add(struct xb_cpus *cpus, uint32_t cpu)
{
    if (cpu < XB_CPUS_MAX)
        cpus->bits[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}

static inline void xb_cpus_remove(struct xb_cpus *cpus, uint32_t cpu)
{
    if (cpu < XB_CPUS_MAX)
        cpus->bits[cpu / 64] &= ~(UINT64_C(1) << (cpu % 64));
}

/* The first `count` CPUs: "all" on a host with that many. */
struct xb_cpus xb_cpus_first(uint32_t count);

/*
 * Drop the CPUs below `below` that only a range named and that are not in online. A CPU that was
 * named by its number stays.
 */
void xb_cpus_drop_offline(struct xb_cpus *cpus, const struct xb_cpus *online, uint32_t below);

/* How many of the first `below` CPUs are in the set. */
uint32_t xb_cpus_count(const struct xb_cpus *cpus, uint32_t below);

/* Do both have the same members among the first `below` CPUs? */
bool xb_cpus_equal(const struct xb_cpus *a, const struct xb_cpus *b, uint32_t below);

/* CPUs that are in both. */
struct xb_cpus xb_cpus_both(const struct xb_cpus *a, const struct xb_cpus *b);
/* CPUs that are in a and not in b. */
struct xb_cpus xb_cpus_without(const struct xb_cpus *a, const struct xb_cpus *b);
bool xb_cpus_overlap(const struct xb_cpus *a, const struct xb_cpus *b);
/* Is all of a in b? */
bool xb_cpus_within(const struct xb_cpus *a, const struct xb_cpus *b);

/*
 * Parse a list: numbers, ranges "A-B", "all" (every possible CPU), "none", separated by commas; "^"
 * removes an entry. "nodes:0" and "nodes:0-1" mean the CPUs of NUMA nodes, resolved once the host
 * is known, and allow no "^" beside them. XB_E_INPUT names the bad part.
 */
int xb_cpus_parse(const char *text, struct xb_cpus *out, struct xb_err *err);

/* "0", "0-1", "0,2": numbers below XB_NODES_MAX. */
int xb_nodes_parse(const char *text, uint64_t *out, struct xb_err *err);

/*
 * Write a set as xl does for host_cpus CPUs: "all" if it holds all of them, "none" if it is empty.
 * Members beyond host_cpus are left out. out has XB_CPUS_TEXT_BYTES bytes.
 */
void xb_cpus_format(const struct xb_cpus *cpus, uint32_t host_cpus, char *out, size_t out_bytes);

#endif
