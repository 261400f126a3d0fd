/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The STATUS message, from what the kernel and the agent know. */
#ifndef XA_STATUS_H
#define XA_STATUS_H

#include "xenbench.pb-c.h"

#define XA_NET_DEVICES_MAX 64

struct xa_agent;

struct xa_status {
    Xb__Status msg; /* its strings and lists point into this struct, so it must not be moved */
    char clocksource[32];
    char kernel[128];
    char os[128];
    char hostname[128];
    char net_names[XA_NET_DEVICES_MAX][32];
    Xb__NetDevice net[XA_NET_DEVICES_MAX];
    Xb__NetDevice *net_list[XA_NET_DEVICES_MAX];
};

/* Cannot fail: unknown values stay 0 or empty. */
void xa_status_read(struct xa_agent *agent, struct xa_status *out);

#endif
