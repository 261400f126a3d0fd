/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes and frees the blocks of a report. */
#include "report_doc.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"

#include <stdarg.h>

/* Names and messages may come from a guest, so control characters are escaped. */
static struct xb_block *add(struct xb_doc *doc, enum xb_block_kind kind, const char *text)
{
    struct xb_block *block = xb_append(&doc->blocks, &doc->count);
    *block = (struct xb_block){.kind = kind, .text = xb_escaped(text)};
    return block;
}

void xb_doc_add(struct xb_doc *doc, enum xb_block_kind kind, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    xb_auto_free char *text = xb_vasprintf(fmt, ap);
    va_end(ap);
    add(doc, kind, text);
}

void xb_doc_table(struct xb_doc *doc, size_t rows, size_t columns, const char *caption)
{
    struct xb_block *block = add(doc, XB_BLOCK_TABLE, caption);
    block->cells = xb_calloc(rows * columns, sizeof(*block->cells));
    block->rows = rows;
    block->columns = columns;
}

void xb_doc_cell(struct xb_doc *doc, size_t row, size_t column, const char *text, const char *below)
{
    struct xb_block *block = doc->count ? &doc->blocks[doc->count - 1] : NULL;
    if (!block || row >= block->rows || column >= block->columns)
        return;
    struct xb_table_cell *cell = &block->cells[row * block->columns + column];
    cell->text = xb_escaped(text);
    cell->below = below && *below ? xb_escaped(below) : NULL;
}

void xb_doc_heads(struct xb_doc *doc, const char *const *heads, size_t columns)
{
    for (size_t i = 0; i < columns; i++)
        xb_doc_cell(doc, 0, i, heads[i], NULL);
}

void xb_doc_shade(struct xb_doc *doc, size_t row, size_t column, double shade)
{
    struct xb_block *block = doc->count ? &doc->blocks[doc->count - 1] : NULL;
    if (block && row < block->rows && column < block->columns)
        block->cells[row * block->columns + column].shade = shade;
}

void xb_doc_chart(struct xb_doc *doc, char *html)
{
    add(doc, XB_BLOCK_CHART, "")->html = html;
}

void xb_doc_end_section(struct xb_doc *doc)
{
    if (doc->count > 0 && doc->blocks[doc->count - 1].kind == XB_BLOCK_HEADING)
        free(doc->blocks[--doc->count].text);
}

bool xb_doc_is_chart(const struct xb_doc *doc, size_t at)
{
    size_t next = at + 1;
    if (doc->blocks[at].kind != XB_BLOCK_FOLD)
        return doc->blocks[at].kind == XB_BLOCK_CHART;
    while (next < doc->count && doc->blocks[next].kind == XB_BLOCK_CHART)
        next++;
    return next > at + 1 && (next == doc->count || doc->blocks[next].kind == XB_BLOCK_FOLD);
}

void xb_doc_free(struct xb_doc *doc)
{
    for (size_t b = 0; b < doc->count; b++) {
        struct xb_block *block = &doc->blocks[b];
        for (size_t i = 0; i < block->rows * block->columns; i++) {
            free(block->cells[i].text);
            free(block->cells[i].below);
        }
        free(block->cells);
        free(block->text);
        free(block->html);
    }
    free(doc->blocks);
    *doc = (struct xb_doc){0};
}
