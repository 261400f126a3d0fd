/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document as a page: for a terminal, as Markdown, or as one HTML file.
 */
#ifndef XB_REPORT_PAGE_H
#define XB_REPORT_PAGE_H

#include "report.h"
#include "report_doc.h"

/* The title is HTML's. format is not XB_REPORT_JSON. */
void xb_page_write(const struct xb_doc *doc, const char *title, enum xb_report_format format,
                   FILE *out);

#endif
