/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was run, and its figures in a table. */
#include "base.h"
#include "report_build_i.h"
#include "stats.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

/* Up to this many guests stand side by side; more get a row each. */
#define SIDE_BY_SIDE_MAX 6
/* Up to this many guests side by side leave room for their share of the host. */
#define ROOMY_MAX 2

/* A number with four digits or so: 0.01234, 1.234, 123.4, 12345. */
int xb_report_digits(double value)
{
    double size = fabs(value);
    return size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
}

static void figure(const struct xb_model *m, const struct xb_group *g, char *out, size_t bytes)
{
    int digits = xb_report_digits(g->value.median);
    if (g->value.n == 0)
        snprintf(out, bytes, "%s",
                 g->role != XB_ROLE_MEASURED ? xb_role_words[g->role]
                 : g->failed                 ? "failed"
                                             : "-");
    else
        snprintf(out, bytes, "%.*f ± %.*f%s%s", digits, g->value.median, digits, g->value.mad,
                 m->mixed ? " " : "", m->mixed ? xb_report_unit(g) : "");
}

void xb_report_interval(const struct xb_stats *s, char *out, size_t bytes)
{
    int digits = xb_report_digits(s->median);
    out[0] = '\0';
    if (s->n < 2)
        return;
    int used = snprintf(out, bytes, "%.*f to %.*f", digits, s->ci_low, digits, s->ci_high);
    if (s->ci_coverage < XB_CONFIDENCE && used > 0 && (size_t)used < bytes)
        snprintf(out + used, bytes - (size_t)used, " (%.0f %%)", 100 * s->ci_coverage);
}

