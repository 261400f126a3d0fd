/*
 * The parts of a report in their order, each in a file of its own.
 */
#ifndef XB_REPORT_BUILD_I_H
#define XB_REPORT_BUILD_I_H

#include "report_doc.h"
#include "report_words.h"

/* report_figures.c: what was run, and the table. */
void xb_report_add_figures(struct xb_doc *doc, const struct xb_model *m);
/* report_findings.c: differences between guests and between cases. */
void xb_report_add_findings(struct xb_doc *doc, const struct xb_model *m);
/* report_timeline.c: in HTML, when each job ran. */
void xb_report_add_timeline(struct xb_doc *doc, const struct xb_model *m);
/* report_repeat.c: cases compared in pairs; how often each case was repeated, and why no more. */
void xb_report_add_pairs(struct xb_doc *doc, const struct xb_model *m);
void xb_report_add_repetitions(struct xb_doc *doc, const struct xb_model *m);

#endif
