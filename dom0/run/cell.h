/*
 * One cell: all guests armed, released at one instant, watched until the last result, and written
 * down.
 */
#ifndef XB_CELL_H
#define XB_CELL_H

#include "cell_probe.h"
#include "cell_state.h"
#include "cell_trace.h"
#include "run_state.h"

/* The run time of a domain's vcpus, as Xen had it at some moment between these two of Dom0's monotonic clock. */
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
    bool ended_unseen; /* over before this controller came: Xen's count at its end is not known */
    bool has_fit;
    struct xb_clock_fit fit;          /* before the release */
    struct xb_domain_times *start;    /* NULL: not known */
    uint32_t domid;                   /* where start is known */
    bool failed;                      /* its sample is no measurement */
    bool exec_failed;                 /* its command cannot be run at all */
    struct xb_sample_written written; /* what the sample says of its output */
    uint64_t late_ns;                 /* its release reached it so long after the instant */
    bool restored;                    /* while the job ran: its clock stood still or jumped */
    bool rearming;                    /* background load, between its end and its next start */
    uint32_t restarts;                /* of background load that came to its end by itself */
    char said[160];                   /* of the sample, for the progress line */
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
    uint64_t began_ns;                       /* to be set up */
    uint64_t window_start_ns, window_end_ns; /* after the last reading of each edge */
    uint64_t release_ns;                     /* Dom0's monotonic clock */
    uint64_t first_end_ns;                   /* 0: none has ended */
    uint64_t wakeups;
    struct xb_err lost; /* why the first guest that was lost is lost */
};

/* A warning about the cell, or about a guest in it. */
static inline struct xb_about xb_cell_about(const struct xb_cell *cell, const char *guest)
{
    return (struct xb_about){.case_no = cell->row.case_no, .cell = cell->row.cell, .guest = guest};
}

/* Is a job's token that of a sample? Background load that was started once more has it and a number. */
bool xb_cell_is_token_of(const char *token, const char *sample);

/* What a guest does in this cell: as its case plans it, but idle where the guest is left out. */
enum xb_role xb_cell_role(const struct xb_cell *cell, size_t guest);
enum xb_role xb_cell_planned_role(const struct xb_cell *cell, size_t guest);
static inline bool xb_cell_is_busy(const struct xb_cell *cell, size_t guest)
{
    return xb_cell_role(cell, guest) != XB_ROLE_IDLE;
}

/* How many guests with this role have been released and have no outcome yet. */
size_t xb_cell_released(const struct xb_cell *cell, enum xb_role role);
/* Has the last measured guest's outcome come? */
bool xb_cell_window_is_over(const struct xb_cell *cell);

/*
 * Run the cell of row from its start. -1: as the run's end is told; nothing of the cell is left in
 * the guests.
 */
int xb_cell_run(struct xb_run *run, const struct xb_cell_row *row, struct xb_err *err);

/* For cells of this run and for one that is adopted: */
void xb_cell_init(struct xb_cell *cell, struct xb_run *run, const struct xb_cell_row *row);
void xb_cell_free(struct xb_cell *cell);
/* Take the cell on from its state, to CLOSED; or, where its load does not run, to before the release. */
int xb_cell_go_on(struct xb_cell *cell, struct xb_err *err);
/* Run `after`, where the cell owes it. */
int xb_cell_hook_after(struct xb_cell *cell, struct xb_err *err);
/* Take every job of this cell out of the guests, whatever it does. Does what it can. */
void xb_cell_abandon(struct xb_cell *cell);

/*
 * cell_window.c: wait until nobody else talks with the guests (at most as long as for a boot), and
 * let nobody in until the window is closed, which may have happened before.
 */
int xb_cell_window_open(struct xb_cell *cell, struct xb_err *err);
void xb_cell_window_close(struct xb_cell *cell);

/* cell_job.c */
int xb_cell_arm(struct xb_cell *cell, struct xb_err *err);
int xb_cell_release(struct xb_cell *cell, struct xb_err *err);
/* One guest's sample has its outcome (result NULL: lost, for this reason). */
int xb_cell_take_result(struct xb_cell *cell, size_t guest, const Xb__Result *result,
                        const char *why, struct xb_err *err);

