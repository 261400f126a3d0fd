/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_html.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"
#include "report_style.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define NO_BREAK "\u00a0"
#define PLUS_MINUS "±"
/* Longer words after a number are no unit. */
#define UNIT_MAX 8
/* Tables with more columns than this are set in smaller print. */
#define COLUMNS_WIDE 6
/* The most bytes of a figure, and of a word that does not break ("Domain-0"). */
#define FIGURE_MAX 32
#define WORD_MAX 12

/* Is the word before `at` a number, or what comes in front of one: "±", "5.1 to"? */
static bool follows_number(const char *start, const char *at)
{
    const char *word = at;
    bool digits = false;
    while (word > start && !isspace((unsigned char)word[-1]))
        word--;
    word += strspn(word, "(+-");
    if (at - word == (ptrdiff_t)strlen(PLUS_MINUS) && strncmp(word, PLUS_MINUS, 2) == 0)
        return true;
    if (at - word == 2 && strncmp(word, "to", 2) == 0 && word > start + 1)
        return isdigit((unsigned char)word[-2]) || word[-2] == '%';
    for (; word < at; word++) {
        bool colon = *word == ':' && word + 1 == at; /* "CPU 3: 10 %" */
        if (!isdigit((unsigned char)*word) && *word != '.' && !colon)
            return false;
        digits = digits || isdigit((unsigned char)*word);
    }
    return digits;
}

/* Does the word after the space belong to a number before it: is it a sign or a unit? */
static bool belongs_to_number(const char *start, const char *space)
{
    const char *next = space + 1;
    if (*next == '%' || strncmp(next, PLUS_MINUS, strlen(PLUS_MINUS)) == 0 ||
        strncmp(next, "1/", 2) == 0)
        return true;
    if (isdigit((unsigned char)next[strspn(next, "+-")])) /* "± 0.281" */
        return space > start && !isdigit((unsigned char)space[-1]);
    size_t length = strcspn(next, " \n");
    return isalpha((unsigned char)*next) && length <= UNIT_MAX;
}

static void escape(char c, FILE *out)
{
    switch (c) {
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
        fputc(c, out);
    }
}

void xb_html_escape(const char *text, FILE *out)
{
    xb_auto_free char *clean = xb_escaped(text);
    for (const char *c = clean; *c; c++)
        escape(*c, out);
}

void xb_html_text(const char *text, FILE *out)
{
    for (const char *at = text; at && *at; at++) {
        if (*at == ' ' && follows_number(text, at) && belongs_to_number(text, at))
            fputs(NO_BREAK, out);
        else
            escape(*at, out);
    }
}

static void put_element(const char *tag, const char *class, const char *text, FILE *out)
{
    fprintf(out, *class ? "<%s class=\"%s\">" : "<%s>", tag, class);
    xb_html_text(text, out);
    fprintf(out, "</%s>\n", tag);
}

/* A paragraph or item; words between backticks are commands and keys. */
static void put_prose(const char *tag, const char *class, const char *text, FILE *out)
{
    fprintf(out, *class ? "<%s class=\"%s\">" : "<%s>", tag, class);
    for (bool code = false; *text; code = !code) {
        const char *end = strchr(text, '`');
        bool closes = end && (code || strchr(end + 1, '`'));
        xb_auto_free char *part = xb_strndup(text, closes ? (size_t)(end - text) : strlen(text));
        xb_html_text(part, out);
        if (!closes)
            break;
        fputs(code ? "</code>" : "<code>", out);
        text = end + 1;
    }
    fprintf(out, "</%s>\n", tag);
}

static const struct xb_table_cell *cell_at(const struct xb_block *t, size_t row, size_t column)
{
    return &t->cells[row * t->columns + column];
}

static bool is_empty(const struct xb_table_cell *cell)
{
    return !cell->text || !*cell->text;
}

static void put_below(const struct xb_table_cell *cell, FILE *out)
{
    if (!cell->below)
        return;
    fputs("<small>", out);
    xb_html_text(cell->below, out);
    fputs("</small>", out);
}

/*
 * An empty first or second cell stands for the nearest one above that is not empty: return its row.
 * Narrow screens, where each row stands alone, show its text.
 */
static size_t row_of(const struct xb_block *t, size_t row, size_t column)
{
    while (row > 1 && is_empty(cell_at(t, row, column)) && is_empty(cell_at(t, row, 0)))
        row--;
    return row;
}

