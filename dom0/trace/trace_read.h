/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads records of xentrace(8) in time order over all CPUs. Returns only what shows where vcpus
 * were: runstate changes, and gaps where Xen dropped records.
 */
#ifndef XB_TRACE_READ_H
#define XB_TRACE_READ_H

#include "cpus.h"
#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Xen's runstates (xen/include/public/vcpu.h). */
enum xb_runstate {
    XB_RUNNING = 0,  /* on a physical CPU */
    XB_RUNNABLE = 1, /* wants one and has none */
    XB_BLOCKED = 2,  /* wants none */
    XB_OFFLINE = 3,  /* paused, or taken down */
    XB_RUNSTATES
};

/* The domain that runs on idle CPUs; its vcpu n belongs to CPU n. */
#define XB_DOMID_IDLE 0x7fff

/* Begins a window: the records of one CPU. Two words follow: the CPU, and the records' bytes. */
#define XB_TRACE_WINDOW (TRC_TRACE_CPU_CHANGE | 2u << TRACE_EXTRA_SHIFT)

enum xb_trace_kind {
    XB_TRACE_CHANGE,     /* a vcpu went from `from` to `to` */
    XB_TRACE_CONTINUE,   /* the scheduler ran, and the vcpu keeps the CPU */
    XB_TRACE_LOSS_BEGIN, /* records of this CPU are missing from here ... */
    XB_TRACE_LOSS_END,   /* ... to here */
};

struct xb_trace_record {
    enum xb_trace_kind kind;
    uint64_t tsc;
    uint32_t pcpu; /* the record's; also the vcpu's when it enters or leaves XB_RUNNING */
    uint16_t domid, vcpu;
    enum xb_runstate from, to;
};

struct xb_trace_counts {
    uint64_t records; /* understood, of any kind */
    uint64_t lost;    /* records that Xen dropped */
    uint64_t gaps;    /* in how many places */
    /* Records older than the one before them on the same CPU; taken as simultaneous. */
    uint64_t backwards;
    uint64_t broken_bytes; /* that made no sense, including a cut end */
};

struct xb_trace;

/*
 * Read a trace from memory that stays valid. XB_E_INPUT if it does not start like a trace; later
 * nonsense is skipped and counted. The content is not trusted.
 */
int xb_trace_open(struct xb_trace **out, const void *bytes, size_t size, struct xb_err *err);
void xb_trace_close(struct xb_trace *trace); /* NULL is allowed */

/* The next record; false at the end. */
bool xb_trace_next(struct xb_trace *trace, struct xb_trace_record *out);

/* The counts so far; complete after xb_trace_next has returned false. */
const struct xb_trace_counts *xb_trace_counts(const struct xb_trace *trace);

#endif
