/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest's kernel is asked to do, by xenstore (docs/misc/xenstore-paths of Xen). */
#ifndef XB_SHUTDOWN_REQUEST_H
#define XB_SHUTDOWN_REQUEST_H

#include "xen.h"

#include <stdbool.h>
#include <stdint.h>

#define XB_REQUEST_POWEROFF "poweroff"
#define XB_REQUEST_REBOOT "reboot"

/* False with errno if xenstore refuses. The guest clears the key to acknowledge the request. */
bool xb_shutdown_request(struct xb_xen *xen, uint32_t domid, const char *request);

/* Withdraw the request, so that no guest follows it an hour later. True if it was unread. */
bool xb_shutdown_withdraw(struct xb_xen *xen, uint32_t domid, const char *request);

#endif
