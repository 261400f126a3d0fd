/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shards: parts of an experiment that are measured separately. */
#include "base.h"
#include "shard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GUESTS "name: t\nworkload: x\nguests: {a: {socket: /a}, b: {socket: /b}}\n"
#define CASES                                                                                      \
    "cases: [{name: A}, {name: B}, {name: C}, {name: D}, {name: E}, {name: F}, {name: G}]\n"
#define PAIRS "compare: [{a: A, b: C}, {a: C, b: F}, {a: B, b: G}]\n"

static struct xb_experiment *read_text(const char *more)
{
    char text[1024];
    struct xb_err err = {0};
    struct xb_experiment *exp;
    int n = snprintf(text, sizeof(text), GUESTS "%s", more);
    if (xb_experiment_parse(&exp, "t.yaml", text, (size_t)n, &err) < 0)
        fail_msg("%s", err.msg);
    return exp;
}

static void test_words(void **state XB_UNUSED)
{
    static const char *const bad[] = {"",     "3",    "/3",    "0/3",     "4/3",      "1/0", "-1/3",
                                      "1/3x", "x1/3", "1 / 3", "1/10001", "1/100000", "1//3"};
    struct xb_shard shard;
    assert_true(xb_shard_read("2/3", &shard));
    assert_int_equal(shard.number, 2);
    assert_int_equal(shard.count, 3);
    assert_true(xb_shard_read("10000/10000", &shard));
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++)
        if (xb_shard_read(bad[i], &shard))
            fail_msg("accepted: `%s`", bad[i]);
}

/* Counts how often each cell of an experiment, without warm-ups, is in any of its shards. */
struct tally {
    const char *more;
    uint32_t repetitions;
    uint32_t seen[32][32]; /* by the experiment's case, and repetition */
    size_t least, most;    /* number of counted cells in any shard */
    uint32_t warmups;
};

static uint32_t case_of(const struct xb_experiment *exp, const char *name)
{
    for (uint32_t c = 0; c < exp->case_count; c++)
        if (strcmp(exp->cases[c].name, name) == 0)
            return c;
    fail_msg("no case %s", name);
    return 0;
}

/* As a run does: remove the other shards' cases from the experiment, then plan it. */
static void count_shard(struct tally *tally, const struct xb_experiment *whole, uint64_t seed,
                        const struct xb_shard *shard)
{
    struct xb_experiment *exp = read_text(tally->more);
    struct xb_plan_cell *cells;
    size_t count, counted = 0;
    xb_shard_keep_cases(exp, seed, shard);
    xb_shard_cells(exp, seed, shard, &cells, &count);
    for (size_t i = 0; i < count; i++) {
        const char *name = exp->cases[cells[i].case_no].name;
        tally->warmups += cells[i].warmup;
        counted += !cells[i].warmup;
        if (!cells[i].warmup)
            tally->seen[case_of(whole, name)][cells[i].repetition]++;
    }
    tally->least = counted < tally->least ? counted : tally->least;
    tally->most = counted > tally->most ? counted : tally->most;
    free(cells);
    xb_experiment_free(exp);
}

static void count_all(struct tally *tally, uint64_t seed, enum xb_shard_by by, uint32_t count)
{
    struct xb_experiment *whole = read_text(tally->more);
    const struct xb_shard all = {by, 1, count};
    struct xb_err err = {0};
    memset(tally->seen, 0, sizeof(tally->seen));
    tally->least = SIZE_MAX;
    tally->most = tally->warmups = 0;
    if (xb_shard_check(whole, &all, &err) < 0)
        fail_msg("%s", err.msg);
    for (uint32_t k = 1; k <= count; k++)
        count_shard(tally, whole, seed, &(struct xb_shard){by, k, count});
    for (uint32_t c = 0; c < whole->case_count; c++)
        for (uint32_t r = 0; r < tally->repetitions; r++)
            assert_int_equal(tally->seen[c][r], by == XB_SHARD_HOST ? count : 1);
    xb_experiment_free(whole);
}

