/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A histogram of times with 64 classes per doubling, so that a percentile is off by less than 1 %.
 * Minimum, maximum and sum are exact.
 */
#ifndef XB_TRACE_HIST_H
#define XB_TRACE_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_HIST_SUB_BITS 6
#define XB_HIST_TOP_BITS 44 /* the last class holds everything beyond 2^44 ns, almost five hours */
#define XB_HIST_CLASSES ((size_t)(XB_HIST_TOP_BITS - XB_HIST_SUB_BITS + 1) << XB_HIST_SUB_BITS)

struct xb_hist {
    uint64_t count, min_ns, max_ns, sum_ns;
    uint32_t classes[XB_HIST_CLASSES];
};

void xb_hist_add(struct xb_hist *hist, uint64_t ns);

/*
 * The quantile (0 to 1): the middle, within min and max, of the first class that reaches it. 0 if
 * there are no values.
 */
uint64_t xb_hist_quantile(const struct xb_hist *hist, double part);

/*
 * For people: the number of values in [2^k, 2^(k+1)) ns, k from 0 (with the zeros) to
 * XB_HIST_TOP_BITS (with all that is beyond).
 */
#define XB_HIST_DOUBLINGS (XB_HIST_TOP_BITS + 1)
void xb_hist_doublings(const struct xb_hist *hist, uint64_t out[XB_HIST_DOUBLINGS]);

#endif
