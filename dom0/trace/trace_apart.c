/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reducing a trace in a locked-down process: guests decide what is in a trace, and a trace may be a
 * foreign file. Slices come back in batches, if the caller wants them; then the sums, as one record
 * for the whole and one for each vcpu.
 */
#include "alloc.h"
#include "apart.h"
#include "base.h"
#include "trace_reduce.h"

#include <string.h>

struct whole {
    uint64_t from_tsc, to_tsc, span_ns, contradictions, vcpu_count;
    uint32_t pcpu_count;
    struct xb_trace_counts counts;
};

struct one {
    struct xb_trace_vcpu vcpu; /* its pointers belong to the other process, and are not used */
    uint8_t has_latency, has_wait, has_pcpus, has_bins;
    struct xb_hist latency, wait;
    uint64_t on_pcpu_ns[XB_CPUS_MAX];
    struct xb_trace_bin bins[XB_TRACE_BINS];
};

#define BATCH 512

/* A batch that is not full is the last one. */
struct batch {
    uint32_t count;
    struct xb_trace_slice slices[BATCH];
};

struct reducing {
    const void *bytes;
    size_t size;
    const struct xb_trace_span *span;
    int fd; /* from here on, in the process: to send slices to the caller */
    int told;
    struct batch batch;
    struct xb_err *err;
};

static void tell_batch(struct reducing *r)
{
    if (r->told == 0)
        r->told = xb_apart_tell(r->fd, &r->batch, sizeof(r->batch), r->err);
    r->batch.count = 0;
}

static void tell_slice(void *arg, const struct xb_trace_slice *slice)
{
    struct reducing *r = arg;
    r->batch.slices[r->batch.count++] = *slice;
    if (r->batch.count == BATCH)
        tell_batch(r);
}

static int tell_vcpu(int fd, const struct xb_trace_vcpu *v, struct one *one, struct xb_err *err)
{
    memset(one, 0, sizeof(*one));
    one->vcpu = *v;
    one->has_latency = v->latency != NULL;
    one->has_wait = v->wait != NULL;
    one->has_pcpus = v->on_pcpu_ns != NULL;
    one->has_bins = v->bins != NULL;
    if (v->latency)
        one->latency = *v->latency;
    if (v->wait)
        one->wait = *v->wait;
    if (v->on_pcpu_ns)
        memcpy(one->on_pcpu_ns, v->on_pcpu_ns, sizeof(one->on_pcpu_ns));
    if (v->bins)
        memcpy(one->bins, v->bins, sizeof(one->bins));
    return xb_apart_tell(fd, one, sizeof(*one), err);
}

static int tell_sum(int fd, const struct xb_trace_sum *sum, struct xb_err *err)
{
    const struct whole whole = {sum->from_tsc,   sum->to_tsc,     sum->span_ns, sum->contradictions,
                                sum->vcpu_count, sum->pcpu_count, sum->counts};
    xb_auto_free struct one *one = xb_malloc(sizeof(*one));
    int r = xb_apart_tell(fd, &whole, sizeof(whole), err);
    for (size_t i = 0; r == 0 && i < sum->vcpu_count; i++)
        r = tell_vcpu(fd, &sum->vcpus[i], one, err);
    return r;
}

static int reduce_apart(void *arg, int fd, struct xb_err *err)
{
    struct reducing *r = arg;
    struct xb_trace_span span = *r->span;
    struct xb_trace_sum sum;
    r->fd = fd;
    r->err = err;
    span.slice = span.slice ? tell_slice : NULL;
    span.slice_arg = r;
    if (xb_trace_reduce_here(r->bytes, r->size, &span, &sum, err) < 0)
        return -1;
    if (span.slice)
        tell_batch(r);
    int told = r->told < 0 ? -1 : tell_sum(fd, &sum, err);
    xb_trace_sum_free(&sum);
    return told;
}

static int wrong_answer(struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0, "the process that read the trace gave a wrong answer");
}

/* Check the counts that arrays and loops depend on. */
static int check_whole(const struct whole *whole, struct xb_err *err)
{
    if (whole->vcpu_count <= XB_TRACE_VCPUS_MAX && whole->pcpu_count <= XB_CPUS_MAX)
        return 0;
    return wrong_answer(err);
}

