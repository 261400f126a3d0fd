/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_page.h"

#include "colour.h"
#include "outfile.h"
#include "report_html.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80
#define COLUMNS_MIN 40

static int terminal_columns(FILE *out)
{
    struct winsize size;
    if (!isatty(fileno(out)))
        return XB_COLUMNS_NONE;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col < COLUMNS_MIN ? COLUMNS_MIN : size.ws_col;
}

void xb_page_write(const struct xb_doc *doc, const char *title, enum xb_report_format format,
                   FILE *out)
{
    if (format == XB_REPORT_MARKDOWN)
        xb_doc_as_markdown(doc, out);
    else if (format == XB_REPORT_HTML)
        xb_doc_as_html(doc, title, out);
    else
        xb_doc_as_text(doc, out, terminal_columns(out), xb_colour_wanted(out));
}

static int print(const void *arg, FILE *out, struct xb_err *err XB_UNUSED)
{
    const struct xb_page *page = arg;
    if (page->format != XB_REPORT_JSON) {
        xb_page_write(&page->doc, page->title, page->format, out);
        return 0;
    }
    json_dumpf(page->json, out, JSON_INDENT(1));
    fputc('\n', out);
    return 0;
}

int xb_page_put(struct xb_page *page, const char *path, struct xb_err *err)
{
    int r = xb_outfile_print(path, page->what, print, page, err);
    if (page->format == XB_REPORT_JSON)
        json_decref(page->json);
    else
        xb_doc_free(&page->doc);
    return r;
}
