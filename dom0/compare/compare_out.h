/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A comparison as a document, as JSON, and as JUnit's XML.
 */
#ifndef XB_COMPARE_OUT_H
#define XB_COMPARE_OUT_H

#include "compare_gate.h"
#include "report_doc.h"

#include <jansson.h>

/* A comparison with its conditions. */
struct xb_compare_out {
    const struct xb_comparison *c;
    const struct xb_gate *gates;
    size_t gate_count;
};

void xb_compare_doc(struct xb_doc *doc, const struct xb_compare_out *out);
/* compare_plot.c: add the chart of a run's changes. */
void xb_compare_plot(struct xb_doc *doc, const struct xb_comparison *c, size_t run);
/* Returns a new reference. */
json_t *xb_compare_json(const struct xb_compare_out *out);
/* Write a test case for each row: failed if a condition holds, skipped if there is no verdict. */
void xb_compare_junit(const struct xb_compare_out *out, FILE *file);

/* compare_words.c: "slower", "no difference" ...; of a REFUSED row "not compared". */
const char *xb_compared_word(const struct xb_compared *row);
/* A change of a group's figure, as a fraction or in its unit: "+3.1 %", "+0.25 s". */
void xb_say_change(const struct xb_group *group, bool ratio, double value, bool sign, char *out,
                   size_t bytes);
/* "+3.1 %", or "+0.25 s" if there is no ratio. */
void xb_compared_change(const struct xb_compared *row, double change, char *out, size_t bytes);
/* A difference without a direction: "3.1 %". */
void xb_compared_size(const struct xb_compared *row, double size, char *out, size_t bytes);
/* "0.0079", "< 0.0001". */
void xb_compared_p(double p, char *out, size_t bytes);

#endif
