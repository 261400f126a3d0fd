/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run as CSV (RFC 4180), a row for each sample. docs/formats.md has the columns, which stay. */
#include "base.h"
#include "escape.h"
#include "report_formats.h"
#include "report_words.h"

#include <math.h>
#include <string.h>

static const char heads[] =
    "run,experiment,case,guest,role,workload,repetition,cell,outcome,status,metric,unit,better,"
    "value,wall_s,user_s,system_s,xen_run_s,cpu_share,cpu_share_error,dispatch_delay_ms,host_steal,"
    "max_rss_bytes\n";

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

/* A sample without a figure, of a job that failed, has no point. */
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
    put_text(m->run.id, out);
    put_text(m->run.name, out);
    put_text(m->cases[s->case_no].name, out);
    put_text(m->guests[s->guest].name, out);
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
