/* Figures against values worked out by hand or by R. */
#include "base.h"
#include "stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void near(double got, double want)
{
    if (fabs(got - want) > 1e-9 * fmax(1, fabs(want)))
        fail_msg("got %.12g, expected %.12g", got, want);
}

static void test_nothing(void **state XB_UNUSED)
{
    struct xb_stats s = xb_stats_of(NULL, 0);
    assert_int_equal(s.n, 0);
    near(s.median, 0);
    near(xb_stats_fairness(NULL, 0), 1);
}

static void test_one(void **state XB_UNUSED)
{
    struct xb_stats s = xb_stats_of((double[]){4.5}, 1);
    assert_int_equal(s.n, 1);
    near(s.median, 4.5);
    near(s.mad, 0);
    near(s.stddev, 0);
    near(s.ci_coverage, 0);
}

static void test_three(void **state XB_UNUSED)
{
    struct xb_stats s = xb_stats_of((double[]){3, 1, 2}, 3);
    near(s.median, 2);
    near(s.mad, 1);
    near(s.min, 1);
    near(s.max, 3);
    near(s.q1, 1.5);
    near(s.q3, 2.5);
    near(s.ci_low, 1);
    near(s.ci_high, 3);
    near(s.ci_coverage, 0.75);
}

/*
 * From 6 samples on the range covers with 96.9 %; of 10, the second to the ninth with 97.9 %
 * (Conover's table).
 */
static void test_interval(void **state XB_UNUSED)
{
    const double values[] = {10, 1, 9, 2, 8, 3, 7, 4, 6, 5};
    struct xb_stats six = xb_stats_of(values, 6), ten = xb_stats_of(values, 10);
    near(six.ci_low, 1);
    near(six.ci_high, 10);
    near(six.ci_coverage, 1 - 2 / 64.0);
    near(ten.ci_low, 2);
    near(ten.ci_high, 9);
    near(ten.ci_coverage, 1 - 2 * 11 / 1024.0);
    near(ten.median, 5.5);
    near(ten.stddev, 3.0276503540974917);
}

static void test_outliers_are_counted(void **state XB_UNUSED)
{
    struct xb_stats s = xb_stats_of((double[]){1, 2, 3, 4, 100}, 5);
    assert_int_equal(s.outliers, 1);
    assert_int_equal(s.n, 5);
    near(s.max, 100);
}

static void test_fairness(void **state XB_UNUSED)
{
    near(xb_stats_fairness((double[]){2, 2, 2}, 3), 1);
    near(xb_stats_fairness((double[]){6, 0, 0}, 3), 1 / 3.0);
    near(xb_stats_fairness((double[]){1, 2, 4}, 3), 49 / 63.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),  cmocka_unit_test(test_one),
        cmocka_unit_test(test_three),    cmocka_unit_test(test_interval),
        cmocka_unit_test(test_fairness), cmocka_unit_test(test_outliers_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
