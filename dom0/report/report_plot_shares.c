/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chart of CPU time promised and given. */
#include "base.h"
#include "report_build_i.h"
#include "report_check.h"
#include "report_plot.h"

#include <math.h>
#include <string.h>

#define ROW_HEIGHT 22

static bool is_drawn(const struct xb_model *m, size_t i)
{
    return m->groups[i].share.n > 0 && !m->cases[i / m->guest_count].solo;
}

static void put_row(struct xb_plot *p, const struct xb_model *m, size_t i)
{
    const struct xb_stats *given = &m->groups[i].share, *promised = &m->checks->groups[i].promised;
    const char *who = m->guests[i % m->guest_count].name;
    char figure[64], said[160], tip[64];
    size_t colour = i % m->guest_count;
    if (promised->n > 0)
        snprintf(figure, sizeof(figure), "%.0f %% of %.0f %%", 100 * given->median,
                 100 * promised->median);
    else
        snprintf(figure, sizeof(figure), "%.0f %%, no promise", 100 * given->median);
    snprintf(said, sizeof(said), "%.64s: given %s", who, figure);
    snprintf(tip, sizeof(tip), "%.0f to %.0f %% in %zu repetitions", 100 * given->min,
             100 * given->max, given->n);
    xb_plot_row(p, who, figure, said, ROW_HEIGHT);
    xb_plot_bar(p, 0, 100 * given->median, 5, ROW_HEIGHT - 10, colour, "given", tip);
    if (given->n > 1)
        xb_plot_bar(p, 100 * given->min, 100 * given->max, ROW_HEIGHT / 2 - 1, 2, colour, "whisker",
                    NULL);
    if (promised->n > 0)
        xb_plot_tick(p, 100 * promised->median, 1, ROW_HEIGHT - 2, colour, "promised", NULL);
    xb_plot_row_end(p);
}

void xb_report_plot_shares(struct xb_doc *doc, const struct xb_model *m)
{
    double most = 1;
    size_t rows = 0;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        if (!is_drawn(m, i))
            continue;
        rows++;
        most = fmax(most, m->groups[i].share.max);
        if (m->checks->groups[i].promised.n > 0)
            most = fmax(most, m->checks->groups[i].promised.median);
    }
    if (rows == 0)
        return;
    struct xb_plot p;
    const struct xb_axis axis = xb_axis_linear(0, 100 * most, " %");
    xb_plot_begin(&p, &axis, "shares", "CPU time promised and given");
    xb_plot_key_mark(&p, "given", "given by Xen (median)");
    xb_plot_key_mark(&p, "whisker", "least to most");
    xb_plot_key_mark(&p, "promised", "promised by the settings");
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (is_drawn(m, i) &&
            xb_plot_under(&p, i / m->guest_count, m->cases[i / m->guest_count].name))
            put_row(&p, m, i);
    xb_plot_axis(&p, "of one CPU's time");
    xb_plot_end(&p, doc);
}
