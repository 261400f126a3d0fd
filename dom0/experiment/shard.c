/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard.h"

#include "alloc.h"
#include "base.h"
#include "experiment_i.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <string.h>

const char *const xb_shard_words[] = {"round", "case", "host", NULL};

/* A number from 1 to XB_SHARDS_MAX, up to the character `end`. */
static bool read_number(const char **text, char end, uint32_t *out)
{
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > 5 || (*text)[digits] != end)
        return false;
    *out = (uint32_t)strtoul(*text, NULL, 10);
    *text += digits + 1;
    return *out >= 1 && *out <= XB_SHARDS_MAX;
}

bool xb_shard_read(const char *text, struct xb_shard *out)
{
    return read_number(&text, '/', &out->number) && read_number(&text, '\0', &out->count) &&
           out->number <= out->count;
}

/* Tie cases that must be measured on one host: those of a `compare`, and a case with its solos. */
static void tie_cases(const struct xb_experiment *exp, uint32_t *unit)
{
    xb_plan_units(exp, unit);
    for (uint32_t c = 0; c < exp->case_count; c++)
        for (size_t g = 0; g < exp->guest_count; g++)
            if (exp->cases[c].parts[g].solo_case != XB_EXP_NO_CASE)
                xb_plan_tie(unit, exp->case_count, c, exp->cases[c].parts[g].solo_case);
}

uint64_t xb_shard_order_seed(uint64_t seed, const struct xb_shard *shard)
{
    return shard->number && shard->by == XB_SHARD_HOST ? seed + ((uint64_t)shard->number << 32)
                                                       : seed;
}

struct group {
    uint32_t unit, cases;
};

/* The groups of tied cases, in *out (to free), in the order of their first cases. */
static size_t find_groups(const struct xb_experiment *exp, const uint32_t *unit, struct group **out)
{
    size_t count = 0;
    *out = xb_calloc(exp->case_count, sizeof(**out));
    for (uint32_t c = 0; c < exp->case_count; c++) {
        size_t g = 0;
        while (g < count && (*out)[g].unit != unit[c])
            g++;
        if (g == count)
            (*out)[count++].unit = unit[c];
        (*out)[g].cases++;
    }
    return count;
}

static int check_cases(const struct xb_experiment *exp, const struct xb_shard *shard,
                       struct xb_err *err)
{
    xb_auto_free uint32_t *unit = xb_calloc(exp->case_count, sizeof(*unit));
    xb_auto_free struct group *groups = NULL;
    if (exp->pair_count == 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s: it cannot be split by case: without `compare` each case is compared "
                       "with all others, so one host must measure all of them (--by round splits "
                       "the repetitions)",
                       exp->path);
    tie_cases(exp, unit);
    size_t count = find_groups(exp, unit, &groups);
    if (shard->count <= count)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "%s: %u shards by case are too many: `compare` and `solo` tie its cases into "
                   "%zu group%s, each to be measured on one host",
                   exp->path, shard->count, count, xb_plural(count));
}

static int check_rounds(const struct xb_experiment *exp, const struct xb_shard *shard,
                        struct xb_err *err)
{
    if (exp->until.line)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s:%u: it cannot be split by round: under `until` nobody knows beforehand "
                       "how many rounds there will be (--by host repeats all of it on each host; "
                       "--set repetitions=N sets a number)",
                       exp->path, exp->until.line);
    if (shard->count <= exp->repetitions)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "%s: %u shards by round are too many: it has %u round%s (`repetitions`)",
                   exp->path, shard->count, exp->repetitions, xb_plural(exp->repetitions));
}

int xb_shard_check(const struct xb_experiment *exp, const struct xb_shard *shard,
                   struct xb_err *err)
{
    if (shard->count <= 1 || shard->by == XB_SHARD_HOST)
        return 0;
    return shard->by == XB_SHARD_CASE ? check_cases(exp, shard, err)
                                      : check_rounds(exp, shard, err);
}

