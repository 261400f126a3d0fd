/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench compare`: compares runs with the first, the baseline, and gives a verdict for each case
 * and guest. docs/compare.md says what each figure means.
 */
#ifndef XB_COMPARE_H
#define XB_COMPARE_H

#include "report.h"

/* The schema of the JSON; a change that breaks readers raises it. */
#define XB_COMPARE_SCHEMA "xenbench-compare/1"

struct xb_compare_request {
    const char *store;  /* of runs that are named by id; NULL: the host's */
    char *const *runs;  /* a beginning of an id, FILE, or FILE:RUN; the first is the baseline */
    size_t run_count;   /* 2 to XB_COMPARE_RUNS */
    const char *metric; /* the metric to compare; NULL: the figures that counted in each run */
    char *const *cases; /* "NAME=NAME": cases that have two names */
    size_t case_count;
    char *const *conditions; /* "time > 3%" */
    size_t condition_count;
    enum xb_report_format format;
    const char *output; /* NULL: stdout */
    const char *junit;  /* a file of JUnit's XML; NULL: none */
};
#define XB_COMPARE_RUNS 26

/*
 * Write the comparison. XB_E_BENCH if a condition holds; XB_E_INPUT for runs that cannot be found
 * or compared, and for a condition that no figure can meet.
 */
int xb_compare(struct xb_app *app, const struct xb_compare_request *request, struct xb_err *err);

#endif
