/*
 * What was measured: samples of cells that are done and no warm-up, and what is known of such cells.
 */
#ifndef XB_STORE_READ_SAMPLES_H
#define XB_STORE_READ_SAMPLES_H

#include "store_read.h"

/* One sample, by cell. Guests are told by their positions. */
struct xb_sample_row {
    int64_t case_no, guest;
    uint32_t cell, repetition;
    bool well;  /* exited with status 0 */
    bool ended; /* killed or timed out */
    double wall_s, dispatch_ms;
    double metric;        /* the value of the part's metric */
    double overlap_share; /* of the overlap: run time by Xen */
    double overlap_slack; /* of the overlap: so much farther apart were Xen's readings */
    double vcpus;
};
int xb_read_samples(const struct xb_read *in, struct xb_sample_row **rows, size_t *count);

/* When a job ran: seconds from the release of its cell. By case, repetition and guest. */
struct xb_job_row {
    int64_t case_no, guest;
    uint32_t cell, repetition;
    double overlap_s; /* of the cell */
    double start_s, end_s;
};
int xb_read_jobs(const struct xb_read *in, struct xb_job_row **rows, size_t *count);

/* The work of a measured guest in a cell of one case that ended well there. By cell and guest. */
struct xb_work_row {
    uint32_t cell;
    double overlap_s; /* of the cell */
    double value;     /* the metric */
    double wall_s, overlap_run_ns, run_ns;
    double slack; /* of overlap_run_ns, in parts of the overlap */
};
int xb_read_works(const struct xb_read *in, size_t case_no, struct xb_work_row **rows,
                  size_t *count);

/* A number for each cell of a case, NaN where it is not known. */
int xb_read_release_errors_ms(const struct xb_read *in, size_t case_no, double **figures,
                              size_t *count);
/*
 * A domain's run time in the window by the window's length; NaN where Xen's readings took longer
 * than a tenth of it.
 */
int xb_read_run_shares(const struct xb_read *in, size_t case_no, const char *domain,
                       double **figures, size_t *count);
/* What the machine beneath took of the CPU that was worst off, by the window's length. */
int xb_read_worst_steals(const struct xb_read *in, size_t case_no, double **figures, size_t *count);

/* The settings that were in force for a guest when a window began. */
struct xb_settings_row {
    int64_t case_no, guest;
    uint32_t cell, attempt;
    char *settings; /* JSON */
};
int xb_read_start_settings(const struct xb_read *in, struct xb_settings_row **rows, size_t *count);

/* What the machine beneath gave and took of one CPU in a cell. */
struct xb_steal_row {
    uint32_t pcpu;
    double run_ns, delay_ns;
};
int xb_read_steals(const struct xb_read *in, uint32_t cell, uint32_t attempt,
                   struct xb_steal_row **rows, size_t *count);

#endif
