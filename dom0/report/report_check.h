/*
 * What was checked against the hypervisor, as reports tell it: promised and got, settings in
 * force, Dom0's own state, wake-ups, counters, traces.
 */
#ifndef XB_REPORT_CHECK_H
#define XB_REPORT_CHECK_H

#include "report_doc.h"
#include "report_model.h"

/* One guest in one case. */
struct xb_check_group {
    struct xb_stats promised; /* CPUs */
    struct xb_stats claimed;  /* CPU time that the guest says its job used, by the wall time */
    struct xb_stats steal;    /* steal time by the guest's word, likewise */
    char how[120];            /* the promise follows from this, or why there is none */
};

/* One domain in one case, from traces; medians over the cells, but most_ns. */
struct xb_check_trace {
    char *domain;
    uint32_t case_no;
    double running, runnable; /* CPUs: of all vcpus together */
    double p50_ns, p99_ns, most_ns; /* from a wake to a CPU, of its worst vcpu; NaN: no wake */
    char where[160];          /* "1: 60 %, 2: 40 %" of its run time */
};

struct xb_check_counter {
    /* why: the first reason for which it is absent, NULL where it counted */
    char *guest, *name, *why;
    uint32_t case_no;
    struct xb_stats value;
};

struct xb_checks {
    struct xb_check_group *groups; /* as the model's */
    size_t readings, differing;    /* of settings */
    size_t probes, shorts;
    double worst_steal, worst_pressure; /* Dom0: parts of a window; of one vcpu, and of any task */
    size_t agents, controllers;    /* samples and cells whose wake-ups are known */
    uint64_t most_agent, most_controller;
    size_t over;                   /* samples and cells beyond the budget */
    size_t traces;
    uint64_t records, lost, contradictions, worst_count_ns, trace_wakeups;
    struct xb_check_trace *trace;
    size_t trace_count;
    struct xb_check_counter *counters;
    size_t counter_count;
};

/* From the store, for a model that is loaded otherwise; cells that are done and no warm-up. */
int xb_checks_load(struct xb_checks *out, const struct xb_model *model, struct xb_store *store,
                   struct xb_err *err);
void xb_checks_free(struct xb_checks *checks);

/* The report's section. */
void xb_checks_add(struct xb_doc *doc, const struct xb_model *model);

#endif
