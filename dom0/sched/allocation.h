/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A domain's allocation: what Xen is asked for, what is in force, and the CPU time of its vcpus.
 */
#ifndef XB_ALLOCATION_H
#define XB_ALLOCATION_H

#include "base.h"
#include "cpus.h"
#include "err.h"
#include "pool.h"
#include "xen.h"

#include <jansson.h>
#include <stdbool.h>

/* What rtds gives a vcpu: a budget in each period, and with extratime also idle CPU time. */
struct xb_rtds {
    uint32_t period_us; /* 0: keep */
    uint32_t budget_us; /* 0: keep */
    int extratime;      /* 0, 1, -1: keep */
};
#define XB_RTDS_KEEP ((struct xb_rtds){0, 0, -1})
/* The rtds parameters of a domain that enters a pool. (The weight's value is in libxl.h.) */
struct xb_rtds xb_rtds_given(void);
#define XB_DEFAULT_WEIGHT 256

/*
 * One domain's allocation. Start from XB_ALLOCATION_KEEP (change nothing), set what is wanted, and
 * end with xb_allocation_free. Arrays of one entry apply to all vcpus, of n entries to vcpus 0 to
 * n-1. Each member needs a row in allocation_rows.c.
 */
struct xb_allocation {
    uint32_t vcpus; /* online; 0: keep */
    struct xb_cpus *hard;
    size_t hard_count; /* 0: keep */
    struct xb_cpus *soft;
    size_t soft_count;               /* 0: keep */
    int weight;                      /* -1: keep */
    int cap;                         /* per cent of one CPU; 0: no cap, -1: keep */
    struct xb_rtds *rtds;            /* like the masks: one for all vcpus, or one each */
    size_t rtds_count;               /* 0: keep */
    uint64_t memory_bytes;           /* target of the balloon; 0: keep */
    char pool[XB_POOL_NAME_MAX + 1]; /* "": keep */
    uint32_t host_cpus;              /* set by xb_allocation_read: how many CPUs the masks cover */
};
#define XB_ALLOCATION_KEEP ((struct xb_allocation){.weight = -1, .cap = -1})
extern const struct xb_setting xb_domain_settings[]; /* the rows of struct xb_allocation */
extern const struct xb_setting xb_rtds_settings[];   /* and of struct xb_rtds */

/* The kinds of values that are not numbers. */
extern const struct xb_setting_kind
    xb_setting_masks, /* struct xb_cpus *: one for all vcpus, or one each */
    xb_setting_rtds,  /* struct xb_rtds *, likewise */
    xb_setting_size,  /* uint64_t: bytes, 0: keep */
    xb_setting_pool;  /* char[XB_POOL_NAME_MAX + 1] */
/* The number of vcpus for which a row's array has entries; 0 if the row is no array. */
size_t xb_vcpus_count(const struct xb_setting *row, const void *in);

void xb_allocation_free(struct xb_allocation *alloc); /* what it points to; leaves it as KEEP */
#define xb_auto_allocation XB_AUTO(xb_allocation_free)

/* What rtds gives this vcpu, with Xen's defaults for what is not set. */
struct xb_rtds xb_allocation_rtds(const struct xb_allocation *alloc, uint32_t vcpu);

/*
 * The number of vcpus with affinities or rtds parameters of their own; 0: none. *key (may be NULL)
 * is the setting with the most.
 */
size_t xb_allocation_vcpus_named(const struct xb_allocation *alloc, const char **key);

/* The mask that applies to a vcpu; NULL: none. */
const struct xb_cpus *xb_mask_of_vcpu(const struct xb_cpus *masks, size_t count, size_t vcpu);

int xb_allocation_copy(const struct xb_allocation *from, struct xb_allocation *to,
                       struct xb_err *err);

/* Set the affinity of one vcpu (the others stay "all" until set), or of all with vcpu -1. */
int xb_allocation_set_hard(struct xb_allocation *alloc, int vcpu, const char *list,
                           struct xb_err *err);
int xb_allocation_set_soft(struct xb_allocation *alloc, int vcpu, const char *list,
                           struct xb_err *err);
/* The same for a row of kind xb_setting_masks. */
int xb_allocation_set_mask(struct xb_allocation *alloc, const struct xb_setting *row, int vcpu,
                           const char *list, struct xb_err *err);

/* Set the rtds parameters of one vcpu (the others keep theirs), or of all with vcpu -1. */
int xb_allocation_set_rtds(struct xb_allocation *alloc, int vcpu, const struct xb_rtds *rtds,
                           struct xb_err *err);

/*
 * Apply want to a running domain (0: Dom0), in the order pool, memory, vcpus, affinities,
 * scheduler. Waits for the guest: 20 s for vcpus, a minute for memory. XB_E_INPUT: the host cannot
 * give it, XB_E_BENCH: the guest does not follow. A failure undoes nothing (xb_host_restore does).
 */
int xb_allocation_apply(struct xb_xen *xen, uint32_t domid, const struct xb_allocation *want,
                        struct xb_err *err);

/*
 * Read what is in force, affinities per vcpu. Fills what the domain's scheduler has: weight and cap
 * are -1 under the others, rtds is empty under all but rtds.
 */
int xb_allocation_read(struct xb_xen *xen, uint32_t domid, struct xb_allocation *out,
                       struct xb_err *err);
/* Likewise with pools that the caller has listed, for reading several domains in turn. */
int xb_allocation_read_in(struct xb_xen *xen, uint32_t domid, const struct xb_pool *pools,
                          size_t pool_count, struct xb_allocation *out, struct xb_err *err);

/*
 * Is anything that want sets not in force? If so, why gets the first difference: "vcpu 1: hard
 * affinity 2-3 asked, all in force".
 */
bool xb_allocation_differs(const struct xb_allocation *want, const struct xb_allocation *got,
                           char *why, size_t why_bytes);

/*
 * As JSON: {"vcpus":2,"hard":["2-3"],"soft":["all"],"weight":256,"cap":0,"pool":"Pool-0"}; what is
 * kept is left out.
 */
json_t *xb_allocation_to_json(const struct xb_allocation *alloc);
int xb_allocation_from_json(const json_t *json, struct xb_allocation *out, struct xb_err *err);

/* What the hypervisor counts for one vcpu. */
struct xb_vcpu_time {
    uint32_t vcpu;
    bool online;
    bool running;    /* on a CPU right now */
    uint32_t pcpu;   /* where it runs or ran last */
    uint64_t run_ns; /* time on a CPU since the domain was created */
};
/* Read at most max entries into out; *count is how many vcpus the domain has, online or not. */
int xb_vcpu_times(struct xb_xen *xen, uint32_t domid, struct xb_vcpu_time *out, size_t max,
                  size_t *count, struct xb_err *err);

#endif
