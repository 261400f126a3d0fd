/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A series of PINGs: what is sent next, when it is over, and what answers none. */
#include "base.h"
#include "pinging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct xb_ping_times times[XB_PINGS_MAX];

static Xb__Pong answer(const Xb__Ping *ping)
{
    Xb__Pong pong = XB__PONG__INIT;
    pong.sequence = ping->sequence;
    pong.dom0_ns = ping->dom0_ns;
    pong.received_ns = 70;
    pong.sent_ns = 71;
    return pong;
}

static struct xb_pinging begin(uint64_t count, uint64_t until_ns)
{
    const struct xb_pings_order order = {count, until_ns, 1000};
    struct xb_pinging pinging;
    xb_pinging_begin(&pinging, &order, times);
    assert_true(pinging.on);
    assert_int_equal(pinging.ping.sequence, 0);
    assert_int_equal(pinging.ping.dom0_ns, 1000);
    return pinging;
}

static void each_pong_brings_the_next(void **state XB_UNUSED)
{
    struct xb_pinging pinging = begin(3, UINT64_MAX);
    for (uint32_t i = 0; i < 3; i++) {
        const Xb__Pong pong = answer(&pinging.ping);
        bool last = i == 2;
        pinging.sent_ns = 2000 + i;
        assert_int_equal(xb_pinging_took(&pinging, &pong, 3000 + i),
                         last ? XB_PINGING_DONE : XB_PINGING_SEND);
        assert_int_equal(pinging.on, !last);
        assert_int_equal(times[i].sent_ns, 2000 + i);
        assert_int_equal(times[i].taken_ns, 70);
        assert_int_equal(times[i].given_ns, 71);
        assert_int_equal(times[i].back_ns, 3000 + i);
    }
    assert_int_equal(pinging.count, 3);
}

static void a_late_pong_is_the_last(void **state XB_UNUSED)
{
    struct xb_pinging pinging = begin(3, 3000);
    Xb__Pong pong = answer(&pinging.ping);
    assert_int_equal(xb_pinging_took(&pinging, &pong, 2999), XB_PINGING_SEND);
    pong = answer(&pinging.ping);
    assert_int_equal(xb_pinging_took(&pinging, &pong, 3000), XB_PINGING_DONE);
    assert_int_equal(pinging.count, 2);
}

static void a_strange_pong_ends_it(void **state XB_UNUSED)
{
    for (int twice = 0; twice < 2; twice++) {
        struct xb_pinging pinging = begin(3, UINT64_MAX);
        Xb__Pong pong = answer(&pinging.ping);
        if (twice)
            assert_int_equal(xb_pinging_took(&pinging, &pong, 2000), XB_PINGING_SEND);
        else
            pong.dom0_ns++;
        assert_int_equal(xb_pinging_took(&pinging, &pong, 2001), XB_PINGING_STRANGE);
        assert_false(pinging.on);
        assert_int_equal(pinging.count, twice);
    }
}

/* A series of PINGs that take so long; returns how many it took. */
static uint32_t run(uint64_t (*wire_ns)(uint32_t i))
{
    struct xb_pinging pinging = begin(XB_PINGS_MAX, UINT64_MAX);
    Xb__Pong pong;
    do {
        pong = answer(&pinging.ping);
        pinging.sent_ns = 2000;
    } while (xb_pinging_took(&pinging, &pong, 2001 + wire_ns(pinging.count)) == XB_PINGING_SEND);
    return pinging.count;
}

static uint64_t the_same(uint32_t i XB_UNUSED)
{
    return 1000;
}

static uint64_t hardly_less(uint32_t i)
{
    return 1000 - i;
}

static uint64_t much_less_twice(uint32_t i)
{
    return i < 5 ? 1000 : i < 10 ? 900 : 800;
}

static uint64_t impossible(uint32_t i XB_UNUSED)
{
    return UINT64_MAX - 1000; /* back before it was sent */
}

static void it_ends_when_more_would_not_help(void **state XB_UNUSED)
{
    assert_int_equal(run(the_same), 1 + XB_PINGS_IN_VAIN);
    assert_int_equal(run(hardly_less), 1 + XB_PINGS_IN_VAIN);
    assert_int_equal(run(much_less_twice), 11 + XB_PINGS_IN_VAIN);
    assert_int_equal(run(impossible), 1 + XB_PINGS_IN_VAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pong_brings_the_next),
        cmocka_unit_test(it_ends_when_more_would_not_help),
        cmocka_unit_test(a_late_pong_is_the_last),
        cmocka_unit_test(a_strange_pong_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
