/*
 * Records as xentrace(8) writes them, in the order of their time over all physical CPUs. Only
 * what tells where vcpus were is given out: changes of runstate, and gaps where Xen had to drop
 * records.
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

/* what runs on a CPU on which nothing runs; its vcpu n is at home on CPU n */
#define XB_DOMID_IDLE 0x7fff

enum xb_trace_kind {
    XB_TRACE_CHANGE,     /* a vcpu went from `from` to `to` */
    XB_TRACE_CONTINUE,   /* the scheduler looked, and the vcpu runs on */
    XB_TRACE_LOSS_BEGIN, /* from here on records of this CPU are missing ... */
    XB_TRACE_LOSS_END,   /* ... to here */
};

struct xb_trace_record {
    enum xb_trace_kind kind;
    uint64_t tsc;
    uint32_t pcpu; /* that wrote it; where a vcpu runs that comes to or leaves XB_RUNNING */
    uint16_t domid, vcpu;
    enum xb_runstate from, to;
};

struct xb_trace_counts {
    uint64_t records; /* understood, of any kind */
    uint64_t lost;    /* that Xen says it had no room for */
    uint64_t gaps;    /* in how many places */
    /* older than the one before on the same CPU: taken as of the same time */
    uint64_t backwards;
    uint64_t broken_bytes; /* that made no sense, a cut end included */
};

struct xb_trace;

/*
 * Read a trace in memory, which must stay there. XB_E_INPUT where it does not begin as a trace
 * does; what makes no sense further on is skipped and counted. Nothing in it is trusted.
 */
int xb_trace_open(struct xb_trace **out, const void *bytes, size_t size, struct xb_err *err);
void xb_trace_close(struct xb_trace *trace); /* NULL is allowed */

/* The next record; false at the end. */
bool xb_trace_next(struct xb_trace *trace, struct xb_trace_record *out);

/* So far; complete once xb_trace_next has returned false. */
const struct xb_trace_counts *xb_trace_counts(const struct xb_trace *trace);

#endif