/* The shards together have each cell exactly once, and no shard has many more than another. */
static void test_union(void **state XB_UNUSED)
{
    static const char *const orders[] = {"interleaved", "random"};
    for (size_t o = 0; o < XB_ARRAY_LEN(orders); o++)
        for (uint64_t seed = 0; seed < 40; seed++) {
            char more[512];
            struct tally tally = {.more = more, .repetitions = 11};
            snprintf(more, sizeof(more), CASES PAIRS "repetitions: 11\nwarmup: 1\norder: %s\n",
                     orders[o]);
            for (uint32_t n = 1; n <= 11; n++) {
                count_all(&tally, seed, XB_SHARD_ROUND, n);
                assert_true(tally.most - tally.least <= 7); /* one round */
                assert_int_equal(tally.warmups, 7 * n);
            }
            for (uint32_t n = 1; n <= 4; n++) { /* groups: ACF, BG, D, E */
                count_all(&tally, seed, XB_SHARD_CASE, n);
                assert_true(tally.most - tally.least <= 33); /* the largest group */
                assert_int_equal(tally.warmups, 7);
            }
            count_all(&tally, seed, XB_SHARD_HOST, 3);
        }
}

static void test_sequential(void **state XB_UNUSED)
{
    struct tally tally = {.more = CASES "repetitions: 5\norder: sequential\n", .repetitions = 5};
    count_all(&tally, 1, XB_SHARD_ROUND, 2);
    assert_int_equal(tally.least, 14);
    assert_int_equal(tally.most, 21);
}

static void test_deterministic(void **state XB_UNUSED)
{
    struct xb_experiment *exp = read_text(CASES PAIRS);
    uint32_t first[7], again[7];
    bool others = false;
    xb_shard_cases(exp, 5, 2, first);
    for (uint64_t seed = 0; seed < 20; seed++) {
        xb_shard_cases(exp, seed, 2, again);
        others = others || memcmp(first, again, sizeof(first)) != 0;
    }
    xb_shard_cases(exp, 5, 2, again);
    assert_memory_equal(first, again, sizeof(first));
    assert_true(others);
    char *set[] = {"warmup=1"};
    const struct xb_texts sets = {set, 1};
    assert_true(xb_shard_seed(exp, &sets) == xb_shard_seed(exp, &sets));
    assert_true(xb_shard_seed(exp, &sets) != xb_shard_seed(exp, NULL));
    xb_experiment_free(exp);
    exp = read_text("seed: 7\n");
    assert_int_equal(xb_shard_seed(exp, NULL), 7);
    xb_experiment_free(exp);
}

/* Compared cases, and a case and its solo baselines, are in the same shard and stay related. */
static void test_ties_hold(void **state XB_UNUSED)
{
    static const char more[] = "cases:\n  - {name: A, guests: {all: {cap: [10, 20, 30]}}}\n"
                               "  - {name: B, guests: {b: {idle: true}}}\nsolo: true\n"
                               "compare: {a: 'A: cap 10', b: 'A: cap 20'}\n";
    struct xb_experiment *whole = read_text(more);
    for (uint64_t seed = 0; seed < 20; seed++)
        for (uint32_t k = 1; k <= 2; k++) {
            struct xb_experiment *exp = read_text(more);
            xb_shard_keep_cases(exp, seed, &(struct xb_shard){XB_SHARD_CASE, k, 2});
            assert_true(exp->case_count > 0 && exp->case_count < whole->case_count);
            for (size_t p = 0; p < exp->pair_count; p++) {
                assert_string_equal(exp->cases[exp->pairs[p].a].name, "A: cap 10");
                assert_string_equal(exp->cases[exp->pairs[p].b].name, "A: cap 20");
            }
            for (uint32_t c = 0; c < exp->case_count; c++)
                for (size_t g = 0; g < 2; g++) {
                    const struct xb_exp_part *part = &exp->cases[c].parts[g];
                    uint32_t was = case_of(whole, exp->cases[c].name);
                    uint32_t solo = whole->cases[was].parts[g].solo_case;
                    if (solo == XB_EXP_NO_CASE)
                        assert_true(part->solo_case == XB_EXP_NO_CASE);
                    else
                        assert_string_equal(exp->cases[part->solo_case].name,
                                            whole->cases[solo].name);
                }
            xb_experiment_free(exp);
        }
    xb_experiment_free(whole);
}

