/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same experiment over time: the medians of all finished runs of one name.
 */
#ifndef XB_STORE_HISTORY_H
#define XB_STORE_HISTORY_H

#include "store_read.h"

/* A guest's median figure in a case of one run. */
struct xb_history_row {
    char *run, *started_at, *case_name, *guest;
    char *metric, *unit, *better; /* metric NULL: the time; unit, better NULL: none */
    double median;
    uint32_t samples;
};
/* The oldest run first; in a run by case and guest. */
int xb_read_history(const struct xb_read *in, const char *experiment, struct xb_history_row **rows,
                    size_t *count);

/* Names of experiments with finished runs, sorted. */
struct xb_history_name {
    char *name;
    uint32_t runs;
};
int xb_read_history_names(const struct xb_read *in, struct xb_history_name **rows, size_t *count);

#endif
