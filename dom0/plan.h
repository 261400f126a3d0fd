/*
 * The cells of an experiment in the order in which they are run.
 */
#ifndef XB_PLAN_H
#define XB_PLAN_H

#include "experiment.h"

struct xb_plan_cell {
    uint32_t case_no;
    uint32_t repetition; /* from 0; warm-ups count apart */
    bool warmup;
};

/*
 * Lay out all cells, in *out (to free). The same experiment and seed give the same order everywhere
 * (GSL's mt19937).
 * Warm-ups come before what is counted: rounds of them, or, in sequential order, each case's own.
 */
int xb_plan_cells(const struct xb_experiment *exp, uint64_t seed, struct xb_plan_cell **out,
                  size_t *count, struct xb_err *err);

#endif
