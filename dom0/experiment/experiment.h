/*
 * An experiment: the file that says what is run, in which guests, under which allocations, how
 * often and in what
 * order. docs/experiment.md describes the file for people.
 */
#ifndef XB_EXPERIMENT_H
#define XB_EXPERIMENT_H

#include "allocation.h"
#include "domain.h"
#include "image.h"
#include "workload.h"
#include "yaml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_EXP_GUESTS_MAX 256
#define XB_EXP_CASES_MAX 1024
#define XB_EXP_POOLS_MAX 16
#define XB_EXP_PAIRS_MAX 64
#define XB_EXP_NODES_MAX 31
#define XB_EXP_NAME_MAX 64 /* of experiments, cases and workloads, in bytes */

/* What a job runs: an entry of the catalogue by its name, or a command written in the file. */
struct xb_exp_workload {
    char *name;
    struct xb_workload *own; /* the command of the file; NULL: the catalogue's entry is meant */
    const void *node;        /* where own is in the file; only while that is read */
    bool bare;    /* the catalogue's entry brings nothing that an image must hold; set by plan */
    char *choice; /* of own: what its lists choose, to be compared */
    unsigned line;
};

/*
 * What a guest can be given only by building its domain anew. A case that asks for another one has
 * the guests that the run made destroyed and started again before its cells.
 */
struct xb_exp_build {
    char image[XB_IMAGE_NAME_MAX + 1]; /* "": it is of no image */
    int type;                          /* index in xb_guest_type_words; -1: not said */
    uint32_t maxvcpus;                 /* 0: as many as the guest has in every case */
    uint64_t memory_bytes;             /* 0: the default */
    int tsc_mode;                      /* index in xb_tsc_mode_words; -1: not said */
    char nodes[XB_EXP_NODES_MAX + 1];  /* NUMA nodes that its memory comes from; "": not said */
};
#define XB_EXP_BUILD_KEEP ((struct xb_exp_build){.type = -1, .tsc_mode = -1})

/* The line in which each key of an allocation or a build was said last, for messages; 0: nowhere. */
#define XB_EXP_LINES 24
struct xb_exp_lines {
    unsigned of[XB_EXP_LINES];
    unsigned
        choices[XB_EXP_LINES]; /* where a list stood there: its entries, of which one was chosen */
};
/* The entries of the list that a key's value was chosen from; 0: it was no list. */
unsigned xb_exp_choices_of(const struct xb_exp_lines *lines, const char *key);
unsigned xb_exp_line_of(const struct xb_exp_lines *lines, const char *key);

#define XB_EXP_NO_WORKLOAD UINT32_MAX
#define XB_EXP_NO_CASE UINT32_MAX

/* What one guest is and does in one case, beside its allocation. */
struct xb_exp_part {
    int role;           /* enum xb_role */
    uint32_t workload;  /* of the experiment's workloads; XB_EXP_NO_WORKLOAD only when idle */
    uint32_t solo_case; /* where it runs alone under the same settings; XB_EXP_NO_CASE: nowhere */
    struct xb_exp_build build;
    struct xb_exp_lines lines;
};

struct xb_exp_guest {
    char *name;
    char *image;  /* of the first case; NULL: the guest must be there already */
    char *socket; /* an agent behind a unix socket, without Xen; no allocation is applied then */
    uint32_t maxvcpus;     /* the most that any case asks for, unless the file says more */
    bool keep;             /* not removed after the run that made it */
    bool balloon;          /* memory changes by its balloon, not by building it anew */
    uint64_t memory_bytes; /* of a guest with a balloon: the most of all cases; 0: the default */
    unsigned line;
};

/*
 * A cpupool that a case needs. One that is there already keeps its CPUs and scheduler where these
 * are not given.
 */
struct xb_exp_pool {
    char name[XB_POOL_NAME_MAX + 1];
    char scheduler[XB_SCHEDULER_NAME_MAX + 1]; /* "": credit2 for a new pool, Debian's default */
    struct xb_cpus cpus;
    bool has_cpus;
    int sched_gran; /* index in xb_sched_gran_words; -1: Xen's own */
    struct xb_pool_params params;
    unsigned line;
};

