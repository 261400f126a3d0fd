/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Total throughput of all measured guests of a case, over the time in which all their jobs ran.
 */
#ifndef XB_REPORT_TOTALS_H
#define XB_REPORT_TOTALS_H

#include "report_doc.h"
#include "report_model.h"

#include <jansson.h>

/* An overlap that covers less of a job than this says little about that job. */
#define XB_OVERLAP_SHORT 0.8

/* The kind of a figure, from its unit; only figures of which more is better can be added up. */
enum xb_figure_kind {
    XB_FIGURE_OTHER = 0, /* a time, a ratio, a score: a sum means nothing */
    XB_FIGURE_RATE,      /* work per time: 1/s, MiB/s, MIPS */
    XB_FIGURE_WORK,      /* an amount of work: units, frames */
};
enum xb_figure_kind xb_figure_kind(const char *unit, const char *better);

/* One case. rate.n is 0 where nothing is added up: one guest, or figures of different kinds. */
struct xb_total {
    const char *metric; /* the groups' */
    char unit[48];      /* of rate */
    bool by_cpu;        /* a job's part in the overlap is by CPU time, not by wall time */
    struct xb_stats rate;
    struct xb_stats overlap_s;
    struct xb_stats least;   /* the part of the longest job that the overlap covers, 0 to 1 */
    struct xb_stats *covers; /* likewise for each guest's job; n is 0 if it is not added up */
};

/* Load model->totals, a total for each case. */
int xb_totals_load(struct xb_model *model, const struct xb_read *in);

/* Add the report's table; nothing where no case has a total. */
void xb_report_add_totals(struct xb_doc *doc, const struct xb_model *m);
/* One case as JSON; null where nothing is added up. */
json_t *xb_total_json(const struct xb_model *m, size_t case_no);

#endif