/* FNV-1a of 64 bits (Fowler, Noll and Vo), over the text and its final zero. */
static uint64_t hash(uint64_t before, const char *text)
{
    for (size_t i = 0, n = strlen(text); i <= n; i++)
        before = (before ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    return before;
}

uint64_t xb_shard_seed(const struct xb_experiment *exp, const struct xb_texts *sets)
{
    if (exp->has_seed)
        return exp->seed;
    uint64_t sum = hash(UINT64_C(0xcbf29ce484222325), exp->text);
    for (size_t i = 0; sets && i < sets->count; i++)
        sum = hash(sum, sets->v[i]);
    return sum % 1000000;
}

/* Draw an order of the groups, then bring the largest to the front; equal ones stay as drawn. */
static void shuffle(struct group *groups, size_t count, uint64_t seed)
{
    gsl_rng *rng = xb_need(gsl_rng_alloc(gsl_rng_mt19937));
    gsl_rng_set(rng, xb_plan_round_seed(seed, 0));
    gsl_ran_shuffle(rng, groups, count, sizeof(*groups));
    gsl_rng_free(rng);
    for (size_t i = 1; i < count; i++) {
        struct group one = groups[i];
        size_t j = i;
        for (; j > 0 && groups[j - 1].cases < one.cases; j--)
            groups[j] = groups[j - 1];
        groups[j] = one;
    }
}

/* Each group, the largest first, goes to the shard with the fewest cases (Graham 1969, LPT). */
void xb_shard_cases(const struct xb_experiment *exp, uint64_t seed, uint32_t count, uint32_t *of)
{
    xb_auto_free uint32_t *unit = xb_calloc(exp->case_count, sizeof(*unit));
    xb_auto_free uint32_t *load = xb_calloc(count, sizeof(*load));
    xb_auto_free struct group *groups = NULL;
    tie_cases(exp, unit);
    size_t group_count = find_groups(exp, unit, &groups);
    shuffle(groups, group_count, seed);
    for (size_t g = 0; g < group_count; g++) {
        uint32_t least = 0;
        for (uint32_t s = 1; s < count; s++)
            if (load[s] < load[least])
                least = s;
        load[least] += groups[g].cases;
        for (uint32_t c = 0; c < exp->case_count; c++)
            if (unit[c] == groups[g].unit)
                of[c] = least + 1;
    }
}

/*
 * Blocks of successive rounds, because compared cases take turns in going first: in a shard of
 * every other round, the same case would always go first.
 */
void xb_shard_repetitions(const struct xb_experiment *exp, const struct xb_shard *shard,
                          uint32_t *from, uint32_t *end)
{
    uint32_t all = exp->until.line ? exp->until.min : exp->repetitions;
    *from = 0;
    *end = all;
    if (shard->number == 0 || shard->by != XB_SHARD_ROUND)
        return;
    uint32_t each = all / shard->count, more = all % shard->count, before = shard->number - 1;
    *from = before * each + (before < more ? before : more);
    *end = *from + each + (before < more);
}

/* Cases that refer to each other are all in the shard, or none of them is. */
static void renumber(struct xb_experiment *exp, const uint32_t *now)
{
    size_t pairs = 0;
    for (size_t p = 0; p < exp->pair_count; p++)
        if (now[exp->pairs[p].a] != XB_EXP_NO_CASE)
            exp->pairs[pairs++] = (struct xb_exp_pair){now[exp->pairs[p].a], now[exp->pairs[p].b]};
    exp->pair_count = pairs;
    for (size_t c = 0; c < exp->case_count; c++) {
        struct xb_exp_case *one = &exp->cases[c];
        if (one->solo_of != XB_EXP_NO_CASE)
            one->solo_of = now[one->solo_of];
        for (size_t g = 0; g < exp->guest_count; g++)
            if (one->parts[g].solo_case != XB_EXP_NO_CASE)
                one->parts[g].solo_case = now[one->parts[g].solo_case];
    }
}

void xb_shard_keep_cases(struct xb_experiment *exp, uint64_t seed, const struct xb_shard *shard)
{
    if (shard->number == 0 || shard->by != XB_SHARD_CASE || shard->count == 1)
        return;
    xb_auto_free uint32_t *of = xb_calloc(exp->case_count, sizeof(*of));
    xb_auto_free uint32_t *now = xb_calloc(exp->case_count, sizeof(*now));
    uint32_t kept = 0;
    xb_shard_cases(exp, seed, shard->count, of);
    for (uint32_t c = 0; c < exp->case_count; c++) {
        now[c] = of[c] == shard->number ? kept : XB_EXP_NO_CASE;
        if (of[c] == shard->number)
            exp->cases[kept++] = exp->cases[c];
        else
            xb_exp_case_free(&exp->cases[c], exp->guest_count);
    }
    exp->case_count = kept;
    renumber(exp, now);
}

void xb_shard_cells(const struct xb_experiment *exp, uint64_t seed, const struct xb_shard *shard,
                    struct xb_plan_cell **out, size_t *count)
{
    uint32_t from, end;
    size_t all, kept = 0;
    xb_plan_cells(exp, xb_shard_order_seed(seed, shard), out, &all);
    xb_shard_repetitions(exp, shard, &from, &end);
    for (size_t i = 0; i < all; i++) {
        struct xb_plan_cell cell = (*out)[i];
        if (cell.warmup || (cell.repetition >= from && cell.repetition < end))
            (*out)[kept++] = cell;
    }
    *count = kept;
}
