/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures in words.
 */
#ifndef XB_REPORT_WORDS_H
#define XB_REPORT_WORDS_H

#include "report_model.h"

/* Decimals that give a number of value's size about four digits. */
int xb_report_digits(double value);
/* "4.912 to 6.134", with its coverage where that is below 95 %; "" for fewer than two values. */
void xb_report_interval(const struct xb_stats *s, char *out, size_t bytes);
/* Have both a spread by which a difference can be judged? One figure has none. */
bool xb_report_judged(const struct xb_stats *a, const struct xb_stats *b);
/* Do the intervals of two medians lie apart? Only then is a difference reported. */
bool xb_report_apart(const struct xb_stats *a, const struct xb_stats *b);
/* The lowest coverage of the intervals of the figures; 0: no figure has one. */
double xb_report_least_coverage(const struct xb_model *m);

#endif
