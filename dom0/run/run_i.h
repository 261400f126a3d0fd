/*
 * The inside of a run, shared by dom0/run*.c and dom0/cell*.c alone.
 */
#ifndef XB_RUN_I_H
#define XB_RUN_I_H

#include "agent.h"
#include "experiment.h"
#include "host_power.h"
#include "hoststeal.h"
#include "progress.h"
#include "run.h"
#include "run_workload.h"
#include "store_cell.h"

/* A job that an agent still remembers, and lets what it started live; 0: none. */
struct xb_left {
    uint32_t job_id;
    Xb__JobPhase phase;
};

/* What a workload's `prepare` has done in a guest since that was started. */
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
    bool remade;          /* it is another guest than the one whose baseline is known */
    struct xb_prepared *prepared; /* by workload */
    struct xb_left each;          /* of the cell that is set up or runs */
    bool told_ends;               /* warned: its agent ends what `prepare` leaves running */
};

struct xb_run {
    struct xb_app *app;
    const struct xb_run_options *options;
    struct xb_experiment *exp;
    struct xb_store *store;
    char id[XB_UUID_BYTES];
    char *overrides; /* of a new run: what the command line set, as the store keeps it */
    bool resumed;
    bool traces;   /* Xen's trace is taken in each cell */
    bool measured; /* it is resumed, and cells of it are done: their host's facts stay */
    json_t *facts; /* the host's, as they were collected last */

    struct xb_run_guest *guests; /* as many as the experiment has, as all arrays below */
    struct xb_agent **agents;
    size_t count;
    bool has_domains;   /* any guest is a domain: Xen is there, and settings are applied */
    struct xb_xen *xen; /* where has_domains */
    struct xb_allocation dom0_baseline;
    struct xb_power power_baseline;
    struct xb_pool *pool_baseline;
    size_t pool_count;
    struct xb_exp_pool made_pools[XB_EXP_POOLS_MAX];
    size_t made_pool_count;
    bool pools_resized; /* CPUs of pools that were there were moved */
    int host_lock;      /* of the host record, which is to be put back; -1: none */

    struct xb_job_spec *jobs; /* as many as the experiment has workloads */
    uint32_t pools_case;      /* whose cpupools are in force; XB_EXP_NO_CASE: the host's own */
    uint32_t restarts;        /* of guests, for another build or after a loss */
    int lock_fd, stop_fd, steal_fd;
    struct xb_progress_line progress;
    uint32_t cell_count, cells_done;
    uint32_t losses;   /* cells in a row that a lost guest kept from being run */
    char failure[512]; /* the first sample that failed, in words */
};

/* run_parts.c: what each guest does in each case; to free. */
struct xb_part *xb_run_parts(const struct xb_run *run);
/*
 * What counts in the whole run: the figure that all measured guests have in common, or else the
 * time, which each of them has.
 */
struct xb_part xb_run_common_part(const struct xb_run *run, const struct xb_part *parts);
/* The names of all workloads, as far as they fit. */
void xb_run_name_workloads(const struct xb_run *run, char *out, size_t bytes);

/* What guest g runs in a case; NULL where it is idle. */
const struct xb_job_spec *xb_run_job(const struct xb_run *run, uint32_t case_no, size_t guest);
/* The longest time that a measured job of the case may take. */
uint64_t xb_run_timeout_ns(const struct xb_run *run, uint32_t case_no);

/*
 * run_guests.c: have all guests running, built as the case asks where the run makes them, connected
 * and settled, and write down what they are.
 */
