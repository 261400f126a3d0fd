/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a trace are refused or reduced, and each vcpu's times add up to the span.
 * For: dom0/trace/trace_read.c dom0/trace/trace_reduce.c dom0/trace/trace_hist.c dom0/trace/trace_json.c
 */
#include "trace_json.h"

#include "base.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void take_slice(void *arg, const struct xb_trace_slice *slice)
{
    if (slice->from_ns >= slice->to_ns || slice->state > XB_RUNSTATES || slice->pcpu >= XB_CPUS_MAX)
        abort();
    *(double *)arg += (double)(slice->to_ns - slice->from_ns);
}

/* All slices together are at most as long as all vcpus' spans, apart from rounding. */
static void check_slices(const struct xb_trace_sum *sum, double sliced)
{
    double all = (double)sum->span_ns * (double)sum->vcpu_count;
    if (sliced > all * (1 + 1e-9) + 8)
        abort();
}

static void check(const struct xb_trace_sum *sum)
{
    for (size_t i = 0; i < sum->vcpu_count; i++) {
        const struct xb_trace_vcpu *v = &sum->vcpus[i];
        /* Each part was rounded down separately. */
        double all = (double)v->unknown_ns, span = (double)sum->span_ns;
        for (size_t s = 0; s < XB_RUNSTATES; s++)
            all += (double)v->state_ns[s];
        if (all > span * (1 + 1e-9) + 8 || all < span * (1 - 1e-9) - 8)
            abort();
    }
}

static void reduce(const uint8_t *data, size_t bytes, const struct xb_trace_span *span)
{
    struct xb_trace_sum sum;
    struct xb_err err = {0};
    double sliced = 0;
    struct xb_trace_span telling = *span;
    telling.slice = take_slice;
    telling.slice_arg = &sliced;
    if (xb_trace_reduce_here(data, bytes, &telling, &sum, &err) < 0) {
        if (err.class != XB_E_INPUT)
            abort();
        return;
    }
    check(&sum);
    check_slices(&sum, sliced);
    json_t *json = xb_trace_sum_json(&sum);
    if (!json)
        abort();
    json_decref(json);
    xb_trace_sum_free(&sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const struct xb_trace_hint hint = {.domid = 3, .vcpu = 1, .state = XB_RUNNING, .pcpu = 2};
    const struct xb_trace_span whole = {.tsc_khz = 2.4e6, .to_tsc = UINT64_MAX};
    const struct xb_trace_span part = {
        .tsc_khz = 1e6, .from_tsc = 2000, .to_tsc = 7000, .hints = &hint, .hint_count = 1};
    reduce(data, bytes, &whole);
    reduce(data, bytes, &part);
    return 0;
}
