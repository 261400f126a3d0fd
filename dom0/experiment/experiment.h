/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An experiment: the file that says what runs in which guests, under which allocations, how often
 * and in what order. docs/experiment.md describes the file.
 */
#ifndef XB_EXPERIMENT_H
#define XB_EXPERIMENT_H

#include "allocation.h"
#include "guest_create.h"
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
#define XB_EXP_NAME_MAX 64 /* of names of experiments, cases and workloads, in bytes */

/* What a job runs: a catalogue entry by name, or a command of the file. */
struct xb_exp_workload {
    char *name;
    struct xb_workload *own; /* the file's command; NULL: the catalogue's entry */
    const void *node;        /* the file's node of own; only during reading */
    bool bare;               /* the catalogue's entry needs nothing in an image; set by plan */
    char *choice;            /* of own: the choices of its lists, for comparison */
    unsigned line;
};

/*
 * What only a rebuild of the domain can change; each member needs a row in experiment_build.c.
 * Before the cells of a case that needs another value, the guests that the run made are destroyed
 * and started again.
 */
struct xb_exp_build {
    char image[XB_IMAGE_NAME_MAX + 1]; /* "": made from no image */
    int type;                          /* index in xb_guest_type_words; -1: not set */
    uint32_t maxvcpus;                 /* 0: the most vcpus that the guest has in any case */
    uint64_t memory_bytes;             /* 0: the default */
    int tsc_mode;                      /* index in xb_tsc_mode_words; -1: not set */
    char nodes[XB_EXP_NODES_MAX + 1];  /* NUMA nodes for its memory; "": not set */
};
#define XB_EXP_BUILD_KEEP ((struct xb_exp_build){.type = -1, .tsc_mode = -1})

/* The line where each key of an allocation or a build was last set, for messages; 0: nowhere. */
#define XB_EXP_LINES 24
struct xb_exp_lines {
    unsigned of[XB_EXP_LINES];
    unsigned choices[XB_EXP_LINES]; /* the entries of the list set there; 0: no list */
};
/* The number of entries in the list that a key's value came from; 0: it was no list. */
unsigned xb_exp_choices_of(const struct xb_exp_lines *lines, const char *key);
unsigned xb_exp_line_of(const struct xb_exp_lines *lines, const char *key);

#define XB_EXP_NO_WORKLOAD UINT32_MAX
#define XB_EXP_NO_CASE UINT32_MAX

/* What a guest is and does in one case, apart from its allocation. */
struct xb_exp_part {
    int role;           /* enum xb_role */
    uint32_t workload;  /* in the experiment's workloads; XB_EXP_NO_WORKLOAD only if idle */
    uint32_t solo_case; /* where it runs alone under these settings; XB_EXP_NO_CASE: nowhere */
    struct xb_exp_build build;
    struct xb_exp_lines lines;
};

struct xb_exp_guest {
    char *name;
    char *image;           /* of the first case; NULL: the guest must exist */
    char *socket;          /* the unix socket of an agent, without Xen and without allocations */
    uint32_t maxvcpus;     /* the most that any case asks for, unless the file sets more */
    bool keep;             /* not removed after the run that made it */
    bool balloon;          /* memory changes by balloon, not by a rebuild */
    uint64_t memory_bytes; /* with a balloon: the most of all cases; 0: the default */
    unsigned line;
};

/* A cpupool of a case. An existing pool keeps its CPUs and scheduler if these are not set. */
struct xb_exp_pool {
    char name[XB_POOL_NAME_MAX + 1];
    char scheduler[XB_SCHEDULER_NAME_MAX + 1]; /* "": credit2 for a new pool, Debian's default */
    struct xb_cpus cpus;
    bool has_cpus;
    int sched_gran; /* index in xb_sched_gran_words; -1: Xen's own */
    struct xb_pool_params params;
    unsigned line;
};

/* The state of the whole host in a case; -1 and "": unchanged. */
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

