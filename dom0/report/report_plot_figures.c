/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The charts of the figures: every sample with the medians, and slowdowns against running alone. */
#include "base.h"
#include "report_build_i.h"
#include "report_plot.h"

#include <math.h>

#define ROW_HEIGHT 24
/* If the least figure is below this part of the greatest, the axis starts at zero. */
#define ZERO_BELOW 0.6

/* The chart of a kind of figure: all groups like the first one. */
struct kind {
    const struct xb_group *first;
    double low, high;
    bool alone; /* some guest has a figure alone */
};

static bool is_drawn(const struct xb_model *m, size_t i)
{
    return m->groups[i].value.n > 0 && !m->cases[i / m->guest_count].solo;
}

/* The figure of the same guest alone; NULL: it has none. */
static const struct xb_group *alone_of(const struct xb_model *m, size_t i)
{
    const struct xb_group *g = &m->groups[i];
    if (g->solo_case < 0)
        return NULL;
    const struct xb_group *alone = xb_model_group(m, (size_t)g->solo_case, i % m->guest_count);
    return alone->value.n > 0 && xb_report_same_figure(alone, g) ? alone : NULL;
}

static struct kind range_of(const struct xb_model *m, const struct xb_group *first)
{
    struct kind kind = {.first = first, .low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        const struct xb_group *g = &m->groups[i], *alone = alone_of(m, i);
        if (!is_drawn(m, i) || !xb_report_same_figure(g, first))
            continue;
        kind.low = fmin(kind.low, g->value.min);
        kind.high = fmax(kind.high, g->value.max);
        kind.alone = kind.alone || alone;
        if (alone) {
            kind.low = fmin(kind.low, alone->value.median);
            kind.high = fmax(kind.high, alone->value.median);
        }
    }
    if (kind.low > 0 && kind.low < ZERO_BELOW * kind.high)
        kind.low = 0;
    return kind;
}

static void put_marks(struct xb_plot *p, const struct xb_group *g, const struct xb_group *alone,
                      size_t colour)
{
    char tip[96];
    int digits = xb_report_digits(g->value.median);
    if (g->value.n > 1)
        xb_plot_bar(p, g->value.ci_low, g->value.ci_high, 4, ROW_HEIGHT - 8, colour, "band", NULL);
    for (size_t i = 0; i < g->count; i++) {
        if (isnan(g->points[i].value))
            continue;
        snprintf(tip, sizeof(tip), "repetition %u: %.*f %.40s", g->points[i].repetition + 1, digits,
                 g->points[i].value, xb_report_unit(g));
        xb_plot_dot(p, g->points[i].value, xb_plot_lane(i, ROW_HEIGHT), colour, tip);
    }
    xb_plot_tick(p, g->value.median, 3, ROW_HEIGHT - 6, colour, "median", NULL);
    if (alone)
        xb_plot_tick(p, alone->value.median, 1, ROW_HEIGHT - 2, colour, "alone", NULL);
}

static void put_row(struct xb_plot *p, const struct xb_model *m, size_t i)
{
    const struct xb_group *g = &m->groups[i];
    const char *who = m->guests[i % m->guest_count].name;
    char figure[96], said[320], interval[96];
    snprintf(figure, sizeof(figure), "%.*f %.40s", xb_report_digits(g->value.median),
             g->value.median, xb_report_unit(g));
    xb_report_interval(&g->value, interval, sizeof(interval));
    snprintf(said, sizeof(said), "%.64s: median %s of %zu%s%s", who, figure, g->value.n,
             *interval ? ", interval " : "", interval);
    xb_plot_row(p, who, figure, said, ROW_HEIGHT);
    put_marks(p, g, alone_of(m, i), i % m->guest_count);
    xb_plot_row_end(p);
}

static void put_key(struct xb_plot *p, const struct kind *kind, double coverage)
{
    char interval[64];
    snprintf(interval, sizeof(interval), "interval of the median (%.0f %% or more)",
             100 * coverage);
    xb_plot_key_mark(p, "dot", "a sample");
    xb_plot_key_mark(p, "median", "median");
    if (coverage > 0)
        xb_plot_key_mark(p, "band", interval);
    if (kind->alone)
        xb_plot_key_mark(p, "alone", "the guest alone (median)");
}

