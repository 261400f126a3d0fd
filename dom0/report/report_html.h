/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One HTML file that loads nothing else and runs no script.
 */
#ifndef XB_REPORT_HTML_H
#define XB_REPORT_HTML_H

#include "report_doc.h"

void xb_doc_as_html(const struct xb_doc *doc, const char *title, FILE *out);

/* Write text so that nothing in it is markup or a control character, for HTML and XML. */
void xb_html_escape(const char *text, FILE *out);
/*
 * Write text as HTML, so that nothing in it is markup, and no line breaks between a number and what
 * belongs to it: "100 %", "5.775 ± 0.281 s".
 */
void xb_html_text(const char *text, FILE *out);

#endif
