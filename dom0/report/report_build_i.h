/*
 * The parts of a report, each in a file of its own, in the order in which they are told.
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
/* report_repeat.c: cases compared pair by pair; how often each was repeated, and why no more. */
void xb_report_add_pairs(struct xb_doc *doc, const struct xb_model *m);
void xb_report_add_repetitions(struct xb_doc *doc, const struct xb_model *m);

/* "1.234": as many digits as a number of value's size needs. */
int xb_report_digits(double value);
/* "4.912 to 6.134"; where 95 % are out of reach, what the range is worth. "" with fewer than two. */
void xb_report_interval(const struct xb_stats *s, char *out, size_t bytes);
/* What a group's figure is, "ops" or "time"; and its unit. */
const char *xb_report_metric(const struct xb_group *g);
const char *xb_report_unit(const struct xb_group *g);

#endif
