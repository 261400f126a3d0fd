/*
 * What a job wrote is fetched when all jobs of the cell have ended: it costs both sides CPU time.
 */
#include "alloc.h"
#include "base.h"
#include "cell.h"
#include "run_output.h"

#include <string.h>

/* Keep the first failure for the run's last words; warm-ups fail for the same reasons. */
static void note_failure(struct xb_cell *cell, size_t g, const char *why,
                         const struct xb_job_output output[2])
{
    struct xb_run *run = cell->run;
    char line[256];
    cell->guests[g].failed = true;
    xb_job_last_line(output[1].used ? &output[1] : &output[0], line, sizeof(line));
    if (!run->tally.failure[0])
        snprintf(run->tally.failure, sizeof(run->tally.failure), "guest %s, case `%s`: %s%s%s",
                 run->guests[g].exp->name, run->exp->cases[cell->row.case_no].name, why,
                 line[0] ? "; it last said: " : "", line);
}

/* Read every metric that is there. One that is missing is told once. */
static int read_metrics(struct xb_cell *cell, size_t g, const struct xb_job_output output[2],
                        struct xb_metric_value *values, size_t *count, struct xb_err *err)
{
    const struct xb_job_spec *job = xb_run_job(cell->run, cell->row.case_no, g);
    struct xb_about about = {cell->row.case_no, cell->row.cell, cell->run->guests[g].exp->name};
    bool end_lost = cell->guests[g].written.end_lost;
    const struct xb_metric_source streams[2] = {
        {output[0].bytes, output[0].used, output[0].lost, end_lost},
        {output[1].bytes, output[1].used, output[1].lost, end_lost},
    };
    for (size_t i = 0; i < job->workload->metric_count; i++) {
        const struct xb_workload_metric *metric = &job->workload->metrics[i];
        struct xb_err why = {0};
        double value;
        if (xb_job_metric(cell->run, g, metric, streams, &value, &why) == 0) {
            values[(*count)++] = (struct xb_metric_value){
                metric->name, metric->unit ? metric->unit : "",
                metric->better == XB_WORKLOAD_MORE ? "more" : "less", value};
            continue;
        }
        if (metric == job->primary)
            note_failure(cell, g, why.msg, output);
        if (xb_run_warn(cell->run, about, metric->name, err, "%s: %s", about.guest, why.msg) < 0)
            return -1;
    }
    return 0;
}

static int commit_output(struct xb_cell *cell, size_t g, struct xb_job_output output[2],
                         struct xb_err *err)
{
    struct xb_cell_guest *guest = &cell->guests[g];
    struct xb_metric_value values[XB_WORKLOAD_METRICS_MAX];
    struct xb_sample_output sample = {.guest = cell->run->guests[g].exp->name, .metrics = values};
    for (int i = 0; i < 2; i++)
        if (xb_job_fetch(cell->run->agents[g], guest->job_id,
                         i ? XB__STREAM__STREAM_STDERR : XB__STREAM__STREAM_STDOUT,
                         guest->written.bytes[i], &output[i], err) < 0)
            return xb_fail_context(err, "guest %s", sample.guest);
    bool background = xb_cell_role(cell, g) == XB_ROLE_BACKGROUND;
    if (!guest->written.well && !background)
        note_failure(cell, g, guest->said, output);
    else if (guest->written.well &&
             read_metrics(cell, g, output, values, &sample.metric_count, err) < 0)
        return -1;
    sample.out = output[0].bytes;
    sample.out_bytes = output[0].used;
    sample.errors = output[1].bytes;
    sample.errors_bytes = output[1].used;
    return xb_store_sample_output(cell->run->store, cell->key, &sample, err);
}

static int collect_guest(struct xb_cell *cell, size_t g, struct xb_err *err)
{
    struct xb_cell_guest *guest = &cell->guests[g];
    if (guest->stage != XB_STAGE_ENDED)
        return 0;
    if (!guest->collected) {
        xb_auto_free struct xb_job_output *output = xb_calloc(2, sizeof(*output));
        if (commit_output(cell, g, output, err) < 0)
            return -1;
        guest->collected = true;
    }
    if (xb_agent_call(cell->run->agents[g], XB_FORGET, guest->job_id, NULL, XB_DONE, NULL,
                      XB_JOB_FORGET_NS, err) < 0)
        return -1;
    guest->stage = XB_STAGE_NONE;
    return 0;
}

int xb_cell_collect(struct xb_cell *cell, struct xb_err *err)
{
    for (size_t g = 0; g < cell->run->count; g++)
        if (collect_guest(cell, g, err) < 0)
            return -1;
    return 0;
}
