/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_plot.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"
#include "report_html.h"
#include "trace_json.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* Room at both ends, for dots and labels at the ends. */
#define MARGIN 2.5
#define LABEL_Y 14
#define TITLE_Y 30
#define AXIS_HEIGHT 36
#define GOAL_TICKS 4
#define DATE_TICKS 3
#define DATE_ROOM 0.1 /* before the first, for labels of the other axis */
#define DAY_S 86400.0
/* Beyond this a difference of two figures may be infinite. */
#define FIGURE_MAX 1e300

/* A step of 1, 2 or 5 times a power of ten, of which about four make the range. */
static double round_step(double range)
{
    double raw = range / GOAL_TICKS, power = pow(10, floor(log10(raw))), part = raw / power;
    return power * (part > 5 ? 10 : part > 2 ? 5 : part > 1 ? 2 : 1);
}

struct xb_axis xb_axis_linear(double low, double high, const char *unit)
{
    struct xb_axis axis = {.log = false};
    low = isfinite(low) ? fmax(low, -FIGURE_MAX) : 0;
    high = fmin(high, FIGURE_MAX);
    if (!(high > low)) {
        double around = low != 0 ? fabs(low) / 20 : 1;
        high = low + around;
        low -= around;
    }
    double step = round_step(high - low);
    int digits = step >= 1 || step < 1e-9 ? 0 : (int)ceil(-log10(step) - 1e-9);
    axis.low = step * floor(low / step + 1e-9);
    axis.high = step * ceil(high / step - 1e-9);
    for (size_t i = 0; i < XB_AXIS_TICKS_MAX && axis.low + step * (double)i < axis.high + step / 2;
         i++) {
        double at = axis.ticks[axis.tick_count] = axis.low + step * (double)i;
        bool wide = fabs(axis.high) >= 1e6 || fabs(axis.low) >= 1e6 || step < 1e-4;
        snprintf(axis.labels[axis.tick_count++], sizeof(axis.labels[0]), wide ? "%.*g%s" : "%.*f%s",
                 wide ? 4 : digits, at, unit);
    }
    return axis;
}

/* "10 us": what xb_trace_format_ns writes of a power of ten, without its decimals. */
static void label_of(double ns, char out[24])
{
    xb_trace_format_ns((uint64_t)ns, out, 24);
    char *point = strchr(out, '.'), *unit = strchr(out, ' ');
    if (point && unit)
        memmove(point, unit, strlen(unit) + 1);
}

/* Decades from `from` to `to`, with room for the labels. */
static struct xb_axis decades(int from, int to)
{
    int each = (to - from + 5) / 6;
    struct xb_axis axis = {.log = true, .low = pow(10, from), .high = pow(10, to)};
    for (int i = from; i <= to && axis.tick_count<XB_AXIS_TICKS_MAX; i += each> 1 ? each : 1)
        axis.ticks[axis.tick_count++] = pow(10, i);
    return axis;
}

struct xb_axis xb_axis_times(double low_ns, double high_ns)
{
    int from = (int)floor(log10(fmin(fmax(low_ns, 1), 1e17)) + 1e-9);
    int to = (int)ceil(log10(fmin(fmax(high_ns, 1), 1e18)) - 1e-9);
    struct xb_axis axis = decades(from, to > from ? to : from + 1);
    for (size_t i = 0; i < axis.tick_count; i++)
        label_of(axis.ticks[i], axis.labels[i]);
    return axis;
}

struct xb_axis xb_axis_decades(double low, double high, const char *unit)
{
    int from = (int)floor(log10(fmax(low, 1e-30)) + 1e-9);
    int to = (int)ceil(log10(fmin(fmax(high, 1e-30), 1e30)) - 1e-9);
    struct xb_axis axis = decades(from, to > from ? to : from + 1);
    for (size_t i = 0; i < axis.tick_count; i++)
        snprintf(axis.labels[i], sizeof(axis.labels[i]), "%.4g%s%.10s", axis.ticks[i],
                 unit && *unit ? " " : "", unit ? unit : "");
    return axis;
}

