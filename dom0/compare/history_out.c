/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A history as a document, as JSON and as a chart. */
#include "base.h"
#include "compare_out.h"
#include "history_model.h"
#include "json_text.h"
#include "report_plot.h"
#include "report_words.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define COLUMNS 5
#define DATE_CHARS 10 /* of 2026-11-29T15:14:00Z */

static const char *unit_of(const struct xb_history_series *s)
{
    return xb_report_unit_of(s->metric, s->unit);
}

static const char *metric_of(const struct xb_history_series *s)
{
    return xb_report_metric_of(s->metric);
}

/* "+7.2 %", or "+0.25 s" if there is no ratio. */
static void say_change(const struct xb_history_series *s, double change, char *out, size_t bytes)
{
    const char *unit = unit_of(s);
    if (s->ratio)
        snprintf(out, bytes, "%+.1f %%", 100 * change);
    else
        snprintf(out, bytes, "%+.*f%s%s", xb_report_digits(change), change, *unit ? " " : "", unit);
}

static const char *say_sense(const struct xb_history_series *s, int sense)
{
    return sense > 0   ? (s->metric ? "better" : "faster")
           : sense < 0 ? (s->metric ? "worse" : "slower")
                       : "changed";
}

static void add_changes(struct xb_doc *doc, const struct xb_history_model *h)
{
    for (size_t i = 0; i < h->series_count; i++) {
        const struct xb_history_series *s = &h->series[i];
        for (size_t k = 0; k < s->change_count; k++) {
            const struct xb_history_change *c = &s->changes[k];
            const struct xb_history_run *run = &h->runs[s->points[c->at].run];
            char change[48], p[32];
            say_change(s, c->change, change, sizeof(change));
            xb_compared_p(c->p, p, sizeof(p));
            int digits = xb_report_digits(c->before);
            xb_doc_add(doc, XB_BLOCK_ITEM,
                       "%s, %s: %s since run %.8s of %.*s: %s, from %.*f to %.*f%s%s (p %s%s)",
                       s->case_name, s->guest, say_sense(s, c->sense), run->id, DATE_CHARS,
                       run->started_at, change, digits, c->before, digits, c->after,
                       *unit_of(s) ? " " : "", unit_of(s), *p == '<' ? "" : "= ", p);
            for (size_t d = 0; d < c->differ_count; d++)
                xb_doc_add(doc, XB_BLOCK_ITEM, "differs from the run before: %s", c->differs[d]);
            if (c->differ_count == 0)
                xb_doc_add(doc, XB_BLOCK_ITEM,
                           "nothing that xenbench records differs from the run before");
        }
    }
}

static void add_verdict(struct xb_doc *doc, const struct xb_history_model *h)
{
    size_t changes = 0, least = xb_change_values_least(h->level);
    for (size_t i = 0; i < h->series_count; i++)
        changes += h->series[i].change_count;
    xb_doc_add(doc, XB_BLOCK_HEADING, "What it says");
    if (h->judged == 0)
        xb_doc_add(doc, XB_BLOCK_LEAD,
                   "Too few runs to show a change: %zu series of medians need %zu runs each.",
                   h->series_count, least);
    else
        xb_doc_add(doc, XB_BLOCK_LEAD, "%zu change%s in %zu series of medians.", changes,
                   xb_plural(changes), h->judged);
}

static void put_series(struct xb_doc *doc, size_t at, const struct xb_history_model *h,
                       const struct xb_history_series *s)
{
    char text[64], below[128];
    const struct xb_history_point *first = &s->points[0], *last = &s->points[s->count - 1];
    size_t from = s->change_count ? s->changes[s->change_count - 1].at : 0;
    struct xb_stats now = XB_STATS_OVER(s->points + from, s->count - from, value);
    int digits = xb_report_digits(now.median);
    xb_doc_cell(doc, at, 0, s->case_name, s->guest);
    snprintf(text, sizeof(text), "%zu", s->count);
    xb_doc_cell(doc, at, 1, text, NULL);
    snprintf(text, sizeof(text), "%.*f", digits, first->value);
    snprintf(below, sizeof(below), "%.*s", DATE_CHARS, h->runs[first->run].started_at);
    xb_doc_cell(doc, at, 2, text, below);
    snprintf(text, sizeof(text), "%.*f", digits, last->value);
    snprintf(below, sizeof(below), "%.*s", DATE_CHARS, h->runs[last->run].started_at);
    xb_doc_cell(doc, at, 3, text, below);
    snprintf(text, sizeof(text), "%.*f ± %.*f", digits, now.median, digits, now.mad);
    snprintf(below, sizeof(below), "%zu run%s%s%s %s", s->count - from, xb_plural(s->count - from),
             *unit_of(s) ? ", " : ",", unit_of(s), metric_of(s));
    xb_doc_cell(doc, at, 4, text, below);
}

