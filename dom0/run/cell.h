/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One cell: all guests are armed, released at one instant and watched until the last result, and
 * their outcomes are stored.
 */
#ifndef XB_CELL_H
#define XB_CELL_H

#include "cell_probe.h"
#include "cell_state.h"
#include "cell_trace.h"
#include "run_state.h"

/* The run times of a domain's vcpus, read between these two times of Dom0's monotonic clock. */
struct xb_domain_times {
    uint64_t asked_ns, told_ns;
    size_t count;
    struct xb_vcpu_time vcpus[XB_CPUS_MAX];
};

enum xb_cell_stage {
    XB_STAGE_NONE = 0, /* nothing of this cell is in the guest */
    XB_STAGE_ARMED,
    XB_STAGE_RELEASED,
    XB_STAGE_ENDED, /* the outcome is committed; the guest still holds the job */
    XB_STAGE_LOST,  /* nothing will come from this guest any more */
};

struct xb_cell_guest {
    enum xb_cell_stage stage;
    uint32_t job_id;
    char token[XB_TOKEN_MAX + 1];
    bool collected;
    bool ended_unseen; /* before this controller started: Xen's count at the end is unknown */
    bool has_fit;
    struct xb_clock_fit fit;          /* before the release */
    struct xb_domain_times *start;    /* NULL: not known */
    uint32_t domid;                   /* where start is known */
    bool failed;                      /* its sample has no figure that counts */
    bool exec_failed;                 /* the guest cannot run its command at all */
    struct xb_sample_written written; /* what the sample says about its output */
    uint64_t late_ns;                 /* how long after the release instant RELEASE arrived */
    bool restored;                    /* while the job ran, so its clock stood still or jumped */
    bool rearming;                    /* background load, between its end and its next start */
    uint64_t storms_over;             /* storms that were over before the release (storm.h) */
    uint32_t restarts;                /* how often ended background load was started again */
    char said[160];                   /* about the sample, for the progress line */
};

struct xb_cell {
    struct xb_run *run;
    struct xb_cell_row row;
    struct xb_cell_key key;
    struct xb_cell_guest *guests;
    enum xb_cell_state state;
    enum xb_cell_outcome outcome;
    struct xb_cell_end end; /* from SHUT on */
    bool resumed;           /* the controller that released it died */
    struct xb_domain_times *dom0_start;
    struct xb_hoststeal steal_start;
    struct xb_cell_probe probe;
    struct xb_cell_trace trace;
    uint64_t began_ns;                       /* when its setup began */
    uint64_t window_start_ns, window_end_ns; /* after the last reading of each edge */
    uint64_t release_ns;                     /* Dom0's monotonic clock */
    uint64_t first_end_ns;                   /* 0: no job has ended */
    uint64_t wakeups;
    struct xb_err lost;  /* why the first lost guest was lost */
    struct xb_err after; /* why the hook `after` ends the run, once the cell is closed */
};

/* A warning about the cell, or about a guest in it. */
static inline struct xb_about xb_cell_about(const struct xb_cell *cell, const char *guest)
{
    return (struct xb_about){.case_no = cell->row.case_no, .cell = cell->row.cell, .guest = guest};
}

/* Does a job's token belong to this sample? Restarted background load appends "+N" to it. */
bool xb_cell_is_token_of(const char *token, const char *sample);

/* A guest's role in this cell: as its case plans, but idle if the guest is left out. */
enum xb_role xb_cell_role(const struct xb_cell *cell, size_t guest);
enum xb_role xb_cell_planned_role(const struct xb_cell *cell, size_t guest);
static inline bool xb_cell_is_busy(const struct xb_cell *cell, size_t guest)
{
    return xb_cell_role(cell, guest) != XB_ROLE_IDLE;
}

/* How many guests with this role have been released and have no outcome yet. */
size_t xb_cell_released(const struct xb_cell *cell, enum xb_role role);
/* Has every measured guest its outcome? */
bool xb_cell_window_is_over(const struct xb_cell *cell);

/*
 * Run the cell of row from its start. If it fails, no job of the cell is left in the guests; with
 * *closed the cell is complete all the same, and the run must end.
 */
int xb_cell_run(struct xb_run *run, const struct xb_cell_row *row, bool *closed,
                struct xb_err *err);

/* For cells that this process runs, and for one that it adopts (run_resume.c): */
void xb_cell_init(struct xb_cell *cell, struct xb_run *run, const struct xb_cell_row *row);
void xb_cell_free(struct xb_cell *cell);
/* Advance the cell to CLOSED; only to the release if its background load is missing. */
int xb_cell_go_on(struct xb_cell *cell, struct xb_err *err);
/*
 * If the cell was cut short, by err (NULL: to be repeated), remove its jobs from the guests, and
 * keep what the store has.
 */
void xb_cell_back_out(struct xb_cell *cell, const struct xb_err *err);
/* Run the hook `after` if the cell owes it. */
int xb_cell_hook_after(struct xb_cell *cell, struct xb_err *err);
/* Remove every job of this cell from the guests, running or not, as far as possible. */
void xb_cell_abandon(struct xb_cell *cell);

/*
 * cell_window.c: wait until nobody else talks to the guests (at most as long as for a boot), and
 * keep everybody else out until the window is closed. Closing it twice does no harm.
 */