static void draw(struct xb_doc *doc, const struct xb_model *m, const struct xb_group *first,
                 size_t number)
{
    const struct kind kind = range_of(m, first);
    const struct xb_axis axis = xb_axis_linear(kind.low, kind.high, "");
    struct xb_plot p;
    char id[32], title[256];
    snprintf(id, sizeof(id), number ? "samples-%zu" : "samples", number + 1);
    snprintf(title, sizeof(title), "%.100s%s%.40s: %s is better", xb_report_metric(first),
             *xb_report_unit(first) ? ", " : "", xb_report_unit(first), xb_report_better(first));
    xb_plot_begin(&p, &axis, id, "Every sample, and the median of each guest");
    put_key(&p, &kind, xb_report_least_coverage(m));
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (is_drawn(m, i) && xb_report_same_figure(&m->groups[i], first) &&
            xb_plot_under(&p, i / m->guest_count, m->cases[i / m->guest_count].name))
            put_row(&p, m, i);
    xb_plot_axis(&p, title);
    xb_plot_end(&p, doc);
}

void xb_report_plot_samples(struct xb_doc *doc, const struct xb_model *m)
{
    for (size_t i = 0, number = 0; i < m->case_count * m->guest_count; i++) {
        bool drawn = !is_drawn(m, i);
        for (size_t before = 0; !drawn && before < i; before++)
            drawn = is_drawn(m, before) && xb_report_same_figure(&m->groups[before], &m->groups[i]);
        if (!drawn)
            draw(doc, m, &m->groups[i], number++);
    }
}

static void put_slowdown(struct xb_plot *p, const struct xb_model *m, size_t i)
{
    const struct xb_slowdown slow = xb_model_slowdown(m, i / m->guest_count, i % m->guest_count);
    const char *who = m->guests[i % m->guest_count].name;
    char figure[64], said[200], tip[96];
    snprintf(figure, sizeof(figure), "%.2f times", slow.times);
    snprintf(said, sizeof(said), "%.64s: %s as slow as alone", who, figure);
    snprintf(tip, sizeof(tip), "%.2f to %.2f", slow.low, slow.high);
    xb_plot_row(p, who, figure, said, ROW_HEIGHT);
    xb_plot_bar(p, 1, slow.times, 6, ROW_HEIGHT - 12, i % m->guest_count, "given", NULL);
    if (!isnan(slow.low))
        xb_plot_bar(p, slow.low, slow.high, ROW_HEIGHT / 2 - 2, 4, i % m->guest_count, "whisker",
                    tip);
    xb_plot_row_end(p);
}

static bool has_slowdown(const struct xb_model *m, size_t i)
{
    return isfinite(xb_model_slowdown(m, i / m->guest_count, i % m->guest_count).times);
}

void xb_report_plot_slowdowns(struct xb_doc *doc, const struct xb_model *m)
{
    double low = 1, high = 1;
    size_t rows = 0;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        struct xb_slowdown slow = xb_model_slowdown(m, i / m->guest_count, i % m->guest_count);
        low = fmin(low, fmin(slow.times, slow.low)); /* fmin and fmax leave NaN out */
        high = fmax(high, fmax(slow.times, slow.high));
        rows += isfinite(slow.times);
    }
    if (rows == 0)
        return;
    struct xb_plot p;
    const struct xb_axis axis = xb_axis_linear(low, high, "");
    xb_plot_begin(&p, &axis, "slowdown", "How much slower each guest was than alone");
    xb_plot_key_mark(&p, "given", "slowdown");
    xb_plot_key_mark(&p, "whisker", "between the intervals of both medians");
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (has_slowdown(m, i) &&
            xb_plot_under(&p, i / m->guest_count, m->cases[i / m->guest_count].name))
            put_slowdown(&p, m, i);
    xb_plot_axis(&p, "times as slow as alone; 1 is as fast");
    xb_plot_end(&p, doc);
}
