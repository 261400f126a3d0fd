/* How long the domain was frozen: clocks that go on while it is, against the one that does not. */
#ifndef XB_SUSPEND_H
#define XB_SUSPEND_H

#include <stdint.h>

struct xb_suspend_clock {
    int64_t boottime_ahead_ns; /* of the monotonic clock */
    int64_t realtime_ahead_ns;
};

/* Note how the clocks stand to each other. */
void xb_suspend_clock_set(struct xb_suspend_clock *clock);
/*
 * After a restore: the time frozen since the latest call or set. The kernel moves the boottime
 * clock forward by what its wall clock tells; where it does not, the realtime clock's jump is
 * taken, which somebody who sets the clock meanwhile would spoil. 0 where neither moved.
 */
uint64_t xb_suspend_clock_frozen_ns(struct xb_suspend_clock *clock);

/*
 * The same when nothing is known to have happened: what the boottime clock alone says, for a
 * suspend that was cancelled, which no other sign tells of.
 */
uint64_t xb_suspend_clock_slept_ns(struct xb_suspend_clock *clock);

#endif
