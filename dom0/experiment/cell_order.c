/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cell_order.h"

#include "alloc.h"
#include "base.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

static void add_case(struct xb_plan_cell *cells, size_t *at, uint32_t case_no, uint32_t repetition,
                     bool warmup)
{
    cells[(*at)++] =
        (struct xb_plan_cell){.case_no = case_no, .repetition = repetition, .warmup = warmup};
}

/* The number of repetitions of a case that are certain before the run. */
static uint32_t known_repetitions(const struct xb_experiment *exp)
{
    return exp->until.line ? exp->until.min : exp->repetitions;
}

static void lay_sequential(const struct xb_experiment *exp, struct xb_plan_cell *cells)
{
    size_t at = 0;
    for (uint32_t c = 0; c < exp->case_count; c++) {
        for (uint32_t r = 0; r < exp->warmup; r++)
            add_case(cells, &at, c, r, true);
        for (uint32_t r = 0; r < known_repetitions(exp); r++)
            add_case(cells, &at, c, r, false);
    }
}

void xb_plan_tie(uint32_t *unit, size_t count, uint32_t case_a, uint32_t case_b)
{
    uint32_t a = unit[case_a], b = unit[case_b];
    for (size_t c = 0; c < count; c++)
        if (unit[c] == a || unit[c] == b)
            unit[c] = a < b ? a : b;
}

void xb_plan_units(const struct xb_experiment *exp, uint32_t *unit)
{
    for (uint32_t c = 0; c < exp->case_count; c++)
        unit[c] = c;
    for (size_t p = 0; p < exp->pair_count; p++)
        xb_plan_tie(unit, exp->case_count, exp->pairs[p].a, exp->pairs[p].b);
}

/* By SplitMix64's finalizer (Steele, Lea and Flood, OOPSLA 2014). */
unsigned long xb_plan_round_seed(uint64_t seed, uint32_t round)
{
    uint64_t z = seed + (round + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (unsigned long)((z ^ (z >> 31)) & UINT32_MAX);
}

struct round {
    const struct xb_experiment *exp;
    uint32_t number;
    const bool *open;
    const uint32_t *unit;
    gsl_rng *rng; /* NULL: the order of the file */
};

/* List the open cases of a unit in this round's order; return their number. */
static size_t lay_unit(const struct round *round, uint32_t unit, uint32_t *members)
{
    size_t count = 0;
    for (uint32_t c = unit; c < round->exp->case_count; c++)
        if (round->unit[c] == unit && (!round->open || round->open[c]))
            members[count++] = c;
    if (round->rng && count > 1)
        gsl_ran_shuffle(round->rng, members, count, sizeof(*members));
    for (size_t turn = round->rng || count == 0 ? 0 : round->number % count; turn > 0; turn--) {
        uint32_t first = members[0];
        for (size_t i = 1; i < count; i++)
            members[i - 1] = members[i];
        members[count - 1] = first;
    }
    return count;
}

/*
 * Group units whose cases share the guests' builds. Every other round runs the groups from the last
 * to the first, so that a round begins with the group that ended the round before. head has room
 * for a number per unit.
 */
static void group_builds(const struct round *round, uint32_t *units, size_t count, uint32_t *head)
{
    size_t groups = 0, at = 0;
    xb_auto_free uint32_t *sorted = xb_calloc(count, sizeof(*sorted));
    xb_auto_free uint32_t *group = xb_calloc(count, sizeof(*group));
    for (size_t u = 0; u < count; u++) {
        uint32_t g = 0;
        while (g < groups && xb_exp_builds_differ(round->exp, head[g], units[u]))
            g++;
        if (g == groups)
            head[groups++] = units[u];
        group[u] = g;
    }
    for (size_t i = 0; i < groups; i++)
        for (size_t u = 0; u < count; u++)
            if (group[u] == (round->number % 2 ? groups - 1 - i : i))
                sorted[at++] = units[u];
    for (size_t u = 0; u < count; u++)
        units[u] = sorted[u];
}

static void lay_round(const struct round *round, uint32_t *units, uint32_t *members,
                      struct xb_plan_cell *out, size_t *count)
{
    const struct xb_experiment *exp = round->exp;
    bool warmup = round->number < exp->warmup;
    uint32_t repetition = warmup ? round->number : round->number - exp->warmup;
    size_t unit_count = 0;
    for (uint32_t c = 0; c < exp->case_count; c++)
        if (round->unit[c] == c)
            units[unit_count++] = c;
    if (round->rng)
        gsl_ran_shuffle(round->rng, units, unit_count, sizeof(*units));
    else
        group_builds(round, units, unit_count, members);
    *count = 0;
    for (size_t u = 0; u < unit_count; u++) {
        size_t n = lay_unit(round, units[u], members);
        for (size_t i = 0; i < n; i++)
            add_case(out, count, members[i], repetition, warmup);
    }
}

void xb_plan_round(const struct xb_experiment *exp, uint64_t seed, uint32_t round, const bool *open,
                   struct xb_plan_cell *out, size_t *count)
{
    xb_auto_free uint32_t *unit = xb_calloc(exp->case_count, sizeof(*unit));
    xb_auto_free uint32_t *units = xb_calloc(exp->case_count, sizeof(*units));
    xb_auto_free uint32_t *members = xb_calloc(exp->case_count, sizeof(*members));
    struct round r = {.exp = exp, .number = round, .open = open, .unit = unit};
    if (exp->order == XB_ORDER_RANDOM)
        r.rng = xb_need(gsl_rng_alloc(gsl_rng_mt19937));
    xb_plan_units(exp, unit);
    if (r.rng)
        gsl_rng_set(r.rng, xb_plan_round_seed(seed, round));
    lay_round(&r, units, members, out, count);
    if (r.rng)
        gsl_rng_free(r.rng);
}

void xb_plan_cells(const struct xb_experiment *exp, uint64_t seed, struct xb_plan_cell **out,
                   size_t *count)
{
    uint32_t rounds = exp->warmup + known_repetitions(exp);
    *count = exp->case_count * (size_t)rounds;
    *out = xb_calloc(*count, sizeof(**out));
    if (exp->order == XB_ORDER_SEQUENTIAL) {
        lay_sequential(exp, *out);
        return;
    }
    for (uint32_t r = 0; r < rounds; r++) {
        size_t laid;
        xb_plan_round(exp, seed, r, NULL, *out + r * exp->case_count, &laid);
    }
}
