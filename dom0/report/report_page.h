/*
 * A document as a page: for a terminal, as Markdown, or as one HTML file without charts.
 */
#ifndef XB_REPORT_PAGE_H
#define XB_REPORT_PAGE_H

#include "report.h"
#include "report_doc.h"

#include <jansson.h>

/* The title is HTML's. format is not XB_REPORT_JSON. */
void xb_page_write(const struct xb_doc *doc, const char *title, enum xb_report_format format,
                   FILE *out);
/* The same with charts in HTML: {"NAME": SPECIFICATION, ...}, each named by a block of the doc. */
void xb_page_write_charts(const struct xb_doc *doc, const json_t *charts, const char *title,
                          enum xb_report_format format, FILE *out);

#endif
