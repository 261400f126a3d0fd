/*
 * A report as a list of blocks, made once and rendered as plain text, Markdown or HTML.
 */
#ifndef XB_REPORT_DOC_H
#define XB_REPORT_DOC_H

#include "err.h"
#include "report_model.h"

#include <stdio.h>

enum xb_block_kind {
    XB_BLOCK_TITLE,
    XB_BLOCK_HEADING,
    XB_BLOCK_TEXT, /* a paragraph */
    XB_BLOCK_ITEM, /* of a list */
    XB_BLOCK_TABLE,
    XB_BLOCK_CHART, /* in HTML alone */
};

/* A table's cell: a figure, and below the figure, in smaller print, its explanation. */
struct xb_table_cell {
    char *text;
    char *below;  /* NULL: nothing */
    double shade; /* of the background in HTML, for heat maps: 0 (none) to 1 */
};

struct xb_block {
    enum xb_block_kind kind;
    char *text;                  /* of a table: the caption */
    struct xb_table_cell *cells; /* rows times columns; the first row is the head */
    size_t rows, columns;
    const char *chart; /* of a chart: its name (report_chart.h) */
};

struct xb_doc {
    struct xb_block *blocks;
    size_t count;
};

/* Add a block; format as printf. */
void xb_doc_add(struct xb_doc *doc, enum xb_block_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Add an empty table; xb_doc_cell sets the table's cells until the next block is added. */
void xb_doc_table(struct xb_doc *doc, size_t rows, size_t columns, const char *caption);
void xb_doc_heads(struct xb_doc *doc, const char *const *heads, size_t columns); /* the first row */
void xb_doc_cell(struct xb_doc *doc, size_t row, size_t column, const char *text,
                 const char *below);
void xb_doc_shade(struct xb_doc *doc, size_t row, size_t column, double shade);
/* Add the chart of this name, a constant. */
void xb_doc_chart(struct xb_doc *doc, const char *name, const char *title);
void xb_doc_free(struct xb_doc *doc);

/*
 * Build the whole report, in the order in which a reader wants it: figures, findings, warnings,
 * the host.
 */
void xb_doc_build(struct xb_doc *doc, const struct xb_model *model);

/* For out without a width of its own: a file. */
#define XB_COLUMNS_NONE 0
/*
 * A table wider than `columns` is written in several parts, each with the first column. Text is
 * wrapped at 120 columns at most.
 */
void xb_doc_as_text(const struct xb_doc *doc, FILE *out, int columns, int colour);
void xb_doc_as_markdown(const struct xb_doc *doc, FILE *out);
/* The blocks as HTML, without head and body. */
void xb_doc_as_html(const struct xb_doc *doc, FILE *out);

/* Write text as HTML, so that nothing in it is markup or a control character. */
void xb_html_escape(const char *text, FILE *out);

#endif