struct xb_axis xb_axis_dates(double low_s, double high_s)
{
    if (!(high_s > low_s))
        high_s = low_s + DAY_S;
    struct xb_axis axis = {
        .low = low_s - DATE_ROOM * (high_s - low_s), .high = high_s, .tick_count = DATE_TICKS};
    for (size_t i = 0; i < DATE_TICKS; i++) {
        axis.ticks[i] = low_s + (high_s - low_s) * (double)i / (DATE_TICKS - 1);
        time_t at = (time_t)axis.ticks[i];
        struct tm tm;
        gmtime_r(&at, &tm);
        strftime(axis.labels[i], sizeof(axis.labels[0]),
                 high_s - low_s < 2 * DAY_S ? "%m-%d %H:%M" : "%Y-%m-%d", &tm);
    }
    return axis;
}

double xb_axis_at(const struct xb_axis *axis, double value)
{
    double part = axis->log ? log(fmax(value, axis->low) / axis->low) / log(axis->high / axis->low)
                            : (value - axis->low) / (axis->high - axis->low);
    return MARGIN + (100 - 2 * MARGIN) * fmin(fmax(part, 0), 1);
}

static void put_text(struct xb_plot *p, const char *text)
{
    xb_auto_free char *clean = xb_escaped(text ? text : "");
    xb_html_text(clean, p->out);
}

static void put_span(struct xb_plot *p, const char *class, const char *text)
{
    fprintf(p->out, "<span class=\"%s\">", class);
    put_text(p, text);
    fputs("</span>", p->out);
}

void xb_plot_begin(struct xb_plot *p, const struct xb_axis *axis, const char *id,
                   const char *caption)
{
    *p = (struct xb_plot){.axis = axis, .case_no = SIZE_MAX};
    p->out = xb_need(open_memstream(&p->html, &p->bytes));
    fprintf(p->out, "<figure class=\"plot\" id=\"chart-%s\">\n<figcaption>", id);
    put_text(p, caption);
    fputs("</figcaption>\n<p class=\"key\">", p->out);
}

void xb_plot_key(struct xb_plot *p, size_t index, const char *name)
{
    fprintf(p->out, "<span class=\"k%zu\"><i class=\"dot\"></i>", index % XB_PLOT_COLOURS);
    put_text(p, name);
    fputs("</span> ", p->out);
}

void xb_plot_key_mark(struct xb_plot *p, const char *mark, const char *name)
{
    fprintf(p->out, "<span><i class=\"%s\"></i>", mark);
    put_text(p, name);
    fputs("</span> ", p->out);
}

/* The key's paragraph comes first, and then a div for each case. */
void xb_plot_case(struct xb_plot *p, const char *name)
{
    fputs(p->cases ? "</div>\n<div class=\"case\">" : "</p>\n<div class=\"case\">", p->out);
    if (name) {
        fputs("<h3>", p->out);
        put_text(p, name);
        fputs("</h3>", p->out);
    }
    fputc('\n', p->out);
    p->cases++;
}

bool xb_plot_under(struct xb_plot *p, size_t case_no, const char *name)
{
    if (p->rows >= XB_PLOT_ROWS_MAX)
        return false;
    if (p->case_no != case_no)
        xb_plot_case(p, name);
    p->case_no = case_no;
    return true;
}

static void open_svg(struct xb_plot *p, int height)
{
    fprintf(p->out, "<svg width=\"100%%\" height=\"%d\"", height);
}

void xb_plot_row(struct xb_plot *p, const char *who, const char *figure, const char *said,
                 int height)
{
    p->rows++;
    fputs("<div class=\"row\">", p->out);
    put_span(p, "who", who);
    put_span(p, "num", figure);
    open_svg(p, height);
    fputs(" role=\"img\" aria-label=\"", p->out);
    put_text(p, said);
    fputs("\">", p->out);
    for (size_t i = 0; p->axis && i < p->axis->tick_count; i++) {
        double at = xb_axis_at(p->axis, p->axis->ticks[i]);
        fprintf(p->out, "<line class=\"grid\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"%d\"/>", at,
                at, height);
    }
}

