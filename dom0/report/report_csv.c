/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run as CSV (RFC 4180), a row for each sample. docs/formats.md lists the columns, which are
 * stable.
 */
#include "base.h"
#include "escape.h"
#include "report_formats.h"
#include "report_words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char heads[] =
    "run,experiment,case,guest,role,workload,repetition,cell,outcome,status,metric,unit,better,"
    "value,wall_s,user_s,system_s,xen_run_s,cpu_share,cpu_share_error,dispatch_delay_ms,host_steal,"
    "max_rss_bytes\n";

static const char distribution_heads[] =
    "run,experiment,case,guest,repetition,cell,metric,unit,better,value,count\n";

/*
 * A spreadsheet takes a cell that begins with one of these for a formula, which can run programs.
 * The apostrophe keeps it text.
 */
static bool may_be_formula(const char *text)
{
    return *text && strchr("=+-@\t\r\n", *text);
}

static void put_text(const char *text, FILE *out)
{
    xb_auto_free char *clean = xb_escaped(text);
    bool quoted = strpbrk(clean, ",\"\r\n") || may_be_formula(clean);
    if (quoted)
        fputc('"', out);
    if (may_be_formula(clean))
        fputc('\'', out);
    for (const char *c = clean; *c; c++) {
        if (*c == '"')
            fputc('"', out);
        fputc(*c, out);
    }
    if (quoted)
        fputc('"', out);
    fputc(',', out);
}

static void put_number(double value, FILE *out)
{
    char text[XB_NUMBER_BYTES];
    fprintf(out, "%s,", xb_report_number(value, text));
}

static void put_row_heads(const struct xb_model *m, size_t case_no, size_t guest, FILE *out)
{
    put_text(m->run.id, out);
    put_text(m->run.name, out);
    put_text(m->cases[case_no].name, out);
    put_text(m->guests[guest].name, out);
}

/* A last row without a value counts the values above all buckets. */
static void put_distribution(const struct xb_model *m, const struct xb_model_dist *h,
                             const struct xb_dist_row *row, FILE *out)
{
    for (size_t i = 0; i < row->hist.count + (row->hist.over > 0); i++) {
        bool is_over = i == row->hist.count;
        put_row_heads(m, h->case_no, h->guest, out);
        fprintf(out, "%u,%u,", row->repetition, row->cell);
        put_text(h->name, out);
        put_text(h->unit, out);
        put_text(h->better, out);
        put_number(is_over ? NAN : row->hist.buckets[i].value, out);
        fprintf(out, "%" PRIu64 "\n", is_over ? row->hist.over : row->hist.buckets[i].count);
    }
}

/* A row for each bucket of each sample's histograms. */
int xb_report_csv_distributions_write(const struct xb_report *r, FILE *out,
                                      struct xb_err *err XB_UNUSED)
{
    const struct xb_model *m = r->m;
    fputs(distribution_heads, out);
    for (size_t i = 0; i < m->dist_count; i++)
        for (size_t row = 0; row < m->dists[i].row_count; row++)
            put_distribution(m, &m->dists[i], &m->dists[i].rows[row], out);
    return 0;
}

/* A sample of a failed job has no figure, and so no point. */
static struct xb_point point_of(const struct xb_group *g, const struct xb_sample_row *s)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->points[i].sample == s)
            return g->points[i];
    return (struct xb_point){.value = NAN, .share = NAN, .share_error = NAN, .steal = NAN};
}

static void put_sample(const struct xb_model *m, const struct xb_sample_row *s, FILE *out)
{
    const struct xb_group *g = xb_model_group(m, (size_t)s->case_no, (size_t)s->guest);
    const struct xb_point p = point_of(g, s);
    char rss[XB_NUMBER_BYTES];
    put_row_heads(m, (size_t)s->case_no, (size_t)s->guest, out);
    put_text(xb_role_words[g->role], out);
    put_text(s->workload, out);
    fprintf(out, "%u,%u,", s->repetition, s->cell);
    put_text(s->outcome, out);
    put_number(s->status, out);
    put_text(xb_report_metric(g), out);
    put_text(xb_report_unit(g), out);
    put_text(xb_report_better(g), out);
    const double numbers[] = {p.value, s->wall_s,     s->user_s,      s->system_s, s->run_s,
                              p.share, p.share_error, s->dispatch_ms, p.steal};
    for (size_t i = 0; i < XB_ARRAY_LEN(numbers); i++)
        put_number(numbers[i], out);
    fprintf(out, "%s\n", xb_report_number(s->max_rss_bytes, rss));
}

int xb_report_csv_write(const struct xb_report *r, FILE *out, struct xb_err *err XB_UNUSED)
{
    const struct xb_model *m = r->m;
    fputs(heads, out);
    for (size_t i = 0; i < m->sample_count; i++) {
        const struct xb_sample_row *s = &m->samples[i];
        if ((size_t)s->case_no < m->case_count && (size_t)s->guest < m->guest_count)
            put_sample(m, s, out);
    }
    return 0;
}
