/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hypervisor and its machine as libxl reports them, and known faults of Xen's versions.
 */
#ifndef XB_XEN_HOST_H
#define XB_XEN_HOST_H

#include "xen.h"

struct xb_xen_version {
    int major, minor;
    char text[64];            /* "4.17.5" */
    const char *command_line; /* "" if there is none; these strings are libxl's */
    const char *changeset, *compile_date, *capabilities; /* NULL: not known */
};
/* False, with zeros and empty strings, if Xen does not answer. */
bool xb_xen_version(struct xb_xen *xen, struct xb_xen_version *out);

struct xb_xen_machine {
    uint32_t cpus, threads_per_core, cores_per_socket, numa_nodes;
    uint64_t cpu_khz, memory_bytes;
    uint64_t free_bytes; /* including memory that Xen has yet to scrub */
    bool pv, hvm;        /* guests that it can run */
    bool hap;            /* nested paging */
    bool shadow;         /* shadow paging */
    bool iommu;
};
/* 0, or libxl's error; out is then zeroed. */
int xb_xen_machine(struct xb_xen *xen, struct xb_xen_machine *out);
/* Xen's own name for it, also among the domains of a run. */
#define XB_DOM0 "Domain-0"
#define XB_XL_CONF "/etc/xen/xl.conf"
#define XB_NODES_MAX 64
#define XB_NODE_NONE UINT64_MAX
/* Each NUMA node's memory, by number; XB_NODE_NONE: no such node. Returns the count of numbers. */
size_t xb_xen_nodes(struct xb_xen *xen, uint64_t bytes[XB_NODES_MAX]);
/*
 * The name of the file that libxl was loaded from, which ends in its version:
 * libxenlight.so.4.17.0. The version that we were built with if libxl is a part of the program.
 */
void xb_toolstack_file(char *out, size_t bytes);
/* Pass each line of Xen's message buffer to take; false if Xen does not show the buffer. */
bool xb_xen_messages(struct xb_xen *xen, void (*take)(void *arg, const char *line), void *arg);
/* Memory that belongs to no domain. 0, or libxl's error. */
int xb_xen_free_memory(struct xb_xen *xen, uint64_t *bytes);

enum xb_quirk {
    XB_QUIRK_POOL_MOVE = 0,   /* moving a running domain to another cpupool */
    XB_QUIRK_CREDIT_POOL_END, /* removing a cpupool of the credit scheduler */
    XB_QUIRK_STREAM_END,      /* ending a domain's stream early */
    XB_QUIRK_RTDS_POOL_END,   /* taking a CPU out of a cpupool of rtds */
};
/* Does this Xen have the quirk? An unknown version counts as having it. */
bool xb_xen_has(struct xb_xen *xen, enum xb_quirk quirk);
/* Does the Xen of this version, "4.17.5", have the quirk? False if the text is not a version. */
bool xb_quirk_of_version(enum xb_quirk quirk, const char *version);
#define XB_QUIRK_BYTES 128
/* "Xen up to 4.17 can panic when ...": for messages. */
void xb_quirk_say(enum xb_quirk quirk, char out[XB_QUIRK_BYTES]);

#endif