void xb_plot_row_end(struct xb_plot *p)
{
    fputs("</svg></div>\n", p->out);
}

/* End a mark, with the text that appears when a pointer rests on it. */
static void put_tip(struct xb_plot *p, const char *element, const char *tip)
{
    if (!tip) {
        fputs("/>", p->out);
        return;
    }
    fputs("><title>", p->out);
    put_text(p, tip);
    fprintf(p->out, "</title></%s>", element);
}

void xb_plot_dot(struct xb_plot *p, double x, int y, size_t colour, const char *tip)
{
    fprintf(p->out, "<circle class=\"dot k%zu\" cx=\"%.2f%%\" cy=\"%d\" r=\"3.5\"",
            colour % XB_PLOT_COLOURS, xb_axis_at(p->axis, x), y);
    put_tip(p, "circle", tip);
}

void xb_plot_bar(struct xb_plot *p, double from, double to, int y, int height, size_t colour,
                 const char *mark, const char *tip)
{
    double left = xb_axis_at(p->axis, fmin(from, to)), right = xb_axis_at(p->axis, fmax(from, to));
    fprintf(p->out, "<rect class=\"%s k%zu\" x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" height=\"%d\"",
            mark, colour % XB_PLOT_COLOURS, left, y, right - left, height);
    put_tip(p, "rect", tip);
}

void xb_plot_line(struct xb_plot *p, double from, double to, int y_from, int y_to, size_t colour,
                  const char *mark)
{
    fprintf(p->out, "<line class=\"%s k%zu\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\"/>",
            mark, colour % XB_PLOT_COLOURS, xb_axis_at(p->axis, from), xb_axis_at(p->axis, to),
            y_from, y_to);
}

void xb_plot_tick(struct xb_plot *p, double x, int y, int height, size_t colour, const char *mark,
                  const char *tip)
{
    double at = xb_axis_at(p->axis, x);
    fprintf(p->out, "<line class=\"%s k%zu\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\"", mark,
            colour % XB_PLOT_COLOURS, at, at, y, y + height);
    put_tip(p, "line", tip);
}

/* Longer text near an end would reach beyond the drawing if it were centred. */
#define CENTRED_MAX 2
#define END_PART 8

static void put_svg_text(struct xb_plot *p, double at, int y, bool on_bar, const char *text)
{
    const char *anchor = strlen(text) <= CENTRED_MAX ? "middle"
                         : at < END_PART             ? "start"
                         : at > 100 - END_PART       ? "end"
                                                     : "middle";
    fprintf(p->out, "<text%s x=\"%.2f%%\" y=\"%d\" text-anchor=\"%s\">",
            on_bar ? " class=\"on\"" : "", at, y, anchor);
    put_text(p, text);
    fputs("</text>", p->out);
}

void xb_plot_label(struct xb_plot *p, double x, int y, bool on_bar, const char *text)
{
    put_svg_text(p, xb_axis_at(p->axis, x), y, on_bar, text);
}

void xb_plot_axis(struct xb_plot *p, const char *title)
{
    if (p->cases == 0)
        xb_plot_case(p, NULL);
    fputs("<div class=\"row axis\">", p->out);
    open_svg(p, AXIS_HEIGHT);
    fputs(" aria-hidden=\"true\">", p->out);
    for (size_t i = 0; i < p->axis->tick_count; i++)
        put_svg_text(p, xb_axis_at(p->axis, p->axis->ticks[i]), LABEL_Y, false, p->axis->labels[i]);
    put_svg_text(p, 50, TITLE_Y, false, title);
    xb_plot_row_end(p);
}

void xb_plot_end(struct xb_plot *p, struct xb_doc *doc)
{
    fputs(p->cases ? "</div>\n</figure>\n" : "</p>\n</figure>\n", p->out);
    fclose(p->out);
    xb_doc_chart(doc, xb_need(p->html));
    *p = (struct xb_plot){0};
}