static void put_row_name(const struct xb_block *t, size_t row, FILE *out)
{
    size_t from = row_of(t, row, 0);
    fputs(from < row ? "<th scope=\"row\" class=\"again\"><span>" : "<th scope=\"row\"><span>",
          out);
    xb_html_text(cell_at(t, from, 0)->text, out);
    fputs("</span>", out);
    put_below(cell_at(t, row, 0), out);
    fputs("</th>", out);
}

/* Is it text, not a figure or a short word? Text may break. */
static bool is_text(const struct xb_table_cell *cell)
{
    size_t length = cell->text ? strlen(cell->text) : 0;
    return length > FIGURE_MAX || (length > WORD_MAX && isalpha((unsigned char)*cell->text));
}

static void put_cell(const struct xb_block *t, size_t row, size_t column, FILE *out)
{
    size_t from = column == 1 ? row_of(t, row, column) : row;
    const struct xb_table_cell *cell = cell_at(t, from, column);
    static const char *const classes[2][2] = {{"", " class=\"word\""},
                                              {" class=\"again\"", " class=\"again word\""}};
    fprintf(out, "<td%s data-head=\"", classes[from < row][is_text(cell)]);
    xb_html_text(cell_at(t, 0, column)->text, out);
    fputc('"', out);
    if (cell->shade > 0)
        fprintf(out, " style=\"--shade:%.2f\"", fmin(cell->shade, 1));
    fputs(from < row ? "><span>" : ">", out);
    xb_html_text(cell->text, out);
    if (from < row)
        fputs("</span>", out);
    else
        put_below(cell, out);
    fputs("</td>", out);
}

static void put_heads(const struct xb_block *t, FILE *out)
{
    fputs("<thead><tr>", out);
    for (size_t c = 0; c < t->columns; c++) {
        fputs("<th scope=\"col\">", out);
        xb_html_text(cell_at(t, 0, c)->text, out);
        put_below(cell_at(t, 0, c), out);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void put_table(const struct xb_block *t, FILE *out)
{
    fputs(t->columns > COLUMNS_WIDE ? "<table class=\"wide\">\n" : "<table>\n", out);
    if (*t->text)
        put_element("caption", "", t->text, out);
    put_heads(t, out);
    for (size_t row = 1; row < t->rows; row++) {
        fputs("<tr>", out);
        put_row_name(t, row, out);
        for (size_t c = 1; c < t->columns; c++)
            put_cell(t, row, c, out);
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n</table>\n", out);
}

/* The elements that are open between two blocks. */
struct open {
    bool list, fold;
};

static void close_for(struct open *open, enum xb_block_kind next, FILE *out)
{
    bool ends_fold = next == XB_BLOCK_TITLE || next == XB_BLOCK_HEADING || next == XB_BLOCK_FOLD;
    if (open->list && next != XB_BLOCK_ITEM)
        fputs("</ul>\n", out);
    if (open->fold && ends_fold)
        fputs("</details>\n", out);
    if (!open->list && next == XB_BLOCK_ITEM)
        fputs("<ul>\n", out);
    open->list = next == XB_BLOCK_ITEM;
    open->fold = next == XB_BLOCK_FOLD || (open->fold && !ends_fold);
}

static void put_block(const struct xb_block *b, FILE *out)
{
    static const struct {
        const char *tag, *class;
    } elements[] = {
        [XB_BLOCK_TITLE] = {"h1", ""},   [XB_BLOCK_HEADING] = {"h2", ""},
        [XB_BLOCK_LEAD] = {"p", "lead"}, [XB_BLOCK_TEXT] = {"p", ""},
        [XB_BLOCK_ITEM] = {"li", ""},    [XB_BLOCK_FOLD] = {"summary", ""},
    };
    if (b->kind == XB_BLOCK_FOLD)
        fputs("<details>", out);
    if (b->kind == XB_BLOCK_TABLE)
        put_table(b, out);
    else if (b->kind == XB_BLOCK_CHART)
        fputs(b->html, out);
    else
        put_prose(elements[b->kind].tag, elements[b->kind].class, b->text, out);
}

static void put_blocks(const struct xb_doc *doc, FILE *out)
{
    struct open open = {false, false};
    for (size_t i = 0; i < doc->count; i++) {
        close_for(&open, doc->blocks[i].kind, out);
        put_block(&doc->blocks[i], out);
    }
    close_for(&open, XB_BLOCK_TITLE, out);
}

void xb_doc_as_html(const struct xb_doc *doc, const char *title, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n",
          out);
    xb_auto_free char *clean = xb_escaped(title);
    put_element("title", "", clean, out);
    fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n<main>\n", xb_report_style);
    put_blocks(doc, out);
    fputs("</main>\n</body>\n</html>\n", out);
}
