/* Blocks of a report: made and freed. */
#include "report_doc.h"

#include "base.h"
#include "escape.h"

#include <stdarg.h>
#include <string.h>

/* Names and messages may hold a guest's words: nothing that a terminal obeys gets into a report. */
static char *clean(const char *text)
{
    struct xb_escape escape = {0};
    size_t bytes = strlen(text);
    char *out = malloc(XB_ESCAPE_MAX(bytes) + 1);
    if (out)
        out[xb_escape(&escape, (const uint8_t *)text, bytes, true, out)] = '\0';
    return out;
}

static struct xb_block *add(struct xb_doc *doc, enum xb_block_kind kind, const char *text)
{
    struct xb_block *grown = reallocarray(doc->blocks, doc->count + 1, sizeof(*grown));
    if (!grown) {
        doc->failed = 1;
        return NULL;
    }
    doc->blocks = grown;
    grown[doc->count] = (struct xb_block){.kind = kind, .text = clean(text)};
    doc->failed |= !grown[doc->count].text;
    return &grown[doc->count++];
}

void xb_doc_add(struct xb_doc *doc, enum xb_block_kind kind, const char *fmt, ...)
{
    xb_auto_free char *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0) {
        text = NULL;
        doc->failed = 1;
    }
    va_end(ap);
    if (text)
        add(doc, kind, text);
}

void xb_doc_table(struct xb_doc *doc, size_t rows, size_t columns, const char *caption)
{
    struct xb_block *block = add(doc, XB_BLOCK_TABLE, caption);
    if (!block)
        return;
    block->cells = calloc(rows * columns, sizeof(*block->cells));
    if (block->cells) {
        block->rows = rows;
        block->columns = columns;
    } else {
        doc->failed = 1;
    }
}

void xb_doc_cell(struct xb_doc *doc, size_t row, size_t column, const char *text, const char *below)
{
    struct xb_block *block = doc->count ? &doc->blocks[doc->count - 1] : NULL;
    if (!block || row >= block->rows || column >= block->columns)
        return;
    struct xb_table_cell *cell = &block->cells[row * block->columns + column];
    cell->text = clean(text);
    cell->below = below && *below ? clean(below) : NULL;
    doc->failed |= !cell->text;
}

void xb_doc_shade(struct xb_doc *doc, size_t row, size_t column, double shade)
{
    struct xb_block *block = doc->count ? &doc->blocks[doc->count - 1] : NULL;
    if (block && row < block->rows && column < block->columns)
        block->cells[row * block->columns + column].shade = shade;
}

void xb_doc_chart(struct xb_doc *doc, const char *name, const char *title)
{
    struct xb_block *block = add(doc, XB_BLOCK_CHART, title);
    if (block)
        block->chart = name;
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
    }
    free(doc->blocks);
    *doc = (struct xb_doc){0};
}
