/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the domain was frozen: two clocks run on in a freeze, the monotonic clock stops. */
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
 * After a restore: the nanoseconds frozen since the last call or set, by the boottime clock or, if
 * that did not jump, by the realtime clock (wrong if it was set meanwhile). 0 if neither jumped.
 */
uint64_t xa_suspend_clock_frozen_ns(struct xa_suspend_clock *clock);

/*
 * The same without a known restore, from the boottime clock alone: finds a cancelled suspend, which
 * leaves no other sign.
 */
uint64_t xa_suspend_clock_slept_ns(struct xa_suspend_clock *clock);

#endif