/* One case with all defaults merged in. What the file does not set stays as the run found it. */
struct xb_exp_case {
    char *name;
    struct xb_allocation dom0;
    struct xb_exp_lines dom0_lines;
    struct xb_allocation *guests; /* one per guest, in the order of the file; so are parts */
    struct xb_exp_part *parts;
    struct xb_exp_pool pools[XB_EXP_POOLS_MAX];
    size_t pool_count;
    struct xb_exp_host host;
    uint32_t solo_of; /* of a solo baseline: the first case it is for; else XB_EXP_NO_CASE */
    unsigned line;
};

/* Commands in Dom0 around each cell. */
struct xb_exp_hooks {
    struct xb_texts before, after; /* may be empty */
    uint64_t timeout_ns;
    int on_failure; /* enum xb_policy */
    unsigned line;
};

/* The first line of a command: its script for the shell, or its words. To free. */
char *xb_exp_show_command(const struct xb_texts *command);

/* What happens when a hook fails or a guest is lost in a cell. */
enum xb_policy {
    XB_POLICY_STOP = 0, /* the run ends; what was measured is kept */
    XB_POLICY_MARK,     /* the other samples count, marked; a lost guest is started again */
    XB_POLICY_KEEP,     /* the same, unmarked */
    XB_POLICY_DISCARD,  /* the cell does not count and is repeated, up to max_attempts times */
};
extern const char *const xb_policy_words[];

enum xb_order {
    XB_ORDER_INTERLEAVED = 0, /* every case once, then every case again ... */
    XB_ORDER_SEQUENTIAL,      /* all repetitions of a case, then the next case */
    XB_ORDER_RANDOM,          /* every case once in random order, then again in another */
};

/*
 * When a case has been repeated enough: once the confidence interval of every guest's median is at
 * most `interval` times that median wide.
 */
struct xb_exp_until {
    double interval;   /* 0.02: 2 % of the median, end to end */
    double confidence; /* of the interval */
    char *metric;      /* NULL: the guest's primary metric; "time": from release to end */
    uint32_t min, max; /* repetitions of a case */
    uint64_t time_ns;  /* of the whole run; 0: no limit */
    unsigned line;     /* 0: the file sets a number of repetitions */
};
#define XB_EXP_METRIC_TIME "time"

/* Two cases that are compared repetition by repetition, by their numbers. */
struct xb_exp_pair {
    uint32_t a, b;
};

struct xb_experiment {
    char *path;
    char *folder;         /* the file's folder, absolute: paths in the file are relative to it */
    char *text;           /* the file as it was read */
    struct xb_texts said; /* see xb_exp_locate */
    unsigned said_line;   /* the line number of said's first entry */
    char *name;
    char *description;                 /* NULL: none */
    struct xb_exp_workload *workloads; /* every workload that some guest runs in some case */
    size_t workload_count;
    struct xb_exp_guest *guests;
    size_t guest_count;
    struct xb_exp_case *cases;
    size_t case_count;
    uint32_t repetitions; /* if until.line is 0 */
    struct xb_exp_until until;
    struct xb_exp_pair pairs[XB_EXP_PAIRS_MAX];
    size_t pair_count;
    uint32_t warmup;
    int order; /* enum xb_order */
    uint64_t seed;
    bool has_seed;
    uint64_t timeout_ns;           /* of one job, from its release; 0: the workload's */
    uint64_t boot_timeout_ns;      /* for guests to boot and come to rest */
    uint64_t max_release_error_ns; /* a cell beyond it is repeated */
    uint32_t max_attempts;         /* of one cell */
    bool trace;                    /* take Xen's trace in each cell */
    uint64_t background_lead_ns;   /* from the release of background load to that of the window */
    int on_guest_failure;          /* enum xb_policy */
    bool solo;                     /* cases were added in which each guest runs alone */
    struct xb_exp_hooks hooks;
};

/*
 * Read an experiment from a file or from memory (messages call it path). XB_E_INPUT with
 * "FILE:LINE: what is wrong; what would be right". Does not look at the host; see xb_doubts.
 */
int xb_experiment_parse(struct xb_experiment **out, const char *path, const char *text,
                        size_t bytes, struct xb_err *err);
/* What an experiment is read from. */
struct xb_exp_source {
    const char *path;
    const char *text;            /* NULL: read the file at path */
    const struct xb_texts *sets; /* KEY=VALUE, which override the file; NULL: none */
    const struct xb_texts
        *said; /* for each line of text, the option that wrote it; NULL: none did */
};
int xb_experiment_read(struct xb_experiment **out, const struct xb_exp_source *source,
                       struct xb_err *err);
