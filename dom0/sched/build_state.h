/*
 * What a domain is given when it is built and keeps: how its time stamp counter behaves, and the
 * NUMA nodes that its memory comes from.
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
    uint64_t nodes; /* the domain's node affinity now; 0: not known */
};

/* Ask Xen; what it does not tell stays unknown. */
void xb_build_read(struct xb_xen *xen, uint32_t domid, struct xb_build_state *out);

/* "0", "0-1" as xl writes it. */
void xb_nodes_format(uint64_t nodes, char *out, size_t bytes);

/* "tsc_mode", "tsc_khz" and "node_affinity", as far as they are known, into an object. */
void xb_build_put(json_t *json, const struct xb_build_state *state);

/*
 * Is what was asked (tsc_mode NULL, nodes "": nothing) not in force? built_nodes is the node
 * affinity that the domain had when its memory was given to it, 0 where that is not known: later its
 * vcpus' affinity may move it, and the memory stays. With true, the difference in words.
 */
bool xb_build_differs(const char *tsc_mode, const char *nodes, const struct xb_build_state *got,
                      uint64_t built_nodes, char *why, size_t bytes);

#endif
