/*
 * The cells of an experiment in the order in which they are run.
 */
#ifndef XB_CELL_ORDER_H
#define XB_CELL_ORDER_H

#include "experiment.h"

struct xb_plan_cell {
    uint32_t case_no;
    uint32_t repetition; /* from 0; warm-ups count apart */
    bool warmup;
};

/*
 * Lay out the cells that are known before the run, in *out (to free): all of them where the
 * experiment gives a count, the least number of repetitions where it says `until`. The same
 * experiment and seed give the same order everywhere (GSL's mt19937). Warm-ups come before what is
 * counted: rounds of them, or, in sequential order, each case's own.
 */
int xb_plan_cells(const struct xb_experiment *exp, uint64_t seed, struct xb_plan_cell **out,
                  size_t *count, struct xb_err *err);

/*
 * One round, from 0 and warm-ups first, of the cases that are open (NULL: of all), into out, which
 * has room for all cases. Its order depends on seed and round alone, so that a run that is resumed
 * goes on as it would have. Cases that are compared stand side by side; which is first alternates in
 * interleaved order and is drawn in random order. Not for sequential order, which has no rounds.
 */
int xb_plan_round(const struct xb_experiment *exp, uint64_t seed, uint32_t round, const bool *open,
                  struct xb_plan_cell *out, size_t *count, struct xb_err *err);

/* Which cases are tied by comparisons: unit[c] is the first case of c's unit. As many as cases. */
void xb_plan_units(const struct xb_experiment *exp, uint32_t *unit);

#endif
