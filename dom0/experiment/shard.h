/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shards: parts of an experiment that are measured separately, each on one host, but judged
 * together.
 */
#ifndef XB_SHARD_H
#define XB_SHARD_H

#include "cell_order.h"

/* What is split into N parts. */
enum xb_shard_by {
    XB_SHARD_ROUND = 0, /* the repetitions: each shard has whole rounds of all cases */
    XB_SHARD_CASE,      /* the cases; those that are compared stay together */
    XB_SHARD_HOST,      /* nothing: each shard repeats the whole experiment */
};
extern const char *const xb_shard_words[]; /* NULL-terminated */

struct xb_shard {
    enum xb_shard_by by;
    uint32_t number; /* from 1; 0: not a shard but the whole experiment */
    uint32_t count;
};
#define XB_SHARDS_MAX 10000

/* "2/3": the second of three shards. False if text is not of that form. */
bool xb_shard_read(const char *text, struct xb_shard *out);

/* Can the experiment be split so? XB_E_INPUT with the reason if not. Ignores the shard's number. */
int xb_shard_check(const struct xb_experiment *exp, const struct xb_shard *shard,
                   struct xb_err *err);

/*
 * The seed of all shards of an experiment: its own, or one made from its text and the command
 * line's settings (NULL: none), so that hosts agree on it without talking to each other.
 */
uint64_t xb_shard_seed(const struct xb_experiment *exp, const struct xb_texts *sets);

/*
 * The seed of the order in which a shard's cells run. By host, each shard draws its own random
 * orders, so that the effects of an order differ between hosts.
 */
uint64_t xb_shard_order_seed(uint64_t seed, const struct xb_shard *shard);

/*
 * Deal the cases to count shards: of[c] is the shard of case c, from 1. Cases that `compare` or
 * `solo` ties are in one shard; shards differ by at most the largest such group.
 */
void xb_shard_cases(const struct xb_experiment *exp, uint64_t seed, uint32_t count, uint32_t *of);

/* The repetitions of a shard: from *from up to but not including *end. */
void xb_shard_repetitions(const struct xb_experiment *exp, const struct xb_shard *shard,
                          uint32_t *from, uint32_t *end);

/*
 * Remove all but the shard's cases from the experiment. All else stays as it was settled for the
 * whole experiment, such as the vcpus with which guests are made.
 */
void xb_shard_keep_cases(struct xb_experiment *exp, uint64_t seed, const struct xb_shard *shard);

/*
 * As xb_plan_cells, after xb_shard_keep_cases. Repetitions keep the numbers that they have in the
 * whole experiment; each shard has all warm-ups of its cases, because they warm its host.
 */
void xb_shard_cells(const struct xb_experiment *exp, uint64_t seed, const struct xb_shard *shard,
                    struct xb_plan_cell **out, size_t *count);

#endif
