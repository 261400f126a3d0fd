/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_reduce.h"

#include "alloc.h"
#include "base.h"

#include <string.h>

#define SLOTS ((size_t)2 * XB_TRACE_VCPUS_MAX) /* a power of two */

/* A vcpu while the trace is read; times are in cycles until the end. */
struct track {
    struct xb_trace_vcpu sum;
    enum xb_runstate state;
    uint32_t pcpu;
    bool certain;        /* it is known to be in `state` since `since` */
    bool has_run;        /* on pcpu, within the trace */
    uint64_t since;      /* time before this is accounted for */
    uint64_t wait_since; /* runnable since then; 0: not, or not known */
    bool woke;           /* the wait began with a wake */
};

struct reduction {
    const struct xb_trace_span *span;
    uint64_t from, to, last;
    struct track *tracks;
    size_t count, room;
    uint16_t slots[SLOTS]; /* index of a track plus one */
    uint32_t lossy;        /* CPUs in a gap now */
    bool ever_lossy;
    uint64_t contradictions;
    uint32_t pcpus;
    struct xb_err *err;
};

static uint64_t to_ns(const struct reduction *r, uint64_t cycles)
{
    return (uint64_t)((double)cycles * 1e6 / r->span->tsc_khz);
}

/*
 * The track of a vcpu, made at the vcpu's first record; NULL with err filled. Valid until the next
 * call.
 */
static struct track *track_of(struct reduction *r, uint16_t domid, uint16_t vcpu)
{
    size_t slot = (domid * 31u + vcpu) % SLOTS;
    for (; r->slots[slot]; slot = (slot + 1) % SLOTS) {
        struct track *t = &r->tracks[r->slots[slot] - 1];
        if (t->sum.domid == domid && t->sum.vcpu == vcpu)
            return t;
    }
    if (r->count == XB_TRACE_VCPUS_MAX) {
        xb_fail(r->err, XB_E_INPUT, 0, "the trace names more than %d vcpus", XB_TRACE_VCPUS_MAX);
        return NULL;
    }
    if (r->count == r->room) {
        size_t room = r->room ? 2 * r->room : 16;
        struct track *grown = xb_reallocarray(r->tracks, room, sizeof(*grown));
        r->tracks = grown;
        r->room = room;
    }
    struct track *t = &r->tracks[r->count++];
    *t = (struct track){.sum = {.domid = domid, .vcpu = vcpu}, .state = XB_RUNSTATES};
    r->slots[slot] = (uint16_t)r->count;
    return t;
}

static void add_running(struct track *t, uint64_t cycles)
{
    if (!t->sum.on_pcpu_ns)
        t->sum.on_pcpu_ns = xb_calloc(XB_CPUS_MAX, sizeof(*t->sum.on_pcpu_ns));
    t->sum.on_pcpu_ns[t->pcpu] += cycles;
}

/* Let the CPU with the majority of a part's time win (Boyer and Moore). */
static void add_to_bin(struct xb_trace_bin *bin, uint32_t pcpu, uint64_t cycles)
{
    bin->run_ns += cycles;
    if (bin->pcpu == pcpu || bin->weight == 0) {
        bin->pcpu = pcpu;
        bin->weight += cycles;
    } else if (bin->weight >= cycles) {
        bin->weight -= cycles;
    } else {
        bin->pcpu = pcpu;
        bin->weight = cycles - bin->weight;
    }
}

/* Where a part of the span begins; the last one ends with the span. */
static uint64_t bin_start(const struct reduction *r, size_t bin)
{
    return r->from + (uint64_t)((double)(r->to - r->from) * (double)bin / XB_TRACE_BINS);
}

/* Spread a time of running, which lies in the span, over the parts of the span. */
static void add_bins(const struct reduction *r, struct track *t, uint64_t from, uint64_t to)
{
    if (r->span->from_tsc == 0 || r->span->to_tsc == UINT64_MAX)
        return;
    if (!t->sum.bins)
        t->sum.bins = xb_calloc(XB_TRACE_BINS, sizeof(*t->sum.bins));
    size_t bin = (size_t)((double)(from - r->from) / (double)(r->to - r->from) * XB_TRACE_BINS);
    while (bin > 0 && bin_start(r, bin) > from)
        bin--;
    for (; bin < XB_TRACE_BINS && from < to; bin++) {
        uint64_t end = bin + 1 < XB_TRACE_BINS ? bin_start(r, bin + 1) : r->to;
        uint64_t until = to < end ? to : end;
        if (until <= from)
            continue;
        add_to_bin(&t->sum.bins[bin], t->pcpu, until - from);
        from = until;
    }
}

