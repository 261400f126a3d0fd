/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A series of PINGs: what is sent next, when the series is over, and what is no answer to it. */
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
    const struct xb_pings_order order = {.count = count, .until_ns = until_ns, .dom0_ns = 1000};
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
        assert_int_equal(pinging.count, 0);
    }
}

/* Run a series in which PING i takes wire_ns(i). Returns the number of PINGs sent. */
static uint32_t run(uint64_t enough_ns, uint64_t (*wire_ns)(uint32_t i))
{
    const struct xb_pings_order order = {32, enough_ns, UINT64_MAX, 1000};
    struct xb_pinging pinging;
    Xb__Pong pong;
    xb_pinging_begin(&pinging, &order, times);
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

static uint64_t short_at_the_20th(uint32_t i)
{
    return i == 19 ? 900 : 1000;
}

static uint64_t impossible(uint32_t i XB_UNUSED)
{
    return UINT64_MAX - 1000; /* back before it was sent */
}

static void it_ends_with_one_that_is_short_enough(void **state XB_UNUSED)
{
    assert_int_equal(run(0, the_same), 32); /* no earlier time of this guest is known */
    assert_int_equal(run(999, the_same), 32);
    assert_int_equal(run(1000, the_same), XB_PINGS_LEAST);
    assert_int_equal(run(900, short_at_the_20th), 20);
    assert_int_equal(run(1000, impossible), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pong_brings_the_next),
        cmocka_unit_test(it_ends_with_one_that_is_short_enough),
        cmocka_unit_test(a_late_pong_is_the_last),
        cmocka_unit_test(a_strange_pong_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
