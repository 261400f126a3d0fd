/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The format: xen/include/public/trace.h has the records, tools/xentrace/xentrace.c the file around
 * them. A file is a sequence of windows. Each holds one CPU's records since that CPU's last window,
 * and begins with a CPU_CHANGE record, which has the CPU and the number of bytes.
 */
#include "trace_read.h"

#include "alloc.h"
#include "base.h"

#include <string.h>
#include <xen/trace.h>

#define WINDOW_HEADER_BYTES 12
#define NO_WINDOW SIZE_MAX

/* A runstate change carries the old state and the new one in bits of its event number. */
#define CHANGE_BITS 0x0ff0u

struct window {
    const uint8_t *at;
    size_t bytes;
    size_t next; /* the next window of the same CPU */
};

/* The reading position in one CPU's records. */
struct cursor {
    size_t window; /* NO_WINDOW: at the end */
    size_t offset;
    uint64_t tsc; /* of the last record */
    bool in_gap;  /* a gap's start was returned, and its end follows */
    bool has_next;
    struct xb_trace_record next;
};

struct xb_trace {
    struct window *windows;
    size_t window_count;
    struct cursor cursors[XB_CPUS_MAX];
    size_t last_window[XB_CPUS_MAX];
    uint32_t cpus; /* the largest number seen plus one */
    struct xb_trace_counts counts;
};

static uint32_t word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t two_words(const uint8_t *at)
{
    return word(at) | (uint64_t)word(at + 4) << 32;
}

static void add_window(struct xb_trace *trace, uint32_t cpu, const uint8_t *at, size_t bytes)
{
    if ((trace->window_count & (trace->window_count - 1)) == 0) {
        size_t room = trace->window_count ? 2 * trace->window_count : 1;
        trace->windows = xb_reallocarray(trace->windows, room, sizeof(*trace->windows));
    }
    size_t i = trace->window_count++;
    trace->windows[i] = (struct window){.at = at, .bytes = bytes, .next = NO_WINDOW};
    if (trace->last_window[cpu] == NO_WINDOW)
        trace->cursors[cpu].window = i;
    else
        trace->windows[trace->last_window[cpu]].next = i;
    trace->last_window[cpu] = i;
    if (cpu >= trace->cpus)
        trace->cpus = cpu + 1;
}

static int find_windows(struct xb_trace *trace, const uint8_t *bytes, size_t size,
                        struct xb_err *err)
{
    size_t at = 0;
    while (size - at >= WINDOW_HEADER_BYTES && word(bytes + at) == XB_TRACE_WINDOW) {
        uint32_t cpu = word(bytes + at + 4);
        size_t length = word(bytes + at + 8), left = size - at - WINDOW_HEADER_BYTES;
        if (cpu >= XB_CPUS_MAX)
            break;
        size_t here = length < left ? length : left; /* a cut window is read to its end */
        add_window(trace, cpu, bytes + at + WINDOW_HEADER_BYTES, here);
        at += WINDOW_HEADER_BYTES + here;
    }
    trace->counts.broken_bytes += size - at;
    if (size > 0 && at == 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "this is not a trace of xentrace: it does not begin with a window of "
                       "one CPU's records");
    return 0;
}

/* Read the vcpu that a runstate record names. */
static void name_vcpu(const uint8_t *extra, struct xb_trace_record *out)
{
    uint32_t who = word(extra);
    out->vcpu = (uint16_t)who;
    out->domid = (uint16_t)(who >> 16);
}

/*
 * Xen reports a gap in the first record after it, with the time at which the gap started. A gap is
 * returned as two records.
 */
static void take_gap(struct xb_trace *trace, struct cursor *c, uint64_t before,
                     const uint8_t *extra)
{
    uint64_t first = two_words(extra + 8);
    trace->counts.lost += word(extra);
    trace->counts.gaps++;
    c->in_gap = true;
    c->has_next = true;
    c->next.kind = XB_TRACE_LOSS_BEGIN;
    c->next.tsc = first < before ? before : first > c->tsc ? c->tsc : first;
}

