/* SPDX-License-Identifier: GPL-3.0-or-later */
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
    XB_BLOCK_LEAD, /* what the report says, in a sentence or two */
    XB_BLOCK_TEXT, /* a paragraph */
    XB_BLOCK_ITEM, /* of a list */
    XB_BLOCK_TABLE,
    XB_BLOCK_CHART, /* only in HTML */
    XB_BLOCK_FOLD, /* a heading; HTML and Markdown hide what follows, to the next fold or heading */
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
    char *html; /* of a chart: its elements */
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
/* Add a chart: HTML in which all text is escaped (report_plot.h). Takes ownership of html. */
void xb_doc_chart(struct xb_doc *doc, char *html);
/* Remove the last heading if nothing follows it. */
void xb_doc_end_section(struct xb_doc *doc);
void xb_doc_free(struct xb_doc *doc);
/* Is block `at` a chart, or a fold that holds only charts? Text and Markdown leave it out. */
bool xb_doc_is_chart(const struct xb_doc *doc, size_t at);

/*
 * Build the whole report, in the order in which a reader wants it: what it says, the figures, why
 * to trust them, warnings, details.
 */
void xb_doc_build(struct xb_doc *doc, const struct xb_model *model);

/* For an output without a width, such as a file. */
#define XB_COLUMNS_NONE 0
/*
 * A table wider than `columns` is written in several parts, each with the first column, which is
 * folded if no other has room beside it. Text is wrapped at 120 columns at most.
 */
void xb_doc_as_text(const struct xb_doc *doc, FILE *out, int columns, int colour);
void xb_doc_as_markdown(const struct xb_doc *doc, FILE *out);

#endif
