/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics compared with values worked out by hand or by R. */
#include "base.h"
#include "stats.h"
#include "stats_paired.h"

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
 * The range of 6 samples covers the median with 96.9 %; of 10 samples, the second to the ninth
 * cover it with 97.9 % (Conover's table).
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

/* The smallest n for which 1 - 2^(1-n) reaches the confidence. */
static void test_least(void **state XB_UNUSED)
{
    assert_int_equal(xb_stats_least(0.5), 2);
    assert_int_equal(xb_stats_least(0.75), 3);
    assert_int_equal(xb_stats_least(0.95), 6);
    assert_int_equal(xb_stats_least(0.99), 8);
}

static void test_confidence(void **state XB_UNUSED)
{
    const double values[] = {10, 1, 9, 2, 8, 3, 7, 4, 6, 5};
    struct xb_stats s = xb_stats_at(values, 10, 0.85);
    near(s.ci_low, 3);
    near(s.ci_high, 8);
    near(s.ci_coverage, 1 - 2 * 56 / 1024.0);
}

/*
 * Hamilton depression scale, 9 patients: Hollander and Wolfe, Nonparametric Statistical Methods,
 * example 3.1 with its estimate -0.46 and its interval (-0.786, -0.010) of 96.1 %.
 */
static void test_paired(void **state XB_UNUSED)
{
    const double x[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    const double y[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    double d[9];
    for (size_t i = 0; i < 9; i++)
        d[i] = y[i] - x[i];
    struct xb_paired p = xb_paired_of(d, 9, 0.95);
    assert_true(p.signed_rank);
    near(p.estimate, -0.46);
    near(p.low, -0.786);
    near(p.high, -0.010);
    near(p.coverage, 0.9609375);
}

/* Five pairs cover at most 93.75 %, six 96.875 %; none or one gives no interval. */
static void test_few_pairs(void **state XB_UNUSED)
{
    const double d[] = {1, 2, 3, 4, 5, 6};
    near(xb_paired_of(d, 5, 0.95).coverage, 0.9375);
    near(xb_paired_of(d, 6, 0.95).coverage, 0.96875);
    near(xb_paired_of(d, 6, 0.95).low, 1);
    near(xb_paired_of(d, 6, 0.95).high, 6);
    near(xb_paired_of(d, 1, 0.95).coverage, 0);
    assert_int_equal(xb_paired_of(d, 0, 0.95).n, 0);
}

static void test_many_pairs(void **state XB_UNUSED)
{
    double d[301];
    for (size_t i = 0; i < XB_ARRAY_LEN(d); i++)
        d[i] = (double)i;
    struct xb_paired ranked = xb_paired_of(d, 300, 0.95), sign = xb_paired_of(d, 301, 0.95);
    assert_true(ranked.signed_rank);
    near(ranked.estimate, 149.5);
    assert_true(ranked.coverage >= 0.95 && ranked.coverage < 0.951);
    assert_false(sign.signed_rank);
    near(sign.estimate, 150);
    assert_true(sign.low < 150 && sign.high > 150 && sign.coverage >= 0.95);
}

static void test_a_member_of_structs(void **state XB_UNUSED)
{
    const struct {
        int before;
        double value;
    } rows[] = {{1, 3}, {2, NAN}, {3, 1}, {4, 2}};
    struct xb_stats s = XB_STATS_OVER(rows, XB_ARRAY_LEN(rows), value);
    assert_int_equal(s.n, 3);
    near(s.median, 2);
    assert_int_equal(XB_STATS_OVER(rows, 0, value).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),    cmocka_unit_test(test_one),
        cmocka_unit_test(test_three),      cmocka_unit_test(test_interval),
        cmocka_unit_test(test_fairness),   cmocka_unit_test(test_outliers_are_counted),
        cmocka_unit_test(test_least),      cmocka_unit_test(test_confidence),
        cmocka_unit_test(test_paired),     cmocka_unit_test(test_few_pairs),
        cmocka_unit_test(test_many_pairs), cmocka_unit_test(test_a_member_of_structs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
