#include "report_html.h"

#include "base.h"
#include "escape.h"
#include "report_chart.h"

#include <math.h>
#include <string.h>

/* On a darker shade than this, text is hard to read. */
#define SHADE_MOST 0.6

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 "
    "1rem;color:#222;background:#fff}"
    "h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2rem}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "th,td{text-align:right;padding:.35rem .8rem;border-bottom:1px solid #ddd;vertical-align:top}"
    "th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #888}"
    "caption{text-align:left;color:#555;padding-bottom:.6rem}small{color:#666;display:block;white-space:pre-line}"
    "details{margin-top:2rem}summary{cursor:pointer;font-weight:600}";

void xb_html_escape(const char *text, FILE *out)
{
    xb_auto_free char *clean = xb_escaped(text);
    for (const char *c = clean; *c; c++) {
        switch (*c) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(*c, out);
        }
    }
}

static void put_element(const char *tag, const char *text, FILE *out)
{
    fprintf(out, "<%s>", tag);
    xb_html_escape(text, out);
    fprintf(out, "</%s>\n", tag);
}

static void put_table_row(const struct xb_block *t, size_t row, const char *tag, FILE *out)
{
    fputs("<tr>", out);
    for (size_t c = 0; c < t->columns; c++) {
        const struct xb_table_cell *cell = &t->cells[row * t->columns + c];
        if (cell->shade > 0)
            fprintf(out, "<%s style=\"background:rgba(76,120,168,%.2f)\">", tag,
                    SHADE_MOST * fmin(cell->shade, 1));
        else
            fprintf(out, "<%s>", tag);
        xb_html_escape(cell->text, out);
        if (cell->below) {
            fputs("<small>", out);
            xb_html_escape(cell->below, out);
            fputs("</small>", out);
        }
        fprintf(out, "</%s>", tag);
    }
    fputs("</tr>\n", out);
}

static void put_table(const struct xb_block *t, FILE *out)
{
    fputs("<table>\n", out);
    put_element("caption", t->text, out);
    for (size_t row = 0; row < t->rows; row++) {
        if (row == 0)
            fputs("<thead>", out);
        put_table_row(t, row, row == 0 ? "th" : "td", out);
        if (row == 0)
            fputs("</thead>\n<tbody>\n", out);
    }
    fputs("</tbody>\n</table>\n", out);
}

void xb_doc_as_html(const struct xb_doc *doc, FILE *out)
{
    for (size_t i = 0; i < doc->count; i++) {
        const struct xb_block *b = &doc->blocks[i];
        bool first_item =
            b->kind == XB_BLOCK_ITEM && (i == 0 || doc->blocks[i - 1].kind != XB_BLOCK_ITEM);
        bool last_item = b->kind == XB_BLOCK_ITEM &&
                         (i + 1 == doc->count || doc->blocks[i + 1].kind != XB_BLOCK_ITEM);
        if (first_item)
            fputs("<ul>\n", out);
        switch (b->kind) {
        case XB_BLOCK_TITLE:
            put_element("h1", b->text, out);
            break;
        case XB_BLOCK_HEADING:
            put_element("h2", b->text, out);
            break;
        case XB_BLOCK_TEXT:
            put_element("p", b->text, out);
            break;
        case XB_BLOCK_ITEM:
            put_element("li", b->text, out);
            break;
        case XB_BLOCK_TABLE:
            put_table(b, out);
            break;
        case XB_BLOCK_CHART:
            put_element("h2", b->text, out);
            fprintf(out, "<div id=\"chart-%s\"></div>\n", b->chart);
            break;
        }
        if (last_item)
            fputs("</ul>\n", out);
    }
}

static void put_number(double value, double factor, int digits, FILE *out)
{
    if (isnan(value))
        fputs("<td></td>", out);
    else
        fprintf(out, "<td>%.*f</td>", digits, value * factor);
}

static void put_point(const struct xb_model *m, size_t c, size_t g, const struct xb_point *p,
                      FILE *out)
{
    fputs("<tr><td>", out);
    xb_html_escape(m->cases[c].name, out);
    fprintf(out, "</td><td>%u</td><td>", p->repetition + 1);
    xb_html_escape(m->guests[g].name, out);
    fputs("</td>", out);
    if (m->run.metric)
        put_number(p->value, 1, 3, out);
    put_number(p->wall_s, 1, 4, out);
    if (isnan(p->share) && p->share_error > XB_SHARE_ERROR_MAX)
        fprintf(out, "<td>window too short (± %.0f %%)</td>", 100 * p->share_error);
    else
        put_number(p->share, 100, 1, out);
    put_number(p->dispatch_ms, 1, 3, out);
    put_number(p->steal, 100, 1, out);
    fputs("</tr>\n", out);
}

static void put_raw(const struct xb_model *m, FILE *out)
{
    fputs("<details><summary>Every "
          "sample</summary>\n<table><thead><tr><th>case</th><th>repetition</th><th>guest</th>",
          out);
    if (m->run.metric) {
        fputs("<th>", out);
        xb_html_escape(m->run.metric, out);
        fputs("</th>", out);
    }
    fputs("<th>time, s</th><th>CPU by Xen, %</th><th>dispatch delay, ms</th><th>host steal, "
          "%</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t c = 0; c < m->case_count; c++)
        for (size_t g = 0; g < m->guest_count; g++)
            for (size_t p = 0; p < xb_model_group(m, c, g)->count; p++)
                put_point(m, c, g, &xb_model_group(m, c, g)->points[p], out);
    fputs("</tbody></table></details>\n", out);
}

void xb_html_begin(const char *title, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width\">\n",
          out);
    put_element("title", title, out);
    fprintf(out, "<style>%s</style>\n</head>\n<body>\n", style);
}

void xb_html_end(FILE *out)
{
    fputs("</body>\n</html>\n", out);
}

void xb_html_write(const struct xb_doc *doc, const struct xb_model *model, FILE *out)
{
    xb_html_begin(model->run.name, out);
    xb_doc_as_html(doc, out);
    put_raw(model, out);
    if (!xb_chart_write(model, out))
        xb_charts_excuse(out);
    xb_html_end(out);
}