static void tell_slice(const struct reduction *r, const struct track *t, uint64_t from, uint64_t to)
{
    const struct xb_trace_slice slice = {
        .from_ns = to_ns(r, from - r->from),
        .to_ns = to_ns(r, to - r->from),
        .domid = t->sum.domid,
        .vcpu = t->sum.vcpu,
        .pcpu = t->pcpu,
        .state = t->certain ? t->state : XB_RUNSTATES,
    };
    if (r->span->slice && slice.from_ns < slice.to_ns)
        r->span->slice(r->span->slice_arg, &slice);
}

/* Account for the part of the time up to `upto` that lies in the span. */
static void settle(struct reduction *r, struct track *t, uint64_t upto)
{
    uint64_t from = t->since > r->from ? t->since : r->from, to = upto < r->to ? upto : r->to;
    if (upto > t->since)
        t->since = upto;
    if (to <= from)
        return;
    tell_slice(r, t, from, to);
    if (!t->certain) {
        t->sum.unknown_ns += to - from;
        return;
    }
    t->sum.state_ns[t->state] += to - from;
    if (t->state == XB_RUNNING) {
        add_running(t, to - from);
        add_bins(r, t, from, to);
    }
}

static bool in_span(const struct reduction *r, uint64_t tsc)
{
    return tsc >= r->from && tsc <= r->to;
}

static void note(struct reduction *r, struct xb_hist **hist, uint64_t cycles)
{
    if (!*hist)
        *hist = xb_calloc(1, sizeof(**hist));
    xb_hist_add(*hist, to_ns(r, cycles));
}

/*
 * A vcpu's first record shows the state before it; a later record must agree with the known state.
 */
static void agree(struct reduction *r, struct track *t, const struct xb_trace_record *rec)
{
    if (t->state == XB_RUNSTATES) {
        t->state = rec->from;
        t->pcpu = rec->pcpu;
        t->has_run = rec->from == XB_RUNNING;
        t->since = r->from;
        t->certain = !r->ever_lossy;
    } else if (t->certain &&
               (t->state != rec->from || (rec->from == XB_RUNNING && t->pcpu != rec->pcpu))) {
        t->certain = false;
        r->contradictions++;
    }
}

/* Follow a wait for a CPU: from a wake or a preemption until the vcpu runs. */
static void follow_wait(struct reduction *r, struct track *t, const struct xb_trace_record *rec)
{
    uint64_t since = t->wait_since;
    t->wait_since = 0;
    if (rec->to == XB_RUNNABLE) {
        t->woke = rec->from != XB_RUNNING;
        t->wait_since = r->lossy ? 0 : rec->tsc;
        if (in_span(r, rec->tsc)) {
            t->sum.wakes += t->woke;
            t->sum.preemptions += !t->woke;
        }
        return;
    }
    if (rec->to != XB_RUNNING || since == 0 || since < r->from || !in_span(r, rec->tsc))
        return;
    note(r, &t->sum.wait, rec->tsc - since);
    if (t->woke)
        note(r, &t->sum.latency, rec->tsc - since);
}

static void take_change(struct reduction *r, struct track *t, const struct xb_trace_record *rec)
{
    agree(r, t, rec);
    settle(r, t, rec->tsc);
    follow_wait(r, t, rec);
    t->state = rec->to;
    /*
     * A running vcpu's next record is on its own CPU. In any other state the next record may be on
     * any CPU, and so may be lost.
     */
    t->certain = rec->to == XB_RUNNING || r->lossy == 0;
    if (rec->to == XB_RUNNING) {
        t->sum.moves += t->has_run && t->pcpu != rec->pcpu && in_span(r, rec->tsc);
        t->has_run = true;
        t->pcpu = rec->pcpu;
    }
}

static void take_continue(struct reduction *r, struct track *t, const struct xb_trace_record *rec)
{
    agree(r, t, rec);
    if (t->certain)
        return;
    settle(r, t, rec->tsc);
    t->state = XB_RUNNING;
    t->pcpu = rec->pcpu;
    t->certain = t->has_run = true;
    t->wait_since = 0;
}

/* After a loss, only the states of vcpus that run on other CPUs are certain. */
static void take_loss(struct reduction *r, const struct xb_trace_record *rec)
{
    r->lossy++;
    r->ever_lossy = true;
    for (size_t i = 0; i < r->count; i++) {
        struct track *t = &r->tracks[i];
        settle(r, t, rec->tsc);
        if (t->state == XB_RUNNING && t->pcpu != rec->pcpu)
            continue;
        t->certain = false;
        t->wait_since = 0;
    }
}

static int take(struct reduction *r, const struct xb_trace_record *rec)
{
    r->last = rec->tsc;
    if (rec->pcpu >= r->pcpus)
        r->pcpus = rec->pcpu + 1;
    if (rec->kind == XB_TRACE_LOSS_BEGIN)
        take_loss(r, rec);
    if (rec->kind == XB_TRACE_LOSS_END)
        r->lossy--;
    if (rec->kind == XB_TRACE_LOSS_BEGIN || rec->kind == XB_TRACE_LOSS_END)
        return 0;
    struct track *t = track_of(r, rec->domid, rec->vcpu);
    if (!t)
        return -1;
    if (rec->kind == XB_TRACE_CHANGE)
        take_change(r, t, rec);
    else
        take_continue(r, t, rec);
    return 0;
}

