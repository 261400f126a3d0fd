/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Total throughput in reports and JSON. */
#include "base.h"
#include "json_text.h"
#include "report_build_i.h"
#include "report_json.h"
#include "report_totals.h"

#include <string.h>

/* For more guests than this, only the least and the most are shown. */
#define NAMED_MAX 6

/* "base 97 %" and a line for each other guest; for many guests, how many and the most of one. */
static void say_covers(const struct xb_model *m, const struct xb_total *t, char *out, size_t bytes)
{
    size_t used = 0, counted = 0;
    double most = 0;
    for (size_t g = 0; g < m->guest_count; g++) {
        counted += t->covers[g].n > 0;
        most = t->covers[g].n && t->covers[g].median > most ? t->covers[g].median : most;
    }
    out[0] = '\0';
    if (counted > NAMED_MAX)
        snprintf(out, bytes, "%zu jobs, at most %.0f %%", counted, 100 * most);
    for (size_t g = 0; counted <= NAMED_MAX && g < m->guest_count && used < bytes; g++)
        if (t->covers[g].n)
            used += (size_t)snprintf(out + used, bytes - used, "%s%s %.0f %%", used ? "\n" : "",
                                     m->guests[g].name, 100 * t->covers[g].median);
}

static void add_row(struct xb_doc *doc, const struct xb_model *m, size_t c, size_t row)
{
    const struct xb_total *t = &m->totals[c];
    int digits = xb_report_digits(t->rate.median);
    char text[128], small[512];
    xb_doc_cell(doc, row, 0, m->cases[c].name, NULL);
    snprintf(text, sizeof(text), "%.*f ± %.*f %s", digits, t->rate.median, digits, t->rate.mad,
             t->unit);
    xb_report_interval(&t->rate, small, sizeof(small));
    xb_doc_cell(doc, row, 1, text, small);
    snprintf(text, sizeof(text), "%.*f s", xb_report_digits(t->overlap_s.median),
             t->overlap_s.median);
    xb_doc_cell(doc, row, 2, text, NULL);
    snprintf(text, sizeof(text), "%.0f %%", 100 * t->least.median);
    say_covers(m, t, small, sizeof(small));
    xb_doc_cell(doc, row, 3, text, small);
    xb_doc_cell(doc, row, 4, t->by_cpu ? "CPU time" : "mean rate", NULL);
}

static void add_short(struct xb_doc *doc, const struct xb_model *m, size_t c)
{
    const struct xb_total *t = &m->totals[c];
    if (t->rate.n == 0 || t->least.median >= XB_OVERLAP_SHORT)
        return;
    xb_doc_add(
        doc, XB_BLOCK_ITEM,
        "Warning: %s: all jobs ran together for only %.0f %% of the longest. The sum holds for "
        "that part; jobs that run for a fixed time, not a fixed amount of work, overlap fully.",
        m->cases[c].name, 100 * t->least.median);
}

void xb_report_add_totals(struct xb_doc *doc, const struct xb_model *m)
{
    static const char *const heads[] = {"case", "together", "overlap", "of the longest job", "by"};
    size_t count = 0, row = 0;
    for (size_t c = 0; c < m->case_count; c++)
        count += m->totals[c].rate.n > 0;
    if (count == 0)
        return;
    xb_doc_add(doc, XB_BLOCK_HEADING, "Added up");
    xb_doc_table(
        doc, count + 1, XB_ARRAY_LEN(heads),
        "The throughput of all measured guests together, from the release until the first of "
        "their jobs ended: median ± median absolute deviation, and the length of this overlap. The "
        "part of its work that a job did in the overlap is its guest's CPU time in the overlap "
        "divided by its guest's CPU time while the job ran; where Xen's counts do not say that, it "
        "follows from the job's mean rate.");
    xb_doc_heads(doc, heads, XB_ARRAY_LEN(heads));
    for (size_t c = 0; c < m->case_count; c++)
        if (m->totals[c].rate.n > 0)
            add_row(doc, m, c, ++row);
    for (size_t c = 0; c < m->case_count; c++)
        add_short(doc, m, c);
}

json_t *xb_total_json(const struct xb_model *m, size_t case_no)
{
    const struct xb_total *t = &m->totals[case_no];
    if (t->rate.n == 0)
        return json_null();
    json_t *covers = json_object();
    for (size_t g = 0; g < m->guest_count; g++)
        if (t->covers[g].n)
            json_object_set_new(covers, m->guests[g].name, xb_json_stats(&t->covers[g]));
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:b}", "metric", xb_json_text(t->metric),
                     "unit", xb_json_text(t->unit), "by", t->by_cpu ? "cpu time" : "mean rate",
                     "value", xb_json_stats(&t->rate), "overlap_s", xb_json_stats(&t->overlap_s),
                     "covers_least", xb_json_stats(&t->least), "covers", covers, "overlap_short",
                     t->least.median < XB_OVERLAP_SHORT);
}
