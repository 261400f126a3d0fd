/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cells and samples in the store. A cell goes planned -> armed -> released -> ended -> done. Each
 * step is committed before the guests hear of it, so a dead controller's successor knows:
 *
 *   armed     jobs with these tokens may be armed in guests; none was released
 *   released  releases may have been sent
 *   ended     every sample has its outcome; outputs may still be in the guests
 *   done      the guests hold nothing of the cell
 *   discarded the cell does not count; another attempt follows
 */
#ifndef XB_STORE_CELL_H
#define XB_STORE_CELL_H

#include "agent.h"
#include "allocation.h"
#include "dist.h"
#include "store_run.h"

struct xb_cell_key {
    const char *run;
    uint32_t cell;
    uint32_t attempt;
};

struct xb_cell_row {
    uint32_t cell, attempt, case_no, repetition;
    bool warmup;
    char state[16];
};

/* Get the first cell that is not done. Returns 1, 0 if all cells are done, or -1. */
int xb_store_cell_next(struct xb_store *store, const char *run, struct xb_cell_row *out,
                       struct xb_err *err);
/* The number of cells of the run, and how many are done. */
int xb_store_cell_count(struct xb_store *store, const char *run, uint32_t *all, uint32_t *done,
                        struct xb_err *err);

/* Store the cell and its samples' tokens, before a guest hears of the cell. One transaction. */
struct xb_armed_sample {
    const char *guest;
    char token[XB_TOKEN_MAX + 1];
};
int xb_store_cell_armed(struct xb_store *store, struct xb_cell_key key,
                        const struct xb_armed_sample *samples, size_t count, struct xb_err *err);

/* Set the cell back to planned, as if it had never been armed. */
int xb_store_cell_reset(struct xb_store *store, struct xb_cell_key key, struct xb_err *err);

/* A guest's clock and Xen's counts just before the release. */
struct xb_sample_start {
    const char *guest;
    struct xb_clock_fit fit;
    bool has_run_ns;
    uint64_t run_ns; /* run time of all vcpus, by Xen's count */
    uint32_t vcpus;  /* online, where run_ns is known */
};
int xb_store_cell_released(struct xb_store *store, struct xb_cell_key key,
                           const struct xb_sample_start *starts, size_t count, struct xb_err *err);

/* A result as the guest sent it, and what Dom0 measured. */
struct xb_sample_end {
    const char *guest;
    const Xb__Result *result; /* NULL: lost, and detail says why */
    const char *detail;
    bool has_dom0_wall;
    uint64_t dom0_wall_ns;
    bool has_run_ns;
    uint64_t run_ns; /* run time of all vcpus now, by Xen's count */
    bool has_run_slack_ns;
    uint64_t run_slack_ns; /* run_ns covers this much more time than the job's window */
    uint64_t
        late_ns; /* delay from the instant to the release, which is no part of the dispatch delay */
};
/* Store one sample's outcome. If it has one already, that one stays, and 0 is returned. */
int xb_store_sample(struct xb_store *store, struct xb_cell_key key, const struct xb_sample_end *end,
                    struct xb_err *err);

/* The word for an outcome: "exited", "signaled", ... */
const char *xb_outcome_word(Xb__Outcome outcome);

struct xb_metric_value {
    const char *name, *unit, *better;
    double value;
};
struct xb_histogram_value {
    const char *name, *unit, *better;
    const struct xb_dist *hist;
};
/* Store a histogram of a sample. The caller has a transaction open. */
int xb_store_histogram(struct xb_store *store, struct xb_cell_key key, const char *guest,
                       const struct xb_histogram_value *histogram, struct xb_err *err);
/* Output and metrics of a sample. Once they are stored, the guest may forget the job. */
struct xb_sample_output {
    const char *guest;
    const void *out, *errors;
    size_t out_bytes, errors_bytes;
    const struct xb_metric_value *metrics;
    size_t metric_count;
    const struct xb_histogram_value *histograms;
    size_t histogram_count;
};
int xb_store_sample_output(struct xb_store *store, struct xb_cell_key key,
                           const struct xb_sample_output *output, struct xb_err *err);

/* The number of samples that count, and how many of them have the figure that counts. */
int xb_store_samples_good(struct xb_store *store, const char *run, uint64_t *all, uint64_t *good,
                          struct xb_err *err);

/* Store the clock fit that was made after the cell. */
int xb_store_sample_fit_after(struct xb_store *store, struct xb_cell_key key, const char *guest,
                              const struct xb_clock_fit *fit, struct xb_err *err);

/* How much a job wrote to stdout and stderr, and whether it ended well. */
struct xb_sample_written {
    uint64_t bytes[2];
    bool well;
    bool end_lost; /* later writes failed: the end of the output is lost */
};
struct xb_sample_written xb_sample_written(const Xb__Result *result);

/* For a resumed run: the state of each sample of the cell. *out is to free. */
struct xb_sample_state {
    char guest[XB_GUEST_NAME_MAX + 1];
    char token[XB_TOKEN_MAX + 1];
    bool has_outcome, lost, collected, has_fit; /* lost: the outcome is that none came */
    int64_t offset_ns;
    uint64_t fit_ns;
    struct xb_sample_written written;
};
int xb_store_samples(struct xb_store *store, struct xb_cell_key key, struct xb_sample_state **out,
                     size_t *count, struct xb_err *err);

int xb_store_cell_ended(struct xb_store *store, struct xb_cell_key key, struct xb_err *err);
struct xb_cell_end {
    bool resumed; /* no controller watched the whole window: the times are not known */
    uint64_t window_ns;
    uint64_t overlap_ns; /* 0: not known */
    uint64_t release_ns;
    bool has_error;
    uint64_t release_error_ns;
    uint64_t wakeups;
};
int xb_store_cell_measured(struct xb_store *store, struct xb_cell_key key,
                           const struct xb_cell_end *end, struct xb_err *err);
/* The time that the cell took, from setting up to just before it is done or discarded. */
int xb_store_cell_spent(struct xb_store *store, struct xb_cell_key key, uint64_t spent_ns,
                        struct xb_err *err);
int xb_store_cell_done(struct xb_store *store, struct xb_cell_key key, struct xb_err *err);
/* Discard the cell for the reason `why`, and plan its next attempt. One transaction. */
int xb_store_cell_discarded(struct xb_store *store, struct xb_cell_key key, const char *why,
                            struct xb_err *err);

/* slack_ns: run_ns covers this much more time than the overlap. */
int xb_store_overlap_run(struct xb_store *store, struct xb_cell_key key, const char *guest,
                         uint64_t run_ns, uint64_t slack_ns, struct xb_err *err);
/* The time between two readings of Xen's counts, and how long the readings took. */
struct xb_reading_span {
    uint64_t ns, error_ns;
};
int xb_store_vcpu_time(struct xb_store *store, struct xb_cell_key key, const char *domain,
                       uint32_t vcpu, uint64_t run_ns, uint32_t pcpu, struct xb_reading_span span,
                       struct xb_err *err);
/* settings: what was read, as JSON; differs: the first difference, NULL: as asked. */
int xb_store_settings(struct xb_store *store, struct xb_cell_key key, const char *domain,
                      bool at_end, const json_t *settings, const char *differs, struct xb_err *err);
int xb_store_host_steal(struct xb_store *store, struct xb_cell_key key, uint32_t pcpu,
                        uint64_t run_ns, uint64_t delay_ns, uint64_t span_ns, struct xb_err *err);

#endif
