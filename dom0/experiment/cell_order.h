/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order in which an experiment's cells run.
 */
#ifndef XB_CELL_ORDER_H
#define XB_CELL_ORDER_H

#include "experiment.h"

struct xb_plan_cell {
    uint32_t case_no;
    uint32_t repetition; /* from 0; warm-ups are numbered separately */
    bool warmup;
};

/*
 * Lay out the cells known before the run, in *out (to free): all of them, or under `until` the
 * minimum of repetitions. Warm-ups come first (in sequential order, within each case). One
 * experiment and seed always give one order (GSL's mt19937).
 */
void xb_plan_cells(const struct xb_experiment *exp, uint64_t seed, struct xb_plan_cell **out,
                   size_t *count);

/*
 * Lay out one round (from 0, warm-ups first) of the open cases (NULL: all) into out, which has room
 * for all. No state is carried between rounds, so a resumed run continues in the same order.
 * Compared cases are adjacent, their order alternating or drawn. Not for sequential order.
 */
void xb_plan_round(const struct xb_experiment *exp, uint64_t seed, uint32_t round, const bool *open,
                   struct xb_plan_cell *out, size_t *count);

/*
 * Which cases are tied by comparisons: unit[c] is the first case of c's unit. One entry per case.
 */
void xb_plan_units(const struct xb_experiment *exp, uint32_t *unit);
/* Tie two more cases: merge their units. */
void xb_plan_tie(uint32_t *unit, size_t count, uint32_t case_a, uint32_t case_b);

/*
 * A 32-bit seed for mt19937, mixed from all bits of an experiment's seed and a round: unmixed,
 * adjacent seeds would give similar orders.
 */
unsigned long xb_plan_round_seed(uint64_t seed, uint32_t round);

#endif
