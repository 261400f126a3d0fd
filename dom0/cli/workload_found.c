/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workload_found.h"

#include "alloc.h"
#include "base.h"
#include "report_model.h"
#include "width.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

struct telling {
    const struct xb_found_spec *spec;
    bool *missing;
};

/* One metric in all repetitions. */
struct found {
    const char *name, *unit;
    size_t count;
    struct xb_stats stats; /* if it is a number */
    const char *note;      /* in place of numbers; NULL: none */
    const char *why;       /* why it was not found: the first warning; NULL: unknown */
};

static struct found found_time(const struct xb_model *m)
{
    xb_auto_free double *times = xb_calloc(m->sample_count + 1, sizeof(*times));
    struct found f = {.name = XB_WORKLOAD_TIME, .unit = "s"};
    for (size_t i = 0; i < m->sample_count; i++)
        if (m->samples[i].well)
            times[f.count++] = m->samples[i].wall_s;
    f.stats = xb_stats_of(times, f.count);
    return f;
}

static struct found found_number(const struct xb_workload_metric *metric,
                                 const struct xb_metric_row *values, size_t count)
{
    xb_auto_free double *numbers = xb_calloc(count + 1, sizeof(*numbers));
    struct found f = {.name = metric->name, .unit = metric->unit ? metric->unit : ""};
    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i].name, metric->name) == 0)
            numbers[f.count++] = values[i].value;
    f.stats = xb_stats_of(numbers, f.count);
    return f;
}

static struct found found_histogram(const struct xb_workload_metric *metric,
                                    const struct xb_model *m)
{
    struct found f = {
        .name = metric->name, .unit = metric->unit ? metric->unit : "", .note = "a histogram"};
    for (size_t i = 0; i < m->dist_count; i++)
        if (strcmp(m->dists[i].name, metric->name) == 0)
            f.count = m->dists[i].row_count;
    return f;
}

/*
 * Too few values for a percentile are not the pattern's fault; they matter only if tables show it.
 */
static void judge(struct telling *t, const struct xb_model *m,
                  const struct xb_workload_metric *metric, struct found *f)
{
    bool needed =
        !metric || !metric->percentile || metric == xb_workload_primary(t->spec->workload);
    for (size_t i = 0; i < m->warning_count && !f->why; i++)
        if (strcmp(m->warnings[i].code, f->name) == 0)
            f->why = m->warnings[i].message;
    if (f->count == 0 && !needed)
        f->note = "cannot be told: too few values";
    *t->missing = *t->missing || (needed && f->count < t->spec->repetitions);
}

/* The range in parts of the median; NaN if that says nothing. */
static double varies(const struct found *f)
{
    return f->count > 1 && f->stats.median > 0 ? (f->stats.max - f->stats.min) / f->stats.median
                                               : NAN;
}

/* ---- how it is shown ---- */

static const int columns[] = {20, 8, 12, 12, 12, 10};

static void put_row(const char *const cells[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (i + 1 < count)
            xb_put(stdout, cells[i], columns[i]);
        else
            puts(cells[i]);
}

static void show_line(const struct telling *t, const struct found *f)
{
    char of[32], numbers[3][32], share[32] = "-";
    const double values[] = {f->stats.median, f->stats.min, f->stats.max};
    snprintf(of, sizeof(of), "%zu/%u", f->count, t->spec->repetitions);
    for (size_t i = 0; i < XB_ARRAY_LEN(values); i++)
        snprintf(numbers[i], sizeof(numbers[i]), f->count ? "%.6g" : "-", values[i]);
    if (!isnan(varies(f)))
        snprintf(share, sizeof(share), "%.1f %%", 100 * varies(f));
    if (f->note)
        put_row((const char *const[]){f->name, of, f->note}, 3);
    else
        put_row(
            (const char *const[]){f->name, of, numbers[0], numbers[1], numbers[2], share, f->unit},
            7);
    if (f->why && f->count < t->spec->repetitions)
        printf("    %s\n", f->why);
}

static json_t *line_json(const struct found *f)
{
    bool numbers = !f->note && f->count;
    return json_pack(
        "{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:s?}", "name", f->name, "unit", f->unit, "found",
        (json_int_t)f->count, "median", numbers ? json_real(f->stats.median) : json_null(), "min",
        numbers ? json_real(f->stats.min) : json_null(), "max",
        numbers ? json_real(f->stats.max) : json_null(), "varies",
        numbers && !isnan(varies(f)) ? json_real(varies(f)) : json_null(), "why", f->why);
}

static void tell(struct telling *t, const struct xb_model *m, const struct xb_metric_row *values,
                 size_t value_count)
{
    const struct xb_workload *w = t->spec->workload;
    json_t *list = t->spec->json ? json_array() : NULL;
    if (!list)
        put_row((const char *const[]){"METRIC", "FOUND", "MEDIAN", "LEAST", "GREATEST", "VARIES",
                                      "UNIT"},
                7);
    for (size_t i = 0; i <= w->metric_count; i++) {
        const struct xb_workload_metric *metric = i > 0 ? &w->metrics[i - 1] : NULL;
        struct found f = !metric             ? found_time(m)
                         : metric->histogram ? found_histogram(metric, m)
                                             : found_number(metric, values, value_count);
        judge(t, m, metric, &f);
        if (list)
            json_array_append_new(list, line_json(&f));
        else
            show_line(t, &f);
    }
    if (list && json_dumpf(list, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0)
        putchar('\n');
    json_decref(list);
}

int xb_found_tell(const struct xb_found_spec *spec, struct xb_store *store, const char *run,
                  bool *missing, struct xb_err *err)
{
    struct telling t = {spec, missing};
    struct xb_model model;
    struct xb_metric_row *values;
    size_t count;
    *missing = false;
    if (xb_model_load(&model, store, run, err) < 0)
        return -1;
    const struct xb_read in = {store, &model.arena, run, err, NULL};
    int r = xb_read_metrics(&in, &values, &count);
    if (r == 0)
        tell(&t, &model, values, count);
    xb_model_free(&model);
    return r;
}
