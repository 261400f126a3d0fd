/*
 * What a job of this run is: the workload as the guests are told it, and how its figures are read.
 */
#ifndef XB_RUN_WORKLOAD_H
#define XB_RUN_WORKLOAD_H

#include "experiment.h"
#include "store_cell.h"

/* Of each stream: what the guest keeps, what is fetched of its end and kept in the store. */
#define XB_JOB_OUTPUT_BYTES (64 * 1024)
/* Where neither experiment nor workload says how long a job may take. */
#define XB_JOB_TIMEOUT_NS (3600 * XB_NS_PER_S)

struct xb_run;

struct xb_job_spec {
    const char *name; /* as the experiment calls it */
    const struct xb_workload *workload;
    struct xb_workload *found;                /* in the catalogue: ours to free */
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
 * A job of the workload that runs command, as the agent is told it. Points into spec; to free,
 * also after an error.
 */
struct xb_job_arm {
    Xb__Arm msg;
    ProtobufCBinaryData *words;
    struct xb_texts told; /* of the run, in its environment */
};
/* Where a job runs; row NULL: it belongs to no cell. */
struct xb_job_place {
    const struct xb_run *run;
    size_t guest;
    const struct xb_cell_row *row;
};
int xb_job_arm_fill(const struct xb_job_place *place, const struct xb_job_spec *spec,
                    const struct xb_texts *command, const char *token, struct xb_job_arm *out,
                    struct xb_err *err);
void xb_job_arm_free(struct xb_job_arm *arm);
#define xb_auto_arm __attribute__((cleanup(xb_job_arm_free)))

/* One guest's job, when several are armed at once. */
struct xb_arming {
    uint32_t job_id; /* 0: none */
    const struct xb_job_spec *spec;
    const struct xb_texts *command;
    const char *token;
    bool leave; /* what the command leaves running lives on */
};
/* Arm by guest, in all guests at once. -1 if any failed; its job may be there all the same. */
int xb_jobs_arm(struct xb_run *run, const struct xb_cell_row *row, const struct xb_arming *armings,
                struct xb_err *err);

/*
 * Before cells of a case (XB_EXP_NO_CASE: of any), in all guests at once that have not done so: is
 * what the workload needs there, and is it prepared?
 */
int xb_job_prepare(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/* Before a cell: `each` in all guests that take part in it, background load too. */
int xb_job_each(struct xb_run *run, const struct xb_cell_row *row, struct xb_err *err);
/* Is a job's token, of whatever run, that of a command that is not the job itself? */
bool xb_job_is_step(const char *token);

/*
 * Read one of the workload's figures in the output of a guest, which may have made it up: streams are its stdout and stderr.
 * A figure that lies in a file of the guest is pulled through its agent. XB_E_BENCH where it is not there.
 */
int xb_job_metric(struct xb_run *run, size_t guest, const struct xb_workload_metric *metric,
                  const struct xb_metric_source streams[2], double *value, struct xb_err *err);

#endif
