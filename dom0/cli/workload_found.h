/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of a workload's metrics a run has, and how much they vary. */
#ifndef XB_WORKLOAD_FOUND_H
#define XB_WORKLOAD_FOUND_H

#include "store.h"
#include "workload.h"

struct xb_found_spec {
    const struct xb_workload *workload;
    uint32_t repetitions;
    bool json;
};

/*
 * Print a line for each metric on stdout. *missing: a repetition lacks a metric. A percentile with
 * too few values is not missing, unless tables are to show it.
 */
int xb_found_tell(const struct xb_found_spec *spec, struct xb_store *store, const char *run,
                  bool *missing, struct xb_err *err);

#endif
