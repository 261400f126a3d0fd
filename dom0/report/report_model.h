/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run as reports see it: loaded from the store, figures computed.
 */
#ifndef XB_REPORT_MODEL_H
#define XB_REPORT_MODEL_H

#include "sched_words.h"
#include "stats.h"
#include "stats_paired.h"
#include "store_dist.h"
#include "store_read_run.h"
#include "store_read_samples.h"

#include <stdbool.h>
#include <stdint.h>

/* Xen's counts give no share where they were read farther outside a window than this part of it. */
#define XB_SHARE_ERROR_MAX 0.1
/* Steal in /proc/stat counts ticks of 10 ms, so a shorter window gives no figure. */
#define XB_TICKS_WINDOW_NS (200 * XB_NS_PER_MS)

/*
 * A sample that counts, or one of background load that the run ended, which has no figure but a
 * share. NaN: not known.
 */
struct xb_point {
    const struct xb_sample_row *sample;
    uint32_t cell, repetition;
    double value; /* the figure of the table: the metric, or seconds */
    double wall_s;
    /* Of one CPU, by Xen, while all jobs ran: 1 is a whole CPU; NaN also for too large an error. */
    double share;
    double share_error; /* how far outside that time Xen's counts were read, in parts of it */
    double dispatch_ms;
    double steal; /* the part of the CPU time wanted that the machine beneath the lab took */
};

/* One guest in one case. */
struct xb_group {
    enum xb_role role;
    int64_t solo_case; /* where this guest runs alone under the same settings; -1: nowhere */
    char *metric, *unit, *better; /* of value; metric NULL: the time in seconds */
    char *kernel;                 /* the guest's, as it reports it; NULL: no cell has begun */
    struct xb_point *points;
    size_t count;
    size_t ended;     /* points without a figure: background load that the run ended */
    size_t failed;    /* samples without a figure, counted nowhere else */
    size_t too_short; /* points whose share has too large an error */
    struct xb_stats value, wall_s, share, share_error, dispatch_ms, steal;
    struct xb_stats host_share; /* run time in the window, of all CPUs that Xen has */
};

/* What progress in a case is measured by, to compare guests. */
enum xb_progress {
    XB_PROGRESS_NONE = 0, /* fewer than two guests, or figures that cannot be compared */
    XB_PROGRESS_SOLO,     /* each guest's figure, relative to its figure alone */
    XB_PROGRESS_FIGURE,   /* the figure, which all guests share */
};

/* How evenly a case treats its measured guests. */
struct xb_fairness {
    enum xb_progress by;
    double index;       /* Jain's: 1 for equals, 1/n if one has everything */
    size_t best, worst; /* guests */
    double worst_part;  /* the worst guest's progress in parts of the best one's */
};

struct xb_model_case {
    char *name, *settings;
    char *stopped, *stopped_why; /* why there are no more repetitions; NULL: there will be */
    uint32_t repetitions;        /* done */
    bool solo;                   /* a guest alone, for the slowdown in other cases */
    bool spoiled;                /* the machine beneath took too much to rank the case */
    struct xb_stats release_error_ms, dom0_share;
    struct xb_fairness fair;
    double worst_steal; /* of one CPU's time in one cell, 0 to 1 */
};

/* Case b against case a in one guest, repetition by repetition. */
struct xb_model_pair {
    size_t a, b, guest;
    struct xb_paired difference; /* b less a */
    struct xb_paired ratio; /* b over a, from logarithms; n is 0 where a figure is not positive */
};

/* One job of a counted cell; seconds from the release of the measured ones. */
struct xb_model_job {
    size_t case_no, guest;
    uint32_t cell, repetition;
    double start_s, end_s;
    double overlap_s; /* of its cell; NaN: not known */
};

/* How many times worse a guest did than alone: an interval from those of both medians. */
struct xb_slowdown {
    double times, low, high; /* NaN: not known */
};

/* A histogram of a guest in a case: the repetitions', and all of them as one. */
struct xb_model_dist {
    size_t case_no, guest;
    char *name, *unit, *better;
    struct xb_dist_row *rows; /* one for each repetition that has it */
    size_t row_count;
    struct xb_dist all;
    double values[XB_PERCENTILES];                      /* of all; NaN: cannot be told */
    double lows[XB_PERCENTILES], highs[XB_PERCENTILES]; /* 95 % interval; NaN: none is given */
};

/* All strings and arrays are the arena's. */
struct xb_model {
    struct xb_arena arena;
    struct xb_run_row run;
    bool mixed; /* measured guests have figures of several kinds; the run's metric is one of them */
    struct xb_model_case *cases;
    size_t case_count;
    struct xb_guest_row *guests;
    size_t guest_count;
    struct xb_group *groups;       /* case_count times guest_count, a case's guests side by side */
    struct xb_sample_row *samples; /* also those that have no point, in the order of cells */
    size_t sample_count;
    struct xb_warning_row *warnings; /* by code and message */
    size_t warning_count;
    struct xb_model_pair *pairs; /* one for each comparison and guest measured in both cases */
    size_t pair_count;
    struct xb_model_job *jobs; /* by case, repetition and guest */
    size_t job_count;
    struct xb_model_dist *dists; /* by case, guest and name */
    size_t dist_count;
    struct xb_fact_row *facts; /* the host manifest */
    size_t fact_count;
    bool has_steal, has_share, small_lab;
    struct xb_checks *checks; /* report_check.h */
    struct xb_total *totals;  /* report_totals.h: one for each case */
};

int xb_model_load(struct xb_model *model, struct xb_store *store, const char *run,
                  struct xb_err *err);
/* The same with another figure than the one that counted: a metric of the workloads, or "time". */
int xb_model_load_metric(struct xb_model *model, struct xb_store *store, const char *run,
                         const char *metric, struct xb_err *err);
void xb_model_free(struct xb_model *model);

static inline const struct xb_group *xb_model_group(const struct xb_model *m, size_t case_no,
                                                    size_t guest)
{
    return &m->groups[case_no * m->guest_count + guest];
}

/* report_model_fair.c. times is NaN where the guest has no figure alone. */
struct xb_slowdown xb_model_slowdown(const struct xb_model *m, size_t case_no, size_t guest);

/*
 * Pair the figures of the repetitions that both groups have, as differences b less a or logarithms
 * of ratios; 0 where a ratio has no logarithm. out has room for one of each of a's points.
 */
size_t xb_model_pair_up(const struct xb_group *a, const struct xb_group *b, bool ratio,
                        double *out);

/* The known figures of a group, to free, and how many there are. */
double *xb_model_figures(const struct xb_group *group, size_t *n);

/* A fact of the host manifest, NULL where it is not there. */
const char *xb_model_fact(const struct xb_model *m, const char *key);

#endif
