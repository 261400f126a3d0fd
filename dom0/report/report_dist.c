/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distributions in a report: percentiles of all repetitions' values, and a chart. */
#include "alloc.h"
#include "base.h"
#include "report_build_i.h"
#include "report_plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_COLUMNS 4 /* before the percentiles */
#define ROW_HEIGHT 64
#define BARS_HEIGHT 48
/* Bars in a decade; on the logarithmic axis they are equally wide. */
#define PER_DECADE 20
#define LABEL_ROOM 11 /* percent of the drawing */

/* The nanoseconds in a unit of time; 0 if it is no unit of time. */
static double ns_per(const char *unit)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"\xc2\xb5s", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    for (size_t i = 0; i < XB_ARRAY_LEN(units); i++)
        if (strcmp(units[i].unit, unit) == 0)
            return units[i].ns;
    return 0;
}

static void put_value(double value, char *out, size_t bytes)
{
    double size = fabs(value);
    if (size > 0 && (size < 0.01 || size >= 1e10))
        snprintf(out, bytes, "%.3g", value);
    else
        snprintf(out, bytes, "%.*f",
                 size >= 100 || size == floor(size) ? 0
                 : size >= 1                        ? 2
                                                    : 3,
                 value);
}

/*
 * Write a percentile: "> GREATEST" if it lies above all buckets, "-" if there are too few values.
 */
static void put_percentile(const struct xb_model_dist *h, size_t p, char *out, size_t bytes)
{
    bool above = h->all.over > 0 && h->all.count > 0 &&
                 h->all.total + h->all.over >= xb_dist_needed(&xb_percentiles[p]);
    char greatest[32];
    if (isfinite(h->values[p])) {
        put_value(h->values[p], out, bytes);
        return;
    }
    if (above)
        put_value(h->all.buckets[h->all.count - 1].value, greatest, sizeof(greatest));
    snprintf(out, bytes, "%s%s", above ? "> " : "-", above ? greatest : "");
}

static void put_interval(const struct xb_model_dist *h, size_t p, char *out, size_t bytes)
{
    char low[32], high[32];
    out[0] = '\0';
    if (isnan(h->lows[p]))
        return;
    put_value(h->lows[p], low, sizeof(low));
    put_value(h->highs[p], high, sizeof(high));
    snprintf(out, bytes, "%s to %s", low, high);
}

/* ---- the table ---- */

static void add_row(struct xb_doc *doc, const struct xb_model *m, size_t row)
{
    const struct xb_model_dist *h = &m->dists[row - 1];
    char values[32], name[160], text[64], below[80];
    snprintf(values, sizeof(values), "%" PRIu64, h->all.total + h->all.over);
    snprintf(name, sizeof(name), "%.100s%s%.40s", h->name, *h->unit ? ", " : "", h->unit);
    xb_doc_cell(doc, row, 0, m->cases[h->case_no].name, NULL);
    xb_doc_cell(doc, row, 1, m->guests[h->guest].name, NULL);
    xb_doc_cell(doc, row, 2, name, NULL);
    xb_doc_cell(doc, row, 3, values, NULL);
    for (size_t p = 0; p < XB_PERCENTILES; p++) {
        put_percentile(h, p, text, sizeof(text));
        put_interval(h, p, below, sizeof(below));
        xb_doc_cell(doc, row, FIRST_COLUMNS + p, text, *below ? below : NULL);
    }
}

static void add_table(struct xb_doc *doc, const struct xb_model *m)
{
    const char *heads[FIRST_COLUMNS + XB_PERCENTILES] = {"case", "guest", "distribution", "values"};
    char caption[400], none[120];
    bool sure = false;
    for (size_t i = 0; i < m->dist_count * XB_PERCENTILES; i++)
        sure = sure || !isnan(m->dists[i / XB_PERCENTILES].lows[i % XB_PERCENTILES]);
    for (size_t p = 0; p < XB_PERCENTILES; p++)
        heads[FIRST_COLUMNS + p] = xb_percentiles[p].name;
    snprintf(none, sizeof(none),
             "No intervals are shown: an interval needs %d repetitions, and 10 values above the "
             "percentile.",
             XB_DIST_REPS_LEAST);
    snprintf(caption, sizeof(caption),
             "Percentiles of the pooled values of all repetitions, accurate to 0.5 %%. %s",
             sure ? "Below: 95 % interval, by bootstrap over repetitions (drawn with replacement)."
                  : none);
    xb_doc_table(doc, m->dist_count + 1, XB_ARRAY_LEN(heads), caption);
    xb_doc_heads(doc, heads, XB_ARRAY_LEN(heads));
    for (size_t row = 1; row <= m->dist_count; row++)
        add_row(doc, m, row);
}

/* ---- charts ---- */

/* A chart of all histograms with the name and unit of the first. */
struct chart {
    const struct xb_model *m;
    const struct xb_model_dist *first;
    double scale; /* from the unit to the axis: nanoseconds for times */
};

static bool is_of(const struct chart *c, const struct xb_model_dist *h)
{
    return strcmp(h->name, c->first->name) == 0 && strcmp(h->unit, c->first->unit) == 0;
}

