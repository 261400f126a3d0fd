/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Useless wake-ups: when they become a storm, how a storm is throttled, and when it is over. */
#include "storm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define BEGIN_NS (7 * XB_NS_PER_S)

/* Wake it `count` times, once in every_ns; returns the time afterwards. */
static uint64_t wake(struct xb_storm *storm, uint64_t at_ns, unsigned count, uint64_t every_ns,
                     bool of_use)
{
    for (unsigned i = 0; i < count; i++, at_ns += every_ns)
        if (xb_storm_may_look(storm, at_ns))
            xb_storm_woken(storm, at_ns, of_use);
    return at_ns;
}

static void a_burst_is_no_storm_and_more_is(void **state XB_UNUSED)
{
    struct xb_storm storm = {0};
    uint64_t now_ns = wake(&storm, BEGIN_NS, XB_STORM_PER_S, 1, false);
    assert_false(storm.rages);
    wake(&storm, now_ns, 1, 1, false);
    assert_true(storm.rages);
    assert_int_equal(storm.idle, XB_STORM_PER_S + 1);
}

static void what_time_allows_is_no_storm(void **state XB_UNUSED)
{
    struct xb_storm storm = {0};
    wake(&storm, BEGIN_NS, 10000, XB_NS_PER_S / XB_STORM_PER_S, false);
    assert_false(storm.rages);
    assert_int_equal(storm.idle, 10000);
}

static void messages_excuse_as_many(void **state XB_UNUSED)
{
    struct xb_storm storm = {0};
    uint64_t now_ns = BEGIN_NS;
    for (unsigned i = 0; i < 10000; i++, now_ns += 2000) {
        xb_storm_woken(&storm, now_ns, true);
        xb_storm_woken(&storm, now_ns + 1000, false);
    }
    assert_false(storm.rages);
}

/* A million wake-ups in ten seconds: the burst is served, then one look in each step. */
static void a_storm_is_looked_at_in_steps(void **state XB_UNUSED)
{
    struct xb_storm storm = {0};
    wake(&storm, BEGIN_NS, 1000000, 10000, false);
    assert_true(storm.rages);
    assert_in_range(storm.idle, XB_STORM_PER_S,
                    XB_STORM_PER_S + 1 + 10 * XB_NS_PER_S / XB_STORM_STEP_NS);
}

static void it_is_over_when_it_is_quiet(void **state XB_UNUSED)
{
    struct xb_storm storm = {0};
    uint64_t now_ns = wake(&storm, BEGIN_NS, 100000, 10000, false);
    assert_true(storm.rages);
    assert_false(xb_storm_may_look(&storm, storm.look_ns - 1));
    assert_true(xb_storm_may_look(&storm, storm.look_ns));
    uint64_t over_ns = xb_storm_until(&storm, storm.look_ns);
    assert_in_range(over_ns, now_ns, now_ns + XB_NS_PER_S);
    assert_true(xb_storm_may_look(&storm, over_ns));
    assert_false(storm.rages);
    assert_true(xb_storm_until(&storm, over_ns) == UINT64_MAX);
}

static void rings_now_and_then_do_not_prolong_it(void **state XB_UNUSED)
{
    struct xb_storm storm = {0};
    uint64_t now_ns = wake(&storm, BEGIN_NS, 200, 1000, false);
    assert_true(storm.rages);
    wake(&storm, now_ns, 20, 100 * XB_NS_PER_MS, false);
    assert_false(storm.rages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_no_storm_and_more_is),
        cmocka_unit_test(what_time_allows_is_no_storm),
        cmocka_unit_test(messages_excuse_as_many),
        cmocka_unit_test(a_storm_is_looked_at_in_steps),
        cmocka_unit_test(it_is_over_when_it_is_quiet),
        cmocka_unit_test(rings_now_and_then_do_not_prolong_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
