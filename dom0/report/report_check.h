/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks against the hypervisor: CPU time promised and received, settings in force, Dom0's own
 * state, wake-ups, counters, traces.
 */
#ifndef XB_REPORT_CHECK_H
#define XB_REPORT_CHECK_H

#include "report_doc.h"
#include "report_model.h"
#include "store_read_traces.h"
#include "trace_json.h"

/* One guest in one case. */
struct xb_check_group {
    struct xb_stats promised; /* CPUs */
    struct xb_stats claimed;  /* CPU time that the guest says its job used, divided by wall time */
    struct xb_stats steal;    /* steal time that the guest reports, likewise */
    char how[120];            /* what the promise follows from, or why there is none */
};

/* How long a domain's vcpus waited for a CPU. */
enum xb_wait_kind { XB_WAIT_WAKE = 0, XB_WAIT_ALL, XB_WAIT_KINDS };
extern const char *const xb_wait_kinds[]; /* the store's words: wake, all */
#define XB_WAIT_CLASSES 64
struct xb_check_waits {
    uint64_t count; /* in all cells, of all vcpus */
    double
        part_ns[XB_TRACE_PERCENTILES]; /* the worst vcpu's; medians over the cells; NaN: no wait */
    double most_ns;
    uint64_t classes[XB_WAIT_CLASSES]; /* waits of [2^k, 2^(k+1)) ns; below 1 ns: in the first */
};

/* One domain in one case, from traces; medians over the cells. */
struct xb_check_trace {
    char *domain;
    uint32_t case_no;
    double running, runnable; /* CPUs: of all vcpus together */
    struct xb_check_waits waits[XB_WAIT_KINDS];
    char where[160]; /* "1: 60 %, 2: 40 %" of its run time */
};

struct xb_check_counter {
    /* why: the first reason that the counter is absent; NULL if it counted */
    char *guest, *name, *why;
    uint32_t case_no;
    struct xb_stats value;
};

struct xb_checks {
    struct xb_check_group *groups; /* in the order of the model's groups */
    size_t readings, differing;    /* of settings */
    size_t probes, shorts;
    double worst_steal, worst_pressure; /* Dom0, parts of a window: all vcpus added up; any task */
    size_t agents;                      /* samples whose wake-ups are known */
    uint64_t most_agent, most_controller;
    size_t over; /* samples and cells beyond the budget */
    struct xb_traces_row traced;
    struct xb_check_trace *trace;
    size_t trace_count;
    struct xb_traced_place_row *places; /* by case, domain, vcpu and pcpu */
    size_t place_count;
    struct xb_traced_timeline_row *timelines; /* by case, domain and vcpu */
    size_t timeline_count;
    struct xb_check_counter *counters;
    size_t counter_count;
};

/*
 * Load model->checks, which needs the rest of the model, from cells that are done and not warm-ups.
 */
int xb_checks_load(struct xb_model *model, const struct xb_read *in);

/* Add to the report's section about trust: promises, settings, Dom0, wake-ups. */
void xb_checks_add(struct xb_doc *doc, const struct xb_model *model);
/* Add a section of details for the counters. */
void xb_check_counters_add(struct xb_doc *doc, const struct xb_model *m);

/* report_trace_load.c: the traces' figures; xb_checks_load calls it. */
int xb_check_traces_load(struct xb_checks *k, const struct xb_read *in);
/*
 * report_trace.c: a histogram as text. *first and *last are its outermost classes with waits;
 * *first > *last: it has none.
 */
#define XB_BARS_BYTES (XB_WAIT_CLASSES * 3 + 1)
void xb_report_bars(const uint64_t classes[XB_WAIT_CLASSES], char bars[XB_BARS_BYTES],
                    size_t *first, size_t *last);
/* Of the same case, domain and vcpu? */
bool xb_report_same_vcpu(const struct xb_traced_place_row *a, const struct xb_traced_place_row *b);
/* Add a section of details for the traces. */
void xb_check_traces_add(struct xb_doc *doc, const struct xb_model *m);

#endif
