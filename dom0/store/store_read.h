/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a run back. The functions of store_read_*.h fill rows: structs with the columns of a
 * query in its order. Rows and their strings belong to the arena. What the store does not know is
 * NULL for a string, NaN for a real number, 0 for another number.
 */
#ifndef XB_STORE_READ_H
#define XB_STORE_READ_H

#include "arena.h"
#include "store.h"

/* The cells that count, as `c`: of any run, of the run ?1, of its case ?2. */
#define XB_COUNTS " c.state = 'done' AND c.warmup = 0"
#define XB_COUNTED " c.run = ?1 AND" XB_COUNTS
#define XB_COUNTED_OF_CASE XB_COUNTED " AND c.case_no = ?2"

struct xb_read {
    struct xb_store *store;
    struct xb_arena *arena;
    const char *run; /* its complete id; NULL: all runs */
    struct xb_err *err;
    const char *metric; /* read instead of the metric that counts in each part; NULL: that metric */
};

#endif
