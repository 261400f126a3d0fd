/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reduced trace, for programs and people. */
#ifndef XB_TRACE_JSON_H
#define XB_TRACE_JSON_H

#include "trace_reduce.h"

#include <jansson.h>
#include <stdio.h>

/* The reported percentiles, as fractions, and their names: p50 ... */
#define XB_TRACE_PERCENTILES 4
extern const double xb_trace_parts[XB_TRACE_PERCENTILES];
extern const char *const xb_trace_part_names[XB_TRACE_PERCENTILES];

/* NULL where memory ran out. */
json_t *xb_trace_sum_json(const struct xb_trace_sum *sum);

/* A table; with histogram, also the vcpus' waits in classes that double in width. */
void xb_trace_sum_text(const struct xb_trace_sum *sum, bool histogram, FILE *out);

/* "1.23 s", "12.3 ms", "456 us": three digits; below 1 us, whole nanoseconds. */
void xb_trace_format_ns(uint64_t ns, char *out, size_t bytes);

#endif
