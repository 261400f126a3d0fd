/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Number and order of repetitions: `until`, `compare`, settings from the command line, rounds. */
#include "base.h"
#include "cell_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                       \
    "name: t\nworkload: x\nguests: {a: }\ncases: [{name: A}, {name: B}, {name: C}, {name: D}]\n"

static struct xb_experiment *read_with(const char *more, char **sets, size_t count,
                                       struct xb_err *err)
{
    char text[1024];
    struct xb_experiment *exp = NULL;
    struct xb_texts texts = {sets, count};
    snprintf(text, sizeof(text), "%s%s", HEAD, more);
    const struct xb_exp_source source = {.path = "t.yaml", .text = text, .sets = &texts};
    return xb_experiment_read(&exp, &source, err) < 0 ? NULL : exp;
}

static struct xb_experiment *read_good(const char *more)
{
    struct xb_err err = {0};
    struct xb_experiment *exp = read_with(more, NULL, 0, &err);
    if (!exp)
        fail_msg("%s", err.msg);
    return exp;
}

static void test_until(void **state XB_UNUSED)
{
    struct xb_experiment *exp = read_good("until: {interval: 2.5 %, time: 20min, metric: time}\n");
    assert_true(exp->until.line == 5);
    assert_true(exp->until.interval == 0.025);
    assert_true(exp->until.confidence == 0.95);
    assert_true(exp->until.time_ns == 1200 * XB_NS_PER_S);
    assert_int_equal(exp->until.min, 5);
    assert_int_equal(exp->until.max, 100);
    assert_string_equal(exp->until.metric, "time");
    xb_experiment_free(exp);
}

