/* The guest's status. */
#ifndef XB_STATUS_H
#define XB_STATUS_H

#include "xenbench.pb-c.h"

#define XB_NET_DEVICES_MAX 64

struct xb_agent;

struct xb_status {
    Xb__Status msg; /* its strings and lists point into this struct, so it must not be moved */
    char clocksource[32];
    char kernel[128];
    char os[128];
    char hostname[128];
    char net_names[XB_NET_DEVICES_MAX][32];
    Xb__NetDevice net[XB_NET_DEVICES_MAX];
    Xb__NetDevice *net_list[XB_NET_DEVICES_MAX];
};

/* Cannot fail: unknown values stay 0 or empty. */
void xb_status_read(struct xb_agent *agent, struct xb_status *out);

#endif
