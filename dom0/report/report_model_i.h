/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files that load a report's model share.
 */
#ifndef XB_REPORT_MODEL_I_H
#define XB_REPORT_MODEL_I_H

#include "report_model.h"
#include "store_read.h"

/* NULL where there is no such case or guest. */
struct xb_group *xb_model_group_at(struct xb_model *m, int64_t case_no, int64_t guest);

/* report_model_parts.c: the groups with their roles, and the pairs to compare. */
int xb_model_load_parts(struct xb_model *m, const struct xb_read *in);
void xb_model_load_pairs(struct xb_model *m);
/* report_model_fair.c: each case's fairness, from the groups' figures. */
void xb_model_load_fairness(struct xb_model *m);
/* report_model_dist.c */
int xb_model_load_histograms(struct xb_model *m, const struct xb_read *in);
/* report_timeline.c */
int xb_model_load_jobs(struct xb_model *m, const struct xb_read *in);
/* report_model_steal.c */
int xb_model_load_steal(struct xb_model *m, const struct xb_read *in);

#endif
