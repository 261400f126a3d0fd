/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The release error of one guest, from the fits of its clock before and after the cell.
 *
 * The first fit turned the instant of the release into the guest's time, so its error at the
 * release counts, not at the cell's end. The clocks of Dom0 and guests drift apart by some parts
 * per million, because the time service slews Dom0's monotonic clock and not a guest's. During a
 * job of minutes that exceeds the allowed release error, but only seconds pass from the fit to the
 * release. The fits have errors e, e' and offsets o, o' at times t, t' of Dom0's clock; let x =
 * (release - t) / (t' - t). The true offset of an even clock at the release lies between those at t
 * and t', so the first fit was off by at most
 *
 *     (1 - x) e + x (e' + |o' - o|)
 *
 * An uneven clock (xb_clock_is_even) may have jumped at any moment, even before the release. Then
 * all of the disagreement counts: e + |o' - o|. The same holds if the times are unknown.
 */
#ifndef XB_CELL_CLOCK_H
#define XB_CELL_CLOCK_H

#include "agent.h"

uint64_t xb_clock_release_error(const struct xb_clock_fit *before, const struct xb_clock_fit *after,
                                uint64_t release_ns);

/*
 * Did the guest's clock gain or lose at most 2 ms against Dom0's, plus a thousandth of the time
 * between the fits, plus the fits' errors? False if that time is unknown.
 */
bool xb_clock_is_even(const struct xb_clock_fit *before, const struct xb_clock_fit *after);

#endif
