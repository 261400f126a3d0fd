/*
 * The charts of the HTML report, drawn by Vega, which is embedded in the page.
 */
#ifndef XB_REPORT_CHART_H
#define XB_REPORT_CHART_H

#include "report_model.h"

#include <jansson.h>
#include <stdio.h>

/* The charts' names; a chart is drawn into the element with the id "chart-NAME". */
#define XB_CHART_SAMPLES "samples"
#define XB_CHART_TIMELINE "timeline"
#define XB_CHART_WAITS "waits"
#define XB_CHART_HISTORY "history"

/*
 * Write the scripts that draw every chart that has data. Return false, and write nothing, where
 * Vega (Debian's libjs-vega) is not installed: the page then says so.
 */
bool xb_chart_write(const struct xb_model *model, FILE *out);
/* The same for charts of others: {"NAME": SPECIFICATION, ...}. */
bool xb_charts_write(const json_t *specs, FILE *out);
/* What a page says without Vega. */
void xb_charts_excuse(FILE *out);

/* Specifications for Vega, new references; NULL where there is nothing to draw. */
json_t *xb_chart_samples(const struct xb_model *m);  /* every sample and each guest's median */
json_t *xb_chart_timeline(const struct xb_model *m); /* when each job ran */
json_t *xb_chart_waits(const struct xb_model *m); /* from traces: how long vcpus waited for a CPU */

/* Entry `index` of a list of a specification: a scale, axis, mark or data set. */
json_t *xb_chart_member(json_t *spec, const char *list, size_t index);

#endif
