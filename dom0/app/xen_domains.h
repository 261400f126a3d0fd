/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Domains as libxl reports them; nothing else asks libxl about domains.
 */
#ifndef XB_XEN_DOMAINS_H
#define XB_XEN_DOMAINS_H

#include "xen.h"

enum xb_ending {
    XB_ENDED_OTHERWISE = 0,
    XB_ENDED_POWEROFF,
    XB_ENDED_REBOOT,
    XB_ENDED_WATCHDOG,
    XB_ENDED_CRASH,
};

/* A domain at one moment. */
struct xb_domain {
    uint32_t domid;
    char uuid[37];
    bool running, paused;
    bool shutdown;  /* it ended or is suspended, and still exists */
    bool suspended; /* shutdown because it is suspended */
    bool dying;
    enum xb_ending ending; /* if shutdown and not suspended */
    uint32_t pool;         /* its cpupool's id */
    uint32_t vcpus_online, vcpus_max;
    uint64_t memory_bytes;      /* that it has */
    uint64_t outstanding_bytes; /* that it has claimed and not yet got */
    uint64_t allowance_bytes;   /* that it may have */
};

/* 0, or libxl's error if there is no such domain; out is then zeroed. */
int xb_domain_look(struct xb_xen *xen, uint32_t domid, struct xb_domain *out);
/* The same; XB_E_BENCH if there is no such domain. */
int xb_domain_find(struct xb_xen *xen, uint32_t domid, struct xb_domain *out, struct xb_err *err);

/* All domains, in an array for the caller to free; NULL with err filled on failure. */
struct xb_domain *xb_domain_list(struct xb_xen *xen, size_t *count, struct xb_err *err);

/* Does a domain with this name exist? */
bool xb_domain_named(struct xb_xen *xen, const char *name, uint32_t *domid);
/* A domain's name, for the caller to free; NULL if it has none. */
char *xb_domain_name(struct xb_xen *xen, uint32_t domid);
/* Is there a domain with this UUID that is not dying? During a migration domid is the new one's. */
bool xb_domain_with_uuid(struct xb_xen *xen, const char *uuid, uint32_t *domid);

/* A vcpu at one moment; one that waits for a CPU is neither running nor blocked. */
struct xb_vcpu_now {
    bool online, running, blocked;
    uint32_t pcpu; /* where it runs or ran last */
};
/* False if the domain has no such vcpu. */
bool xb_vcpu_look(struct xb_xen *xen, uint32_t domid, uint32_t vcpu, struct xb_vcpu_now *out);

/* Does the domain exist, and is it not dying? */
bool xb_domain_alive(struct xb_xen *xen, uint32_t domid);

/*
 * "pv", "pvh" or "hvm"; "" if there is no such domain. Reads the toolstack's note, because the
 * hypervisor reports PVH as HVM.
 */
#define XB_DOMAIN_TYPE_BYTES 8
void xb_domain_type(struct xb_xen *xen, uint32_t domid, char out[XB_DOMAIN_TYPE_BYTES]);

#endif