/* The axis starts at the smallest value above 0, because a logarithmic axis has no place for 0. */
static struct xb_axis axis_of(const struct chart *c)
{
    double low = INFINITY, high = 0;
    for (const struct xb_model_dist *h = c->first; h < c->m->dists + c->m->dist_count; h++) {
        for (size_t i = 0; is_of(c, h) && i < h->all.count; i++) {
            double value = h->all.buckets[i].value * c->scale;
            low = value > 0 ? fmin(low, value) : low;
            high = fmax(high, value);
        }
    }
    if (!(high > 0))
        low = high = 1;
    return ns_per(c->first->unit) > 0 ? xb_axis_times(low, high)
                                      : xb_axis_decades(low, high, c->first->unit);
}

static size_t bar_of(const struct xb_axis *axis, double value, size_t bars)
{
    double at = value > axis->low ? log10(value / axis->low) * PER_DECADE : 0;
    return at < (double)bars - 1 ? (size_t)at : bars - 1;
}

/* A bar's height is the logarithm of its count, so that a single slow value is seen. */
static void put_bars(struct xb_plot *p, const struct chart *c, const struct xb_model_dist *h)
{
    size_t bars = (size_t)lround(log10(p->axis->high / p->axis->low) * PER_DECADE);
    xb_auto_free uint64_t *counts = xb_calloc(bars + 1, sizeof(*counts));
    uint64_t most = 1;
    char tip[64];
    for (size_t i = 0; i < h->all.count; i++) {
        uint64_t *at = &counts[bar_of(p->axis, h->all.buckets[i].value * c->scale, bars)];
        *at += h->all.buckets[i].count;
        most = *at > most ? *at : most;
    }
    for (size_t i = 0; i < bars; i++) {
        double from = p->axis->low * pow(10, (double)i / PER_DECADE);
        if (counts[i] == 0)
            continue;
        int height = (int)ceil(BARS_HEIGHT * log1p((double)counts[i]) / log1p((double)most));
        snprintf(tip, sizeof(tip), "%" PRIu64 " values", counts[i]);
        xb_plot_bar(p, from, from * pow(10, 1.0 / PER_DECADE), ROW_HEIGHT - height, height,
                    h->guest, "part", tip);
    }
}

static void put_marks(struct xb_plot *p, const struct chart *c, const struct xb_model_dist *h)
{
    double last = -LABEL_ROOM;
    for (size_t i = 0; i < XB_PERCENTILES; i++) {
        double value = h->values[i] * c->scale, at = xb_axis_at(p->axis, value);
        if (!isfinite(value))
            continue;
        xb_plot_tick(p, value, ROW_HEIGHT - BARS_HEIGHT, BARS_HEIGHT, 0, "percentile",
                     xb_percentiles[i].name);
        if (at - last < LABEL_ROOM) /* else the names would overlap */
            continue;
        xb_plot_label(p, value, ROW_HEIGHT - BARS_HEIGHT - 3, false, xb_percentiles[i].name);
        last = at;
    }
}

static void put_row(struct xb_plot *p, const struct chart *c, const struct xb_model_dist *h)
{
    static const size_t told[] = {0, 2, XB_PERCENTILES - 1}; /* p50, p99, max */
    const char *who = c->m->guests[h->guest].name;
    char figure[200] = "", said[300], text[64];
    for (size_t i = 0; i < XB_ARRAY_LEN(told); i++) {
        size_t used = strlen(figure);
        put_percentile(h, told[i], text, sizeof(text));
        snprintf(figure + used, sizeof(figure) - used, "%s%s %s%s%.20s", i ? "\n" : "",
                 xb_percentiles[told[i]].name, text, *h->unit ? " " : "", h->unit);
    }
    snprintf(said, sizeof(said), "%.64s: %s", who, figure);
    for (char *line = said; (line = strchr(line, '\n'));)
        *line = ',';
    xb_plot_row(p, who, figure, said, ROW_HEIGHT);
    put_bars(p, c, h);
    put_marks(p, c, h);
    xb_plot_row_end(p);
}

static void add_chart(struct xb_doc *doc, const struct xb_model *m, size_t first)
{
    struct chart c = {.m = m, .first = &m->dists[first], .scale = 1};
    char id[40], title[200];
    struct xb_plot p;
    for (size_t i = 0; i < first; i++)
        if (is_of(&c, &m->dists[i]))
            return; /* drawn already */
    if (ns_per(c.first->unit) > 0)
        c.scale = ns_per(c.first->unit);
    const struct xb_axis axis = axis_of(&c);
    snprintf(id, sizeof(id), "distribution-%zu", first);
    snprintf(title, sizeof(title), "%.100s: how its values are distributed", c.first->name);
    xb_plot_begin(&p, &axis, id, title);
    xb_plot_key_mark(&p, "part", "values; a bar's height is logarithmic, too");
    xb_plot_key_mark(&p, "percentile", "percentiles and the greatest value");
    for (size_t i = first; i < m->dist_count; i++) {
        const struct xb_model_dist *h = &m->dists[i];
        if (is_of(&c, h) && xb_plot_under(&p, h->case_no, m->cases[h->case_no].name))
            put_row(&p, &c, h);
    }
    xb_plot_axis(&p, "logarithmic");
    xb_plot_end(&p, doc);
}

void xb_report_add_distributions(struct xb_doc *doc, const struct xb_model *m)
{
    if (m->dist_count == 0)
        return;
    xb_doc_add(doc, XB_BLOCK_HEADING, "Distributions");
    add_table(doc, m);
    for (size_t i = 0; i < m->dist_count; i++)
        add_chart(doc, m, i);
}
