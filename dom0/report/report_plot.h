/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Charts as SVG within HTML: no script, and no size of their own. Along the axis everything is
 * placed in percent of the drawing's width, so that text and dots keep their size on any screen.
 * A chart is a list of rows, each with a name, a drawing and a figure.
 */
#ifndef XB_REPORT_PLOT_H
#define XB_REPORT_PLOT_H

#include "report_doc.h"

#include <stdbool.h>
#include <stdio.h>

/* More rows than this make a chart too high for a page; the tables and results.json have all. */
#define XB_PLOT_ROWS_MAX 120

#define XB_AXIS_TICKS_MAX 16
struct xb_axis {
    bool log;
    double low, high;
    double ticks[XB_AXIS_TICKS_MAX];
    char labels[XB_AXIS_TICKS_MAX][24];
    size_t tick_count;
};
/* The axis holds both values; its ends are round. Ticks are labelled with `unit`, if any. */
struct xb_axis xb_axis_linear(double low, double high, const char *unit);
/* Decades of nanoseconds, labelled as times; low and high are above 0. */
struct xb_axis xb_axis_times(double low_ns, double high_ns);
/* The same for any unit; NULL or "": none. */
struct xb_axis xb_axis_decades(double low, double high, const char *unit);
/* Seconds since 1970, labelled as dates. */
struct xb_axis xb_axis_dates(double low_s, double high_s);
/* Where a value lies, in percent of the drawing; values beyond the ends lie at them. */
double xb_axis_at(const struct xb_axis *axis, double value);

struct xb_plot {
    FILE *out;
    char *html;
    size_t bytes, cases, rows;
    size_t case_no; /* of the last row: xb_plot_under */
    const struct xb_axis *axis;
};

/* Begin a chart: its id ("chart-ID") and its caption. xb_plot_end adds it to the document. */
void xb_plot_begin(struct xb_plot *p, const struct xb_axis *axis, const char *id,
                   const char *caption);
void xb_plot_end(struct xb_plot *p, struct xb_doc *doc);

/* What the colours mean: each name in the colour of its index. */
void xb_plot_key(struct xb_plot *p, size_t index, const char *name);
/* Likewise for a mark, which is named by its class in report_style.c. */
void xb_plot_key_mark(struct xb_plot *p, const char *mark, const char *name);
/* Begin the rows of a case; the case before it ends. */
void xb_plot_case(struct xb_plot *p, const char *name);
/*
 * The next row belongs to this case: begin the case unless the last row belonged to it. False if
 * there is no room for another row.
 */
bool xb_plot_under(struct xb_plot *p, size_t case_no, const char *name);

/*
 * Begin and end a row; xb_plot_row draws the axis' grid. said: the row in words, for screen
 * readers.
 */
void xb_plot_row(struct xb_plot *p, const char *who, const char *figure, const char *said,
                 int height);
void xb_plot_row_end(struct xb_plot *p);
/* Marks in a row. y is in pixels; mark is a class in report_style.c. */
void xb_plot_dot(struct xb_plot *p, double x, int y, size_t colour, const char *tip);
/* The y of sample i in a row of this height: neighbours in time lie apart. */
static inline int xb_plot_lane(size_t i, int height)
{
    return height / 2 + 4 * ((int)(i % 3) - 1);
}
void xb_plot_bar(struct xb_plot *p, double from, double to, int y, int height, size_t colour,
                 const char *mark, const char *tip);
void xb_plot_tick(struct xb_plot *p, double x, int y, int height, size_t colour, const char *mark,
                  const char *tip);
void xb_plot_line(struct xb_plot *p, double from, double to, int y_from, int y_to, size_t colour,
                  const char *mark);
/* Small text at x, centred; on_bar: in a colour that can be read on a bar. */
void xb_plot_label(struct xb_plot *p, double x, int y, bool on_bar, const char *text);
/* Add the row of the axis' labels; title says what the axis shows. */
void xb_plot_axis(struct xb_plot *p, const char *title);

/* Colours repeat after this many. */
#define XB_PLOT_COLOURS 8

#endif
