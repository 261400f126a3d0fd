/*
 * What there is to know about a host before an experiment is carried out on it: read from Xen, or
 * from a file that `xenbench host show` wrote on another machine. Nothing is changed by reading.
 */
#ifndef XB_HOST_FACTS_H
#define XB_HOST_FACTS_H

#include "app.h"
#include "allocation.h"
#include "guest.h"

#include <jansson.h>

#define XB_HOST_FACTS_SCHEMA "xenbench-host/1"

/* Not everything can be found out. Zero is not known, so that a zeroed struct knows nothing. */
enum xb_known { XB_UNKNOWN = 0, XB_NO, XB_YES };

struct xb_host_guest {
    char name[XB_GUEST_NAME_MAX + 1];
    char pool[XB_POOL_NAME_MAX + 1]; /* that it runs in, or will be started in; "": not known */
    char image[64];                  /* "": not made by xenbench */
    bool running;
    bool made; /* by a run, which makes it anew as its cases need it, and removes it */
    uint32_t vcpus;
    uint32_t
        maxvcpus; /* of one that does not run, by its xl.cfg; else, and where it is not known, 0 */
    uint64_t memory_bytes;
    struct xb_allocation now; /* of one that runs; else, and where it is not known, KEEP */
};

struct xb_host_image {
    char name[64];
    uint64_t min_memory_bytes;
    json_t *workloads; /* list of names, NULL: not known */
    json_t *types;     /* list of pv, pvh: as what its kernel can start; NULL: not known */
};

struct xb_host_facts {
    char version[32]; /* of Xen, "4.17.5"; "" where there is none */
    uint32_t cpus;    /* numbers below this */
    struct xb_pcpu *pcpus;
    struct xb_pool *pools;
    size_t pool_count;
    struct xb_allocation dom0;
    uint64_t memory_bytes, free_bytes; /* free_bytes: what Xen could give to guests now */
    enum xb_known balloons;            /* may Dom0 be asked to give up memory for guests? */
    enum xb_known risky_moves;         /* can this Xen panic when a running domain changes pools? */
    enum xb_known pv, pvh, hvm;        /* can guests of this type run here? */
    enum xb_known schedulers[XB_SCHEDULERS]; /* as xb_scheduler_words */
    enum xb_known cpufreq;                   /* does a driver of Xen's scale the frequency? */
    char governor[16], governors[128]; /* "" where there is none; the latter blank-separated */
    enum xb_known turbo;               /* is it on? */
    enum xb_known cstates;             /* has Xen any C-state to limit? */
    int64_t max_cstate;                /* -1: not known */
    enum xb_known smt;                 /* do two threads of a core run? */
    char sched_gran[8];                /* of Pool-0: cpu, core, socket; "": not known */
    enum xb_known pool_gran;           /* can a new pool be given another? */
    struct xb_host_guest *guests;
    size_t guest_count;
    struct xb_host_image *images;
    size_t image_count;
    uint32_t lab_host_cpus, lab_cpus; /* in the lab: what the machine beneath has; else 0 */
};

/* Ask this host. XB_E_HOST where there is no Xen. */
int xb_host_facts_read(struct xb_app *app, struct xb_host_facts *out, struct xb_err *err);
/* Read a file that `xenbench host show` wrote. XB_E_INPUT where it is none. */
int xb_host_facts_load(struct xb_host_facts *out, const char *path, struct xb_err *err);
json_t *xb_host_facts_to_json(const struct xb_host_facts *facts);
void xb_host_facts_clear(struct xb_host_facts *facts); /* a zeroed one is allowed */
#define xb_auto_facts __attribute__((cleanup(xb_host_facts_clear)))

/* How many CPUs run: those whose numbers are below facts->cpus may be offline. */
uint32_t xb_host_cpus_online(const struct xb_host_facts *facts);
const struct xb_host_guest *xb_host_guest(const struct xb_host_facts *facts, const char *name);
/* A guest that is there whatever is run: not one that a run has made. */
const struct xb_host_guest *xb_host_present(const struct xb_host_facts *facts, const char *name);
const struct xb_host_image *xb_host_image(const struct xb_host_facts *facts, const char *name);
/* Was Xen built with this scheduler? */
enum xb_known xb_host_scheduler(const struct xb_host_facts *facts, const char *name);

#endif
