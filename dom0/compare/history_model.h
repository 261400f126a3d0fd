/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A history: a series of medians for each case and guest, and the changes in them.
 */
#ifndef XB_HISTORY_MODEL_H
#define XB_HISTORY_MODEL_H

#include "arena.h"
#include "history.h"
#include "report_doc.h"
#include "stats_energy.h"

#include <jansson.h>

/* The chance of any false change among all series. */
#define XB_HISTORY_ALPHA 0.05

struct xb_history_run {
    char *id, *started_at;
};

/* A value of a series: the median of a run. */
struct xb_history_point {
    size_t run; /* in the history's runs */
    double value;
};

/* A change of a series: from the level before it to the level after it. */
struct xb_history_change {
    size_t at; /* the first point after it */
    double p;
    double before, after; /* medians of the points up to the change, and from it on */
    double change;        /* after minus before: if ratio, as a fraction of before */
    int sense;            /* 1: better, -1: worse, 0: unknown */
    char **differs;       /* what differs between the runs before and after it, in words */
    size_t differ_count;
};

struct xb_history_series {
    char *case_name, *guest, *metric, *unit, *better; /* metric NULL: the time */
    bool ratio;                                       /* all values are positive */
    struct xb_history_point *points;
    size_t count;
    struct xb_history_change *changes;
    size_t change_count;
};

struct xb_history_model {
    struct xb_arena arena;
    char *experiment;
    struct xb_history_run *runs;
    size_t run_count;
    struct xb_history_series *series;
    size_t series_count;
    size_t tests;  /* series that can be split */
    size_t judged; /* of these, long enough to show a change */
    double level;  /* of each test */
};

/* history_model.c: load the series, and find the changes. End with xb_history_free. */
int xb_history_load(struct xb_history_model *h, struct xb_app *app,
                    const struct xb_history_request *request, struct xb_err *err);
void xb_history_free(struct xb_history_model *h);

/* history_out.c */
void xb_history_doc(struct xb_doc *doc, const struct xb_history_model *h);
json_t *xb_history_json(const struct xb_history_model *h); /* a new reference */

#endif