static void add_table(struct xb_doc *doc, const struct xb_history_model *h)
{
    static const char *const head[COLUMNS] = {"case", "runs", "first", "latest", "level now"};
    xb_doc_table(doc, h->series_count + 1, COLUMNS, "Medians of the runs");
    xb_doc_heads(doc, head, COLUMNS);
    for (size_t i = 0; i < h->series_count; i++)
        put_series(doc, i + 1, h, &h->series[i]);
}

static void add_method(struct xb_doc *doc, const struct xb_history_model *h)
{
    xb_doc_add(doc, XB_BLOCK_HEADING, "How to read it");
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "A change: E-divisive (Matteson and James 2014) splits a series of medians where "
               "the energy statistic between the two sides is largest. p is by permutation; a "
               "change counts if p is at most %.2g, which is %.0f %% for all %zu series together.",
               h->level, 100 * XB_HISTORY_ALPHA, h->tests ? h->tests : 1);
    xb_doc_add(doc, XB_BLOCK_ITEM,
               "Level now: the median of the runs since the last change ± their median absolute "
               "deviation.");
}

/* ---- JSON ---- */

static json_t *json_of_changes(const struct xb_history_model *h, const struct xb_history_series *s)
{
    json_t *list = json_array();
    for (size_t k = 0; k < s->change_count; k++) {
        const struct xb_history_change *c = &s->changes[k];
        json_t *differs = json_array();
        for (size_t d = 0; d < c->differ_count; d++)
            json_array_append_new(differs, xb_json_text(c->differs[d]));
        json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:f, s:f, s:b, s:s, s:o}", "since",
                                              h->runs[s->points[c->at].run].id, "p", c->p, "before",
                                              c->before, "after", c->after, "change", c->change,
                                              "ratio", s->ratio, "sense",
                                              c->sense > 0   ? "better"
                                              : c->sense < 0 ? "worse"
                                                             : "unknown",
                                              "differs", differs));
    }
    return list;
}

static json_t *json_of_points(const struct xb_history_model *h, const struct xb_history_series *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->count; i++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:f}", "run",
                                              h->runs[s->points[i].run].id, "started_at",
                                              xb_json_text(h->runs[s->points[i].run].started_at),
                                              "median", s->points[i].value));
    return list;
}

json_t *xb_history_json(const struct xb_history_model *h)
{
    json_t *list = json_array();
    for (size_t i = 0; i < h->series_count; i++) {
        const struct xb_history_series *s = &h->series[i];
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o, s:o, s:s?, s:o, s:o}", "case",
                                        xb_json_text(s->case_name), "guest", xb_json_text(s->guest),
                                        "metric", xb_json_text(metric_of(s)), "unit",
                                        xb_json_text(*unit_of(s) ? unit_of(s) : NULL), "better",
                                        s->metric ? s->better : "less", "points",
                                        json_of_points(h, s), "changes", json_of_changes(h, s)));
    }
    return json_pack("{s:s, s:o, s:f, s:I, s:o}", "schema", XB_HISTORY_SCHEMA, "experiment",
                     xb_json_text(h->experiment), "level", h->level, "series_judged",
                     (json_int_t)h->judged, "series", list);
}

/* ---- the chart ---- */

#define PANEL_HEIGHT 120
#define PANEL_MARGIN 10

/* The level of the part that a point is in. */
static double level_at(const struct xb_history_series *s, size_t point)
{
    size_t from = 0, to = s->count;
    for (size_t k = 0; k < s->change_count; k++) {
        if (s->changes[k].at <= point)
            from = s->changes[k].at;
        else if (s->changes[k].at < to)
            to = s->changes[k].at;
    }
    return XB_STATS_OVER(s->points + from, to - from, value).median;
}

/* Seconds since 1970. */
static double seconds_of(const char *started_at)
{
    struct tm tm = {0};
    return strptime(started_at, "%Y-%m-%dT%H:%M:%S", &tm) ? (double)timegm(&tm) : 0;
}

static double time_of(const struct xb_history_model *h, const struct xb_history_series *s, size_t i)
{
    return seconds_of(h->runs[s->points[i].run].started_at);
}

