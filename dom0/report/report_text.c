/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report as plain text for a terminal. */
#include "alloc.h"
#include "base.h"
#include "report_doc.h"
#include "width.h"

#include <string.h>

#define GAP 2
/* Longer lines are hard to read. */
#define COLUMNS_MAX 120
#define COLUMNS_FILE 100

/* Line n of a text, NULL where the text has fewer lines; *length is in bytes. */
static const char *line_of(const char *text, int n, int *length)
{
    for (; text && n > 0; n--) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    *length = text ? (int)strcspn(text, "\n") : 0;
    return text;
}

static void pad(FILE *out, int spaces)
{
    fprintf(out, "%*s", spaces > 0 ? spaces : 0, "");
}

/*
 * Wrap text at `columns`; `first` starts the first line, `indent` spaces start the others.
 */
static void wrap(FILE *out, const char *text, const char *first, int indent, int columns)
{
    int at = xb_width(first), start = at;
    fputs(first, out);
    while (*text) {
        size_t word = strcspn(text, " \n");
        int width = xb_width_of(text, word);
        if (at > start && at + 1 + width > columns) {
            fputc('\n', out);
            pad(out, indent);
            at = start = indent;
        }
        if (at > start)
            at += fputc(' ', out) == ' ';
        fwrite(text, 1, word, out);
        at += width;
        text += word;
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

static int column_width(const struct xb_block *t, size_t column)
{
    int width = 0;
    for (size_t row = 0; row < t->rows; row++) {
        const struct xb_table_cell *cell = &t->cells[row * t->columns + column];
        int w = xb_width(cell->text);
        width = w > width ? w : width;
        const char *line;
        int length;
        for (int n = 0; (line = line_of(cell->below, n, &length)); n++) {
            int b = xb_width_of(line, (size_t)length);
            width = b > width ? b : width;
        }
    }
    return width;
}

static void put_cell(FILE *out, const char *text, int bytes, int width, bool left)
{
    int spaces = width - xb_width_of(text, (size_t)bytes);
    pad(out, left ? 0 : spaces);
    fprintf(out, "%.*s", bytes, text);
    pad(out, left ? spaces : 0);
}

/* Columns of a table that stand side by side, after the first. */
struct part {
    size_t from, to;
};

/* below: the line under the figures to print, -1 for the figures themselves. */
static void put_row(FILE *out, const struct xb_block *t, size_t row, struct part part,
                    const int *widths, int below, const char *on, const char *off)
{
    fputs(on, out);
    for (size_t c = 0; c < part.to; c = c ? c + 1 : part.from) {
        const struct xb_table_cell *cell = &t->cells[row * t->columns + c];
        int length = cell->text ? (int)strlen(cell->text) : 0;
        const char *line = below < 0 ? cell->text : line_of(cell->below, below, &length);
        pad(out, GAP);
        put_cell(out, line ? line : "", length, widths[c], c == 0);
    }
    fprintf(out, "%s\n", off);
}

/* The number of lines under the figures of a row. */
static int lines_below(const struct xb_block *t, size_t row)
{
    int lines = 0, length;
    for (size_t c = 0; c < t->columns; c++)
        while (line_of(t->cells[row * t->columns + c].below, lines, &length))
            lines++;
    return lines;
}

/* The columns from `from` on that fit: at least one. */
static struct part next_part(const struct xb_block *t, size_t from, const int *widths, int columns)
{
    int width = GAP + widths[0];
    struct part part = {from, from};
    while (part.to < t->columns) {
        width += GAP + widths[part.to];
        if (columns != XB_COLUMNS_NONE && width > columns && part.to > from)
            break;
        part.to++;
    }
    return part;
}

static void put_part(FILE *out, const struct xb_block *t, struct part part, const int *widths,
                     int colour)
{
    for (size_t row = 0; row < t->rows; row++) {
        put_row(out, t, row, part, widths, -1, colour && row == 0 ? "\033[1m" : "",
                colour && row == 0 ? "\033[0m" : "");
        for (int line = 0; line < lines_below(t, row); line++)
            put_row(out, t, row, part, widths, line, colour ? "\033[2m" : "",
                    colour ? "\033[0m" : "");
    }
}

static void put_table(FILE *out, const struct xb_block *t, int text_columns, int columns,
                      int colour)
{
    xb_auto_free int *widths = xb_calloc(t->columns + 1, sizeof(*widths));
    for (size_t c = 0; c < t->columns; c++)
        widths[c] = column_width(t, c);
    wrap(out, t->text, "", 0, text_columns);
    for (size_t from = 1; from < t->columns || from == 1;) {
        struct part part = next_part(t, from, widths, columns);
        fputc('\n', out);
        put_part(out, t, part, widths, colour);
        from = part.to > from ? part.to : from + 1;
    }
}

static bool is_heading(const struct xb_block *b)
{
    return b->kind == XB_BLOCK_TITLE || b->kind == XB_BLOCK_HEADING || b->kind == XB_BLOCK_FOLD;
}

/* Is there an empty line between two blocks? */
static bool is_apart(const struct xb_block *above, const struct xb_block *b)
{
    if (b->kind == XB_BLOCK_ITEM && above->kind == XB_BLOCK_ITEM)
        return false;
    return !is_heading(above) || is_heading(b) || b->kind == XB_BLOCK_TABLE ||
           above->kind == XB_BLOCK_TITLE;
}

static void put_block(const struct xb_block *b, FILE *out, int text_columns, int columns,
                      int colour)
{
    if (is_heading(b))
        fprintf(out, "%s%s%s\n", colour ? "\033[1m" : "", b->text, colour ? "\033[0m" : "");
    else if (b->kind == XB_BLOCK_TABLE)
        put_table(out, b, text_columns, columns, colour);
    else if (b->kind == XB_BLOCK_ITEM)
        wrap(out, b->text, "  - ", 4, text_columns);
    else
        wrap(out, b->text, "", 0, text_columns);
}

void xb_doc_as_text(const struct xb_doc *doc, FILE *out, int columns, int colour)
{
    int text_columns = columns == XB_COLUMNS_NONE ? COLUMNS_FILE
                       : columns > COLUMNS_MAX    ? COLUMNS_MAX
                                                  : columns;
    const struct xb_block *above = NULL;
    for (size_t i = 0; i < doc->count; i++) {
        const struct xb_block *b = &doc->blocks[i];
        if (xb_doc_is_chart(doc, i))
            continue;
        if (above && is_apart(above, b))
            fputc('\n', out);
        put_block(b, out, text_columns, columns, colour);
        above = b;
    }
}
