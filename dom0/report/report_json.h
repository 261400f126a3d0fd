/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * results.json: every row of a run as the store has it, and the figures of the report.
 */
#ifndef XB_REPORT_JSON_H
#define XB_REPORT_JSON_H

#include "report_model.h"

#include <jansson.h>

/* A new reference, NULL with err filled. Text that is not UTF-8 is escaped. */
json_t *xb_report_json(struct xb_store *store, const struct xb_model *model, struct xb_err *err);

/* Statistics as an object; null where there are no values. */
json_t *xb_json_stats(const struct xb_stats *s);

#endif
