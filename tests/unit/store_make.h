/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store in a directory of its own, with a run of two cases and two guests, for tests. */
#ifndef XB_STORE_MAKE_H
#define XB_STORE_MAKE_H

#include "store_cell.h"
#include "store_i.h"

#define RUN "00000000-0000-4000-8000-000000000001"

struct made_store {
    char dir[32];
    char path[64];
    struct xb_app app;
    struct xb_store *store;
    struct xb_err err;
};

/* The text of the run's experiment. */
extern const char experiment[];
extern const struct xb_shard whole;
extern const struct xb_cell_key first; /* the run's first cell */

/* cmocka's setup and teardown; *state is a struct made_store. */
int make_store(void **state);
int remove_store(void **state);
#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, make_store, remove_store)

void begin_run(struct made_store *f);
void begin_run_as(struct made_store *f, const char *id);
/* Arm the guests a and b in the first cell. */
void arm_first(struct made_store *f);
/* Store a result of the first cell, whose window began at 1000. Returns what the store does. */
int take(struct made_store *f, const char *guest, uint64_t ended_ns);
/* Does the store have an unfinished run of this text, overrides and shard? */
int unfinished(struct made_store *f, const char *text, const char *overrides,
               const struct xb_shard *shard);
/* The number that a query gives. */
int64_t number(struct made_store *f, const char *query);
/* Run statements one after the other; NULL ends them. */
void sql(struct made_store *f, struct xb_store *store, const char *const *statements);

#endif
