/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest: a DomU with the agent in it, made by xenbench or by xl.
 */
#ifndef XB_GUEST_H
#define XB_GUEST_H

#include "app.h"

#include <stdint.h>

/*
 * The first limit is for any domain, for which libxl has none. The names of xenbench's own guests
 * are shorter, because they are also host and volume names.
 */
#define XB_GUEST_NAME_MAX 255
#define XB_GUEST_OWN_NAME_MAX 64

struct xb_guest {
    char name[XB_GUEST_NAME_MAX + 1];
    char uuid[37];
    uint32_t domid; /* 0: not running */
};

/*
 * Look up a running domain. XB_E_BENCH, with advice, if it is xenbench's guest but does not run;
 * XB_E_INPUT if there is no such domain, if it is Dom0, or as in xb_guest_check_domain.
 */
int xb_guest_find(struct xb_app *app, const char *name, struct xb_guest *out, struct xb_err *err);

/*
 * If xenbench has a guest of the domain's name, is the domain that guest, by its UUID? XB_E_INPUT
 * if the domain is somebody else's. Xen must be open.
 */
int xb_guest_check_domain(struct xb_app *app, const char *name, uint32_t domid, struct xb_err *err);

/* Has the agent in this domain published itself? */
bool xb_guest_agent_published(struct xb_app *app, uint32_t domid);

#endif