static bool is_slice(const struct xb_trace_slice *slice)
{
    return slice->from_ns < slice->to_ns && (unsigned)slice->state <= XB_RUNSTATES &&
           slice->pcpu < XB_CPUS_MAX;
}

static int hear_slices(struct xb_apart *apart, const struct xb_trace_span *span, struct xb_err *err)
{
    xb_auto_free struct batch *batch = xb_malloc(sizeof(*batch));
    do {
        if (xb_apart_hear(apart, batch, sizeof(*batch), err) <= 0)
            return -1;
        for (uint32_t i = 0; i < batch->count; i++) {
            if (batch->count > BATCH || !is_slice(&batch->slices[i]))
                return wrong_answer(err);
            span->slice(span->slice_arg, &batch->slices[i]);
        }
    } while (batch->count == BATCH);
    return 0;
}

static void *copy_if(bool there, const void *from, size_t bytes)
{
    return there ? memcpy(xb_malloc(bytes), from, bytes) : NULL;
}

/* Its readers divide by the count, and look for quantiles among the classes. */
static bool is_hist(const struct xb_hist *hist)
{
    uint64_t count = 0;
    for (size_t i = 0; i < XB_HIST_CLASSES; i++)
        count += hist->classes[i];
    return count > 0 && hist->count == count && hist->min_ns <= hist->max_ns;
}

static int check_vcpu(const struct one *one, struct xb_err *err)
{
    if ((!one->has_latency || is_hist(&one->latency)) && (!one->has_wait || is_hist(&one->wait)))
        return 0;
    return wrong_answer(err);
}

static void take_vcpu(const struct one *one, struct xb_trace_vcpu *out)
{
    *out = one->vcpu;
    out->latency = copy_if(one->has_latency, &one->latency, sizeof(one->latency));
    out->wait = copy_if(one->has_wait, &one->wait, sizeof(one->wait));
    out->on_pcpu_ns = copy_if(one->has_pcpus, one->on_pcpu_ns, sizeof(one->on_pcpu_ns));
    out->bins = copy_if(one->has_bins, one->bins, sizeof(one->bins));
}

static int hear_sum(struct xb_apart *apart, struct xb_trace_sum *out, struct xb_err *err)
{
    struct whole whole;
    xb_auto_free struct one *one = xb_malloc(sizeof(*one));
    if (xb_apart_hear(apart, &whole, sizeof(whole), err) <= 0 || check_whole(&whole, err) < 0)
        return -1;
    *out = (struct xb_trace_sum){.from_tsc = whole.from_tsc,
                                 .to_tsc = whole.to_tsc,
                                 .span_ns = whole.span_ns,
                                 .pcpu_count = whole.pcpu_count,
                                 .counts = whole.counts,
                                 .contradictions = whole.contradictions};
    out->vcpus = xb_calloc(whole.vcpu_count + 1, sizeof(*out->vcpus));
    for (; out->vcpu_count < whole.vcpu_count; out->vcpu_count++) {
        if (xb_apart_hear(apart, one, sizeof(*one), err) <= 0 || check_vcpu(one, err) < 0)
            return -1;
        take_vcpu(one, &out->vcpus[out->vcpu_count]);
    }
    return xb_apart_hear(apart, NULL, 0, err);
}

int xb_trace_reduce(const void *bytes, size_t size, const struct xb_trace_span *span,
                    struct xb_trace_sum *out, struct xb_err *err)
{
    xb_auto_free struct reducing *r = xb_calloc(1, sizeof(*r));
    xb_auto_apart struct xb_apart apart = XB_APART_NONE;
    *out = (struct xb_trace_sum){0};
    r->bytes = bytes;
    r->size = size;
    r->span = span;
    if (xb_apart_start(&apart, reduce_apart, r, NULL, 0, err) < 0)
        return -1;
    int status = span->slice ? hear_slices(&apart, span, err) : 0;
    if (status == 0)
        status = hear_sum(&apart, out, err);
    if (status == 0)
        return 0;
    xb_trace_sum_free(out);
    return status > 0 || !err || err->class == XB_E_NONE
               ? xb_fail(err, XB_E_HOST, 0, "the process that read the trace said nothing")
               : -1;
}
