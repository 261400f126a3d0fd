/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Xen's traces show, in cells that are done and not warm-ups.
 */
#ifndef XB_STORE_READ_TRACES_H
#define XB_STORE_READ_TRACES_H

#include "store_read.h"

/* All traces of a run together. */
struct xb_traces_row {
    uint64_t traces, records, lost, contradictions, worst_ns, wakeups;
};
int xb_read_traces(const struct xb_read *in, struct xb_traces_row *row);

/* A domain in a case's traces: guests in the experiment's order, then other domains. */
struct xb_traced_row {
    uint32_t case_no;
    char *domain;
};
int xb_read_traced(const struct xb_read *in, struct xb_traced_row **rows, size_t *count);

/* In one cell: the time of all vcpus of a domain, divided by the traced time. */
struct xb_traced_time_row {
    double running, runnable;
};
int xb_read_traced_times(const struct xb_read *in, const struct xb_traced_row *of,
                         struct xb_traced_time_row **rows, size_t *count);

/* Where a domain's vcpus ran in a case, in percent of their run time. */
struct xb_traced_cpu_row {
    uint32_t pcpu;
    double percent;
};
int xb_read_traced_cpus(const struct xb_read *in, const struct xb_traced_row *of,
                        struct xb_traced_cpu_row **rows, size_t *count);

/* In one cell: the waits of the vcpu that waited longest, and the number of all vcpus' waits. */
struct xb_traced_wait_row {
    double p50_ns, p90_ns, p99_ns, p999_ns, most_ns;
    uint64_t count;
};
/* kind: wake or all. */
int xb_read_traced_waits(const struct xb_read *in, const struct xb_traced_row *of, const char *kind,
                         struct xb_traced_wait_row **rows, size_t *count);

/* The number of waits of at least from_ns and less than twice that. */
struct xb_traced_class_row {
    uint64_t from_ns, count;
};
int xb_read_traced_classes(const struct xb_read *in, const struct xb_traced_row *of,
                           const char *kind, struct xb_traced_class_row **rows, size_t *count);

/*
 * Where one vcpu ran, as a part of the case's traced time. Xen's idle vcpus run on one CPU each:
 * they get a row for each CPU, with vcpu -1.
 */
struct xb_traced_place_row {
    uint32_t case_no;
    char *domain;
    int64_t vcpu;
    uint32_t pcpu;
    double part;
};
int xb_read_traced_places(const struct xb_read *in, struct xb_traced_place_row **rows,
                          size_t *count);

/* When a vcpu ran, in the first counted cell of each case that has a trace. */
struct xb_traced_timeline_row {
    uint32_t case_no;
    char *domain;
    int64_t vcpu;
    double span_s;
    char *timeline; /* store_schema_10.sql */
};
int xb_read_traced_timelines(const struct xb_read *in, struct xb_traced_timeline_row **rows,
                             size_t *count);

#endif
