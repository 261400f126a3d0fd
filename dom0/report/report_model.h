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

/*
 * The greatest error of a share: how far outside a window Xen's counts were read, relative to it.
 */
#define XB_SHARE_ERROR_MAX 0.1
/* Steal in /proc/stat counts ticks of 10 ms, so a shorter window gives no figure. */
#define XB_TICKS_WINDOW_NS (200 * XB_NS_PER_MS)

/*
 * A sample that counts, or one of background load that the run ended, which has a share but no
 * figure. NaN: not known.
 */
struct xb_point {
    const struct xb_sample_row *sample;
    uint32_t cell, repetition;
    double value; /* the figure of the table: the metric, or seconds */
    double wall_s;
    /*
     * CPU time that Xen gave while all jobs ran, in CPUs: 1 is all of one. NaN also if too inexact.
     */
    double share;
    double share_error; /* how far outside that time Xen's counts were read, relative to it */
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

/* How progress in a case is measured, to compare guests. */
enum xb_progress {
    XB_PROGRESS_NONE = 0, /* fewer than two guests, or figures that cannot be compared */
    XB_PROGRESS_SOLO,     /* each guest's figure, relative to its figure alone */
    XB_PROGRESS_FIGURE,   /* the figure, which is of the same kind for all guests */
};

/* How evenly a case treats its measured guests. */
struct xb_fairness {
    enum xb_progress by;
    double index;       /* Jain's: 1 if all are equal, 1/n if one guest has everything */
    size_t best, worst; /* guests */
    double worst_part;  /* the worst guest's progress divided by the best guest's */
};

struct xb_model_case {
    char *name, *settings;
    char *stopped, *stopped_why; /* why it gets no more repetitions; NULL: it may get more */
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

/* One job of a cell that counts. Times are seconds from the release of the measured jobs. */
struct xb_model_job {
    size_t case_no, guest;
    uint32_t cell, repetition;
    double start_s, end_s;
    double overlap_s; /* of its cell; NaN: not known */
};

/* How many times worse a guest did than alone, with an interval from those of both medians. */
struct xb_slowdown {
    double times, low, high; /* NaN: not known */
};

/* A guest's histogram in a case: that of each repetition, and all of them merged. */
struct xb_model_dist {
    size_t case_no, guest;
    char *name, *unit, *better;
    struct xb_dist_row *rows; /* one for each repetition that has it */
    size_t row_count;
    struct xb_dist all;
    double values[XB_PERCENTILES];                      /* of all; NaN: not known */
    double lows[XB_PERCENTILES], highs[XB_PERCENTILES]; /* 95 % interval; NaN: not known */
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
/*
 * Likewise, with `metric` (a workload's, or "time") instead of the figure that counts; NULL: that.
 */
int xb_model_load_metric(struct xb_model *model, struct xb_store *store, const char *run,
                         const char *metric, struct xb_err *err);
void xb_model_free(struct xb_model *model);

static inline const struct xb_group *xb_model_group(const struct xb_model *m, size_t case_no,
                                                    size_t guest)
{
    return &m->groups[case_no * m->guest_count + guest];
}

/* A figure's name ("ops", "time"), unit, and more or less, where metric NULL is the time. */
const char *xb_report_metric_of(const char *metric);
const char *xb_report_unit_of(const char *metric, const char *unit);
const char *xb_report_better_of(const char *metric, const char *better);
bool xb_report_more_is_better_of(const char *metric, const char *better);
/* The same of a group's figure. */
const char *xb_report_metric(const struct xb_group *g);
const char *xb_report_unit(const struct xb_group *g);
const char *xb_report_better(const struct xb_group *g);
bool xb_report_more_is_better(const struct xb_group *g);
/* Have both figures the same name, unit and direction? Only then are they compared. */
bool xb_report_same_figure(const struct xb_group *a, const struct xb_group *b);

/* report_model_fair.c. times is NaN where the guest has no figure alone. */
struct xb_slowdown xb_model_slowdown(const struct xb_model *m, size_t case_no, size_t guest);

/*
 * Pair the figures of the repetitions that both groups have: out gets the differences b - a, or
 * with ratio the logarithms of b / a. Returns their number; 0 if a ratio has no logarithm. out has
 * room for a->count values.
 */
size_t xb_model_pair_up(const struct xb_group *a, const struct xb_group *b, bool ratio,
                        double *out);

/* The known figures of a group, to free, and how many there are. */
double *xb_model_figures(const struct xb_group *group, size_t *n);

/* A fact of the host manifest, NULL where it is not there. */
const char *xb_model_fact(const struct xb_model *m, const char *key);

#endif
