/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a run, which all of dom0/run/ shares; each subject's header has the functions.
 */
#ifndef XB_RUN_STATE_H
#define XB_RUN_STATE_H

#include "agent.h"
#include "experiment.h"
#include "host_facts.h"
#include "host_power.h"
#include "hoststeal.h"
#include "progress.h"
#include "run.h"
#include "run_workload.h"
#include "store_cell.h"

/* A job that an agent still remembers, so that the job's processes live on; job_id 0: none. */
struct xb_left {
    uint32_t job_id;
    Xb__JobPhase phase;
};

/* A workload's `prepare` in a guest, since the guest's start. */
struct xb_prepared {
    bool done;
    struct xb_left left;
};

struct xb_run_guest {
    const struct xb_exp_guest *exp;
    char *target; /* what xb_agent_new is given: the domain's name, or "unix:PATH" */
    bool is_domain;
    bool made;                     /* by this run: removed at its end */
    bool started;                  /* by this run: stopped at its end */
    struct xb_allocation baseline; /* before the first cell */
    uint32_t built_for;   /* the case whose build its domain has; XB_EXP_NO_CASE: as it was found */
    uint64_t built_nodes; /* its node affinity when this process built it; 0: not known */
    bool remade;          /* made again since its baseline was read */
    struct xb_prepared *prepared; /* by workload */
    struct xb_left each;          /* the job of `each` in the present cell */
    bool told_ends;               /* warned: its agent ends what `prepare` leaves running */
    bool unfit;      /* did not do what it was asked: started anew before the next cell */
    bool left_out;   /* lost too often: no cell waits for it any more */
    char why[256];   /* the reason why it is unfit or left out */
    uint32_t losses; /* in a row: cells that could not be run because it was lost */
};

/* The host before the first cell, and what must be restored. */
struct xb_run_host {
    int lock; /* of the host record; -1: none */
    struct xb_allocation dom0;
    struct xb_power power;
    struct xb_pool *pools;
    size_t pool_count;
    struct xb_exp_pool made_pools[XB_EXP_POOLS_MAX];
    size_t made_pool_count;
    bool pools_resized;  /* CPUs of the host's own pools were moved */
    uint32_t pools_case; /* whose cpupools are in force; XB_EXP_NO_CASE: the host's own */
};

/* The progress of the run. */
struct xb_run_tally {
    uint32_t cells, done;
    uint32_t done_here; /* by this process, since begun_ns: for the time left */
    uint64_t begun_ns;  /* of the first cell; 0: none has begun */
    uint32_t restarts;  /* of guests, for another build or after a loss */
    char failure[512];  /* the first sample that failed, in words */
};

struct xb_run {
    struct xb_app *app;
    const struct xb_run_options *options;
    struct xb_experiment *exp;
    struct xb_store *store;
    char id[XB_UUID_BYTES];
    char instead_of[XB_UUID_BYTES]; /* an unfinished run that this one abandons; "": none */
    char *overrides;       /* of a new run: the command line's settings, as the store keeps them */
    struct xb_shard shard; /* number 0: the run covers the whole experiment */
    uint64_t seed;         /* of the order of cells */
    bool resumed;
    bool traces;   /* Xen's trace is taken in each cell */
    bool measured; /* resumed, with cells that are done: the stored facts of the host stay */
    struct xb_host_facts found; /* of the host, as collected last */
    json_t *facts;              /* the same in words, as the store keeps them */

    struct xb_run_guest *guests; /* one for each guest of the experiment, as in `agents` */
    struct xb_agent **agents;
    size_t count;
    bool has_domains;         /* any guest is a domain: Xen runs, and settings are applied */
    struct xb_xen *xen;       /* where has_domains */
    struct xb_job_spec *jobs; /* as many as the experiment has workloads */

    struct xb_run_host host;
    struct xb_run_tally tally;
    uint64_t stopped_ns; /* when the user's request to stop was noticed; 0: not yet */
    int lock_fd, stop_fd, steal_fd;
    struct xb_progress_line progress;
};

/*
 * The number of an agent's guest, -1 if it has none; a guest's domain id, 0 if no agent is
 * connected.
 */
int xb_run_guest_of(const struct xb_run *run, const struct xb_agent *agent);
uint32_t xb_run_domid(const struct xb_run *run, size_t guest);

/* Does the guest have a domain that the run sets and reads? */
bool xb_run_has_domain(const struct xb_run *run, size_t guest);

/* A guest did not do what it was asked. Noted, unless the run is being stopped. */
void xb_run_unfit(struct xb_run *run, size_t guest, const struct xb_err *why);
/* Likewise for each guest whose request failed; asks is by guest. -1 with the first error. */
int xb_run_judge_asks(struct xb_run *run, const struct xb_ask *asks, struct xb_err *err);

/* The job of a guest in a case; NULL where the guest is idle, or left out of the run. */
const struct xb_job_spec *xb_run_job(const struct xb_run *run, uint32_t case_no, size_t guest);
/* The longest time that a measured job of the case may take. */
uint64_t xb_run_timeout_ns(const struct xb_run *run, uint32_t case_no);

/* Was the run asked to stop? If so, notes when that was first seen (stopped_ns), and fills err. */
bool xb_run_stopping(struct xb_run *run, struct xb_err *err);

/* Store a warning, and print it to stderr unless it is a note. */
int xb_run_warn(struct xb_run *run, struct xb_about about, enum xb_warning warning,
                struct xb_err *err, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
