/*
 * A histogram of times whose classes grow with the times: 64 to each doubling, so that a
 * percentile read from it is off by less than 1 %. Least, most and sum are exact.
 */
#ifndef XB_TRACE_HIST_H
#define XB_TRACE_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_HIST_SUB_BITS 6
#define XB_HIST_TOP_BITS 44 /* the last class holds whatever is beyond 2^44 ns, near five hours */
#define XB_HIST_CLASSES ((size_t)(XB_HIST_TOP_BITS - XB_HIST_SUB_BITS + 1) << XB_HIST_SUB_BITS)

struct xb_hist {
    uint64_t count, min_ns, max_ns, sum_ns;
    uint32_t classes[XB_HIST_CLASSES];
};

void xb_hist_add(struct xb_hist *hist, uint64_t ns);
/* All of from into into. */
void xb_hist_merge(struct xb_hist *into, const struct xb_hist *from);

/*
 * The least class that has at least this part (0 to 1) of all values at or below it, its middle,
 * within min and max. 0 where there are no values.
 */
uint64_t xb_hist_quantile(const struct xb_hist *hist, double part);

/*
 * For people: how many values lie in [2^k, 2^(k+1)) ns, k from 0 (which also has the zeros) to
 * XB_HIST_TOP_BITS, the last with all that is beyond.
 */
#define XB_HIST_DOUBLINGS (XB_HIST_TOP_BITS + 1)
void xb_hist_doublings(const struct xb_hist *hist, uint64_t out[XB_HIST_DOUBLINGS]);

#endif