/* What the whole host is to be like in a case; -1 and "": as it is. */
struct xb_exp_host {
    char governor[16];  /* of every CPU, as xenpm names it */
    int turbo;          /* 0, 1 */
    int64_t max_cstate; /* the deepest C-state; XB_CSTATE_UNLIMITED */
    int smt;            /* 0, 1: required, not changed */
    int sched_gran;     /* of Pool-0: required, not changed; index in xb_sched_gran_words */
    unsigned line;
};
#define XB_CSTATE_UNLIMITED INT64_C(0xffffffff)
#define XB_EXP_HOST_KEEP ((struct xb_exp_host){"", -1, -1, -1, -1, 0})

/* One allocation, all defaults merged in. What no one asked for stays as the run found it. */
struct xb_exp_case {
    char *name;
    struct xb_allocation dom0;
    struct xb_exp_lines dom0_lines;
    struct xb_allocation *guests; /* as many as the experiment has, in its order; so have parts */
    struct xb_exp_part *parts;
    struct xb_exp_pool pools[XB_EXP_POOLS_MAX];
    size_t pool_count;
    struct xb_exp_host host;
    uint32_t
        solo_of; /* of a solo baseline: the first case that it is one for; else XB_EXP_NO_CASE */
    unsigned line;
};

/* Commands in Dom0 around each cell. */
struct xb_exp_hooks {
    struct xb_texts before, after; /* may be empty */
    uint64_t timeout_ns;
    int on_failure; /* enum xb_policy */
    unsigned line;
};

/* What follows when a hook fails or a guest is lost in a cell. */
enum xb_policy {
    XB_POLICY_STOP = 0, /* the run ends; what was measured is kept */
    XB_POLICY_MARK,     /* the other samples stand, marked; a lost guest is started again */
    XB_POLICY_KEEP,     /* the same, unmarked */
    XB_POLICY_DISCARD,  /* the cell does not count and is repeated, max_attempts times at most */
};
extern const char *const xb_policy_words[];

enum xb_order {
    XB_ORDER_INTERLEAVED = 0, /* every case once, then every case again ... */
    XB_ORDER_SEQUENTIAL,      /* all repetitions of a case, then the next case */
    XB_ORDER_RANDOM,          /* every case once in random order, then again in another */
};

/*
 * When a case has been repeated enough: the confidence interval of the median of every guest's
 * figure is no wider than `interval` times the median.
 */
struct xb_exp_until {
    double interval;   /* 0.02: 2 % of the median, from end to end */
    double confidence; /* of the interval: 0.95 */
    char *metric;      /* NULL: what counts for the guest; "time": from the release to the end */
    uint32_t min, max; /* repetitions of a case */
    uint64_t time_ns;  /* of the whole run; 0: no limit */
    unsigned line;     /* 0: the file gives a count of repetitions */
};
#define XB_EXP_METRIC_TIME "time"

/* Two cases that are compared repetition by repetition: numbers of cases. */
struct xb_exp_pair {
    uint32_t a, b;
};

struct xb_experiment {
    char *path;
    char *folder; /* that the file is in, absolute: paths in the file are relative to it */
    char *text;   /* the file as it was read */
    char *name;
    char *description;                 /* NULL: none */
    struct xb_exp_workload *workloads; /* each that some guest runs in some case, once */
    size_t workload_count;
    struct xb_exp_guest *guests;
    size_t guest_count;
    struct xb_exp_case *cases;
    size_t case_count;
    uint32_t repetitions; /* where until has no line */
    struct xb_exp_until until;
    struct xb_exp_pair pairs[XB_EXP_PAIRS_MAX];
    size_t pair_count;
    uint32_t warmup;
    int order; /* enum xb_order */
    uint64_t seed;
    bool has_seed;
    uint64_t timeout_ns;           /* of one job, from its release; 0: the workload's */
    uint64_t boot_timeout_ns;      /* for the guests to boot and come to rest */
    uint64_t max_release_error_ns; /* beyond it a cell is repeated */
    uint32_t max_attempts;         /* of one cell */
    bool trace;                    /* take Xen's trace in each cell */
    uint64_t background_lead_ns;   /* from the release of background load to that of the window */
    int on_guest_failure;          /* enum xb_policy */
    bool solo;                     /* cases were added in which each guest runs alone */
    struct xb_exp_hooks hooks;
};

