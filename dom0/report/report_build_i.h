/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of a report in order; each has its own file.
 */
#ifndef XB_REPORT_BUILD_I_H
#define XB_REPORT_BUILD_I_H

#include "report_doc.h"
#include "report_words.h"

/* report_figures.c: what was run; the table. */
void xb_report_add_head(struct xb_doc *doc, const struct xb_model *m);
void xb_report_add_figures(struct xb_doc *doc, const struct xb_model *m);
void xb_report_add_alone(struct xb_doc *doc, const struct xb_model *m);
/* report_verdict.c: the largest differences in a sentence or two, with the chart of the samples. */
void xb_report_add_verdict(struct xb_doc *doc, const struct xb_model *m);
/* report_findings.c: differences between guests and between cases. */
void xb_report_add_findings(struct xb_doc *doc, const struct xb_model *m);
/* report_fair.c: fairness, the worst guest, slowdowns. */
void xb_report_add_fairness(struct xb_doc *doc, const struct xb_model *m);
/* report_dist.c: percentiles and charts of histograms; nothing where no workload has one. */
void xb_report_add_distributions(struct xb_doc *doc, const struct xb_model *m);
/* report_repeat.c: cases compared in pairs; each case's repetitions, and why they stopped. */
void xb_report_add_pairs(struct xb_doc *doc, const struct xb_model *m);
void xb_report_add_repetitions(struct xb_doc *doc, const struct xb_model *m);

/* report_warnings.c: each kind of warning once; then kinds with several messages, one by one. */
void xb_report_add_warnings(struct xb_doc *doc, const struct xb_model *m);
void xb_report_add_each_warning(struct xb_doc *doc, const struct xb_model *m);
/* report_samples.c: a table of every sample, for HTML. */
void xb_report_add_samples(struct xb_doc *doc, const struct xb_model *m);

/* Charts; without data, no chart is added. report_plot_figures.c: */
void xb_report_plot_samples(struct xb_doc *doc, const struct xb_model *m);
void xb_report_plot_slowdowns(struct xb_doc *doc, const struct xb_model *m);
/* report_plot_shares.c */
void xb_report_plot_shares(struct xb_doc *doc, const struct xb_model *m);
/* report_plot_dispatch.c */
void xb_report_plot_dispatch(struct xb_doc *doc, const struct xb_model *m);
/* report_timeline.c */
void xb_report_plot_jobs(struct xb_doc *doc, const struct xb_model *m);
/* report_plot_trace.c: for runs with traces */
void xb_report_plot_timelines(struct xb_doc *doc, const struct xb_model *m);
void xb_report_plot_places(struct xb_doc *doc, const struct xb_model *m);
void xb_report_plot_waits(struct xb_doc *doc, const struct xb_model *m);

#endif
