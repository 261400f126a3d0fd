/*
 * A guest: a DomU with the agent in it, made by xenbench or by xl.
 */
#ifndef XB_GUEST_H
#define XB_GUEST_H

#include "app.h"

#include <stdint.h>

/* Of any domain: libxl sets no limit. What xenbench makes is a host name, too, and a volume's. */
#define XB_GUEST_NAME_MAX 255
#define XB_GUEST_OWN_NAME_MAX 64

struct xb_guest {
    char name[XB_GUEST_NAME_MAX + 1];
    char uuid[37];
    uint32_t domid; /* 0: not running */
};

/*
 * A running domain by its name. Fails with XB_E_BENCH where there is none or it is not running (the
 * message says which, and what to do), with XB_E_INPUT as xb_guest_check_domain does.
 */
int xb_guest_find(struct xb_app *app, const char *name, struct xb_guest *out, struct xb_err *err);

/*
 * A domain of this name: where xenbench has made a guest that is called so, is it that one? Its UUID
 * tells. XB_E_INPUT where somebody else's domain bears the guest's name. Xen is open.
 */
int xb_guest_check_domain(struct xb_app *app, const char *name, uint32_t domid, struct xb_err *err);

#endif
