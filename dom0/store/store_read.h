/*
 * Reading a run back. The functions of store_read_*.h take where to read from and fill rows: structs
 * named after what they hold, in the order of the columns of their query. Rows and their strings are
 * the arena's. A string that the store does not know is NULL, a real number NaN, another number 0.
 */
#ifndef XB_STORE_READ_H
#define XB_STORE_READ_H

#include "arena.h"
#include "store.h"

struct xb_read {
    struct xb_store *store;
    struct xb_arena *arena;
    const char *run; /* its whole id; NULL where all runs are meant */
    struct xb_err *err;
};

#endif
