/*
 * The chart of the HTML report: every sample and each guest's median, drawn by Vega, whose parts
 * are put into the page.
 */
#ifndef XB_REPORT_CHART_H
#define XB_REPORT_CHART_H

#include "report_model.h"

#include <stdio.h>

/*
 * Write the scripts that draw the chart into the element with the id "chart". Returns false, and
 * writes nothing, where Vega
 * (Debian's libjs-vega) is not installed here: the page then says so.
 */
bool xb_chart_write(const struct xb_model *model, FILE *out);

#endif