static void test_complaints(void **state XB_UNUSED)
{
    static const struct {
        const char *more, *message;
    } bad[] = {
        {"until: 2%\n",
         "t.yaml:5: `until` is `2%`; a mapping was expected, such as {interval: 2%,"},
        {"until: {}\n", "t.yaml:5: "},
        {"until:\n  interval: 2\n",
         "t.yaml:6: `interval` is `2`; a percentage was expected: 0.01%"},
        {"until:\n  interval: 0.001%\n",
         "t.yaml:6: `interval` is `0.001%`, out of range; it is 0.01%"},
        {"until:\n  interval: 1e9%\n", "t.yaml:6: `interval` is `1e9%`, out of range"},
        {"until:\n  interval: nan%\n", "t.yaml:6: `interval` is `nan%`; a percentage"},
        {"until:\n  interval: -2%\n", "t.yaml:6: `interval` is `-2%`; a percentage"},
        {"until:\n  interval: [2%]\n", "t.yaml:6: `interval` is a list; a percentage"},
        {"until:\n  interval: 2%\n  confidence: 100%\n",
         "t.yaml:7: `confidence` is `100%`, out of"},
        {"until:\n  width: 2%\n", "t.yaml:6: no key `width` here; did you mean `interval`?"},
        {"until:\n  interval: 2%\n  min: 9\n  max: 8\n",
         "t.yaml:6: `until`: `max` is 8, less than"},
        {"until: {interval: 2%, max: 5}\n",
         "t.yaml:5: `until`: no interval of 5 samples holds the median with 95 %; `max` must be 6"},
        {"until: {interval: 2%}\nrepetitions: 5\n",
         "t.yaml:5: `repetitions` and `until` exclude each other"},
        {"compare: {a: A}\n", "t.yaml:5: "},
        {"compare: {a: A, b: Z}\n", "t.yaml:5: `compare`: no case `Z`"},
        {"compare: {a: A, b: A}\n", "t.yaml:5: `compare`: case `A` is compared with itself"},
        {"compare:\n  - {a: A, b: B}\n  - x\n",
         "t.yaml:7: `compare` holds `x`; {a: CASE, b: CASE}"},
        {"compare: {a: A, b: B}\norder: sequential\n",
         "t.yaml:5: `compare` needs both cases in the"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        struct xb_err err = {0};
        if (read_with(bad[i].more, NULL, 0, &err))
            fail_msg("accepted: %s", bad[i].more);
        if (strncmp(err.msg, bad[i].message, strlen(bad[i].message)) != 0)
            fail_msg("for %sgot: %s\nexpected: %s", bad[i].more, err.msg, bad[i].message);
        assert_int_equal(err.class, XB_E_INPUT);
    }
}

static void test_sets(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    char *count[] = {"repetitions=7", "order=random", "repetitions=10", "timeout=3s"};
    struct xb_experiment *exp =
        read_with("until: {interval: 2%}\norder: sequential\n", count, 4, &err);
    if (!exp)
        fail_msg("%s", err.msg);
    assert_int_equal(exp->repetitions, 10);
    assert_int_equal(exp->until.line, 0);
    assert_int_equal(exp->order, XB_ORDER_RANDOM);
    assert_true(exp->timeout_ns == 3 * XB_NS_PER_S);
    xb_experiment_free(exp);

    char *bound[] = {"until={interval: 3%, max: 9}"};
    exp = read_with("repetitions: 4\n", bound, 1, &err);
    if (!exp)
        fail_msg("%s", err.msg);
    assert_true(exp->until.line > 0 && exp->until.max == 9);
    xb_experiment_free(exp);
}

/* Any key can be set at any depth; missing mappings are created. */
static void test_deep_sets(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    char *deep[] = {"a.cap=50",     "guests.a.vcpus=2",     "memory=1G",           "all.hard=0,2",
                    "dom0.vcpus=1", "description=a: b # c", "cases=[{name: only}]"};
    struct xb_experiment *exp = read_with("", deep, XB_ARRAY_LEN(deep), &err);
    if (!exp)
        fail_msg("%s", err.msg);
    assert_int_equal(exp->case_count, 1);
    assert_int_equal(exp->cases[0].guests[0].cap, 50);
    assert_int_equal(exp->cases[0].guests[0].vcpus, 2);
    assert_int_equal(exp->cases[0].dom0.vcpus, 1);
    assert_true(exp->guests[0].memory_bytes == UINT64_C(1) << 30);
    assert_string_equal(exp->description, "a: b # c");
    xb_experiment_free(exp);
}

/* Guests keep the order of the file when the command line sets something for one of them. */
static void test_sets_keep_the_order(void **state XB_UNUSED)
{
    static const char text[] = "name: t\nworkload: x\nguests: {a: , b: {cap: 1}, c: }\n";
    char *set[] = {"a.cap=50", "b.cap=60"};
    const struct xb_texts sets = {set, XB_ARRAY_LEN(set)};
    const struct xb_exp_source source = {.path = "t.yaml", .text = text, .sets = &sets};
    struct xb_experiment *exp = NULL;
    struct xb_err err = {0};
    if (xb_experiment_read(&exp, &source, &err) < 0)
        fail_msg("%s", err.msg);
    assert_string_equal(exp->guests[0].name, "a");
    assert_int_equal(exp->cases[0].guests[0].cap, 50);
    assert_int_equal(exp->cases[0].guests[1].cap, 60);
    xb_experiment_free(exp);
}

static void test_wrong_sets(void **state XB_UNUSED)
{
    static const struct {
        char *set;
        const char *message;
    } bad[] = {
        {"repetitions", "--set repetitions: `repetitions` is no KEY=VALUE"},
        {"repetition=3", "--set repetition=3: no key `repetition`; did you mean `repetitions`?"},
        {"=3", "--set =3: "},
        {"a..b=3", "--set a..b=3: no key and no guest `a..b`; there is: name, description"},
        {".a=3", "--set .a=3: `.a` is no key, or keys with dots between them"},
        {"a.=3", "--set a.=3: `a.` is no key, or keys with dots between them"},
        {"repetitions=abc", "--set repetitions=abc: `repetitions` is `abc`; a whole number from 1"},
        {"repetitions=", "--set repetitions=: `repetitions` has no value"},
        {"repetitions={", "--set repetitions={: `{` begins as YAML and is not"},
        {"repetitions=[1] name: x", "--set repetitions=[1] name: x: `[1] name: x` begins as YAML"},
        {"repetitions=3\nname: x", "--set repetitions=3\nname: x: `repetitions` is `3\nname: x`"},
        {"until={interval: 3}", "--set until={interval: 3}: `interval` is `3`; a percentage"},
        {"until={interval: 3%, max: 2}", "--set until={interval: 3%, max: 2}: `until`: `max` is 2"},
        {"dom0.vcpu=2", "--set dom0.vcpu=2: no key `vcpu` here; did you mean `vcpus`?"},
        {"a.cap=x", "--set a.cap=x: `cap` is `x`; "},
        {"wieght=3", "--set wieght=3: no key `wieght`; did you mean `weight`?"},
        {"hard=1,2", "--set hard=1,2: one value for all guests, or one for each? Write all.hard"},
        {"workload.env={A: 1}",
         "--set workload.env={A: 1}: `workload` is `x` in the file, so it has"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        struct xb_err err = {0};
        char *sets[] = {bad[i].set};
        if (read_with("", sets, 1, &err))
            fail_msg("accepted: %s", bad[i].set);
        if (strncmp(err.msg, bad[i].message, strlen(bad[i].message)) != 0)
            fail_msg("for %s got: %s\nexpected: %s", bad[i].set, err.msg, bad[i].message);
    }
}

/* The order of one round, in letters. */
static const char *round_of(const struct xb_experiment *exp, uint64_t seed, uint32_t round,
                            const bool *open, char out[8])
{
    struct xb_plan_cell cells[4];
    size_t count;
    xb_plan_round(exp, seed, round, open, cells, &count);
    for (size_t i = 0; i < count; i++)
        out[i] = (char)('A' + cells[i].case_no);
    out[count] = '\0';
    return out;
}

/* Planning all at once equals planning round by round. */
static void test_rounds_make_the_whole(void **state XB_UNUSED)
{
    static const char *const orders[] = {"", "order: random\ncompare: {a: A, b: D}\n"};
    for (size_t o = 0; o < XB_ARRAY_LEN(orders); o++) {
        char more[128], text[8];
        snprintf(more, sizeof(more), "warmup: 1\nrepetitions: 5\n%s", orders[o]);
        struct xb_experiment *exp = read_good(more);
        struct xb_plan_cell *cells;
        size_t count;
        xb_plan_cells(exp, 42, &cells, &count);
        assert_int_equal(count, 24);
        for (uint32_t r = 0; r < 6; r++) {
            round_of(exp, 42, r, NULL, text);
            for (size_t i = 0; i < 4; i++) {
                const struct xb_plan_cell *cell = &cells[(size_t)r * 4 + i];
                assert_int_equal(cell->case_no, text[i] - 'A');
                assert_int_equal(cell->warmup, r == 0);
                assert_int_equal(cell->repetition, r == 0 ? 0 : r - 1);
            }
        }
        free(cells);
        xb_experiment_free(exp);
    }
}

static void test_open_cases_alone(void **state XB_UNUSED)
{
    char text[8];
    const bool open[] = {true, false, true, false};
    struct xb_experiment *exp = read_good("until: {interval: 2%}\n");
    assert_string_equal(round_of(exp, 1, 9, open, text), "AC");
    xb_experiment_free(exp);
}

/* Compared cases run next to each other; which is first alternates or is drawn at random. */
static void test_pairs_stand_together(void **state XB_UNUSED)
{
    char text[8];
    struct xb_experiment *exp = read_good("compare: {a: A, b: C}\n");
    assert_string_equal(round_of(exp, 1, 0, NULL, text), "ACBD");
    assert_string_equal(round_of(exp, 1, 1, NULL, text), "CABD");
    assert_string_equal(round_of(exp, 1, 2, NULL, text), "ACBD");
    xb_experiment_free(exp);

    exp = read_good("compare: [{a: C, b: D}, {a: D, b: A}]\n");
    uint32_t unit[4];
    xb_plan_units(exp, unit);
    assert_int_equal(unit[0], 0);
    assert_int_equal(unit[1], 1);
    assert_int_equal(unit[2], 0);
    assert_int_equal(unit[3], 0);
    xb_experiment_free(exp);

    exp = read_good("compare: {a: A, b: C}\norder: random\n");
    size_t a_first = 0;
    for (uint32_t r = 0; r < 200; r++) {
        round_of(exp, 5, r, NULL, text);
        const char *a = strchr(text, 'A'), *c = strchr(text, 'C');
        assert_true(a - c == 1 || c - a == 1);
        a_first += a < c;
    }
    assert_true(a_first > 70 && a_first < 130);
    xb_experiment_free(exp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_until),
        cmocka_unit_test(test_complaints),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_deep_sets),
        cmocka_unit_test(test_sets_keep_the_order),
        cmocka_unit_test(test_wrong_sets),
        cmocka_unit_test(test_open_cases_alone),
        cmocka_unit_test(test_rounds_make_the_whole),
        cmocka_unit_test(test_pairs_stand_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