/* Append to a list with commas, as far as there is room. */
static void put(char *out, size_t bytes, size_t *used, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
static void put(char *out, size_t bytes, size_t *used, const char *fmt, ...)
{
    va_list ap;
    if (*used >= bytes)
        return;
    *used += (size_t)snprintf(out + *used, bytes - *used, "%s", *used ? ", " : "");
    if (*used >= bytes)
        return;
    va_start(ap, fmt);
    *used += (size_t)vsnprintf(out + *used, bytes - *used, fmt, ap);
    va_end(ap);
}

/* What Xen and the lab counted, to stand below a figure. */
static void counted(const struct xb_group *g, bool roomy, char *out, size_t bytes)
{
    size_t used = 0;
    out[0] = '\0';
    if (g->role == XB_ROLE_BACKGROUND && g->value.n > 0)
        put(out, bytes, &used, "background");
    if (g->share.n > 0)
        put(out, bytes, &used, "CPU %.0f %%", 100 * g->share.median);
    else if (g->too_short > 0)
        put(out, bytes, &used, "CPU: window too short (± %.0f %%)", 100 * g->share_error.median);
    if (roomy && g->share.n > 0 && g->host_share.n > 0)
        put(out, bytes, &used, "%.0f %% of the host", 100 * g->host_share.median);
    if (g->steal.n > 0)
        put(out, bytes, &used, "host took %.0f %%", 100 * g->steal.median);
    if (g->failed > 0 && g->value.n > 0)
        put(out, bytes, &used, "%zu failed", g->failed);
}

/* The lines below a figure: its interval; then what was counted. */
static void below(const struct xb_group *g, bool roomy, char *out, size_t bytes)
{
    char interval[80], counts[120];
    xb_report_interval(&g->value, interval, sizeof(interval));
    counted(g, roomy, counts, sizeof(counts));
    snprintf(out, bytes, "%s%s%s", interval, *interval && *counts ? "\n" : "", counts);
}

double xb_report_least_coverage(const struct xb_model *m)
{
    double least = 2;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        if (m->groups[i].value.n > 1)
            least = fmin(least, m->groups[i].value.ci_coverage);
    return least > 1 ? 0 : least;
}

static void caption(const struct xb_model *m, char *out, size_t bytes)
{
    char what[192], sure[160] = "";
    double coverage = xb_report_least_coverage(m);
    if (m->mixed)
        snprintf(what, sizeof(what), "Each guest's own figure");
    else if (m->run.metric)
        snprintf(what, sizeof(what), "%s%s%s, %s is better", m->run.metric,
                 m->run.unit && *m->run.unit ? " in " : "", m->run.unit ? m->run.unit : "",
                 xb_report_better_of(m->run.metric, m->run.better));
    else
        snprintf(what, sizeof(what), "Time from the release to the end in seconds");
    if (coverage >= XB_CONFIDENCE)
        snprintf(sure, sizeof(sure), " Below: the confidence interval of the median (%.1f %%%s)",
                 100 * coverage, m->run.until ? " or more" : "");
    else if (coverage > 0)
        snprintf(sure, sizeof(sure),
                 " Below: the range of all repetitions, and how probably it contains the median");
    snprintf(out, bytes, "%s: median ± median absolute deviation.%s%s%s", what, sure,
             m->has_share && *sure ? "; then the share of a CPU that Xen gave while all guests ran"
             : m->has_share        ? " Below: the share of a CPU that Xen gave while all guests ran"
                                   : "",
             m->has_share && m->has_steal ? "; and the part of the CPU time wanted on the guest's "
                                            "CPUs that the machine beneath the lab took."
             : m->has_share || *sure      ? "."
                                          : "");
}

static void add_side_by_side(struct xb_doc *doc, const struct xb_model *m, const char *what)
{
    char text[96], small[208];
    size_t rows = 0, row = 0;
    for (size_t c = 0; c < m->case_count; c++)
        rows += !m->cases[c].solo;
    xb_doc_table(doc, rows + 1, m->guest_count + 1, what);
    xb_doc_cell(doc, 0, 0, "case", NULL);
    for (size_t g = 0; g < m->guest_count; g++)
        xb_doc_cell(doc, 0, g + 1, m->guests[g].name, NULL);
    for (size_t c = 0; c < m->case_count; c++) {
        if (m->cases[c].solo)
            continue;
        xb_doc_cell(doc, ++row, 0, m->cases[c].name, NULL);
        for (size_t g = 0; g < m->guest_count; g++) {
            figure(m, xb_model_group(m, c, g), text, sizeof(text));
            below(xb_model_group(m, c, g), m->guest_count <= ROOMY_MAX, small, sizeof(small));
            xb_doc_cell(doc, row, g + 1, text, small);
        }
    }
}

/* Does group i have a row in the table of guests alone (solo), or of the other cases? */
static bool is_row(const struct xb_model *m, size_t i, bool solo)
{
    return m->cases[i / m->guest_count].solo == solo &&
           (!solo || m->groups[i].role == XB_ROLE_MEASURED);
}

static void add_one_each(struct xb_doc *doc, const struct xb_model *m, bool solo, const char *what)
{
    char text[96], interval[80], counts[120];
    size_t rows = 0, row = 0;
    for (size_t i = 0; i < m->case_count * m->guest_count; i++)
        rows += is_row(m, i, solo);
    xb_doc_table(doc, rows + 1, 4, what);
    xb_doc_cell(doc, 0, 0, "case", NULL);
    xb_doc_cell(doc, 0, 1, "guest", NULL);
    xb_doc_cell(doc, 0, 2, m->mixed ? "figure" : m->run.metric ? m->run.metric : "time", NULL);
    xb_doc_cell(doc, 0, 3, "by Xen", NULL);
    for (size_t i = 0; i < m->case_count * m->guest_count; i++) {
        if (!is_row(m, i, solo))
            continue;
        figure(m, &m->groups[i], text, sizeof(text));
        xb_report_interval(&m->groups[i].value, interval, sizeof(interval));
        counted(&m->groups[i], true, counts, sizeof(counts));
        xb_doc_cell(doc, ++row, 0,
                    i % m->guest_count && !solo ? "" : m->cases[i / m->guest_count].name, NULL);
        xb_doc_cell(doc, row, 1, m->guests[i % m->guest_count].name, NULL);
        xb_doc_cell(doc, row, 2, text, interval);
        xb_doc_cell(doc, row, 3, counts, NULL);
    }
}

/* "3 repetitions", "6 to 14 repetitions": those done, since a shard has only some. */
static void say_count(const struct xb_model *m, char *out, size_t bytes)
{
    uint32_t least = m->case_count ? m->cases[0].repetitions : 0, most = least;
    for (size_t c = 1; c < m->case_count; c++) {
        least = m->cases[c].repetitions < least ? m->cases[c].repetitions : least;
        most = m->cases[c].repetitions > most ? m->cases[c].repetitions : most;
    }
    if (least == most)
        snprintf(out, bytes, "%u repetition%s", most, xb_plural(most));
    else
        snprintf(out, bytes, "%u to %u repetitions", least, most);
}

void xb_report_add_head(struct xb_doc *doc, const struct xb_model *m)
{
    char names[256] = "", count[64];
    size_t used = 0;
    for (size_t g = 0; g < m->guest_count && used < sizeof(names); g++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
                                 g == 0                    ? ""
                                 : g + 1 == m->guest_count ? " and "
                                                           : ", ",
                                 m->guests[g].name);
    size_t cases = 0;
    for (size_t c = 0; c < m->case_count; c++)
        cases += !m->cases[c].solo;
    say_count(m, count, sizeof(count));
    xb_doc_add(doc, XB_BLOCK_TITLE, "%s", m->run.name);
    xb_doc_add(doc, XB_BLOCK_TEXT, "%s in %s%s; %zu case%s%s, %s after %u warm-up%s, %s.%s",
               m->run.workload, names, m->guest_count > 1 ? " at once" : "", cases,
               xb_plural(cases), cases < m->case_count ? " and each guest alone" : "", count,
               m->run.warmup, xb_plural(m->run.warmup), m->run.order,
               strcmp(m->run.state, "finished") == 0
                   ? ""
                   : " NOT FINISHED: these are the results so far.");
}

void xb_report_add_figures(struct xb_doc *doc, const struct xb_model *m)
{
    char what[512];
    caption(m, what, sizeof(what));
    xb_doc_add(doc, XB_BLOCK_HEADING, "Figures");
    if (m->guest_count <= SIDE_BY_SIDE_MAX)
        add_side_by_side(doc, m, what);
    else
        add_one_each(doc, m, false, what);
}

void xb_report_add_alone(struct xb_doc *doc, const struct xb_model *m)
{
    bool solo = false;
    for (size_t c = 0; c < m->case_count; c++)
        solo = solo || m->cases[c].solo;
    if (!solo)
        return;
    xb_doc_add(doc, XB_BLOCK_FOLD, "Each guest alone");
    add_one_each(doc, m, true,
                 "The figures that slowdowns are relative to, as in the table of all cases.");
}