/* Where a value lies in a panel, in pixels from its top. */
static int y_of(const struct xb_axis *values, double value)
{
    double part = (value - values->low) / (values->high - values->low);
    return PANEL_HEIGHT - PANEL_MARGIN - (int)lround(part * (PANEL_HEIGHT - 2 * PANEL_MARGIN));
}

static void put_values_axis(struct xb_plot *p, const struct xb_axis *values)
{
    for (size_t i = 0; i < values->tick_count; i++) {
        int y = y_of(values, values->ticks[i]);
        xb_plot_line(p, p->axis->low, p->axis->high, y, y, 0, "grid");
        xb_plot_label(p, p->axis->low, y - 2, false, values->labels[i]);
    }
}

/* The level of each part as a line, a dashed line at each change, a dot for each run. */
static void put_points(struct xb_plot *p, const struct xb_history_model *h,
                       const struct xb_history_series *s, const struct xb_axis *values)
{
    const char *unit = unit_of(s);
    for (size_t i = 0; i + 1 < s->count; i++) {
        int y = y_of(values, level_at(s, i));
        if (level_at(s, i) == level_at(s, i + 1))
            xb_plot_line(p, time_of(h, s, i), time_of(h, s, i + 1), y, y, 0, "level");
    }
    for (size_t k = 0; k < s->change_count; k++)
        xb_plot_tick(p, time_of(h, s, s->changes[k].at), 0, PANEL_HEIGHT, 0, "change", NULL);
    for (size_t i = 0; i < s->count; i++) {
        char tip[128];
        const struct xb_history_run *run = &h->runs[s->points[i].run];
        snprintf(tip, sizeof(tip), "%.10s, run %.8s: %.*f %.40s", run->started_at, run->id,
                 xb_report_digits(s->points[i].value), s->points[i].value, unit);
        xb_plot_dot(p, time_of(h, s, i), y_of(values, s->points[i].value), 0, tip);
    }
}

static void put_panel(struct xb_plot *p, const struct xb_history_model *h,
                      const struct xb_history_series *s)
{
    const char *unit = unit_of(s);
    char name[300], figure[96], said[400];
    const struct xb_stats all = XB_STATS_OVER(s->points, s->count, value);
    const struct xb_axis values = xb_axis_linear(all.min, all.max, "");
    double now = level_at(s, s->count - 1);
    snprintf(name, sizeof(name), "%.200s, %.64s", s->case_name, s->guest);
    snprintf(figure, sizeof(figure), "%.40s\nnow %.*f %.40s", metric_of(s), xb_report_digits(now),
             now, unit);
    snprintf(said, sizeof(said), "%s: %zu runs, %zu change%s", name, s->count, s->change_count,
             xb_plural(s->change_count));
    xb_plot_row(p, name, figure, said, PANEL_HEIGHT);
    put_values_axis(p, &values);
    put_points(p, h, s, &values);
    xb_plot_row_end(p);
}

static void add_chart(struct xb_doc *doc, const struct xb_history_model *h)
{
    struct xb_plot p;
    const struct xb_axis axis = xb_axis_dates(seconds_of(h->runs[0].started_at),
                                              seconds_of(h->runs[h->run_count - 1].started_at));
    xb_plot_begin(&p, &axis, "history", "Medians over time");
    xb_plot_key(&p, 0, "the median of a run");
    xb_plot_key_mark(&p, "level", "level");
    xb_plot_key_mark(&p, "change", "change");
    for (size_t i = 0; i < h->series_count && i < XB_PLOT_ROWS_MAX; i++) {
        xb_plot_case(&p, NULL);
        put_panel(&p, h, &h->series[i]);
    }
    xb_plot_axis(&p, "start of the run, UTC");
    xb_plot_end(&p, doc);
}

void xb_history_doc(struct xb_doc *doc, const struct xb_history_model *h)
{
    const struct xb_history_run *first = &h->runs[0], *last = &h->runs[h->run_count - 1];
    *doc = (struct xb_doc){.count = 0};
    xb_doc_add(doc, XB_BLOCK_TITLE, "%s: %zu run%s, %.*s to %.*s", h->experiment, h->run_count,
               xb_plural(h->run_count), DATE_CHARS, first->started_at, DATE_CHARS,
               last->started_at);
    add_verdict(doc, h);
    add_chart(doc, h);
    add_changes(doc, h);
    add_table(doc, h);
    add_method(doc, h);
}
