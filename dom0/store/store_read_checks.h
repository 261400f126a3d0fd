/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks against the hypervisor, from cells that are done and not warm-ups.
 */
#ifndef XB_STORE_READ_CHECKS_H
#define XB_STORE_READ_CHECKS_H

#include "store_read.h"

/* What a guest was promised in a cell, and what the guest reports. */
struct xb_promise_row {
    double cpus;    /* promised */
    char *how;      /* what the promise follows from, or why it is not known */
    double claimed; /* CPU time of the job divided by wall time */
    double steal;   /* divided by wall time; NaN where that is shorter than ticks_ns */
};
/* Samples that exited with status 0, and background load that the run ended. */
int xb_read_promises(const struct xb_read *in, size_t case_no, const char *guest, uint64_t ticks_ns,
                     struct xb_promise_row **rows, size_t *count);

struct xb_readings_row {
    uint64_t readings, differing; /* of settings */
};
int xb_read_readings(const struct xb_read *in, struct xb_readings_row *row);

/* Dom0 itself. worst_steal leaves out windows that are shorter than ticks_ns. */
struct xb_probes_row {
    uint64_t probes, shorts;
    double worst_steal, worst_pressure; /* parts of a window: all vcpus added up; any task */
};
int xb_read_probes(const struct xb_read *in, uint64_t ticks_ns, struct xb_probes_row *row);

/* The agents' wake-ups while their jobs ran. */
struct xb_wakeups_row {
    uint64_t samples, most;
    uint64_t over; /* samples with more than the budget */
};
int xb_read_agent_wakeups(const struct xb_read *in, uint32_t budget, struct xb_wakeups_row *row);

/* The controller's wake-ups in each cell, where they are known. */
struct xb_cell_wakeups_row {
    uint64_t wakeups;
    uint64_t jobs; /* samples of the cell */
};
int xb_read_controller_wakeups(const struct xb_read *in, struct xb_cell_wakeups_row **rows,
                               size_t *count);

/* In the order of case, guest, name and cell. */
struct xb_counter_row {
    uint32_t case_no;
    char *guest, *name;
    double value;
    char *why; /* why there is no value */
};
int xb_read_counters(const struct xb_read *in, struct xb_counter_row **rows, size_t *count);

#endif
