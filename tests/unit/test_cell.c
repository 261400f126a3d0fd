/* What is reckoned of a cell, as far as it needs no guest. */
#include "base.h"
#include "cell_clock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define S(n) ((n)*XB_NS_PER_S)
#define MS(n) ((n)*XB_NS_PER_MS)

static const struct xb_clock_fit before = {
    .offset_ns = 1000, .at_ns = S(100), .error_ns = 100000, .pings = 1};

static struct xb_clock_fit after(uint64_t at_ns, int64_t drift_ns, uint64_t error_ns)
{
    return (struct xb_clock_fit){
        .offset_ns = 1000 + drift_ns, .at_ns = at_ns, .error_ns = error_ns, .pings = 1};
}

/* 30 ppm are 10.8 ms in six minutes, and 0.09 ms in the three seconds until the release. */
static void test_a_long_job_does_not_make_the_release_worse(void **state XB_UNUSED)
{
    for (int sign = -1; sign <= 1; sign += 2) {
        struct xb_clock_fit end = after(S(460), sign * 10800000, 100000);
        assert_true(xb_clock_is_even(&before, &end));
        assert_int_equal(xb_clock_release_error(&before, &end, S(103)), 190000);
    }
    struct xb_clock_fit hours = after(S(100 + 36000), 1080000000, 100000);
    assert_int_equal(xb_clock_release_error(&before, &hours, S(103)), 190000);
}

/* At the fits themselves it is what they say; what the second leaves open counts as it is near. */
static void test_release_error_between_the_fits(void **state XB_UNUSED)
{
    struct xb_clock_fit end = after(S(110), 1000000, 300000);
    assert_int_equal(xb_clock_release_error(&before, &end, S(100)), 100000);
    assert_int_equal(xb_clock_release_error(&before, &end, S(105)), 700000);
    assert_int_equal(xb_clock_release_error(&before, &end, S(110)), 1300000);
}

/* It may have jumped before the release: nothing is taken off. */
static void test_a_clock_that_is_not_even_counts_whole(void **state XB_UNUSED)
{
    struct xb_clock_fit jumped = after(S(110), 60000000, 100000);
    assert_false(xb_clock_is_even(&before, &jumped));
    assert_int_equal(xb_clock_release_error(&before, &jumped, S(101)), 60100000);
    /* Within 2 ms, a thousandth and the fits' own errors it is even, beyond it is not. */
    struct xb_clock_fit most = after(S(110), MS(12) + 200000, 100000);
    assert_true(xb_clock_is_even(&before, &most));
    most.offset_ns++;
    assert_false(xb_clock_is_even(&before, &most));
}

/* Of a cell that was found after a restart. */
static void test_times_that_are_not_known(void **state XB_UNUSED)
{
    struct xb_clock_fit stored = {.offset_ns = 1000, .error_ns = 100000};
    struct xb_clock_fit end = after(S(460), -500000, 100000);
    assert_false(xb_clock_is_even(&stored, &end));
    assert_int_equal(xb_clock_release_error(&stored, &end, 0), 600000);
    assert_int_equal(xb_clock_release_error(&before, &end, 0), 600000);
    assert_int_equal(xb_clock_release_error(&before, &end, S(461)), 600000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_long_job_does_not_make_the_release_worse),
        cmocka_unit_test(test_release_error_between_the_fits),
        cmocka_unit_test(test_a_clock_that_is_not_even_counts_whole),
        cmocka_unit_test(test_times_that_are_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
