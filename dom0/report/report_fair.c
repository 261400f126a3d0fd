/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fairness: how evenly each case treats its guests, the worst guest, and slowdowns. */
#include "base.h"
#include "report_build_i.h"
#include "report_plot.h"

#include <math.h>
#include <string.h>

#define ROW_HEIGHT 20

static void put_worst(struct xb_doc *doc, const struct xb_model *m, size_t c, size_t row)
{
    const struct xb_fairness *fair = &m->cases[c].fair;
    const struct xb_slowdown slow = xb_model_slowdown(m, c, fair->worst);
    char below[96];
    snprintf(below, sizeof(below), "%.0f %% of the progress of %.64s", 100 * fair->worst_part,
             m->guests[fair->best].name);
    xb_doc_cell(doc, row, 2, m->guests[fair->worst].name, below);
    if (!isnan(slow.times)) {
        char text[48];
        snprintf(text, sizeof(text), "%.2f times", slow.times);
        xb_doc_cell(doc, row, 3, text, NULL);
    } else {
        xb_doc_cell(doc, row, 3, "-", NULL);
    }
}

static void add_table(struct xb_doc *doc, const struct xb_model *m, size_t rows, bool solo)
{
    static const char *const heads[] = {"case", "Jain's index", "worst guest", "slower than alone"};
    size_t row = 0;
    xb_doc_table(doc, rows + 1, XB_ARRAY_LEN(heads) - !solo,
                 solo
                     ? "Progress is each guest's figure, relative to its figure alone. Jain's "
                       "index of it is 1 if all guests are slowed down equally, and 1 divided by "
                       "their number if one has everything."
                     : "Progress is the figure itself (of times: one divided by the time). Jain's "
                       "index of it is 1 if all guests are equal, and 1 divided by their number if "
                       "one has everything.");
    xb_doc_heads(doc, heads, XB_ARRAY_LEN(heads) - !solo);
    for (size_t c = 0; c < m->case_count; c++) {
        char text[32];
        if (m->cases[c].fair.by == XB_PROGRESS_NONE)
            continue;
        snprintf(text, sizeof(text), "%.3f", m->cases[c].fair.index);
        xb_doc_cell(doc, ++row, 0, m->cases[c].name, NULL);
        xb_doc_cell(doc, row, 1, text, NULL);
        put_worst(doc, m, c, row);
    }
}

static void put_bar(struct xb_plot *p, const char *who, double part, size_t colour)
{
    char figure[32], said[160];
    snprintf(figure, sizeof(figure), "%.3f", part);
    snprintf(said, sizeof(said), "%.120s: %s", who, figure);
    xb_plot_row(p, who, figure, said, ROW_HEIGHT);
    xb_plot_bar(p, 0, part, 4, ROW_HEIGHT - 8, colour, "given", NULL);
    xb_plot_row_end(p);
}

static void plot(struct xb_doc *doc, const struct xb_model *m)
{
    const struct xb_axis axis = xb_axis_linear(0, 1, "");
    struct xb_plot p;
    xb_plot_begin(&p, &axis, "fairness", "How evenly each case treats its guests");
    xb_plot_key(&p, 0, "Jain's index");
    xb_plot_key(&p, 1, "the worst guest's progress, in parts of the best one's");
    for (size_t c = 0; c < m->case_count; c++) {
        const struct xb_fairness *fair = &m->cases[c].fair;
        char worst[96];
        if (fair->by == XB_PROGRESS_NONE || !xb_plot_under(&p, c, m->cases[c].name))
            continue;
        snprintf(worst, sizeof(worst), "worst: %.64s", m->guests[fair->worst].name);
        put_bar(&p, "all guests", fair->index, 0);
        put_bar(&p, worst, fair->worst_part, 1);
    }
    xb_plot_axis(&p, "1 is even");
    xb_plot_end(&p, doc);
}

void xb_report_add_fairness(struct xb_doc *doc, const struct xb_model *m)
{
    size_t rows = 0;
    bool solo = false;
    for (size_t c = 0; c < m->case_count; c++) {
        rows += m->cases[c].fair.by != XB_PROGRESS_NONE;
        solo = solo || m->cases[c].fair.by == XB_PROGRESS_SOLO;
    }
    if (rows == 0)
        return;
    xb_doc_add(doc, XB_BLOCK_HEADING, "Fairness");
    plot(doc, m);
    add_table(doc, m, rows, solo);
    xb_report_plot_slowdowns(doc, m);
}
