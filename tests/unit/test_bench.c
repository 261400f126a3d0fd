/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a bench: ratios, intervals and verdicts against figures by hand. */
#include "bench_rows.h"
#include "files.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* n times around `seconds`, from 1 % less to 1 % more. */
static void add(struct xb_bench *bench, const char *row, enum xb_bench_side side, double seconds,
                int n)
{
    for (int i = 0; i < n; i++)
        assert_true(xb_bench_add(bench, row, side, seconds * (0.99 + 0.02 * i / (n - 1))));
}

static void expect(const struct xb_bench *bench, size_t row, const char *verdict, double value)
{
    xb_auto_json json_t *rows = xb_bench_json(bench);
    const json_t *json = json_array_get(rows, row);
    assert_string_equal(json_string_value(json_object_get(json, "verdict")), verdict);
    const json_t *found =
        json_object_get(json, bench->rows[row].what[XB_BENCH_PEER] ? "ratio" : "seconds");
    if (isnan(value)) {
        assert_null(found);
        return;
    }
    assert_true(fabs(json_number_value(found) - value) < 1e-3 * value);
    assert_true(json_number_value(json_object_get(json, "low")) < value);
    assert_true(json_number_value(json_object_get(json, "high")) > value);
    assert_true(json_number_value(json_object_get(json, "coverage")) >= 0.95);
}

static void test_ratios_and_verdicts(void **state XB_UNUSED)
{
    xb_auto_bench struct xb_bench bench = {0};
    xb_bench_row(&bench, "met", "ours", "theirs", 0.5);
    xb_bench_row(&bench, "missed", "ours", "theirs", 0.2);
    xb_bench_row(&bench, "open", "ours", "theirs", 0.25);
    for (size_t i = 0; i < 3; i++) {
        add(&bench, bench.rows[i].name, XB_BENCH_OURS, 1, 10);
        add(&bench, bench.rows[i].name, XB_BENCH_PEER, 4, 12);
    }
    expect(&bench, 0, "met", 0.25);
    expect(&bench, 1, "missed", 0.25);
    expect(&bench, 2, "open", 0.25);
}

static void test_a_goal_that_is_a_time(void **state XB_UNUSED)
{
    xb_auto_bench struct xb_bench bench = {0};
    xb_bench_row(&bench, "quick", "ours", NULL, 0.5);
    xb_bench_row(&bench, "slow", "ours", NULL, 0.1);
    add(&bench, "quick", XB_BENCH_OURS, 0.2, 11);
    add(&bench, "slow", XB_BENCH_OURS, 0.2, 11);
    expect(&bench, 0, "met", 0.2);
    expect(&bench, 1, "missed", 0.2);
}

static void test_few_times_give_no_verdict(void **state XB_UNUSED)
{
    xb_auto_bench struct xb_bench bench = {0};
    xb_bench_row(&bench, "few", "ours", "theirs", 2);
    xb_bench_row(&bench, "none", "ours", "theirs", 2);
    add(&bench, "few", XB_BENCH_OURS, 1, 9);
    add(&bench, "few", XB_BENCH_PEER, 1, 10);
    add(&bench, "none", XB_BENCH_OURS, 1, 10);
    expect(&bench, 0, "too few", 1);
    expect(&bench, 1, "not measured", NAN);
}

static void test_what_is_no_measurement(void **state XB_UNUSED)
{
    xb_auto_bench struct xb_bench bench = {0};
    xb_bench_row(&bench, "row", "ours", "theirs", 2);
    assert_false(xb_bench_add(&bench, "another", XB_BENCH_OURS, 1));
    assert_true(xb_bench_add(&bench, "row", XB_BENCH_OURS, -0.5));
    assert_true(xb_bench_add(&bench, "row", XB_BENCH_OURS, 0));
    assert_int_equal(bench.rows[0].n[XB_BENCH_OURS], 0);
    add(&bench, "row", XB_BENCH_OURS, 1, 10);
    add(&bench, "row", XB_BENCH_PEER, 1, 10);
    expect(&bench, 0, "too noisy", 1);
}

static void test_text(void **state XB_UNUSED)
{
    xb_auto_bench struct xb_bench bench = {0};
    xb_auto_free char *text = NULL;
    size_t bytes;
    xb_bench_row(&bench, "row", "this", "that", 0.5);
    xb_bench_row(&bench, "none", "this", NULL, 0.5);
    add(&bench, "row", XB_BENCH_OURS, 1, 10);
    add(&bench, "row", XB_BENCH_PEER, 4, 10);
    FILE *out = open_memstream(&text, &bytes);
    xb_bench_print(&bench, out);
    fclose(out);
    assert_non_null(strstr(text, "  ratio 0.250 (0.2"));
    assert_non_null(strstr(text, ", goal 0.5: met\n"));
    assert_non_null(strstr(text, "this: not measured\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ratios_and_verdicts),
        cmocka_unit_test(test_a_goal_that_is_a_time),
        cmocka_unit_test(test_few_times_give_no_verdict),
        cmocka_unit_test(test_what_is_no_measurement),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
