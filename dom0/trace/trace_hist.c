/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_hist.h"

#define SUB ((uint64_t)1 << XB_HIST_SUB_BITS)

/* Below 2^6 each nanosecond is a class; above, the six bits after the first select the class. */
static size_t class_of(uint64_t ns)
{
    if (ns < SUB)
        return (size_t)ns;
    unsigned top = 63u - (unsigned)__builtin_clzll(ns);
    if (top >= XB_HIST_TOP_BITS)
        return XB_HIST_CLASSES - 1;
    unsigned shift = top - XB_HIST_SUB_BITS;
    return ((size_t)(shift + 1) << XB_HIST_SUB_BITS) + (size_t)((ns >> shift) & (SUB - 1));
}

static uint64_t class_begin(size_t class)
{
    if (class < SUB)
        return class;
    unsigned shift = (unsigned)(class >> XB_HIST_SUB_BITS) - 1;
    return (SUB + (class & (SUB - 1))) << shift;
}

static uint64_t class_middle(size_t class)
{
    return class + 1 < XB_HIST_CLASSES ? (class_begin(class) + class_begin(class + 1)) / 2
                                       : class_begin(class);
}

void xb_hist_add(struct xb_hist *hist, uint64_t ns)
{
    if (hist->count == 0 || ns < hist->min_ns)
        hist->min_ns = ns;
    if (ns > hist->max_ns)
        hist->max_ns = ns;
    hist->count++;
    hist->sum_ns += ns;
    hist->classes[class_of(ns)]++;
}

uint64_t xb_hist_quantile(const struct xb_hist *hist, double part)
{
    uint64_t seen = 0;
    if (hist->count == 0)
        return 0;
    for (size_t i = 0; i < XB_HIST_CLASSES; i++) {
        seen += hist->classes[i];
        if ((double)seen < part * (double)hist->count)
            continue;
        uint64_t middle = class_middle(i);
        return middle < hist->min_ns ? hist->min_ns : middle > hist->max_ns ? hist->max_ns : middle;
    }
    return hist->max_ns;
}

void xb_hist_doublings(const struct xb_hist *hist, uint64_t out[XB_HIST_DOUBLINGS])
{
    for (size_t k = 0; k < XB_HIST_DOUBLINGS; k++)
        out[k] = 0;
    for (size_t i = 0; i < XB_HIST_CLASSES; i++) {
        uint64_t begin = class_begin(i);
        unsigned k = begin < 2 ? 0 : 63u - (unsigned)__builtin_clzll(begin);
        out[k < XB_HIST_DOUBLINGS ? k : XB_HIST_DOUBLINGS - 1] += hist->classes[i];
    }
}
