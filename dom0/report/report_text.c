/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report as plain text for a terminal. */
#include "alloc.h"
#include "base.h"
#include "report_doc.h"
#include "width.h"

#include <stdlib.h>
#include <string.h>

#define GAP 2
/* Longer lines are hard to read. */
#define COLUMNS_MAX 120
#define COLUMNS_FILE 100
/* A table's first column is not folded to less. */
#define FIRST_LEAST 16

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

/* Line n of a cell: first those of the figure, then those below it. NULL after the last. */
static const char *cell_line(const struct xb_table_cell *cell, int n, int *length)
{
    const char *text = cell->text ? cell->text : "";
    int lines = 1;
    for (const char *end = text; (end = strchr(end, '\n')); end++)
        lines++;
    return n < lines ? line_of(text, n, length) : line_of(cell->below, n - lines, length);
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
        const char *line;
        int length;
        for (int n = 0; (line = cell_line(cell, n, &length)); n++) {
            int w = xb_width_of(line, (size_t)length);
            width = w > width ? w : width;
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

/* n: the line of the row to print, of which 0 has the figures. */
static void put_row(FILE *out, const struct xb_block *t, size_t row, struct part part,
                    const int *widths, int n, const char *on, const char *off)
{
    fputs(on, out);
    for (size_t c = 0; c < part.to; c = c ? c + 1 : part.from) {
        const struct xb_table_cell *cell = &t->cells[row * t->columns + c];
        int length;
        const char *line = cell_line(cell, n, &length);
        pad(out, GAP);
        put_cell(out, line ? line : "", length, widths[c], c == 0);
    }
    fprintf(out, "%s\n", off);
}

static int lines_of_row(const struct xb_block *t, size_t row)
{
    int lines = 1, length;
    for (size_t c = 0; c < t->columns; c++)
        while (cell_line(&t->cells[row * t->columns + c], lines, &length))
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
        put_row(out, t, row, part, widths, 0, colour && row == 0 ? "\033[1m" : "",
                colour && row == 0 ? "\033[0m" : "");
        for (int line = 1; line < lines_of_row(t, row); line++)
            put_row(out, t, row, part, widths, line, colour ? "\033[2m" : "",
                    colour ? "\033[0m" : "");
    }
}

/* Break a text into lines of at most `width` columns, between words if possible. */
static char *folded(const char *text, int width)
{
    char *lines = xb_malloc(2 * strlen(text) + 1), *to = lines;
    while (*text) {
        size_t line = strcspn(text, "\n"), length = xb_width_cut(text, width);
        if (length == 0 || length >= line) {
            length = line;
        } else {
            size_t blank = length;
            while (blank > 0 && text[blank] != ' ')
                blank--;
            length = blank > 0 ? blank : length;
        }
        to = mempcpy(to, text, length);
        text += length;
        text += *text == '\n' ? 1 : strspn(text, " ");
        if (*text)
            *to++ = '\n';
    }
    *to = '\0';
    return lines;
}

/* The width that leaves the first column room for each other beside it. */
static int first_width(const struct xb_block *t, const int *widths, int columns)
{
    int widest = 0;
    for (size_t c = 1; c < t->columns; c++)
        widest = widths[c] > widest ? widths[c] : widest;
    int width = columns - 2 * GAP - widest;
    return width < FIRST_LEAST ? FIRST_LEAST : width;
}

/* Cells like a table's, with the first column folded. free_folded frees them. */
static struct xb_table_cell *fold_first(const struct xb_block *t, int width)
{
    struct xb_table_cell *cells = xb_calloc(t->rows * t->columns, sizeof(*cells));
    memcpy(cells, t->cells, t->rows * t->columns * sizeof(*cells));
    for (size_t row = 0; row < t->rows; row++) {
        struct xb_table_cell *cell = &cells[row * t->columns];
        cell->text = folded(cell->text ? cell->text : "", width);
        cell->below = cell->below ? folded(cell->below, width) : NULL;
    }
    return cells;
}

static void free_folded(const struct xb_block *t)
{
    for (size_t row = 0; row < t->rows; row++) {
        free(t->cells[row * t->columns].text);
        free(t->cells[row * t->columns].below);
    }
    free(t->cells);
}

static void put_parts(FILE *out, const struct xb_block *t, const int *widths, int columns,
                      int colour)
{
    for (size_t from = 1; from < t->columns || from == 1;) {
        struct part part = next_part(t, from, widths, columns);
        fputc('\n', out);
        put_part(out, t, part, widths, colour);
        from = part.to > from ? part.to : from + 1;
    }
}

static void put_table(FILE *out, const struct xb_block *t, int text_columns, int columns,
                      int colour)
{
    xb_auto_free int *widths = xb_calloc(t->columns + 1, sizeof(*widths));
    for (size_t c = 0; c < t->columns; c++)
        widths[c] = column_width(t, c);
    wrap(out, t->text, "", 0, text_columns);
    int width = first_width(t, widths, columns);
    if (columns == XB_COLUMNS_NONE || widths[0] <= width) {
        put_parts(out, t, widths, columns, colour);
        return;
    }
    struct xb_block narrow = *t;
    narrow.cells = fold_first(t, width);
    widths[0] = column_width(&narrow, 0);
    put_parts(out, &narrow, widths, columns, colour);
    free_folded(&narrow);
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