int xb_cell_window_open(struct xb_cell *cell, struct xb_err *err);
void xb_cell_window_close(struct xb_cell *cell);

/* cell_job.c */
/* Store the samples that the cell is to have; those of guests that are left out are lost. */
int xb_cell_note_samples(struct xb_cell *cell, struct xb_err *err);
int xb_cell_arm(struct xb_cell *cell, struct xb_err *err);
int xb_cell_release(struct xb_cell *cell, struct xb_err *err);
/* Store the outcome of one guest's sample. result NULL: it is lost, for the reason `why`. */
int xb_cell_take_result(struct xb_cell *cell, size_t guest, const Xb__Result *result,
                        const char *why, struct xb_err *err);

/*
 * cell_background.c: release the background load and let it run for a while; keep it running; end
 * it, and so get its samples.
 */
int xb_cell_background_start(struct xb_cell *cell, struct xb_err *err);
/*
 * A guest's background load has ended. *again: it ended well while the window was not over, and is
 * being started again.
 */
int xb_cell_background_again(struct xb_cell *cell, size_t guest, const Xb__Result *result,
                             bool *again, struct xb_err *err);
int xb_cell_background_armed(struct xb_cell *cell, size_t guest, struct xb_err *err);
/*
 * The guest is connected again. It does not know its job because ARM was lost (unarmed), or its job
 * is in this phase (returned).
 */
int xb_cell_background_unarmed(struct xb_cell *cell, size_t guest, struct xb_err *err);
int xb_cell_background_returned(struct xb_cell *cell, size_t guest, int phase, struct xb_err *err);
int xb_cell_background_end(struct xb_cell *cell, struct xb_err *err);

/* Give up a guest whose job was released: its sample is lost, for the reason `why`. */
int xb_cell_lose(struct xb_cell *cell, size_t guest, const char *why, struct xb_err *err);
/* Tell a guest when to start. */
int xb_cell_send_release(struct xb_cell *cell, size_t guest, struct xb_err *err);

/* cell_wait.c: wait for all measured results. */
int xb_cell_wait(struct xb_cell *cell, struct xb_err *err);
/*
 * Handle messages until `over` is true after one of them (returns 0; NULL: never) or the deadline
 * has passed (XB_WAIT_DEADLINE).
 */
int xb_cell_watch(struct xb_cell *cell, uint64_t deadline_ns,
                  bool (*over)(const struct xb_cell *cell), struct xb_err *err);

/* cell_outcome.c: each warns about its finding and says whether the cell is repeated for it. */
/* The guest at which RELEASE arrived latest after the release instant. */
size_t xb_cell_latest(const struct xb_cell *cell);
int xb_cell_judge_release(struct xb_cell *cell, const struct xb_cell_end *end, struct xb_err *err);
/* Background load that failed before the window leaves the measured guests without a neighbour. */
int xb_cell_judge_load(struct xb_cell *cell, struct xb_err *err);
int xb_cell_judge_loss(struct xb_cell *cell, struct xb_err *err);
/* After the cell: can the run go on? */
int xb_cell_judge_run(const struct xb_cell *cell, struct xb_err *err);

/* cell_clock.c */
int xb_cell_fit(struct xb_cell *cell, struct xb_err *err);
/*
 * cell_judge.c: check a result against what Dom0 knows: times, CPU time, clocksource, wake-ups.
 * Warns.
 */
int xb_cell_judge_result(struct xb_cell *cell, const struct xb_sample_end *end, struct xb_err *err);
/* How late RELEASE reached a guest: its own account, limited to what is possible. */
uint64_t xb_cell_lateness(const struct xb_sample_end *end);
/* Check the controller's own wake-ups in the window against their budget. Warns. */
int xb_cell_judge_wakeups(struct xb_cell *cell, struct xb_err *err);
/* Warn of guests that woke Dom0 without a message (storm.h) in the window. */
int xb_cell_judge_storms(struct xb_cell *cell, struct xb_err *err);
/*
 * cell_clock.c: fit the clocks again. *error_ns is the greatest release error of a measured guest;
 * *has_error is false if a fit is missing.
 */
int xb_cell_fit_after(struct xb_cell *cell, bool *has_error, uint64_t *error_ns,
                      struct xb_err *err);

/*
 * cell_edges.c: settings in force, run times, the lab's steal, Dom0's state and Xen's trace at
 * both edges of the window.
 */
int xb_cell_edge_start(struct xb_cell *cell, struct xb_err *err);
int xb_cell_edge_first_end(struct xb_cell *cell, struct xb_err *err);
int xb_cell_edge_end(struct xb_cell *cell, struct xb_err *err);
/* The run time of all vcpus of the domain, as read at *told_ns. False if it is unknown. */
bool xb_cell_run_ns(const struct xb_cell *cell, size_t guest, uint64_t *out, uint64_t *told_ns);
/*
 * By how much two readings of the guest's run time (at the start and at told_ns) lie further apart
 * than the release and the edge.
 */
uint64_t xb_cell_slack_ns(const struct xb_cell *cell, size_t guest, uint64_t edge_ns,
                          uint64_t told_ns);

/* cell_collect.c: fetch the jobs' output, read their metrics, and let the guests forget them. */
int xb_cell_collect(struct xb_cell *cell, struct xb_err *err);

#endif
