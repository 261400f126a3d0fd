/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_workload.h"

#include "alloc.h"
#include "base.h"
#include "run_hooks.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* A job's time limit where neither experiment nor workload sets one. */
#define TIMEOUT_NS (3600 * XB_NS_PER_S)
#define ARM_TIMEOUT_NS (60 * XB_NS_PER_S)
#define METRIC_FILE_MAX (16 * XB_MIB)

int xb_job_spec_make(struct xb_app *app, const struct xb_experiment *exp, size_t workload,
                     struct xb_job_spec *out, struct xb_err *err)
{
    const struct xb_exp_workload *w = &exp->workloads[workload];
    *out = (struct xb_job_spec){.name = w->name, .workload = w->own};
    if (!w->own) {
        if (xb_workload_find(app, w->name, &out->found, err) < 0)
            return xb_fail_context(err, "%s:%u", exp->path, w->line);
        out->workload = out->found;
    }
    out->primary = xb_workload_primary(out->workload);
    out->timeout_ns = exp->timeout_ns             ? exp->timeout_ns
                      : out->workload->timeout_ns ? out->workload->timeout_ns
                                                  : TIMEOUT_NS;
    return 0;
}

void xb_job_spec_clear(struct xb_job_spec *spec)
{
    xb_workload_free(spec->found);
    *spec = (struct xb_job_spec){0};
}

static ProtobufCBinaryData bytes_of(const char *text)
{
    return (ProtobufCBinaryData){text ? strlen(text) : 0, (uint8_t *)text};
}

int xb_job_arm_fill(const struct xb_job_place *place, const struct xb_job_spec *spec,
                    const struct xb_texts *command, const char *token, struct xb_job_arm *out,
                    XB_UNUSED struct xb_err *err)
{
    const struct xb_workload *w = spec->workload;
    *out = (struct xb_job_arm){.words = NULL};
    xb__arm__init(&out->msg);
    xb_run_env(place->run, place->row, (int)place->guest, &out->told);
    /* The workload's own variables come last, so that they win. */
    const struct xb_texts *lists[] = {command, &out->told, &w->env};
    size_t used = 0;
    out->words = xb_calloc(command->count + out->told.count + w->env.count, sizeof(*out->words));
    for (size_t l = 0; l < XB_ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            out->words[used++] = bytes_of(lists[l]->v[i]);
    out->msg.token = (char *)token;
    out->msg.argv = out->words;
    out->msg.n_argv = command->count;
    out->msg.env = out->words + command->count;
    out->msg.n_env = out->told.count + w->env.count;
    out->msg.cwd = bytes_of(w->cwd);
    out->msg.user = bytes_of(w->user);
    out->msg.timeout_ns = spec->timeout_ns;
    out->msg.output = XB__OUTPUT_MODE__OUTPUT_KEEP;
    out->msg.keep_bytes = XB_JOB_OUTPUT_BYTES;
    return 0;
}

void xb_job_arm_free(struct xb_job_arm *arm)
{
    free(arm->words);
    xb_texts_free(&arm->told);
}

static int arm_all(struct xb_run *run, const struct xb_cell_row *row,
                   const struct xb_arming *armings, struct xb_job_arm *arms, struct xb_err *err)
{
    xb_auto_free struct xb_ask *asks = xb_calloc(run->count, sizeof(*asks));
    for (size_t g = 0; g < run->count; g++) {
        const struct xb_arming *a = &armings[g];
        const struct xb_job_place place = {run, g, row};
        if (a->job_id == 0)
            continue;
        if (xb_job_arm_fill(&place, a->spec, a->command, a->token, &arms[g], err) < 0)
            return -1;
        arms[g].msg.leave = a->leave;
        asks[g] = (struct xb_ask){.agent = run->agents[g],
                                  .job_id = a->job_id,
                                  .type = XB_ARM,
                                  .answer = XB_ARMED,
                                  .msg = &arms[g].msg.base};
    }
    xb_agents_ask(asks, run->count, ARM_TIMEOUT_NS);
    int r = xb_run_judge_asks(run, asks, err);
    xb_asks_clear(asks, run->count);
    return r;
}

int xb_jobs_arm(struct xb_run *run, const struct xb_cell_row *row, const struct xb_arming *armings,
                struct xb_err *err)
{
    xb_auto_free struct xb_job_arm *arms = xb_calloc(run->count, sizeof(*arms));
    int r = arm_all(run, row, armings, arms, err);
    for (size_t g = 0; g < run->count; g++)
        xb_job_arm_free(&arms[g]);
    return r;
}

/* Bring a file that the job left in the guest to `local`. */
static int bring(const struct xb_job_figures *figures, const char *path, const char *local,
                 struct xb_err *err)
{
    struct xb_run *run = figures->run;
    const struct xb_pull_limit limit = {
        .bytes = METRIC_FILE_MAX,
        .way_out = "let the workload write its figure to a file of its own, or to stdout",
        .deadline_ns = figures->deadline_ns,
    };
    if (xb_agent_pull(run->agents[figures->guest], path, local, limit, NULL, err) == 0)
        return 0;
    if (xb_now_ns() >= figures->deadline_ns)
        xb_run_unfit(run, figures->guest, err);
    return -1;
}

/* A file that the job left in the guest, in a buffer to free. */
static char *pull_file(const struct xb_job_figures *figures, const char *path, size_t *bytes,
                       struct xb_err *err)
{
    char local[PATH_MAX];
    const char *run_dir = figures->run->app->run_dir;
    if (snprintf(local, sizeof(local), "%s/metric-%d", run_dir, getpid()) >= (int)sizeof(local)) {
        xb_fail(err, XB_E_HOST, ENAMETOOLONG, "%s", run_dir);
        return NULL;
    }
    if (bring(figures, path, local, err) < 0)
        return NULL;
    xb_auto_fclose FILE *file = fopen(local, "re");
    unlink(local);
    if (!file) {
        xb_fail(err, XB_E_HOST, errno, "%s cannot be read", local);
        return NULL;
    }
    char *text = xb_malloc(METRIC_FILE_MAX);
    *bytes = fread(text, 1, METRIC_FILE_MAX, file);
    return text;
}

/* Where the metric is to be found; *file is to free. */
static int find_source(const struct xb_job_figures *figures,
                       const struct xb_workload_metric *metric, struct xb_metric_source *source,
                       char **file, struct xb_err *err)
{
    *file = NULL;
    if (strcmp(metric->from, "stdout") == 0 || strcmp(metric->from, "stderr") == 0) {
        *source = figures->streams[strcmp(metric->from, "stderr") == 0];
        return 0;
    }
    *source = (struct xb_metric_source){0};
    source->text = *file = pull_file(figures, metric->from, &source->bytes, err);
    return *file ? 0 : xb_fail_context(err, "metric %s", metric->name);
}

int xb_job_metric(const struct xb_job_figures *figures, const struct xb_workload_metric *metric,
                  double *value, struct xb_err *err)
{
    struct xb_metric_source source;
    xb_auto_free char *file = NULL;
    return find_source(figures, metric, &source, &file, err) < 0
               ? -1
               : xb_workload_metric_read(metric, &source, value, err);
}

int xb_job_histogram(const struct xb_job_figures *figures, const struct xb_workload_metric *metric,
                     struct xb_dist *hist, struct xb_err *err)
{
    struct xb_metric_source source;
    xb_auto_free char *file = NULL;
    return find_source(figures, metric, &source, &file, err) < 0
               ? -1
               : xb_workload_dist_read(metric, &source, hist, err);
}
