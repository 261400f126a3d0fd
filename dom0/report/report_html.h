/*
 * One HTML file that loads nothing else.
 */
#ifndef XB_REPORT_HTML_H
#define XB_REPORT_HTML_H

#include "report_doc.h"

/* What comes before and after the blocks of a page. */
void xb_html_begin(const char *title, FILE *out);
void xb_html_end(FILE *out);

void xb_html_write(const struct xb_doc *doc, const struct xb_model *model, FILE *out);

#endif
