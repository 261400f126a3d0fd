/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reducing a trace to what vcpus did in a span of time: time per runstate, where each ran, how long
 * each waited. docs/trace.md explains the figures.
 */
#ifndef XB_TRACE_REDUCE_H
#define XB_TRACE_REDUCE_H

#include "trace_hist.h"
#include "trace_read.h"

#define XB_TRACE_VCPUS_MAX 4096

/* What else is known of a vcpu; used if it has no record in the whole trace. */
struct xb_trace_hint {
    uint16_t domid, vcpu;
    enum xb_runstate state;
    uint32_t pcpu; /* of XB_RUNNING */
};

/* A vcpu's time in one state, of a nanosecond at least; times are from the span's start. */
struct xb_trace_slice {
    uint64_t from_ns, to_ns;
    uint16_t domid, vcpu;
    uint32_t pcpu;          /* of XB_RUNNING */
    enum xb_runstate state; /* XB_RUNSTATES: not known */
};
/* Slices come in no particular order, except that those of one vcpu are in order. */
typedef void xb_trace_slice_fn(void *arg, const struct xb_trace_slice *slice);

struct xb_trace_span {
    double tsc_khz;            /* cycles of the time stamps per millisecond */
    uint64_t from_tsc, to_tsc; /* 0 and UINT64_MAX: from the first record to the last */
    const struct xb_trace_hint *hints;
    size_t hint_count;
    xb_trace_slice_fn *slice; /* called with every slice of the span; NULL: not called */
    void *slice_arg;
};

/* A part of the span: one of XB_TRACE_BINS, all equally long. */
#define XB_TRACE_BINS 120
struct xb_trace_bin {
    uint64_t run_ns;
    uint32_t pcpu;   /* the CPU with more than half of run_ns, if there is one */
    uint64_t weight; /* how long it ran there, less how long elsewhere */
};

struct xb_trace_vcpu {
    uint16_t domid, vcpu;
    uint64_t state_ns[XB_RUNSTATES];
    uint64_t unknown_ns;     /* records were lost, or contradict each other */
    uint64_t wakes;          /* it came to want a CPU */
    uint64_t preemptions;    /* it lost its CPU while it wanted to run */
    uint64_t moves;          /* it ran on another CPU than before */
    struct xb_hist *latency; /* from each wake until it ran; NULL: none */
    /* Each time as runnable, after a wake or a preemption; NULL: none. */
    struct xb_hist *wait;
    uint64_t *on_pcpu_ns;      /* running time by CPU, XB_CPUS_MAX entries; NULL: it did not run */
    struct xb_trace_bin *bins; /* NULL: it did not run, or the span was not given */
};

struct xb_trace_sum {
    uint64_t from_tsc, to_tsc, span_ns;
    uint32_t pcpu_count;         /* the largest number in the trace plus one */
    struct xb_trace_vcpu *vcpus; /* by domid and number; XB_DOMID_IDLE last */
    size_t vcpu_count;
    struct xb_trace_counts counts; /* of the whole trace */
    uint64_t contradictions;       /* records in which a vcpu leaves a state that it was not in */
};

/*
 * Reads the trace in a locked-down process of its own (apart.h). XB_E_INPUT if bytes are no trace,
 * or have more than XB_TRACE_VCPUS_MAX vcpus. A span beyond the trace is filled with the states at
 * its ends; the caller makes sure that the trace covers the span.
 */
int xb_trace_reduce(const void *bytes, size_t size, const struct xb_trace_span *span,
                    struct xb_trace_sum *out, struct xb_err *err);
/* The same in this process. */
int xb_trace_reduce_here(const void *bytes, size_t size, const struct xb_trace_span *span,
                         struct xb_trace_sum *out, struct xb_err *err);
void xb_trace_sum_free(struct xb_trace_sum *sum);

/* NULL if the trace has no such vcpu. */
const struct xb_trace_vcpu *xb_trace_find(const struct xb_trace_sum *sum, uint16_t domid,
                                          uint16_t vcpu);

#endif
