/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench history`: the same experiment over weeks, and where its figures changed.
 * docs/history.md says what each figure means.
 */
#ifndef XB_HISTORY_H
#define XB_HISTORY_H

#include "report.h"

/* The schema of the JSON; a change that breaks readers raises it. */
#define XB_HISTORY_SCHEMA "xenbench-history/1"

struct xb_history_request {
    const char *store;      /* NULL: the host's */
    const char *experiment; /* its name; NULL: the only one there is */
    enum xb_report_format format;
    const char *output; /* NULL: stdout */
};

/* Write the history. XB_E_INPUT if there are no finished runs of this name. */
int xb_history(struct xb_app *app, const struct xb_history_request *request, struct xb_err *err);

#endif
