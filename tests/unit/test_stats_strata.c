/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two treatments in several strata: van Elteren's test, and strata that differ from each other. */
#include "base.h"
#include "stats_rank.h"
#include "stats_strata.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define STRATUM(x, y) ((struct xb_stratum){x, y, XB_ARRAY_LEN(x), XB_ARRAY_LEN(y)})

static void assert_near(double got, double want, double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("got %.9g, expected %.9g within %g", got, want, within);
}

/* With one stratum it is the rank sum test, with its interval. */
static void test_one_stratum(void **state XB_UNUSED)
{
    static const double a[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    static const double b[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    static const double c[] = {3.2, 3.9, 2.1, 4.4, 1.7, 2.6};
    const double *const others[] = {b, c};
    const size_t sizes[] = {XB_ARRAY_LEN(b), XB_ARRAY_LEN(c)};
    for (size_t i = 0; i < 2; i++) {
        const struct xb_stratum one = {a, others[i], XB_ARRAY_LEN(a), sizes[i]};
        struct xb_rank rank = xb_rank_of(a, one.n_a, one.b, one.n_b, 0.95);
        struct xb_strata s = xb_strata_of(&one, 1, 0.95);
        assert_int_equal(s.used, 1);
        assert_true(s.simulated);
        assert_near(s.p, rank.p, 0.01);
        assert_near(s.least_p, xb_rank_least_p(one.n_a, one.n_b), 1e-9);
        assert_near(s.shift, rank.shift, 1e-9);
        assert_near(s.low, rank.low, 1e-9);
        assert_near(s.high, rank.high, 1e-9);
        assert_near(s.coverage, rank.coverage, 0.01);
    }
}

/* Large differences between strata do not hide a difference within each of them. */
static void test_within_strata(void **state XB_UNUSED)
{
    static const double a1[] = {1.0, 1.1, 1.2, 1.3}, b1[] = {1.45, 1.55, 1.65, 1.75};
    static const double a2[] = {9.0, 9.1, 9.2, 9.3}, b2[] = {9.45, 9.55, 9.65, 9.75};
    static const double none[] = {100};
    const struct xb_stratum strata[] = {
        STRATUM(a1, b1), STRATUM(a2, b2), {none, none, 1, 0}, {NULL, none, 0, 1}};
    struct xb_strata s = xb_strata_of(strata, XB_ARRAY_LEN(strata), 0.95);
    assert_int_equal(s.used, 2);
    assert_int_equal(s.n_a, 8);
    assert_int_equal(s.n_b, 8);
    /* Only two of the 70 * 70 permutations are as far apart. */
    assert_near(s.least_p, 2.0 / 4900, 1e-9);
    assert_true(s.p >= s.least_p && s.p < 0.003);
    assert_near(s.shift, 0.45, 1e-9);
    assert_true(s.low > 0.2 && s.low < 0.45 && s.high > 0.45 && s.high < 0.7);
    assert_true(s.coverage >= 0.95);
}

/* By hand: two strata of 1 and 2 values, weights 1/4 and 1/4; T is 1/4 or more in 4 of 9 ways. */
static void test_tiny(void **state XB_UNUSED)
{
    static const double a[] = {1}, b[] = {2, 3};
    const struct xb_stratum strata[] = {STRATUM(a, b), STRATUM(a, b)};
    struct xb_strata s = xb_strata_of(strata, 2, 0.95);
    assert_near(s.least_p, 2.0 / 9, 1e-9);
    assert_near(s.p, 2.0 / 9, 0.015);
    assert_near(s.shift, 1.5, 1e-9);
    assert_near(s.low, 1, 1e-9);
    assert_near(s.high, 2, 1e-9);
    assert_near(s.coverage, 7.0 / 9, 0.015);
}

static void test_ties_and_nothing(void **state XB_UNUSED)
{
    static const double same[] = {5, 5, 5, 5, 5};
    const struct xb_stratum equal[] = {STRATUM(same, same), STRATUM(same, same)};
    struct xb_strata s = xb_strata_of(equal, 2, 0.95);
    assert_near(s.p, 1, 0);
    assert_near(s.shift, 0, 0);
    assert_near(s.low, 0, 0);
    assert_near(s.high, 0, 0);
    s = xb_strata_of(NULL, 0, 0.95);
    assert_int_equal(s.used, 0);
    assert_near(s.p, 1, 0);
    s = xb_strata_of(&(struct xb_stratum){same, same, 1, 1}, 1, 0.95);
    assert_near(s.least_p, 1, 0);
    assert_near(s.p, 1, 0);
}

/* Where most values are equal, the shift is 0 although b's values are significantly larger. */
static void test_direction_without_shift(void **state XB_UNUSED)
{
    double a[30], b[30];
    for (size_t i = 0; i < 30; i++) {
        a[i] = 10;
        b[i] = i < 18 ? 10 : 11;
    }
    struct xb_strata s = xb_strata_of(&STRATUM(a, b), 1, 0.95);
    assert_near(s.shift, 0, 0);
    assert_true(s.p < 0.001 && s.distance > 0);
    s = xb_strata_of(&STRATUM(b, a), 1, 0.95);
    assert_true(s.p < 0.001 && s.distance < 0);
}

/* Many values: the normal distribution, which gives nearly the same answer as permutations. */
static void test_normal(void **state XB_UNUSED)
{
    double a[8][8], b[8][8];
    struct xb_stratum strata[8];
    for (size_t h = 0; h < 8; h++) {
        for (size_t i = 0; i < 8; i++) {
            a[h][i] = (double)((h * 37 + i * 13) % 29) + (double)h * 100;
            b[h][i] = (double)((h * 17 + i * 11) % 29) + (double)h * 100 + 3.5;
        }
        strata[h] = (struct xb_stratum){a[h], b[h], 8, 8};
    }
    struct xb_strata all = xb_strata_of(strata, 8, 0.95), some = xb_strata_of(strata, 7, 0.95);
    assert_false(all.simulated);
    assert_true(some.simulated);
    assert_true(all.p < 0.05 && some.p < 0.1);
    assert_true(all.low < all.shift && all.shift < all.high);
    assert_near(all.shift, some.shift, 1.5);
    assert_true(all.high - all.low < 1.3 * (some.high - some.low));
}

static void test_apart(void **state XB_UNUSED)
{
    static const double x[] = {1.00, 1.01, 0.99, 1.02, 0.98, 1.00, 1.50};
    double z[7];
    xb_modified_z(x, 7, z);
    assert_near(z[6], 0.6745 * 0.5 / 0.01, 1e-6);
    for (size_t i = 0; i < 6; i++)
        assert_true(fabs(z[i]) < XB_APART_Z);
    static const double equal[] = {2, 2, 2, 2, 2, 2, 2, 3};
    double y[8];
    xb_modified_z(equal, 8, y);
    assert_near(y[7], 8 / 1.253314, 1e-6);
    assert_near(y[0], 0, 0);
    xb_modified_z(x, 3, z); /* too few values */
    assert_near(z[2], 0, 0);
    xb_modified_z(x, 0, z);
}

static void test_between(void **state XB_UNUSED)
{
    static const double estimates[] = {1, 3, 5}, small[] = {0.1, 0.1, 0.1}, large[] = {3, 3, 3};
    assert_near(xb_between_sd(estimates, small, 3), sqrt(4 - 0.01), 1e-9);
    assert_near(xb_between_sd(estimates, large, 3), 0, 0);
    assert_near(xb_between_sd(estimates, small, 1), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_stratum),
        cmocka_unit_test(test_within_strata),
        cmocka_unit_test(test_tiny),
        cmocka_unit_test(test_ties_and_nothing),
        cmocka_unit_test(test_direction_without_shift),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_apart),
        cmocka_unit_test(test_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
