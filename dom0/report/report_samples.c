/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of every sample, for HTML. */
#include "base.h"
#include "report_build_i.h"

#include <math.h>

enum { CASE, GUEST, REPETITION, TIME, SHARE, DISPATCH, STEAL, VALUE, COLUMNS };

static void put_number(struct xb_doc *doc, size_t row, size_t column, double value, int digits,
                       const char *unit)
{
    char text[400]; /* a double has up to 310 digits */
    if (isnan(value))
        return;
    snprintf(text, sizeof(text), "%.*f%s", digits, value, unit);
    xb_doc_cell(doc, row, column, text, NULL);
}

static void put_share(struct xb_doc *doc, size_t row, const struct xb_point *p)
{
    char text[64];
    if (!isnan(p->share) || !(p->share_error > XB_SHARE_ERROR_MAX)) {
        put_number(doc, row, SHARE, 100 * p->share, 1, " %");
        return;
    }
    snprintf(text, sizeof(text), "window too short (± %.0f %%)", 100 * p->share_error);
    xb_doc_cell(doc, row, SHARE, text, NULL);
}

static void put_sample(struct xb_doc *doc, const struct xb_model *m, size_t row, size_t i,
                       const struct xb_point *p)
{
    char text[16];
    const struct xb_group *g = &m->groups[i];
    xb_doc_cell(doc, row, CASE, m->cases[i / m->guest_count].name, NULL);
    xb_doc_cell(doc, row, GUEST, m->guests[i % m->guest_count].name, NULL);
    snprintf(text, sizeof(text), "%u", p->repetition + 1);
    xb_doc_cell(doc, row, REPETITION, text, NULL);
    put_number(doc, row, TIME, p->wall_s, 4, " s");
    put_share(doc, row, p);
    put_number(doc, row, DISPATCH, p->dispatch_ms, 3, " ms");
    put_number(doc, row, STEAL, 100 * p->steal, 1, " %");
    if (g->metric)
        put_number(doc, row, VALUE, p->value, xb_report_digits(p->value), "");
}

void xb_report_add_samples(struct xb_doc *doc, const struct xb_model *m)
{
    static const char *const heads[COLUMNS] = {"case",      "guest",      "repetition",
                                               "time",      "CPU by Xen", "dispatch delay",
                                               "host took", "figure"};
    size_t rows = 0, row = 0, columns = m->run.metric || m->mixed ? COLUMNS : VALUE;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        rows += m->groups[i].count;
    xb_doc_add(doc, XB_BLOCK_FOLD, "Every sample");
    xb_doc_table(doc, rows + 1, columns, "results.json has all samples, too.");
    xb_doc_heads(doc, heads, columns);
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        for (size_t p = 0; p < m->groups[i].count; p++)
            put_sample(doc, m, ++row, i, &m->groups[i].points[p]);
}
