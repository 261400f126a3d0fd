/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fetches the jobs' output once all jobs of the cell have ended, because fetching costs CPU time.
 */
#include "alloc.h"
#include "base.h"
#include "cell.h"
#include "run_output.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Note the run's first failure for its last message, even a warm-up's, which has the same cause. */
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

/* A job's figures while they are read. */
struct figures {
    struct xb_cell *cell;
    size_t guest;
    const struct xb_job_output *output; /* of both streams */
    struct xb_job_figures from;
    struct xb_metric_value values[XB_WORKLOAD_FIGURES_MAX];
    struct xb_histogram_value histograms[XB_WORKLOAD_METRICS_MAX];
    struct xb_dist hists[XB_WORKLOAD_METRICS_MAX];
    size_t value_count, histogram_count;
    const struct xb_dist *last; /* the last histogram; NULL: it was not found */
};

static void add_value(struct figures *f, const struct xb_workload_metric *metric, double value)
{
    f->values[f->value_count++] = (struct xb_metric_value){
        metric->name, metric->unit ? metric->unit : "", xb_better_words[metric->better], value};
}

static int read_histogram(struct figures *f, const struct xb_workload_metric *metric,
                          struct xb_err *why)
{
    struct xb_dist *hist = &f->hists[f->histogram_count];
    f->last = NULL;
    if (xb_job_histogram(&f->from, metric, hist, why) < 0)
        return -1;
    f->last = hist;
    f->histograms[f->histogram_count++] = (struct xb_histogram_value){
        metric->name, metric->unit ? metric->unit : "", xb_better_words[metric->better], hist};
    return 0;
}

static int read_percentile(struct figures *f, const struct xb_workload_metric *metric,
                           struct xb_err *why)
{
    if (!f->last)
        return xb_fail(why, XB_E_BENCH, 0, "metric %s: its histogram was not found", metric->name);
    double value = xb_dist_percentile(f->last, metric->percentile);
    if (isnan(value))
        return xb_fail(why, XB_E_BENCH, 0,
                       "metric %s: this percentile takes %" PRIu64 " values, all within the "
                       "histogram's rows; there are %" PRIu64 ", and %" PRIu64 " above the last",
                       metric->name, xb_dist_needed(metric->percentile),
                       f->last->total + f->last->over, f->last->over);
    add_value(f, metric, value);
    return 0;
}

static int read_number(struct figures *f, const struct xb_workload_metric *metric,
                       struct xb_err *why)
{
    double value;
    if (xb_job_metric(&f->from, metric, &value, why) < 0)
        return -1;
    add_value(f, metric, value);
    return 0;
}

static int read_figure(struct figures *f, const struct xb_workload_metric *metric,
                       struct xb_err *why)
{
    return metric->histogram    ? read_histogram(f, metric, why)
           : metric->percentile ? read_percentile(f, metric, why)
                                : read_number(f, metric, why);
}

/*
 * Read every metric, and warn once of each that is missing. A percentile with too few values counts
 * as missing only if the job is judged by it.
 */
static int read_metrics(struct figures *f, struct xb_err *err)
{
    struct xb_cell *cell = f->cell;
    const struct xb_job_spec *job = xb_run_job(cell->run, cell->row.case_no, f->guest);
    struct xb_about about = xb_cell_about(cell, cell->run->guests[f->guest].exp->name);
    for (size_t i = 0; i < job->workload->metric_count; i++) {
        const struct xb_workload_metric *metric = &job->workload->metrics[i];
        struct xb_err why = {0};
        if (read_figure(f, metric, &why) == 0 || (metric->percentile && metric != job->primary))
            continue;
        if (metric == job->primary)
            note_failure(cell, f->guest, why.msg, f->output);
        about.name = metric->name;
        if (xb_run_warn(cell->run, about, XB_WARN_METRIC, err, "%s: %s", about.guest, why.msg) < 0)
            return -1;
    }
    return 0;
}

/* Both streams of each guest, in the order of the guests; to free. */
typedef struct xb_job_output streams[2];

static bool is_due(const struct xb_cell *cell, size_t g)
{
    return cell->guests[g].stage == XB_STAGE_ENDED && !cell->guests[g].collected;
}

static void figures_begin(struct figures *f, struct xb_cell *cell, size_t g,
                          const struct xb_job_output output[2])
{
    bool end_lost = cell->guests[g].written.end_lost;
    *f = (struct figures){.cell = cell, .guest = g, .output = output};
    f->from.run = cell->run;
    f->from.guest = g;
    f->from.deadline_ns = xb_now_ns() + XB_JOB_FILES_NS;
    for (size_t i = 0; i < 2; i++)
        f->from.streams[i] =
            (struct xb_metric_source){output[i].bytes, output[i].used, output[i].lost, end_lost};
}

static void figures_end(struct figures *f)
{
    for (size_t i = 0; i < f->histogram_count; i++)
        free(f->hists[i].buckets);
}

static int commit_figures(struct figures *f, struct xb_err *err)
{
    struct xb_cell *cell = f->cell;
    struct xb_cell_guest *guest = &cell->guests[f->guest];
    bool background = xb_cell_role(cell, f->guest) == XB_ROLE_BACKGROUND;
    if (!guest->written.well && !background)
        note_failure(cell, f->guest, guest->said, f->output);
    else if (guest->written.well && read_metrics(f, err) < 0)
        return -1;
    const struct xb_sample_output sample = {
        .guest = cell->run->guests[f->guest].exp->name,
        .out = f->output[0].bytes,
        .out_bytes = f->output[0].used,
        .errors = f->output[1].bytes,
        .errors_bytes = f->output[1].used,
        .metrics = f->values,
        .metric_count = f->value_count,
        .histograms = f->histograms,
        .histogram_count = f->histogram_count,
    };
    if (xb_store_sample_output(cell->run->store, cell->key, &sample, err) < 0)
        return -1;
    guest->collected = true;
    return 0;
}

