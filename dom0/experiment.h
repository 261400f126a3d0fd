/*
 * An experiment: the file that says what is run, in which guests, under which allocations, how
 * often and in what
 * order. docs/experiment.md describes the file for people.
 */
#ifndef XB_EXPERIMENT_H
#define XB_EXPERIMENT_H

#include "domain.h"
#include "settings.h"
#include "workload.h"
#include "yaml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_EXP_GUESTS_MAX 256
#define XB_EXP_CASES_MAX 1024
#define XB_EXP_POOLS_MAX 16
#define XB_EXP_PAIRS_MAX 64
#define XB_EXP_NAME_MAX 64 /* of experiments, cases and workloads, in bytes */

/* What a job runs: an entry of the catalogue by its name, or a command written in the file. */
struct xb_exp_workload {
    char *name;
    struct xb_workload *own; /* the command of the file; NULL: the catalogue's entry is meant */
    unsigned line;
};

struct xb_exp_guest {
    char *name;
    char *image;  /* NULL: the guest must be there already */
    char *socket; /* an agent behind a unix socket, without Xen; no allocation is applied then */
    int type;     /* enum xb_guest_type */
    uint64_t memory_bytes;      /* 0: the default */
    uint32_t maxvcpus;          /* the most that any case asks for, unless the file says more */
    bool keep;                  /* not removed after the run that made it */
    struct xb_allocation alloc; /* in every case, where the case does not say otherwise */
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
    struct xb_pool_params params;
    unsigned line;
};

/* One allocation, all defaults merged in. What no one asked for stays as the run found it. */
struct xb_exp_case {
    char *name;
    struct xb_allocation dom0;
    struct xb_allocation *guests; /* as many as the experiment has, in its order */
    struct xb_exp_pool pools[XB_EXP_POOLS_MAX];
    size_t pool_count;
    unsigned line;
};

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
    char *text; /* the file as it was read */
    char *name;
    char *description; /* NULL: none */
    struct xb_exp_workload workload;
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
extern const char *const xb_guest_type_words[];

/* What a case asks for, as JSON: {"dom0":{...},"guests":{"base":{...}},"pools":{...}}. */
json_t *xb_exp_case_to_json(const struct xb_experiment *exp, const struct xb_exp_case *c);

#endif