/*
 * cell_background.c: release the background load and let it run for a while; keep it running; end
 * it, which makes its samples.
 */
int xb_cell_background_start(struct xb_cell *cell, struct xb_err *err);
/* It has come to its end before the window did: true where it is started once more. */
int xb_cell_background_again(struct xb_cell *cell, size_t guest, const Xb__Result *result,
                             bool *again, struct xb_err *err);
int xb_cell_background_armed(struct xb_cell *cell, size_t guest, struct xb_err *err);
/* Back after a lost connection: its job is not there, as ARM was lost; or it is, in this phase. */
int xb_cell_background_unarmed(struct xb_cell *cell, size_t guest, struct xb_err *err);
int xb_cell_background_returned(struct xb_cell *cell, size_t guest, int phase, struct xb_err *err);
int xb_cell_background_end(struct xb_cell *cell, struct xb_err *err);

/* A guest whose job was released is lost, for this reason. */
int xb_cell_lose(struct xb_cell *cell, size_t guest, const char *why, struct xb_err *err);
/* Tell a guest when to start. */
int xb_cell_send_release(struct xb_cell *cell, size_t guest, struct xb_err *err);

/* cell_wait.c: until all measured results have come; and the wait itself, for the background too */
int xb_cell_wait(struct xb_cell *cell, struct xb_err *err);
/* over (NULL: at the deadline alone) is asked after each message. */
int xb_cell_watch(struct xb_cell *cell, uint64_t deadline_ns,
                  bool (*over)(const struct xb_cell *cell), struct xb_err *err);

/* cell_outcome.c: each warns of what it finds, and says whether the cell is repeated for it. */
/* The guest that was told to start the longest after the instant. */
size_t xb_cell_latest(const struct xb_cell *cell);
int xb_cell_judge_release(struct xb_cell *cell, const struct xb_cell_end *end, struct xb_err *err);
/* Background load that has failed before the window leaves the victim without its neighbour. */
int xb_cell_judge_load(struct xb_cell *cell, struct xb_err *err);
int xb_cell_judge_loss(struct xb_cell *cell, struct xb_err *err);
/* After the cell: can the run go on? */
int xb_cell_judge_run(const struct xb_cell *cell, struct xb_err *err);

/* cell_clock.c */
int xb_cell_fit(struct xb_cell *cell, struct xb_err *err);
/*
 * What a result says, held against what Dom0 knows: times, CPU time, clocksource, wake-ups. Warns.
 */
int xb_cell_judge_result(struct xb_cell *cell, const struct xb_sample_end *end, struct xb_err *err);
/* How long after the instant the release reached a guest, as far as its word can be true. */
uint64_t xb_cell_lateness(const struct xb_sample_end *end);
/* The controller's own wake-ups in the window, held against their budget. Warns. */
int xb_cell_judge_wakeups(struct xb_cell *cell, struct xb_err *err);
/* Fit again; *has_error false where a fit is missing. */
int xb_cell_fit_after(struct xb_cell *cell, bool *has_error, uint64_t *error_ns,
                      struct xb_err *err);

/*
 * cell_edges.c: settings in force, run times, the lab's steal, Dom0's state and Xen's trace at
 * both edges of the window.
 */
int xb_cell_edge_start(struct xb_cell *cell, struct xb_err *err);
int xb_cell_edge_first_end(struct xb_cell *cell, struct xb_err *err);
int xb_cell_edge_end(struct xb_cell *cell, struct xb_err *err);
/* The whole domain's run time now. False where it is not to be had. */
bool xb_cell_run_ns(const struct xb_cell *cell, size_t guest, uint64_t *out, uint64_t *told_ns);
/*
 * How much more time than that from the release until the edge lies between the guest's reading at the start and one that
 * came at told_ns.
 */
uint64_t xb_cell_slack_ns(const struct xb_cell *cell, size_t guest, uint64_t edge_ns,
                          uint64_t told_ns);

/* cell_collect.c: fetch what jobs wrote, read their metrics, and let the guests forget. */
int xb_cell_collect(struct xb_cell *cell, struct xb_err *err);

#endif
