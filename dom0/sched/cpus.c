/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpus.h"

#include "alloc.h"
#include "base.h"
#include "xen_host.h"

#include <ctype.h>
#include <string.h>

#define NODES "nodes:"

struct xb_cpus xb_cpus_first(uint32_t count)
{
    struct xb_cpus cpus = {0};
    for (uint32_t cpu = 0; cpu < count && cpu < XB_CPUS_MAX; cpu++)
        xb_cpus_add(&cpus, cpu);
    return cpus;
}

void xb_cpus_drop_offline(struct xb_cpus *cpus, const struct xb_cpus *online, uint32_t below)
{
    struct xb_cpus there = xb_cpus_first(below);
    for (size_t w = 0; w < XB_ARRAY_LEN(cpus->bits); w++) {
        cpus->ranged[w] &= cpus->bits[w] & there.bits[w] & ~online->bits[w];
        cpus->bits[w] &= ~cpus->ranged[w];
    }
}

uint32_t xb_cpus_count(const struct xb_cpus *cpus, uint32_t below)
{
    uint32_t n = 0;
    for (uint32_t cpu = 0; cpu < below; cpu++)
        n += xb_cpus_has(cpus, cpu);
    return n;
}

bool xb_cpus_equal(const struct xb_cpus *a, const struct xb_cpus *b, uint32_t below)
{
    for (uint32_t cpu = 0; cpu < below; cpu++)
        if (xb_cpus_has(a, cpu) != xb_cpus_has(b, cpu))
            return false;
    return true;
}

struct xb_cpus xb_cpus_both(const struct xb_cpus *a, const struct xb_cpus *b)
{
    struct xb_cpus out = {.nodes = a->nodes & b->nodes};
    for (size_t i = 0; i < XB_ARRAY_LEN(out.bits); i++)
        out.bits[i] = a->bits[i] & b->bits[i];
    return out;
}

struct xb_cpus xb_cpus_without(const struct xb_cpus *a, const struct xb_cpus *b)
{
    struct xb_cpus out = *a;
    for (size_t i = 0; i < XB_ARRAY_LEN(out.bits); i++)
        out.bits[i] &= ~b->bits[i];
    return out;
}

bool xb_cpus_overlap(const struct xb_cpus *a, const struct xb_cpus *b)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(a->bits); i++)
        if (a->bits[i] & b->bits[i])
            return true;
    return false;
}

bool xb_cpus_within(const struct xb_cpus *a, const struct xb_cpus *b)
{
    struct xb_cpus common = xb_cpus_both(a, b);
    return xb_cpus_equal(&common, a, XB_CPUS_MAX);
}

/* Read digits at *at, a number below XB_CPUS_MAX, and move *at past them. */
static bool read_cpu(const char **at, uint32_t *out)
{
    uint32_t value = 0;
    const char *start = *at;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        value = value * 10 + (uint32_t)(**at - '0');
        if (value >= XB_CPUS_MAX)
            return false;
    }
    *out = value;
    return *at != start;
}

/* "3", "2-3" */
static bool read_range(const char *entry, uint32_t *first, uint32_t *last)
{
    if (!read_cpu(&entry, first))
        return false;
    *last = *first;
    if (*entry == '-') {
        entry++;
        if (!read_cpu(&entry, last))
            return false;
    }
    return *entry == '\0' && *first <= *last;
}

static bool read_entry(const char *entry, struct xb_cpus *out)
{
    uint32_t first, last;
    if (strcmp(entry, "all") == 0) {
        memset(out->bits, 0xff, sizeof(out->bits));
        return true;
    }
    if (strcmp(entry, "none") == 0)
        return true;
    if (strncmp(entry, NODES, strlen(NODES)) == 0) {
        if (!read_range(entry + strlen(NODES), &first, &last) || last >= XB_NODES_MAX)
            return false;
        for (uint32_t node = first; node <= last; node++)
            out->nodes |= UINT64_C(1) << node;
        return true;
    }
    if (!read_range(entry, &first, &last))
        return false;
    for (uint32_t cpu = first; cpu <= last; cpu++)
        xb_cpus_add(out, cpu);
    return true;
}

