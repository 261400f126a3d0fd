/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report as Markdown (GitHub's tables). */
#include "report_doc.h"

#include <string.h>

/*
 * Names and messages stay text: Markdown's markup is escaped with backslashes, HTML's with
 * entities.
 */
static void put_escaped(const char *text, FILE *out)
{
    for (; text && *text; text++) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '\n')
            fputc(' ', out);
        else {
            if (strchr("\\`*_[]|#~", *text))
                fputc('\\', out);
            fputc(*text, out);
        }
    }
}

/* The lines of a cell; each has a few words. */
static void put_lines(const char *text, FILE *out)
{
    while (*text) {
        char line[256];
        size_t length = strcspn(text, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)length, text);
        put_escaped(line, out);
        text += length;
        if (*text == '\n' && *++text)
            fputs("<br>", out);
    }
}

static void put_table(const struct xb_block *t, FILE *out)
{
    put_escaped(t->text, out);
    fputs("\n\n", out);
    for (size_t row = 0; row < t->rows; row++) {
        for (size_t c = 0; c < t->columns; c++) {
            const struct xb_table_cell *cell = &t->cells[row * t->columns + c];
            fputs("| ", out);
            put_escaped(cell->text, out);
            if (cell->below) {
                fputs("<br><sub>", out);
                put_lines(cell->below, out);
                fputs("</sub>", out);
            }
            fputc(' ', out);
        }
        fputs("|\n", out);
        for (size_t c = 0; row == 0 && c < t->columns; c++)
            fputs(c == 0 ? "| --- " : "| ---: ", out);
        if (row == 0)
            fputs("|\n", out);
    }
}

static bool ends_fold(enum xb_block_kind kind)
{
    return kind == XB_BLOCK_TITLE || kind == XB_BLOCK_HEADING || kind == XB_BLOCK_FOLD;
}

static void put_block(const struct xb_block *b, FILE *out)
{
    static const char *const before[] = {
        [XB_BLOCK_TITLE] = "# ", [XB_BLOCK_HEADING] = "## ",
        [XB_BLOCK_LEAD] = "> ",  [XB_BLOCK_TEXT] = "",
        [XB_BLOCK_ITEM] = "- ",  [XB_BLOCK_FOLD] = "<details><summary>"};
    if (b->kind == XB_BLOCK_TABLE) {
        put_table(b, out);
        return;
    }
    fputs(before[b->kind], out);
    put_escaped(b->text, out);
    fputs(b->kind == XB_BLOCK_FOLD ? "</summary>\n" : "\n", out);
}

void xb_doc_as_markdown(const struct xb_doc *doc, FILE *out)
{
    bool folded = false, list = false;
    for (size_t i = 0; i < doc->count; i++) {
        const struct xb_block *b = &doc->blocks[i];
        if (xb_doc_is_chart(doc, i))
            continue;
        if (folded && ends_fold(b->kind))
            fputs("\n</details>\n", out);
        if (i > 0 && !(list && b->kind == XB_BLOCK_ITEM))
            fputc('\n', out);
        put_block(b, out);
        list = b->kind == XB_BLOCK_ITEM;
        folded = b->kind == XB_BLOCK_FOLD || (folded && !ends_fold(b->kind));
    }
    if (folded)
        fputs("\n</details>\n", out);
}