/*
 * Read an experiment file, or one kept in memory (path is for messages). XB_E_INPUT with
 * "FILE:LINE: what is wrong; what
 * would be right". Nothing but the file is looked at: see xb_doubts for what the host makes of it.
 */
int xb_experiment_open(struct xb_experiment **out, const char *path, struct xb_err *err);
int xb_experiment_parse(struct xb_experiment **out, const char *path, const char *text,
                        size_t bytes, struct xb_err *err);
/*
 * The same with settings that come before the file's own: "repetitions=10". Only keys of the file's
 * first level that are no lists of guests or cases can be set. text NULL: the file at path is read.
 */
int xb_experiment_read(struct xb_experiment **out, const char *path, const char *text,
                       const struct xb_texts *sets, struct xb_err *err);
void xb_experiment_free(struct xb_experiment *exp); /* NULL is allowed */

/* For the store: {"interval":0.02,...}, and [{"a":0,"b":1},...]. */
json_t *xb_exp_until_to_json(const struct xb_exp_until *until);
json_t *xb_exp_pairs_to_json(const struct xb_experiment *exp);

/* The words of the file for these. */
extern const char *const xb_order_words[];

/*
 * What a case asks for, as JSON: {"dom0":{...},"guests":{"base":{...}},"pools":{...},"host":{...},
 * "parts":{"base":{"role":...,"workload":...}}}; host only where something is asked of it.
 */
json_t *xb_exp_case_to_json(const struct xb_experiment *exp, const struct xb_exp_case *c);

json_t *xb_exp_pools_to_json(const struct xb_exp_case *c);
json_t *xb_exp_host_to_json(const struct xb_exp_host *host);
bool xb_exp_same_pool(const struct xb_exp_pool *a, const struct xb_exp_pool *b);

/* The domain's pool that a case asks for: by name, or the one that Xen starts with. */
const char *xb_exp_pool_of(const struct xb_exp_case *c, size_t guest);

/*
 * What rules a pool in this case, on a host with these pools; one that the case makes and says
 * nothing of is as Xen makes it.
 */
const char *xb_exp_scheduler_of(const struct xb_exp_case *c, const struct xb_pool *found,
                                size_t found_count, const char *pool);

/*
 * What a domain is to have: asked over what it was found with, of which that is left out which the
 * scheduler of its pool in this case does not know. What is asked stays, known or not. out is to
 * free.
 */
int xb_exp_wanted(const struct xb_exp_case *c, const struct xb_pool *pools, size_t pool_count,
                  const struct xb_allocation *found, const struct xb_allocation *asked,
                  struct xb_allocation *out, struct xb_err *err);

/*
 * Must guests that the run makes be built anew between these two cases: is anything of what
 * xb_exp_build holds, or a pool, another one for any guest that has an image?
 */
bool xb_exp_builds_differ(const struct xb_experiment *exp, uint32_t case_a, uint32_t case_b);
bool xb_exp_build_differs(const struct xb_experiment *exp, uint32_t case_a, uint32_t case_b,
                          size_t guest);
/*
 * Is it another guest by that, to be removed and made again? The key that tells: image, type or
 * maxvcpus; NULL: the same guest.
 */
const char *xb_exp_made_anew(const struct xb_experiment *exp, uint32_t case_a, uint32_t case_b,
                             size_t guest);
/* The vcpus that a guest is made with for a case. */
uint32_t xb_exp_maxvcpus(const struct xb_experiment *exp, uint32_t case_no, size_t guest);

/* Does any case ask for cpupools, or for the memory of this guest (-1: Dom0) by its balloon? */
bool xb_exp_uses_pools(const struct xb_experiment *exp);
bool xb_exp_sets_memory(const struct xb_experiment *exp, int guest);

/*
 * CPU lists of the file that speak of NUMA nodes ("nodes:0") become CPUs, and ranges lose those
 * that are offline, now that the host is known. XB_E_INPUT, with file and line, where a node has no CPU.
 */
int xb_exp_resolve_cpus(struct xb_experiment *exp, const struct xb_pcpu *pcpus, size_t count,
                        struct xb_err *err);

#endif