int xb_nodes_parse(const char *text, uint64_t *out, struct xb_err *err)
{
    char list[64];
    struct xb_cpus cpus;
    struct xb_err ignored = {0};
    snprintf(list, sizeof(list), "%s", text);
    *out = 0;
    if (strlen(text) < sizeof(list) && strspn(text, "0123456789,-") == strlen(text) &&
        xb_cpus_parse(list, &cpus, &ignored) == 0 &&
        xb_cpus_count(&cpus, XB_CPUS_MAX) == xb_cpus_count(&cpus, XB_NODES_MAX))
        *out = cpus.bits[0];
    return *out ? 0
                : xb_fail(err, XB_E_INPUT, 0,
                          "`%.40s` is not a list of NUMA nodes such as \"0\" or \"0-1\"", text);
}

int xb_cpus_parse(const char *text, struct xb_cpus *out, struct xb_err *err)
{
    struct xb_cpus all = {0}, named = {0};
    bool removes = false;
    xb_auto_free char *copy = xb_strdup(text);
    for (char *rest = copy; rest;) {
        char *entry = strsep(&rest, ",");
        entry += strspn(entry, " ");
        for (size_t n = strlen(entry); n > 0 && entry[n - 1] == ' '; n--)
            entry[n - 1] = '\0';
        bool remove = entry[0] == '^';
        struct xb_cpus part = {0};
        removes = removes || remove;
        if (!read_entry(entry + remove, &part))
            return xb_fail(
                err, XB_E_INPUT, 0,
                "`%.64s` is not a CPU list: `%.32s` is neither a CPU below %d, a range like "
                "2-3, `nodes:N`, `all` nor `none`",
                text, entry, XB_CPUS_MAX);
        bool one = isdigit((unsigned char)entry[0]) && !strchr(entry, '-');
        for (size_t i = 0; i < XB_ARRAY_LEN(all.bits); i++) {
            all.bits[i] = remove ? all.bits[i] & ~part.bits[i] : all.bits[i] | part.bits[i];
            named.bits[i] |= one ? part.bits[i] : 0;
            all.ranged[i] = all.bits[i] & ~named.bits[i];
        }
        all.nodes |= part.nodes;
    }
    if (all.nodes && removes)
        return xb_fail(err, XB_E_INPUT, 0,
                       "`%.64s`: `^` cannot stand beside `nodes:`; name the CPUs", text);
    *out = all;
    return 0;
}

void xb_cpus_format(const struct xb_cpus *cpus, uint32_t host_cpus, char *out, size_t out_bytes)
{
    uint32_t count = xb_cpus_count(cpus, host_cpus);
    if (cpus->nodes) {
        struct xb_cpus nodes = {.bits = {cpus->nodes}};
        size_t prefix = (size_t)snprintf(out, out_bytes, NODES);
        xb_cpus_format(&nodes, XB_CPUS_MAX, out + prefix, out_bytes - prefix);
        return;
    }
    if (count == 0 || count == host_cpus) {
        snprintf(out, out_bytes, "%s", count ? "all" : "none");
        return;
    }
    size_t used = 0;
    for (uint32_t cpu = 0; cpu < host_cpus && used < out_bytes; cpu++) {
        if (!xb_cpus_has(cpus, cpu))
            continue;
        uint32_t last = cpu;
        while (last + 1 < host_cpus && xb_cpus_has(cpus, last + 1))
            last++;
        const char *comma = used ? "," : "";
        if (last == cpu)
            used += (size_t)snprintf(out + used, out_bytes - used, "%s%u", comma, cpu);
        else
            used += (size_t)snprintf(out + used, out_bytes - used, "%s%u-%u", comma, cpu, last);
        cpu = last;
    }
}