int xb_run_guests_up(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/* Connect to these guests (all of them: NULL) and wait until they have come to rest. */
int xb_run_guests_connect(struct xb_run *run, const bool *which, struct xb_err *err);
int xb_run_guests_start(struct xb_run *run, const char *const *names, size_t count,
                        struct xb_err *err);
/* Destroy the domains of guests that the run made: before their cpupools go. */
int xb_run_guests_destroy(struct xb_run *run, struct xb_err *err);

/*
 * run_rebuild.c: before a cell, have every guest as the case needs it: those that were made for the
 * run and must be built otherwise are built anew, those that were lost are started again (where the
 * experiment goes on after a loss), workloads are prepared where they have not been. Cpupools are
 * put in place on the way.
 */
int xb_run_guests_fit(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/*
 * Is a guest lost? Its agent is asked: of one that hangs, or whose domain died while nobody listened,
 * nothing else tells. Its session is given up then.
 */
bool xb_run_guest_lost(struct xb_run *run, size_t guest);
/* Make a guest for this case, from its image; and remove one, whatever it does. */
int xb_run_make_guest(struct xb_run *run, size_t guest, uint32_t case_no, struct xb_err *err);
int xb_run_remove_guest(struct xb_run *run, const char *name, struct xb_err *err);
/* Have one that the run made, and that does not run, as this case needs it: made again if need be. */
int xb_run_build_guest(struct xb_run *run, size_t guest, uint32_t case_no, struct xb_err *err);
/* Does this case need another guest, made again from an image? A run that is resumed says so if in doubt. */
bool xb_run_must_make(const struct xb_run *run, size_t guest, uint32_t case_no);
/* Write down what a guest is to be built with in this case. */
int xb_run_set_build(struct xb_run *run, size_t guest, uint32_t case_no, struct xb_err *err);
/*
 * Only reach those that run, for a cell that was in flight; those that cannot be reached are left
 * NULL.
 */
void xb_run_guests_reach(struct xb_run *run);
/*
 * Remove the guests of runs that are at their end in this store: the controller died after its last
 * sample, before it had cleared up. We hold the lock that it held.
 */
int xb_run_guests_sweep(struct xb_run *run, struct xb_err *err);
/* Disconnect; remove guests that were made for the run, stop those that were started for it. */
int xb_run_guests_down(struct xb_run *run, struct xb_err *err);
void xb_run_disconnect(struct xb_run *run);
int xb_run_guest_of(const struct xb_run *run, const struct xb_agent *agent); /* its number */
uint32_t xb_run_domid(const struct xb_run *run, size_t guest);

/*
 * run_facts.c: what guests and host are, into the store, with what speaks against measuring on
 * them.
 */
int xb_run_write_guest(struct xb_run *run, size_t guest, struct xb_err *err);
/* run_host.c: of a guest that has just been built: which nodes gave its memory? */
void xb_run_read_built(struct xb_run *run, size_t guest);
int xb_run_write_host(struct xb_run *run, struct xb_err *err);
/* Into run->facts: one, or all. */
int xb_run_fact(struct xb_run *run, const char *key, const char *value, struct xb_err *err);
int xb_run_collect_facts(struct xb_run *run, struct xb_err *err);
/*
 * run_same.c: a run is resumed: is it on the host, and with the options, that it was begun with?
 * XB_E_INPUT where what differs changes what is measured; what was found stands in run->traces and
 * run->measured.
 */
int xb_run_check_same(struct xb_run *run, struct xb_err *err);
/* Write run->facts down. Of a run that has measured the old ones stay, and a warning says what differs. */
int xb_run_keep_facts(struct xb_run *run, struct xb_err *err);
/* Warn where a guest's image, of this digest, is not the one that cells were measured with. */
int xb_run_check_image(struct xb_run *run, size_t guest, const char *image, const char *digest,
                       struct xb_err *err);
/* run_manifest.c: the machine in detail; and what image a guest was made from. */
int xb_run_write_manifest(struct xb_run *run, struct xb_err *err);
int xb_run_write_image(struct xb_run *run, size_t guest, struct xb_err *err);

/*
 * run_host.c: record the host, then the baseline of each guest; apply a case; put everything back.
 */
int xb_run_host_begin(struct xb_run *run, struct xb_err *err);
int xb_run_host_baseline(struct xb_run *run, struct xb_err *err);
/* Of a guest that the run made or started before it was cut off: as it was then. */
int xb_run_guest_baseline(struct xb_run *run, size_t guest, struct xb_err *err);
int xb_run_host_apply(struct xb_run *run, uint32_t case_no, struct xb_err *err);
int xb_run_host_end(struct xb_run *run, struct xb_err *err);
/* What a case asks of guest g (-1: Dom0), over its baseline; to free. */
int xb_run_wanted(const struct xb_run *run, uint32_t case_no, int guest, struct xb_allocation *out,
                  struct xb_err *err);
/* What a case asks of governor, turbo and C-states. */
struct xb_power_want xb_run_wanted_power(const struct xb_run *run, const struct xb_exp_case *c);
/*
 * run_pools.c: the cpupools of a case: those it needs are there, those it does not are as at the
 * baseline.
 */
int xb_run_pools_apply(struct xb_run *run, uint32_t case_no, struct xb_err *err);
/* Are the cpupools of the case those that are in force? */
bool xb_run_pools_are(const struct xb_run *run, uint32_t case_no);

/*
 * run_hooks.c: run the experiment's hook at this edge of a cell. 0 also where it failed and the
 * experiment goes on: *again then says that the cell is not to count.
 */
enum xb_hook { XB_HOOK_BEFORE, XB_HOOK_AFTER };
struct xb_cell_row;
int xb_run_hook(struct xb_run *run, enum xb_hook hook, const struct xb_cell_row *row, bool *again,
                struct xb_err *err);

/*
 * run_repeat.c: all cells that were planned are done: plan those that are still needed, and write
 * down why cases stop. *more false: none is needed.
 */
int xb_run_plan_more(struct xb_run *run, bool *more, struct xb_err *err);
/* Has the workload the metric that `until` names? */
int xb_run_check_until(const struct xb_run *run, struct xb_err *err);

/*
 * run_env.c: what a command of the experiment is told, as NAME=VALUE; to free. row NULL: it belongs
 * to no cell; guest -1: it runs in Dom0.
 */
int xb_run_env(const struct xb_run *run, const struct xb_cell_row *row, int guest,
               struct xb_texts *out, struct xb_err *err);

/*
 * run_left.c: end a job of this run, whatever it does, and all that it started. Does what it can.
 */
void xb_job_end(struct xb_run *run, size_t guest, uint32_t job_id, Xb__JobPhase phase);
/* End what `each` left running, when its cell is over. */
void xb_run_end_each(struct xb_run *run);
/* The same for `prepare` too, at the run's end. */
void xb_run_end_left(struct xb_run *run);

/* run_resume.c: deal with the cell that a dead controller left. */
int xb_run_adopt(struct xb_run *run, struct xb_err *err);

/* Has someone asked to stop? Fills err then. */
bool xb_run_stopping(const struct xb_run *run, struct xb_err *err);

/* Warn about the run, and say it on stderr. */
int xb_run_warn(struct xb_run *run, struct xb_about about, const char *code, struct xb_err *err,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
