/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The functions that write a run in a format of report.h's table, and what they share.
 */
#ifndef XB_REPORT_FORMATS_H
#define XB_REPORT_FORMATS_H

#include "report.h"
#include "report_model.h"

#include <jansson.h>

struct xb_report {
    struct xb_store *store;
    const struct xb_model *m;
};

/* 0, or -1 with err filled. The caller flushes out. */
typedef int xb_report_write_fn(const struct xb_report *r, FILE *out, struct xb_err *err);

#define XB_REPORT_WRITER(id, name, what, write) xb_report_write_fn write;
XB_REPORT_FORMATS(XB_REPORT_WRITER)

/*
 * Write JSON and a newline, and release it. 15 digits, because a decimal with more may not survive
 * the conversion to double and back.
 */
void xb_report_dump(json_t *json, FILE *out);

#define XB_NUMBER_BYTES 32
/* The shortest decimal number that reads back as this value; "" for NaN and infinity. */
const char *xb_report_number(double value, char out[XB_NUMBER_BYTES]);

/* "CASE, GUEST", to free. */
char *xb_report_series(const struct xb_model *m, size_t case_no, size_t guest);

#endif
