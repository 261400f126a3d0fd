/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document as a page: for a terminal, as Markdown, or as one HTML file.
 */
#ifndef XB_REPORT_PAGE_H
#define XB_REPORT_PAGE_H

#include "report.h"
#include "report_doc.h"

#include <jansson.h>

/* title is for HTML only. format must not be XB_REPORT_JSON. */
void xb_page_write(const struct xb_doc *doc, const char *title, enum xb_report_format format,
                   FILE *out);

/* A page, or JSON if that is the format. */
struct xb_page {
    enum xb_report_format format;
    const char *title, *what; /* what: as xb_outfile_print has it */
    json_t *json;             /* if format is XB_REPORT_JSON */
    struct xb_doc doc;        /* for all other formats */
};

/* Write to path, or to stdout where it is NULL. Releases json or doc. */
int xb_page_put(struct xb_page *page, const char *path, struct xb_err *err);

#endif
