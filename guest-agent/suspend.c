/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "suspend.h"

#include "base.h"

/* Two clocks cannot be read at the same time: shorter jumps are no freeze. */
#define JUMP_MIN_NS ((int64_t)XB_NS_PER_MS)

static int64_t ahead_ns(clockid_t clock)
{
    return (int64_t)xb_clock_ns(clock) - (int64_t)xb_now_ns();
}

void xa_suspend_clock_set(struct xa_suspend_clock *clock)
{
    clock->boottime_ahead_ns = ahead_ns(CLOCK_BOOTTIME);
    clock->realtime_ahead_ns = ahead_ns(CLOCK_REALTIME);
}

uint64_t xa_suspend_clock_slept_ns(struct xa_suspend_clock *clock)
{
    int64_t boottime_ahead_ns = ahead_ns(CLOCK_BOOTTIME);
    int64_t jump = boottime_ahead_ns - clock->boottime_ahead_ns;
    if (jump < JUMP_MIN_NS)
        return 0;
    xa_suspend_clock_set(clock);
    return (uint64_t)jump;
}

uint64_t xa_suspend_clock_frozen_ns(struct xa_suspend_clock *clock)
{
    struct xa_suspend_clock before = *clock;
    xa_suspend_clock_set(clock);
    int64_t jump = clock->boottime_ahead_ns - before.boottime_ahead_ns;
    if (jump < JUMP_MIN_NS)
        jump = clock->realtime_ahead_ns - before.realtime_ahead_ns;
    return jump < JUMP_MIN_NS ? 0 : (uint64_t)jump;
}
