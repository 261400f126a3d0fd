/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measurements: samples of cells that are done and not warm-ups, and figures of such cells.
 */
#ifndef XB_STORE_READ_SAMPLES_H
#define XB_STORE_READ_SAMPLES_H

#include "store_read.h"

/* One sample, in the order of cells and guests. guest is a guest's position. */
struct xb_sample_row {
    int64_t case_no, guest;
    uint32_t cell, repetition;
    bool well;  /* exited with status 0 */
    bool ended; /* killed or timed out */
    double wall_s, dispatch_ms;
    double metric;        /* the value of the part's metric */
    double overlap_share; /* run time by Xen's count, divided by the overlap */
    double overlap_slack; /* how much more time Xen's readings span, divided by the overlap */
    double vcpus;
    char *workload, *outcome;
    double status;                  /* exit status, signal or errno */
    double user_s, system_s, run_s; /* run_s: of all vcpus, as Xen counts it */
    double max_rss_bytes;
};
int xb_read_samples(const struct xb_read *in, struct xb_sample_row **rows, size_t *count);

/* Each metric of each sample, in the order of cells, guests and names. */
struct xb_metric_row {
    int64_t case_no, guest;
    uint32_t repetition;
    char *name, *unit, *better;
    double value;
};
int xb_read_metrics(const struct xb_read *in, struct xb_metric_row **rows, size_t *count);

/* When a job ran, in seconds from its cell's release. In the order of case, repetition, guest. */
struct xb_job_row {
    int64_t case_no, guest;
    uint32_t cell, repetition;
    double overlap_s; /* of the cell */
    double start_s, end_s;
};
int xb_read_jobs(const struct xb_read *in, struct xb_job_row **rows, size_t *count);

/* The work of a measured guest whose job in a cell of one case ended well. By cell and guest. */
struct xb_work_row {
    uint32_t cell;
    double overlap_s; /* of the cell */
    double value;     /* the metric */
    double wall_s, overlap_run_ns, run_ns;
    double slack; /* how much more time overlap_run_ns covers, divided by the overlap */
};
int xb_read_works(const struct xb_read *in, size_t case_no, struct xb_work_row **rows,
                  size_t *count);

/* How long each cell took, in its order. */
struct xb_cell_times_row {
    double spent_s;  /* by Dom0's clock, from setting up to done */
    double window_s; /* between the two readings of Xen's counts */
    double job_s;    /* of its longest job */
};
int xb_read_cell_times(const struct xb_read *in, struct xb_cell_times_row **rows, size_t *count);

/* A number for each cell of a case, NaN where it is not known. */
int xb_read_release_errors_ms(const struct xb_read *in, size_t case_no, double **figures,
                              size_t *count);
/*
 * A domain's run time in the window divided by the window's length; NaN where Xen's readings took
 * longer than a tenth of the window.
 */
int xb_read_run_shares(const struct xb_read *in, size_t case_no, const char *domain,
                       double **figures, size_t *count);
/* The part of a window that the machine beneath took from the CPU that lost most. */
int xb_read_worst_steals(const struct xb_read *in, size_t case_no, double **figures, size_t *count);

/* A guest's settings in force at a window's start. */
struct xb_settings_row {
    int64_t case_no, guest;
    uint32_t cell, attempt;
    char *settings; /* JSON */
};
int xb_read_start_settings(const struct xb_read *in, struct xb_settings_row **rows, size_t *count);

/* CPU time that the machine beneath gave to and took from one CPU in a cell. */
struct xb_steal_row {
    uint32_t pcpu;
    double run_ns, delay_ns;
};
int xb_read_steals(const struct xb_read *in, uint32_t cell, uint32_t attempt,
                   struct xb_steal_row **rows, size_t *count);

#endif
