/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All guests: xenbench's own and every other domain.
 */
#ifndef XB_GUEST_LIST_H
#define XB_GUEST_LIST_H

#include "guest.h"
#include "xen_domains.h"

#include <stddef.h>

struct xb_guest_info {
    struct xb_guest guest;
    bool defined;   /* made by xenbench, in state_dir; false: somebody else's domain */
    char image[64]; /* "" if not defined */
    char run[64];   /* the run that made it; "": none */
    char type[XB_DOMAIN_TYPE_BYTES]; /* pv, pvh, hvm */
    const char *state; /* stopped, running, blocked, paused, suspended, shutdown, crashed, dying */
    uint32_t vcpus;    /* online, or at the start */
    uint64_t memory_bytes;
    bool agent; /* the agent has published itself */
};
/* Every defined guest and every running DomU, by name; *out is to free. */
int xb_guest_list(struct xb_app *app, struct xb_guest_info **out, size_t *out_count,
                  struct xb_err *err);

#endif
