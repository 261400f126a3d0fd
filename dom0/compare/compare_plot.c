/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chart of a comparison: each change with its interval, around no change. */
#include "base.h"
#include "compare_out.h"
#include "report_plot.h"

#include <math.h>

#define ROW_HEIGHT 22

/* The report's colour for a verdict: worse, better, or neither. */
static size_t colour_of(const struct xb_compared *row)
{
    return row->verdict == XB_VERDICT_WORSE ? 1 : row->verdict == XB_VERDICT_BETTER ? 2 : 7;
}

/* Changes in percent share an axis; changes in a unit are not drawn. */
static bool is_drawn(const struct xb_compared *row, size_t run)
{
    return row->run == run && row->ratio && row->verdict != XB_VERDICT_REFUSED &&
           isfinite(row->low) && isfinite(row->high);
}

static void put_row(struct xb_plot *p, const struct xb_comparison *c, const struct xb_compared *row)
{
    const char *who = c->runs[0].model.guests[row->guest_a].name;
    char change[48], figure[96], said[200];
    xb_compared_change(row, row->change, change, sizeof(change));
    snprintf(figure, sizeof(figure), "%s, %s", change, xb_compared_word(row));
    snprintf(said, sizeof(said), "%.64s: %s", who, figure);
    xb_plot_row(p, who, figure, said, ROW_HEIGHT);
    xb_plot_tick(p, 0, 0, ROW_HEIGHT, 0, "percentile", NULL);
    xb_plot_bar(p, 100 * row->low, 100 * row->high, 7, ROW_HEIGHT - 14, colour_of(row), "band",
                NULL);
    xb_plot_tick(p, 100 * row->change, 4, ROW_HEIGHT - 8, colour_of(row), "median", NULL);
    xb_plot_row_end(p);
}

void xb_compare_plot(struct xb_doc *doc, const struct xb_comparison *c, size_t run)
{
    double low = 0, high = 0;
    size_t rows = 0;
    for (size_t i = 0; i < c->row_count; i++) {
        if (!is_drawn(&c->rows[i], run))
            continue;
        low = fmin(low, 100 * c->rows[i].low);
        high = fmax(high, 100 * c->rows[i].high);
        rows++;
    }
    if (rows == 0)
        return;
    struct xb_plot p;
    const struct xb_axis axis = xb_axis_linear(low, high, " %");
    char id[32], title[64];
    snprintf(id, sizeof(id), "changes-%zu", run);
    snprintf(title, sizeof(title), "Change of %s against A, and its interval", c->runs[run].letter);
    xb_plot_begin(&p, &axis, id, title);
    for (size_t i = 0; i < c->row_count; i++) {
        const struct xb_compared *row = &c->rows[i];
        if (is_drawn(row, run) &&
            xb_plot_under(&p, row->case_a, c->runs[0].model.cases[row->case_a].name))
            put_row(&p, c, row);
    }
    xb_plot_axis(&p, "change of the figure");
    xb_plot_end(&p, doc);
}
