/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The facts about a host, collected in one place: doctor judges them, plan judges experiments by
 * them, a run stores them. Some can come from a file that `xenbench host show` wrote elsewhere.
 */
#ifndef XB_HOST_FACTS_H
#define XB_HOST_FACTS_H

#include "app.h"
#include "allocation.h"
#include "base.h"
#include "boot.h"
#include "guest.h"
#include "sha256.h"
#include "xen_host.h"
#include "xen_power.h"

#include <jansson.h>

#define XB_HOST_FACTS_SCHEMA "xenbench-host/1"

/* Some facts cannot be found out. Zero means unknown, so a zeroed struct knows nothing. */
enum xb_known { XB_UNKNOWN = 0, XB_NO, XB_YES };

struct xb_host_guest {
    char name[XB_GUEST_NAME_MAX + 1];
    char pool[XB_POOL_NAME_MAX + 1]; /* where it runs or will be started; "": unknown */
    char image[64];                  /* "": not made by xenbench */
    bool running;
    bool made; /* made by a run, which rebuilds it as its cases need and removes it */
    uint32_t vcpus;
    uint32_t maxvcpus; /* of a stopped guest, from its xl.cfg; 0: unknown, or it runs */
    uint64_t memory_bytes;
    struct xb_allocation now; /* of a running guest; KEEP: unknown, or it does not run */
};

struct xb_host_image {
    char name[64];
    uint64_t min_memory_bytes;
    json_t *workloads; /* list of names, NULL: not known */
    json_t *types;     /* list of pv, pvh: what its kernel can start as; NULL: unknown */
};

/* Dom0's kernel, and the CPU as the kernel shows it; needs no Xen. "": not known. */
struct xb_kernel_facts {
    char host_name[65], release[65];
    char sha256[XB_SHA256_HEX_BYTES]; /* of its file in /boot */
    char cpu_vendor[32], cpu_model[128], microcode[32];
};
void xb_kernel_facts_read(struct xb_kernel_facts *out);

/* Xen, its toolstack and its machine, beyond what experiments depend on. Not read from a file. */
struct xb_xen_facts {
    struct xb_xen_version version;
    struct xb_xen_machine machine;
    struct xb_boot_host boot;
    char toolstack[64]; /* libxl's file; "": unknown */
    uint32_t dom0_vcpus;
    uint64_t dom0_memory_bytes;
    uint64_t node_bytes[XB_NODES_MAX]; /* see xb_xen_nodes */
    size_t node_count;
    bool scaled; /* a driver scales CPU 0's frequency */
    struct xb_cpufreq frequency;
    const char *gran_from; /* where sched_gran is from */
};

/* Parts that can fail alone, while the other facts are read. */
enum xb_facts_part {
    XB_FACTS_XEN, /* without Xen no other part is tried */
    XB_FACTS_CPUS,
    XB_FACTS_POOLS,
    XB_FACTS_DOM0,
    XB_FACTS_GUESTS,
    XB_FACTS_IMAGES,
    XB_FACTS_PARTS,
};

struct xb_gran {
    char text[16]; /* cpu, core, socket; "": Xen does not tell */
};

struct xb_host_facts {
    struct xb_kernel_facts kernel;
    struct xb_xen_facts xen;
    struct xb_gran *pool_grans;        /* one per pool; NULL if read from a file */
    struct xb_err why[XB_FACTS_PARTS]; /* filled where a part could not be read */
    char version[32];                  /* of Xen, "4.17.5"; "" where there is none */
    uint32_t cpus;                     /* CPU numbers are below this */
    struct xb_pcpu *pcpus;
    struct xb_pool *pools;
    size_t pool_count;
    struct xb_allocation dom0;
    uint64_t memory_bytes, free_bytes; /* free_bytes: what Xen could give to guests now */
    enum xb_known balloons;            /* may Dom0 be asked to give up memory for guests? */
    enum xb_known risky_moves;         /* can this Xen panic when a running domain changes pools? */
    enum xb_known pv, pvh, hvm;        /* can guests of this type run here? */
    enum xb_known schedulers[XB_SCHEDULERS]; /* as xb_scheduler_words */
    enum xb_known cpufreq;                   /* does Xen have a frequency driver? */
    char governor[16], governors[128];       /* "" if there is none; the latter blank-separated */
    enum xb_known turbo;                     /* is it on? */
    enum xb_known cstates;                   /* does Xen have C-states to limit? */
    int64_t max_cstate;                      /* -1: not known */
    enum xb_known smt;                       /* are two threads of a core online? */
    char sched_gran[8];                      /* of Pool-0: cpu, core, socket; "": unknown */
    enum xb_known pool_gran;                 /* can a new pool have its own? */
    struct xb_host_guest *guests;
    size_t guest_count;
    struct xb_host_image *images;
    size_t image_count;
    uint32_t lab_host_cpus, lab_cpus; /* in the lab: the cores of the machine beneath; else 0 */
};

/* Read what can be read about this host, changing nothing; out->why tells what is missing. */
void xb_host_facts_collect(struct xb_app *app, struct xb_host_facts *out);
/* The same, but fail if a part is missing. XB_E_HOST without Xen. */
int xb_host_facts_read(struct xb_app *app, struct xb_host_facts *out, struct xb_err *err);
/* Read a file that `xenbench host show` wrote. XB_E_INPUT if it is not such a file. */
int xb_host_facts_load(struct xb_host_facts *out, const char *path, struct xb_err *err);
json_t *xb_host_facts_to_json(const struct xb_host_facts *facts);
void xb_host_facts_clear(struct xb_host_facts *facts); /* a zeroed one is allowed */
#define xb_auto_facts XB_AUTO(xb_host_facts_clear)

/* The number of online CPUs; some numbers below facts->cpus may be offline. */
uint32_t xb_host_cpus_online(const struct xb_host_facts *facts);
const struct xb_host_guest *xb_host_guest(const struct xb_host_facts *facts, const char *name);
/* The guest of this name that no run made; NULL: none. */
const struct xb_host_guest *xb_host_present(const struct xb_host_facts *facts, const char *name);
const struct xb_host_image *xb_host_image(const struct xb_host_facts *facts, const char *name);
/* Was Xen built with this scheduler? */
enum xb_known xb_host_scheduler(const struct xb_host_facts *facts, const char *name);

#endif
