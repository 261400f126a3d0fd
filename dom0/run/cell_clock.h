/*
 * The release error of one guest, out of the fits of its clock before the cell and after it.
 *
 * The instant of the release was told to the guest by the first fit, so what counts is how far that
 * fit was off when the release came, not at the cell's end. Clocks of Dom0 and guests drift apart all
 * the time, by some parts per million, because Dom0's monotonic clock is slewed by what keeps its time
 * and a guest's is not: over a job of minutes that is more than a release may be off, while from the
 * fit to the release only seconds passed. With the fits' errors e, e' and offsets o, o' at the times
 * t, t' of Dom0's clock, and x = (release - t) / (t' - t), a clock that goes evenly had at the release
 * the true offset that lies between its true offsets at t and t', so the first fit was off by at most
 *
 *     (1 - x) e + x (e' + |o' - o|)
 *
 * A clock that does not go evenly (xb_clock_is_even) may have jumped at any moment, before the release
 * too: then all of the disagreement counts, e + |o' - o|, as it does where the times are not known.
 */
#ifndef XB_CELL_CLOCK_H
#define XB_CELL_CLOCK_H

#include "agent.h"

uint64_t xb_clock_release_error(const struct xb_clock_fit *before, const struct xb_clock_fit *after,
                                uint64_t release_ns);

/*
 * Did the guest's clock gain or lose no more against Dom0's than 2 ms, a thousandth of the time
 * between the fits, and what the fits leave open? False where that time is not known.
 */
bool xb_clock_is_even(const struct xb_clock_fit *before, const struct xb_clock_fit *after);

#endif