static void take_record(struct xb_trace *trace, struct cursor *c, uint32_t header,
                        const uint8_t *extra, uint64_t before)
{
    uint32_t event = TRC_HD_TO_EVENT(header), words = TRC_HD_EXTRA(header);
    if ((event & ~CHANGE_BITS) == TRC_SCHED_RUNSTATE_CHANGE && words >= 1) {
        c->next.kind = XB_TRACE_CHANGE;
        c->next.from = (enum xb_runstate)(event >> 8 & 3);
        c->next.to = (enum xb_runstate)(event >> 4 & 3);
    } else if (event == TRC_SCHED_CONTINUE_RUNNING && words >= 1) {
        c->next.kind = XB_TRACE_CONTINUE;
        c->next.from = c->next.to = XB_RUNNING;
    } else if (event == TRC_LOST_RECORDS && words >= 4) {
        take_gap(trace, c, before, extra);
        return;
    } else {
        return;
    }
    c->next.tsc = c->tsc;
    name_vcpu(extra, &c->next);
    c->has_next = true;
}

/* Read the next record of a window; false at the window's end. */
static bool step_window(struct xb_trace *trace, struct cursor *c, const struct window *w)
{
    size_t left = w->bytes - c->offset;
    if (left < 4) {
        trace->counts.broken_bytes += left;
        return false;
    }
    uint32_t header = word(w->at + c->offset);
    size_t stamp = header & TRC_HD_CYCLE_FLAG ? 8 : 0;
    size_t bytes = 4 + stamp + sizeof(uint32_t) * TRC_HD_EXTRA(header);
    if (bytes > left) {
        trace->counts.broken_bytes += left;
        return false;
    }
    const uint8_t *at = w->at + c->offset + 4;
    uint64_t before = c->tsc;
    c->offset += bytes;
    trace->counts.records++;
    if (stamp == 0)
        return true; /* padding: every record of interest has a time stamp */
    uint64_t tsc = two_words(at);
    if (tsc < c->tsc)
        trace->counts.backwards++;
    else
        c->tsc = tsc;
    take_record(trace, c, header, at + stamp, before);
    return true;
}

/* Load the CPU's next record, if there is one. */
static void advance(struct xb_trace *trace, struct cursor *c)
{
    if (c->in_gap) {
        c->in_gap = false;
        c->next.kind = XB_TRACE_LOSS_END;
        c->next.tsc = c->tsc;
        c->has_next = true;
        return;
    }
    c->has_next = false;
    while (!c->has_next && c->window != NO_WINDOW) {
        const struct window *w = &trace->windows[c->window];
        if (step_window(trace, c, w))
            continue;
        c->window = w->next;
        c->offset = 0;
    }
}

int xb_trace_open(struct xb_trace **out, const void *bytes, size_t size, struct xb_err *err)
{
    struct xb_trace *trace = xb_calloc(1, sizeof(*trace));
    for (uint32_t cpu = 0; cpu < XB_CPUS_MAX; cpu++) {
        trace->cursors[cpu].window = trace->last_window[cpu] = NO_WINDOW;
        trace->cursors[cpu].next.pcpu = cpu;
    }
    if (find_windows(trace, bytes, size, err) < 0) {
        xb_trace_close(trace);
        return -1;
    }
    for (uint32_t cpu = 0; cpu < trace->cpus; cpu++)
        advance(trace, &trace->cursors[cpu]);
    *out = trace;
    return 0;
}

void xb_trace_close(struct xb_trace *trace)
{
    if (!trace)
        return;
    free(trace->windows);
    free(trace);
}

bool xb_trace_next(struct xb_trace *trace, struct xb_trace_record *out)
{
    struct cursor *first = NULL;
    for (uint32_t cpu = 0; cpu < trace->cpus; cpu++) {
        struct cursor *c = &trace->cursors[cpu];
        if (c->has_next && (!first || c->next.tsc < first->next.tsc))
            first = c;
    }
    if (!first)
        return false;
    *out = first->next;
    advance(trace, first);
    return true;
}

const struct xb_trace_counts *xb_trace_counts(const struct xb_trace *trace)
{
    return &trace->counts;
}