/* A vcpu without records stayed in the state that its hint names. */
static int take_hints(struct reduction *r)
{
    for (size_t i = 0; i < r->span->hint_count; i++) {
        const struct xb_trace_hint *hint = &r->span->hints[i];
        struct track *t = track_of(r, hint->domid, hint->vcpu);
        if (!t)
            return -1;
        if (t->state != XB_RUNSTATES || hint->pcpu >= XB_CPUS_MAX)
            continue;
        t->state = hint->state;
        t->pcpu = hint->pcpu;
        t->since = r->from;
        t->certain = !r->ever_lossy;
        if (hint->state == XB_RUNNING && hint->pcpu >= r->pcpus)
            r->pcpus = hint->pcpu + 1;
    }
    return 0;
}

static int read_all(struct reduction *r, struct xb_trace *trace)
{
    struct xb_trace_record rec;
    bool first = true;
    while (xb_trace_next(trace, &rec)) {
        if (first && r->from == 0)
            r->from = rec.tsc;
        first = false;
        if (take(r, &rec) < 0)
            return -1;
    }
    if (r->to == UINT64_MAX)
        r->to = r->last > r->from ? r->last : r->from;
    if (take_hints(r) < 0)
        return -1;
    for (size_t i = 0; i < r->count; i++)
        settle(r, &r->tracks[i], r->to);
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct xb_trace_vcpu *x = a, *y = b;
    return x->domid != y->domid ? x->domid - y->domid : x->vcpu - y->vcpu;
}

/*
 * Convert cycles to nanoseconds, and move what a track owns to out.
 */
static void hand_over(struct reduction *r, struct xb_trace_sum *out)
{
    out->from_tsc = r->from;
    out->to_tsc = r->to;
    out->span_ns = r->to > r->from ? to_ns(r, r->to - r->from) : 0;
    out->pcpu_count = r->pcpus;
    out->contradictions = r->contradictions;
    out->vcpus = xb_calloc(r->count + 1, sizeof(*out->vcpus));
    for (size_t i = 0; i < r->count; i++) {
        struct xb_trace_vcpu *v = &out->vcpus[out->vcpu_count++];
        *v = r->tracks[i].sum;
        r->tracks[i].sum = (struct xb_trace_vcpu){0};
        for (size_t s = 0; s < XB_RUNSTATES; s++)
            v->state_ns[s] = to_ns(r, v->state_ns[s]);
        v->unknown_ns = to_ns(r, v->unknown_ns);
        for (uint32_t cpu = 0; v->on_pcpu_ns && cpu < XB_CPUS_MAX; cpu++)
            v->on_pcpu_ns[cpu] = to_ns(r, v->on_pcpu_ns[cpu]);
        for (size_t bin = 0; v->bins && bin < XB_TRACE_BINS; bin++)
            v->bins[bin].run_ns = to_ns(r, v->bins[bin].run_ns);
    }
    qsort(out->vcpus, out->vcpu_count, sizeof(*out->vcpus), compare);
}

static void free_vcpu(struct xb_trace_vcpu *v)
{
    free(v->latency);
    free(v->wait);
    free(v->on_pcpu_ns);
    free(v->bins);
}

int xb_trace_reduce_here(const void *bytes, size_t size, const struct xb_trace_span *span,
                         struct xb_trace_sum *out, struct xb_err *err)
{
    struct xb_trace *trace = NULL;
    *out = (struct xb_trace_sum){0};
    xb_auto_free struct reduction *r = xb_calloc(1, sizeof(*r));
    r->span = span;
    r->from = span->from_tsc;
    r->to = span->to_tsc;
    r->err = err;
    int status = xb_trace_open(&trace, bytes, size, err);
    if (status == 0)
        status = read_all(r, trace);
    if (status == 0) {
        hand_over(r, out);
        out->counts = *xb_trace_counts(trace);
    }
    for (size_t i = 0; i < r->count; i++)
        free_vcpu(&r->tracks[i].sum);
    free(r->tracks);
    xb_trace_close(trace);
    if (status < 0)
        xb_trace_sum_free(out);
    return status;
}

void xb_trace_sum_free(struct xb_trace_sum *sum)
{
    for (size_t i = 0; i < sum->vcpu_count; i++)
        free_vcpu(&sum->vcpus[i]);
    free(sum->vcpus);
    *sum = (struct xb_trace_sum){0};
}

const struct xb_trace_vcpu *xb_trace_find(const struct xb_trace_sum *sum, uint16_t domid,
                                          uint16_t vcpu)
{
    struct xb_trace_vcpu key = {.domid = domid, .vcpu = vcpu};
    return bsearch(&key, sum->vcpus, sum->vcpu_count, sizeof(key), compare);
}
