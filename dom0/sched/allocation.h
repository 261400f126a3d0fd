/*
 * What Xen is asked to give a domain, what it really gives, and what the domain's vcpus have used.
 */
#ifndef XB_ALLOCATION_H
#define XB_ALLOCATION_H

#include "cpus.h"
#include "err.h"
#include "pool.h"
#include "xen.h"

#include <jansson.h>
#include <stdbool.h>

/* What the scheduler rtds gives a vcpu: budget in each period, and more of it where CPUs are idle.
 */
struct xb_rtds {
    uint32_t period_us; /* 0: keep */
    uint32_t budget_us; /* 0: keep */
    int extratime;      /* 0, 1, -1: keep */
};
#define XB_RTDS_KEEP ((struct xb_rtds){0, 0, -1})
/* What Xen gives a domain that comes into a pool; the weight is libxl.h's. */
struct xb_rtds xb_rtds_given(void);
#define XB_DEFAULT_WEIGHT 256

/*
 * One domain's allocation. Start from XB_ALLOCATION_KEEP, which changes nothing, and fill in what
 * is wanted; release with xb_allocation_free. An affinity array of one entry is meant for all
 * vcpus, of n entries for vcpus 0 to n-1. Another setting is a member here and a row in
 * allocation_rows.c.
 */
struct xb_allocation {
    uint32_t vcpus; /* online; 0: keep */
    struct xb_cpus *hard;
    size_t hard_count; /* 0: keep */
    struct xb_cpus *soft;
    size_t soft_count;               /* 0: keep */
    int weight;                      /* -1: keep */
    int cap;                         /* per cent of one CPU, 0: none, -1: keep */
    struct xb_rtds *rtds;            /* as the masks: one for all vcpus, or one for each */
    size_t rtds_count;               /* 0: keep */
    uint64_t memory_bytes;           /* what its balloon is told to leave it; 0: keep */
    char pool[XB_POOL_NAME_MAX + 1]; /* "": keep */
    uint32_t host_cpus; /* filled by xb_allocation_read: how many CPUs the masks speak of */
};
#define XB_ALLOCATION_KEEP ((struct xb_allocation){.weight = -1, .cap = -1})
extern const struct xb_setting xb_domain_settings[]; /* the rows of struct xb_allocation */
extern const struct xb_setting xb_rtds_settings[];   /* and of struct xb_rtds */

/* The kinds of value of theirs that are no numbers. */
extern const struct xb_setting_kind
    xb_setting_masks, /* struct xb_cpus *: one for all vcpus, or more */
    xb_setting_rtds,  /* struct xb_rtds *, likewise */
    xb_setting_size,  /* uint64_t: bytes, 0: keep */
    xb_setting_pool;  /* char[XB_POOL_NAME_MAX + 1] */
/* How many vcpus a row's array has entries for; 0 where it is no array. */
size_t xb_vcpus_count(const struct xb_setting *row, const void *in);

void xb_allocation_free(struct xb_allocation *alloc); /* what it points to; leaves it as KEEP */
#define xb_auto_allocation __attribute__((cleanup(xb_allocation_free)))

/* What rtds gives this vcpu; what is not said is as Xen gives it. */
struct xb_rtds xb_allocation_rtds(const struct xb_allocation *alloc, uint32_t vcpu);

/*
 * How many vcpus affinities and rtds speak of one by one; 0: all alike, or of none. *key (NULL: not
 * wanted) is what speaks of most.
 */
size_t xb_allocation_vcpus_named(const struct xb_allocation *alloc, const char **key);

/* The mask that is meant for a vcpu; NULL: none. */
const struct xb_cpus *xb_mask_of_vcpu(const struct xb_cpus *masks, size_t count, size_t vcpu);

int xb_allocation_copy(const struct xb_allocation *from, struct xb_allocation *to,
                       struct xb_err *err);

/* Set the affinity of one vcpu (others stay "all" until set), or of all of them with vcpu -1. */
int xb_allocation_set_hard(struct xb_allocation *alloc, int vcpu, const char *list,
                           struct xb_err *err);
int xb_allocation_set_soft(struct xb_allocation *alloc, int vcpu, const char *list,
                           struct xb_err *err);
/* The same for a row of kind xb_setting_masks. */
int xb_allocation_set_mask(struct xb_allocation *alloc, const struct xb_setting *row, int vcpu,
                           const char *list, struct xb_err *err);

/* Set what rtds gives one vcpu (others keep what they have), or all of them with vcpu -1. */
int xb_allocation_set_rtds(struct xb_allocation *alloc, int vcpu, const struct xb_rtds *rtds,
                           struct xb_err *err);

/*
 * Make want be in force for a running domain (0: Dom0), in the order pool, memory, vcpus, hard,
 * soft, weight and cap or rtds, and wait up to five seconds for the domain to bring its vcpus up or
 * down, a minute for its memory. A move
 * to another pool makes affinities "all" unless want has some; weight and cap are kept. XB_E_INPUT
 * where the host cannot give it (a CPU that is not in the domain's pool, a cap that the scheduler
 * lacks), XB_E_BENCH where the guest does not follow, XB_E_HOST otherwise. What was changed before
 * a failure stays changed: see xb_host_restore.
 */
int xb_allocation_apply(struct xb_xen *xen, uint32_t domid, const struct xb_allocation *want,
                        struct xb_err *err);

/*
 * What is in force: every field filled that the domain's scheduler has (weight and cap are -1 under
 * the others, rtds is empty unless it rules), affinities per vcpu.
 */
int xb_allocation_read(struct xb_xen *xen, uint32_t domid, struct xb_allocation *out,
                       struct xb_err *err);

/*
 * Is what was asked in force? Fields that want keeps are not looked at. False when it is; true with
 * the first difference in words in why: "vcpu 1: hard affinity 2-3 asked, all in force".
 */
bool xb_allocation_differs(const struct xb_allocation *want, const struct xb_allocation *got,
                           char *why, size_t why_bytes);

/*
 * As JSON: {"vcpus":2,"hard":["2-3"],"soft":["all"],"weight":256,"cap":0,"pool":"Pool-0"}; kept
 * fields are absent.
 */
json_t *xb_allocation_to_json(const struct xb_allocation *alloc);
int xb_allocation_from_json(const json_t *json, struct xb_allocation *out, struct xb_err *err);

/* What the hypervisor counts for one vcpu. */
struct xb_vcpu_time {
    uint32_t vcpu;
    bool online;
    bool running;    /* on a CPU right now */
    uint32_t pcpu;   /* where it runs or ran last */
    uint64_t run_ns; /* time on a CPU since the domain was made */
};
/* At most max entries into out; *count is how many the domain has, offline ones included. */
int xb_vcpu_times(struct xb_xen *xen, uint32_t domid, struct xb_vcpu_time *out, size_t max,
                  size_t *count, struct xb_err *err);

#endif
