/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the domain was frozen, from clocks that run on in a freeze and one that stops. */
#ifndef XA_SUSPEND_H
#define XA_SUSPEND_H

#include <stdint.h>

struct xa_suspend_clock {
    int64_t boottime_ahead_ns; /* of the monotonic clock */
    int64_t realtime_ahead_ns;
};

/* Note the current offsets of the clocks. */
void xa_suspend_clock_set(struct xa_suspend_clock *clock);
/*
 * After a restore: the time frozen since the last call or set. Uses the jump of the boottime clock,
 * or else of the realtime clock, which setting the clock meanwhile would spoil. 0 if neither moved.
 */
uint64_t xa_suspend_clock_frozen_ns(struct xa_suspend_clock *clock);

/*
 * The same without a known event, from the boottime clock alone: detects a cancelled suspend, which
 * leaves no other sign.
 */
uint64_t xa_suspend_clock_slept_ns(struct xa_suspend_clock *clock);

#endif
