/*
 * The parts of a report in their order, each in a file of its own.
 */
#ifndef XB_REPORT_BUILD_I_H
#define XB_REPORT_BUILD_I_H

#include "report_doc.h"

/* report_figures.c: what was run, and the table. */
void xb_report_add_figures(struct xb_doc *doc, const struct xb_model *m);
/* report_findings.c: differences between guests and between cases. */
void xb_report_add_findings(struct xb_doc *doc, const struct xb_model *m);
/* report_timeline.c: in HTML, when each job ran. */
void xb_report_add_timeline(struct xb_doc *doc, const struct xb_model *m);
/* report_repeat.c: cases compared in pairs; how often each case was repeated, and why no more. */
void xb_report_add_pairs(struct xb_doc *doc, const struct xb_model *m);
void xb_report_add_repetitions(struct xb_doc *doc, const struct xb_model *m);

/* Decimals that give a number of value's size about four digits. */
int xb_report_digits(double value);
/* "4.912 to 6.134", with its coverage where that is below 95 %; "" for fewer than two values. */
void xb_report_interval(const struct xb_stats *s, char *out, size_t bytes);
/* The name of a group's figure ("ops", "time"), and the figure's unit. */
const char *xb_report_metric(const struct xb_group *g);
const char *xb_report_unit(const struct xb_group *g);

#endif
