/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as JUnit's XML, which build servers show. */
#include "compare_out.h"
#include "report_html.h"

#include "base.h"

#include <math.h>

static size_t failed_conditions(const struct xb_compare_out *out, const struct xb_compared *row)
{
    size_t failed = 0;
    for (size_t i = 0; i < out->gate_count; i++)
        failed += xb_gate_fails(&out->gates[i], row);
    return failed;
}

static void put_failures(const struct xb_compare_out *out, const struct xb_compared *row,
                         const char *figures, FILE *file)
{
    for (size_t i = 0; i < out->gate_count; i++) {
        if (!xb_gate_fails(&out->gates[i], row))
            continue;
        fputs("      <failure type=\"worse\" message=\"", file);
        xb_html_escape(out->gates[i].text, file);
        fputs("\">", file);
        xb_html_escape(figures, file);
        fputs("</failure>\n", file);
    }
}

/* The row's figures in one line. */
static void say_figures(const struct xb_compared *row, char *text, size_t bytes)
{
    char change[48], low[48], high[48], p[32] = "-";
    xb_compared_change(row, row->change, change, sizeof(change));
    xb_compared_change(row, row->low, low, sizeof(low));
    xb_compared_change(row, row->high, high, sizeof(high));
    if (!isnan(row->p_holm))
        xb_compared_p(row->p_holm, p, sizeof(p));
    snprintf(text, bytes, "%s: %s (%s to %s), p %s, %zu against %zu", xb_compared_word(row), change,
             low, high, p, row->rank.n_a, row->rank.n_b);
}

static void put_case(const struct xb_compare_out *out, const struct xb_compared *row, FILE *file)
{
    char name[400], figures[256] = "";
    xb_compared_name(out->c, row, name, sizeof(name));
    fputs("    <testcase classname=\"", file);
    xb_html_escape(out->c->runs[0].model.run.name, file);
    fputs("\" name=\"", file);
    xb_html_escape(name, file);
    fputs("\">\n", file);
    if (row->verdict != XB_VERDICT_REFUSED)
        say_figures(row, figures, sizeof(figures));
    put_failures(out, row, figures, file);
    if (row->why) {
        fputs("      <skipped message=\"", file);
        xb_html_escape(row->why, file);
        fputs("\"/>\n", file);
    }
    fputs("      <system-out>", file);
    xb_html_escape(figures, file);
    fputs("</system-out>\n    </testcase>\n", file);
}

static void put_suite(const struct xb_compare_out *out, size_t run, FILE *file)
{
    const struct xb_comparison *c = out->c;
    size_t tests = 0, failures = 0, skipped = 0;
    for (size_t i = 0; i < c->row_count; i++) {
        tests += c->rows[i].run == run;
        failures += c->rows[i].run == run && failed_conditions(out, &c->rows[i]) > 0;
        skipped += c->rows[i].run == run && c->rows[i].why;
    }
    fprintf(file,
            "  <testsuite name=\"%s against A\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
            "skipped=\"%zu\">\n    <properties>\n",
            c->runs[run].letter, tests, failures, skipped);
    for (size_t i = 0; i < c->differ_count; i++) {
        fputs("      <property name=\"differs\" value=\"", file);
        xb_html_escape(c->differs[i], file);
        fputs("\"/>\n", file);
    }
    fputs("    </properties>\n", file);
    for (size_t i = 0; i < c->row_count; i++)
        if (c->rows[i].run == run)
            put_case(out, &c->rows[i], file);
    fputs("  </testsuite>\n", file);
}

void xb_compare_junit(const struct xb_compare_out *out, FILE *file)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"xenbench compare\">\n",
          file);
    for (size_t run = 1; run < out->c->run_count; run++)
        put_suite(out, run, file);
    fputs("</testsuites>\n", file);
}
