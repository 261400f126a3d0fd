/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a domain gets when it is built and then keeps: the mode of its time stamp counter, and the
 * NUMA nodes of its memory.
 */
#ifndef XB_BUILD_STATE_H
#define XB_BUILD_STATE_H

#include "cpus.h"
#include "xen.h"

#include <jansson.h>

#define XB_NODES_TEXT_BYTES 256

struct xb_build_state {
    const char *tsc_mode; /* xl's word; NULL: not known */
    uint32_t tsc_khz;
    uint64_t nodes; /* the domain's current node affinity; 0: unknown */
};

/* Ask Xen; whatever Xen does not report stays unknown. */
void xb_build_read(struct xb_xen *xen, uint32_t domid, struct xb_build_state *out);

/* "0", "0-1" as xl writes it. */
void xb_nodes_format(uint64_t nodes, char *out, size_t bytes);

/* Add "tsc_mode", "tsc_khz" and "node_affinity" to an object, as far as they are known. */
void xb_build_put(json_t *json, const struct xb_build_state *state);

/*
 * Is what was asked (tsc_mode NULL, nodes "": nothing) not in force? If so, why has the difference.
 * built_nodes is the node affinity when the memory was allocated, 0: unknown; later the vcpus'
 * affinity may change it, but the memory stays.
 */
bool xb_build_differs(const char *tsc_mode, const char *nodes, const struct xb_build_state *got,
                      uint64_t built_nodes, char *why, size_t bytes);

#endif