/* Compared cases take turns in going first also within a shard. */
static void test_turns_within_a_shard(void **state XB_UNUSED)
{
    struct xb_experiment *exp =
        read_text("cases: [{name: A}, {name: B}]\ncompare: {a: A, b: B}\nrepetitions: 8\n");
    for (uint32_t k = 1; k <= 2; k++) {
        const struct xb_shard shard = {XB_SHARD_ROUND, k, 2};
        struct xb_plan_cell *cells;
        size_t count, a_first = 0;
        xb_shard_cells(exp, 1, &shard, &cells, &count);
        assert_int_equal(count, 8);
        for (size_t i = 0; i < count; i += 2)
            a_first += cells[i].case_no == 0;
        assert_int_equal(a_first, 2);
        free(cells);
    }
    xb_experiment_free(exp);
}

static bool same_order(const struct xb_plan_cell *a, const struct xb_plan_cell *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i].case_no != b[i].case_no)
            return false;
    return true;
}

/* By host, random orders differ between shards, and each is always the same. */
static void test_orders_by_host(void **state XB_UNUSED)
{
    struct xb_experiment *exp = read_text(CASES "order: random\nrepetitions: 3\n");
    struct xb_plan_cell *cells[4];
    size_t count;
    for (uint32_t k = 0; k < 4; k++)
        xb_shard_cells(exp, 9, &(struct xb_shard){XB_SHARD_HOST, k % 3 + 1, 3}, &cells[k], &count);
    assert_int_equal(count, 21);
    assert_true(same_order(cells[0], cells[3], count));
    assert_false(same_order(cells[0], cells[1], count));
    assert_false(same_order(cells[1], cells[2], count));
    for (uint32_t k = 0; k < 4; k++)
        free(cells[k]);
    xb_experiment_free(exp);
}

static void test_refused(void **state XB_UNUSED)
{
    static const struct {
        const char *more;
        struct xb_shard shard;
        const char *message; /* NULL: it is not refused */
    } asked[] = {
        {CASES "repetitions: 3\n", {XB_SHARD_ROUND, 1, 3}, NULL},
        {CASES "repetitions: 3\n",
         {XB_SHARD_ROUND, 1, 4},
         "t.yaml: 4 shards by round are too many: it has 3 rounds (`repetitions`)"},
        {CASES "until: {interval: 2%}\n",
         {XB_SHARD_ROUND, 1, 2},
         "t.yaml:5: it cannot be split by round: under `until` nobody knows"},
        {CASES "until: {interval: 2%}\n", {XB_SHARD_HOST, 1, 2}, NULL},
        {CASES PAIRS "until: {interval: 2%}\n", {XB_SHARD_CASE, 1, 2}, NULL},
        {CASES,
         {XB_SHARD_CASE, 1, 2},
         "t.yaml: it cannot be split by case: without `compare` each case is compared with all"},
        {CASES PAIRS,
         {XB_SHARD_CASE, 1, 5},
         "t.yaml: 5 shards by case are too many: `compare` and `solo` tie its cases into 4 groups"},
        {"cases: [{name: A}, {name: B}]\ncompare: {a: A, b: B}\n",
         {XB_SHARD_CASE, 1, 2},
         "t.yaml: 2 shards by case are too many: `compare` and `solo` tie its cases into 1 group,"},
        {CASES, {XB_SHARD_CASE, 1, 1}, NULL},
        {CASES, {XB_SHARD_HOST, 1, 1000}, NULL},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(asked); i++) {
        struct xb_experiment *exp = read_text(asked[i].more);
        struct xb_err err = {0};
        int r = xb_shard_check(exp, &asked[i].shard, &err);
        assert_int_equal(r, asked[i].message ? -1 : 0);
        if (r < 0) {
            assert_int_equal(err.class, XB_E_INPUT);
            if (strncmp(err.msg, asked[i].message, strlen(asked[i].message)) != 0)
                fail_msg("got: %s\nexpected: %s", err.msg, asked[i].message);
        }
        xb_experiment_free(exp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),          cmocka_unit_test(test_union),
        cmocka_unit_test(test_sequential),     cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_ties_hold),      cmocka_unit_test(test_turns_within_a_shard),
        cmocka_unit_test(test_orders_by_host), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
