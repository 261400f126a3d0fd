/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Jobs of a run: how guests are told to run a workload, and how its figures are read.
 */
#ifndef XB_RUN_WORKLOAD_H
#define XB_RUN_WORKLOAD_H

#include "base.h"
#include "experiment.h"
#include "store_cell.h"

/* How many bytes of each stream's end the guest keeps and the store gets. */
#define XB_JOB_OUTPUT_BYTES (64 * XB_KIB)

struct xb_run;

struct xb_job_spec {
    const char *name; /* as the experiment calls it */
    const struct xb_workload *workload;
    struct xb_workload *found;                /* from the catalogue; the spec's to free */
    const struct xb_workload_metric *primary; /* NULL: the time counts */
    uint64_t timeout_ns;
};

/*
 * Find one of the experiment's workloads; the spec points into exp. XB_E_INPUT where the catalogue
 * has no such entry.
 */
int xb_job_spec_make(struct xb_app *app, const struct xb_experiment *exp, size_t workload,
                     struct xb_job_spec *out, struct xb_err *err);
void xb_job_spec_clear(struct xb_job_spec *spec);

/*
 * The ARM message for a job that runs a command of the workload. Points into spec; to free, also
 * after an error.
 */
struct xb_job_arm {
    Xb__Arm msg;
    ProtobufCBinaryData *words;
    struct xb_texts told; /* facts of the run, for the job's environment */
};
/* Where a job runs; row NULL: the job belongs to no cell. */
struct xb_job_place {
    const struct xb_run *run;
    size_t guest;
    const struct xb_cell_row *row;
};
int xb_job_arm_fill(const struct xb_job_place *place, const struct xb_job_spec *spec,
                    const struct xb_texts *command, const char *token, struct xb_job_arm *out,
                    struct xb_err *err);
void xb_job_arm_free(struct xb_job_arm *arm);
#define xb_auto_arm XB_AUTO(xb_job_arm_free)

/* One guest's job, when several are armed at once. */
struct xb_arming {
    uint32_t job_id; /* 0: none */
    const struct xb_job_spec *spec;
    const struct xb_texts *command;
    const char *token;
    bool leave; /* processes that the command leaves running live on */
};
/*
 * Arm jobs in all guests at once; armings is by guest. -1 if any failed; its job may still exist.
 */
int xb_jobs_arm(struct xb_run *run, const struct xb_cell_row *row, const struct xb_arming *armings,
                struct xb_err *err);

/*
 * Before cells of a case (XB_EXP_NO_CASE: of any case): run `requires` and `prepare` in all guests
 * that have not run them yet, at once.
 */
int xb_job_prepare(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/* Before a cell: run `each` in all guests that have a job in it, background load too. */
int xb_job_each(struct xb_run *run, const struct xb_cell_row *row, struct xb_err *err);
/* Is this the token, in any run, of `requires`, `prepare` or `each`? */
bool xb_job_is_step(const char *token);

/* Where the figures of a guest's job are. */
struct xb_job_figures {
    struct xb_run *run;
    size_t guest;
    struct xb_metric_source streams[2]; /* stdout and stderr, which a guest may forge */
    uint64_t deadline_ns;               /* monotonic: then the guest must have handed over files */
};

/*
 * Read a figure of the workload from a guest's output, or from a file, pulled from the guest.
 * XB_E_BENCH where the figure is missing; a guest that does not hand over a file in time is unfit.
 */
int xb_job_metric(const struct xb_job_figures *figures, const struct xb_workload_metric *metric,
                  double *value, struct xb_err *err);
/* The same for a histogram, whose buckets are to free. */
int xb_job_histogram(const struct xb_job_figures *figures, const struct xb_workload_metric *metric,
                     struct xb_dist *hist, struct xb_err *err);

#endif
