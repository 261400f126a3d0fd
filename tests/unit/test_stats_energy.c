/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Change points of series with known truth. For false alarms and power: make check-compare. */
#include "base.h"
#include "stats_energy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static size_t changes_of(const double *values, size_t n, double level, struct xb_change_point *out)
{
    return xb_change_points(values, n, level, out);
}

static void test_steps(void **state XB_UNUSED)
{
    const double one[] = {1.0, 1.1, 0.9, 1.05, 0.95, 5.0, 5.1, 4.9, 5.05, 4.95};
    const double two[] = {1.0,  1.1,  0.9,  1.05, 0.95, 1.02, 5.0,  5.1,  4.9,
                          5.05, 4.95, 5.02, 1.0,  1.1,  0.9,  1.05, 0.95, 1.01};
    struct xb_change_point found[20];
    assert_int_equal(changes_of(one, XB_ARRAY_LEN(one), 0.05, found), 1);
    assert_int_equal(found[0].at, 5);
    assert_true(found[0].p > 0 && found[0].p <= 0.05);
    assert_int_equal(changes_of(two, XB_ARRAY_LEN(two), 0.05, found), 2);
    assert_int_equal(found[0].at, 6);
    assert_int_equal(found[1].at, 12);
}

static void test_none(void **state XB_UNUSED)
{
    const double same[] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2};
    const double noise[] = {1.0, 1.3, 0.9, 1.1, 1.2, 0.8, 1.3, 1.0, 1.1, 0.9};
    const double few[] = {1, 1, 1, 9, 9, 9, 9};
    struct xb_change_point found[20];
    assert_int_equal(changes_of(same, XB_ARRAY_LEN(same), 0.05, found), 0);
    assert_int_equal(changes_of(noise, XB_ARRAY_LEN(noise), 0.05, found), 0);
    assert_int_equal(changes_of(few, XB_ARRAY_LEN(few), 0.05, found), 0);
    assert_int_equal(changes_of(few, 5, 0.05, found), 0);
    assert_int_equal(changes_of(few, 0, 0.05, found), 0);
}

/* The least number of values from which a very clear step is found. */
static void test_fewest(void **state XB_UNUSED)
{
    const double levels[] = {0.05, 0.005};
    for (size_t i = 0; i < XB_ARRAY_LEN(levels); i++) {
        double values[40];
        struct xb_change_point found[40];
        size_t n = xb_change_values_least(levels[i]);
        for (size_t k = 0; k < n; k++)
            values[k] = (k < n / 2 ? 1 : 9) + 0.001 * (double)(k * 7 % 5);
        assert_int_equal(changes_of(values, n, levels[i], found), 1);
        assert_int_equal(found[0].at, n / 2);
    }
    assert_int_equal(xb_change_values_least(0.05), 8);
    assert_int_equal(xb_change_values_least(0.005), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_fewest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