/*
 * If a command-line option wrote the line that an error names, make the error name the option:
 * "--case 'shared', cap=x: ..." instead of "FILE:12: ...".
 */
void xb_exp_locate(const struct xb_experiment *exp, struct xb_err *err);
void xb_experiment_free(struct xb_experiment *exp); /* NULL is allowed */

/* For the store: {"interval":0.02,...}, and [{"a":0,"b":1},...]. */
json_t *xb_exp_until_to_json(const struct xb_exp_until *until);
json_t *xb_exp_pairs_to_json(const struct xb_experiment *exp);
/* A list of strings; empty for NULL. */
json_t *xb_texts_to_json(const struct xb_texts *texts);

/* The experiment file's words for enum xb_order. */
extern const char *const xb_order_words[];

/* The keys of the file's top level, of `host`, of `dom0`, and of a guest in a case. */
enum xb_exp_place { XB_EXP_IN_FILE = 0, XB_EXP_IN_HOST, XB_EXP_IN_DOM0, XB_EXP_IN_GUEST };
/* help NULL: none is known; words NULL: the value is not one of a list of words. */
typedef void xb_exp_key_fn(void *arg, const char *name, const char *help, const char *const *words);
void xb_exp_each_key(enum xb_exp_place place, xb_exp_key_fn *each, void *arg);

/*
 * What a case asks for, as JSON: {"dom0":{...},"guests":{"base":{...}},"pools":{...},"host":{...},
 * "parts":{"base":{"role":...,"workload":...}}}; without "host" if the case sets nothing there.
 */
json_t *xb_exp_case_to_json(const struct xb_experiment *exp, const struct xb_exp_case *c);

json_t *xb_exp_pools_to_json(const struct xb_exp_case *c);
json_t *xb_exp_host_to_json(const struct xb_exp_host *host);
bool xb_exp_same_pool(const struct xb_exp_pool *a, const struct xb_exp_pool *b);

/* The name of a guest's pool in a case; if the case names none, Xen's first pool, Pool-0. */
const char *xb_exp_pool_of(const struct xb_exp_case *c, size_t guest);

/*
 * A domain's settings in a case: the asked ones over the found ones. Found settings that the
 * scheduler of the domain's pool lacks are dropped, asked ones are not. The caller frees out.
 */
int xb_exp_wanted(const struct xb_exp_case *c, const struct xb_pool *pools, size_t pool_count,
                  const struct xb_allocation *found, const struct xb_allocation *asked,
                  struct xb_allocation *out, struct xb_err *err);

/*
 * Must the run rebuild its guests between these two cases, because anything in xb_exp_build or the
 * pool differs for a guest with an image?
 */
bool xb_exp_builds_differ(const struct xb_experiment *exp, uint32_t case_a, uint32_t case_b);
bool xb_exp_build_differs(const struct xb_experiment *exp, uint32_t case_a, uint32_t case_b,
                          size_t guest);
/*
 * Must the guest be removed and remade? Returns the key whose values differ (image, type or
 * maxvcpus), or NULL.
 */
const char *xb_exp_made_anew(const struct xb_experiment *exp, uint32_t case_a, uint32_t case_b,
                             size_t guest);
/* The number of vcpus that a guest is made with for a case. */
uint32_t xb_exp_maxvcpus(const struct xb_experiment *exp, uint32_t case_no, size_t guest);

/* Does any case ask for cpupools, or for the memory of this guest (-1: Dom0) by balloon? */
bool xb_exp_uses_pools(const struct xb_experiment *exp);
bool xb_exp_sets_memory(const struct xb_experiment *exp, int guest);

/*
 * Resolve CPU lists, now that the host is known: NUMA nodes ("nodes:0") become CPUs, and ranges
 * lose offline CPUs. XB_E_INPUT, with file and line, if a node has no CPU.
 */
int xb_exp_resolve_cpus(struct xb_experiment *exp, const struct xb_pcpu *pcpus, size_t count,
                        struct xb_err *err);

#endif