/* A guest that takes too long to hand over files of metrics is lost after its sample. */
static void lose_late(struct xb_cell *cell, size_t g)
{
    cell->guests[g].stage = XB_STAGE_LOST;
    xb_fail(&cell->lost, XB_E_BENCH, 0, "%s", cell->run->guests[g].why);
}

static int commit_output(struct xb_cell *cell, size_t g, const struct xb_job_output output[2],
                         struct xb_err *err)
{
    struct figures f;
    bool was_unfit = cell->run->guests[g].unfit;
    figures_begin(&f, cell, g, output);
    int r = commit_figures(&f, err);
    figures_end(&f);
    if (cell->run->guests[g].unfit && !was_unfit)
        lose_late(cell, g);
    return r;
}

/* One stream of all guests; errs says which guests failed, and why. */
static void fetch_stream(struct xb_cell *cell, int which, streams *outputs, struct xb_err *errs)
{
    xb_auto_free struct xb_fetch *fetches = xb_calloc(cell->run->count, sizeof(*fetches));
    for (size_t g = 0; g < cell->run->count; g++)
        if (is_due(cell, g) && errs[g].class == XB_E_NONE)
            fetches[g] = (struct xb_fetch){
                .agent = cell->run->agents[g],
                .job_id = cell->guests[g].job_id,
                .stream = which ? XB__STREAM__STREAM_STDERR : XB__STREAM__STREAM_STDOUT,
                .written = cell->guests[g].written.bytes[which],
                .out = &outputs[g][which],
            };
    xb_jobs_fetch(fetches, cell->run->count, cell->run->stop_fd);
    for (size_t g = 0; g < cell->run->count; g++)
        if (fetches[g].agent)
            errs[g] = fetches[g].err;
}

/*
 * A guest that ended its job but does not deliver the output is lost: its time counts, its metrics
 * are missing.
 */
static int lose_output(struct xb_cell *cell, size_t g, const struct xb_err *why, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    struct xb_about about = xb_cell_about(cell, run->guests[g].exp->name);
    cell->guests[g].stage = XB_STAGE_LOST;
    cell->guests[g].failed = true;
    xb_run_unfit(run, g, why);
    xb_fail(&cell->lost, XB_E_BENCH, 0, "%s", why->msg);
    if (!run->tally.failure[0])
        snprintf(run->tally.failure, sizeof(run->tally.failure), "%.511s", why->msg);
    return xb_run_warn(run, about, XB_WARN_OUTPUT_MISSING, err,
                       "cell %u: %s; the output of its job is missing", cell->row.cell + 1,
                       why->msg);
}

/* Commit what has arrived before reporting a loss. */
static int collect_outputs(struct xb_cell *cell, struct xb_err *err)
{
    size_t count = cell->run->count;
    xb_auto_free streams *outputs = xb_calloc(count, sizeof(*outputs));
    xb_auto_free struct xb_err *errs = xb_calloc(count, sizeof(*errs));
    for (int which = 0; which < 2; which++)
        fetch_stream(cell, which, outputs, errs);
    for (size_t g = 0; g < count; g++)
        if (is_due(cell, g) && errs[g].class == XB_E_NONE &&
            commit_output(cell, g, outputs[g], err) < 0)
            return -1;
    if (xb_run_stopping(cell->run, err))
        return -1;
    for (size_t g = 0; g < count; g++)
        if (errs[g].class != XB_E_NONE && lose_output(cell, g, &errs[g], err) < 0)
            return -1;
    return 0;
}

/*
 * The store has all that the cell needs, so a guest that does not forget its job is lost only for
 * later cells.
 */
static int judge_forgetting(struct xb_cell *cell, const struct xb_ask *asks, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    if (xb_run_stopping(run, err))
        return -1;
    for (size_t g = 0; g < run->count; g++) {
        struct xb_about about = xb_cell_about(cell, run->guests[g].exp->name);
        if (!asks[g].agent || asks[g].body)
            continue;
        xb_run_unfit(run, g, &asks[g].err);
        if (xb_run_warn(run, about, XB_WARN_GUEST_LOST, err, "cell %u: after its end: %s",
                        cell->row.cell + 1, asks[g].err.msg) < 0)
            return -1;
    }
    return 0;
}

static int forget_jobs(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    xb_auto_free struct xb_ask *asks = xb_calloc(run->count, sizeof(*asks));
    for (size_t g = 0; g < run->count; g++)
        if (cell->guests[g].stage == XB_STAGE_ENDED)
            asks[g] = (struct xb_ask){.agent = run->agents[g],
                                      .job_id = cell->guests[g].job_id,
                                      .type = XB_FORGET,
                                      .answer = XB_DONE};
    xb_agents_ask(asks, run->count, XB_JOB_FORGET_NS);
    for (size_t g = 0; g < run->count; g++)
        if (asks[g].body)
            cell->guests[g].stage = XB_STAGE_NONE;
    int r = judge_forgetting(cell, asks, err);
    xb_asks_clear(asks, run->count);
    return r;
}

int xb_cell_collect(struct xb_cell *cell, struct xb_err *err)
{
    return collect_outputs(cell, err) < 0 ? -1 : forget_jobs(cell, err);
}
