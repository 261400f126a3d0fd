/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run.h"

#include "alloc.h"
#include "base.h"
#include "cell.h"
#include "doubts_run.h"
#include "fault.h"
#include "interrupt.h"
#include "run_facts.h"
#include "run_guests.h"
#include "run_host.h"
#include "run_left.h"
#include "run_lock.h"
#include "run_parts.h"
#include "run_rebuild.h"
#include "run_repeat.h"
#include "run_resume.h"
#include "store_guest.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* The command line's settings as the store keeps them: a JSON list. */
static int list_overrides(struct xb_run *run, struct xb_err *err)
{
    json_t *list = xb_texts_to_json(run->options->source->sets);
    run->overrides = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return run->overrides ? 0 : xb_fail(err, XB_E_INPUT, 0, "an option --set is not UTF-8");
}

/* Read the experiment of a run in the store, as the run began. */
static int reopen(struct xb_run *run, const struct xb_run_source *source, struct xb_err *err)
{
    if (source->imported)
        return xb_fail(err, XB_E_INPUT, 0,
                       "run %.8s was imported from another store: it can be finished only "
                       "where it began",
                       run->id);
    const struct xb_exp_source from = {
        .path = source->file, .text = source->text, .sets = &source->sets};
    run->shard = source->shard;
    run->seed = source->seed;
    return xb_experiment_read(&run->exp, &from, err);
}

/* Read the experiment that the user gives, and choose the seed of a new run. */
static int open_given(struct xb_run *run, struct xb_err *err)
{
    const struct xb_run_options *o = run->options;
    if (list_overrides(run, err) < 0 || xb_experiment_read(&run->exp, o->source, err) < 0)
        return -1;
    run->shard = o->shard;
    run->seed = run->shard.number    ? xb_shard_seed(run->exp, o->source->sets)
                : run->exp->has_seed ? run->exp->seed
                                     : xb_clock_ns(CLOCK_REALTIME) % 1000000;
    return run->shard.number ? xb_shard_check(run->exp, &run->shard, err) : 0;
}

static int open_experiment(struct xb_run *run, struct xb_err *err)
{
    const struct xb_run_options *o = run->options;
    if (o->source)
        return open_given(run, err);
    struct xb_run_source source;
    if (xb_store_run_find(run->store, o->resume, true, run->id, err) < 0 ||
        xb_store_run_source(run->store, run->id, &source, err) < 0)
        return -1;
    run->resumed = true;
    int r = reopen(run, &source, err);
    xb_run_source_clear(&source);
    return r;
}

/* Is there an unfinished run of this exact experiment? */
static int look_for_unfinished(struct xb_run *run, struct xb_err *err)
{
    if (run->resumed)
        return 0;
    char id[XB_UUID_BYTES];
    int r =
        xb_store_run_unfinished(run->store, run->exp->text, run->overrides, &run->shard, id, err);
    if (r < 1)
        return r;
    memcpy(run->options->afresh ? run->instead_of : run->id, id, sizeof(run->id));
    if (run->options->afresh)
        return 0;
    run->resumed = true;
    run->seed = xb_store_run_seed(run->store, id);
    return 0;
}

static void lay_out_guests(struct xb_run *run)
{
    run->count = run->exp->guest_count;
    run->guests = xb_calloc(run->count, sizeof(*run->guests));
    run->agents = xb_calloc(run->count, sizeof(struct xb_agent *));
    run->host.dom0 = XB_ALLOCATION_KEEP;
    for (size_t g = 0; g < run->count; g++) {
        struct xb_run_guest *guest = &run->guests[g];
        guest->exp = &run->exp->guests[g];
        guest->baseline = XB_ALLOCATION_KEEP;
        guest->built_for = XB_EXP_NO_CASE;
        guest->prepared = xb_calloc(run->exp->workload_count, sizeof(*guest->prepared));
        guest->is_domain = !guest->exp->socket;
        run->has_domains = run->has_domains || guest->is_domain;
        guest->target = xb_asprintf("%s%s", guest->is_domain ? "" : XB_AGENT_UNIX,
                                    guest->is_domain ? guest->exp->name : guest->exp->socket);
    }
}

/* Read what the store knows of a resumed run's guests. */
static int recall_guests(struct xb_run *run, struct xb_err *err)
{
    for (size_t g = 0; g < run->count; g++) {
        struct xb_guest_owned owned;
        if (xb_store_guest_owned(run->store, run->id, run->guests[g].exp->name, &owned, err) < 0)
            return -1;
        run->guests[g].made = owned.made;
        run->guests[g].started = owned.started;
    }
    return 0;
}

static int begin_new(struct xb_run *run, struct xb_err *err)
{
    xb_auto_free struct xb_plan_cell *cells = NULL;
    xb_auto_free struct xb_part *parts = xb_run_parts(run);
    size_t count;
    struct xb_part common = xb_run_common_part(run, parts);
    char workloads[4 * XB_EXP_NAME_MAX];
    xb_run_name_workloads(run, workloads, sizeof(workloads));
    struct xb_run_head head = {
        .exp = run->exp,
        .id = run->id,
        .parts = parts,
        .workload = workloads,
        .metric = common.metric,
        .unit = common.unit,
        .better = common.better,
        .seed = run->seed,
        .overrides = run->overrides,
        .trace = run->exp->trace || run->options->trace,
        .shard = run->shard,
    };
    run->traces = head.trace;
    if (xb_uuid_new(run->id, err) < 0)
        return -1;
    xb_shard_cells(run->exp, run->seed, &run->shard, &cells, &count);
    /* With `until`, each round is planned once the cases in it are known. */
    if (xb_store_run_begin(run->store, &head, cells, run->exp->until.line ? 0 : count, err) < 0)
        return -1;
    return run->instead_of[0] ? xb_store_run_ended(run->store, run->instead_of, "abandoned", err)
                              : 0;
}

static void say_begin(struct xb_run *run)
{
    char cells[64], shard[64] = "";
    if (run->shard.number)
        snprintf(shard, sizeof(shard), ", shard %u of %u by %s", run->shard.number,
                 run->shard.count, xb_shard_words[run->shard.by]);
    if (run->exp->until.line)
        snprintf(cells, sizeof(cells), "at most %u repetitions", run->exp->until.max);
    else
        snprintf(cells, sizeof(cells), "%u cells", run->tally.cells);
    if (run->resumed)
        xb_progress_done(&run->progress, "run %.8s of `%s`%s continues: %u of %s are done", run->id,
                         run->exp->name, shard, run->tally.done,
                         run->exp->until.line ? "the cells that are needed" : cells);
    else
        xb_progress_done(&run->progress, "run %.8s of `%s`%s: %zu case%s, %zu guest%s, %s", run->id,
                         run->exp->name, shard, run->exp->case_count,
                         xb_plural(run->exp->case_count), run->count, xb_plural(run->count), cells);
}

static int begin(struct xb_run *run, struct xb_err *err)
{
    if (run->resumed
            ? recall_guests(run, err) < 0 || xb_store_run_resumed(run->store, run->id, err) < 0
            : begin_new(run, err) < 0)
        return -1;
    if (xb_run_lock_name(run->lock_fd, run->id, run->exp->name, err) < 0 ||
        xb_store_cell_count(run->store, run->id, &run->tally.cells, &run->tally.done, err) < 0)
        return -1;
    say_begin(run);
    return 0;
}

/* A guest without an agent that nothing is said of was only started beside a guest that failed. */
static bool is_to_blame(const struct xb_run *run, size_t g)
{
    return run->guests[g].unfit || run->agents[g];
}

/*
 * Count a loss for each of these guests that is to blame. A guest that is lost too often is left
 * out if the others' samples count without it; false if they do not, or if no guest is to blame.
 */
static bool count_losses(struct xb_run *run, const bool *lost, const char *cause)
{
    int policy = run->exp->on_guest_failure;
    struct xb_err why = {0};
    bool any = false;
    for (size_t g = 0; g < run->count; g++) {
        struct xb_run_guest *guest = &run->guests[g];
        bool blamed = lost[g] && is_to_blame(run, g);
        any = any || blamed;
        if (blamed && !guest->unfit)
            snprintf(guest->why, sizeof(guest->why), "%.255s", cause);
        if (!blamed || ++guest->losses < run->exp->max_attempts)
            continue;
        if (policy != XB_POLICY_KEEP && policy != XB_POLICY_MARK)
            return false;
        if (xb_run_leave_out(run, g, &why) < 0) {
            xb_progress_done(&run->progress, "warning: %s", why.msg);
            return false;
        }
    }
    return any;
}

/*
 * A cell could not be run. If a guest was lost and the experiment continues after a loss, the cell
 * is repeated with the guest started anew, or without it in the end.
 */
static bool goes_on(struct xb_run *run, struct xb_err *err)
{
    xb_auto_free bool *lost = xb_calloc(run->count, sizeof(*lost));
    struct xb_err none = {0};
    if (run->exp->on_guest_failure == XB_POLICY_STOP || err->class != XB_E_BENCH ||
        xb_run_stopping(run, &none))
        return false;
    if (xb_run_find_lost(run, lost) == 0 || xb_run_stopping(run, &none))
        return false;
    xb_progress_done(&run->progress, "warning: %s", err->msg);
    if (!count_losses(run, lost, err->msg))
        return false;
    xb_err_clear(err);
    return true;
}

static int bring_up(struct xb_run *run, uint32_t case_no, struct xb_err *err)
{
    while (xb_run_guests_up(run, case_no, err) < 0)
        if (!goes_on(run, err) || xb_run_end_lost(run, err) < 0)
            return -1;
    return 0;
}

static int run_cells(struct xb_run *run, struct xb_err *err)
{
    struct xb_cell_row row;
    bool more = true;
    while (more) {
        int r;
        while ((r = xb_store_cell_next(run->store, run->id, &row, err)) > 0) {
            bool closed = false;
            if (xb_run_stopping(run, err) ||
                (xb_cell_run(run, &row, &closed, err) < 0 && (closed || !goes_on(run, err))))
                return -1;
        }
        if (r < 0 || xb_run_plan_more(run, &more, err) < 0)
            return -1;
    }
    return 0;
}

/* The case of the next cell; the first case where the store has no cell left. */
static uint32_t next_case(struct xb_run *run)
{
    struct xb_cell_row row;
    return xb_store_cell_next(run->store, run->id, &row, NULL) > 0 ? row.case_no : 0;
}

/*
 * Guests of a dead controller in its cpupools, or with Dom0's memory, would keep the host from
 * being restored, so destroy them; they are built anew later.
 */
static int clear_the_way(struct xb_run *run, struct xb_err *err)
{
    if (xb_run_guests_sweep(run, err) < 0 || (run->resumed && xb_run_adopt(run, err) < 0))
        return -1;
    return run->resumed && xb_run_guests_hold_host(run) ? xb_run_guests_destroy(run, err) : 0;
}

static int work(struct xb_run *run, struct xb_err *err)
{
    if (clear_the_way(run, err) < 0 || xb_run_host_begin(run, err) < 0)
        return -1;
    uint32_t first = next_case(run);
    if ((run->has_domains && xb_run_pools_apply(run, first, err) < 0) ||
        bring_up(run, first, err) < 0 || xb_run_host_baseline(run, err) < 0 ||
        xb_run_write_host(run, err) < 0)
        return -1;
    /* Guests that are lost in `prepare` are started anew, and prepared, before the first cell. */
    if (xb_doubts_write(run, err) < 0 ||
        (xb_job_prepare(run, XB_EXP_NO_CASE, err) < 0 && !goes_on(run, err)) ||
        run_cells(run, err) < 0)
        return -1;
    return xb_store_run_ended(run->store, run->id, "finished", err);
}

/* From here on a signal is the second. Guests have what is left of their time since the first. */
static void take_signal(struct xb_run *run)
{
    struct xb_err stopped = {0};
    xb_run_stopping(run, &stopped);
    if (xb_interrupt_take(run->stop_fd) == 0)
        return;
    xb_progress_done(&run->progress,
                     "stopping: a second Ctrl-C leaves the rest to `xenbench clean`");
}

/* Restore what was changed; err keeps the first error. */
static int clean_up(struct xb_run *run, struct xb_err *err)
{
    struct xb_err host = {0}, guests = {0};
    int r = 0;
    xb_fault("run-ending");
    xb_run_end_left(run);
    if (xb_run_guests_hold_host(run))
        xb_run_guests_destroy(run, &guests);
    if (xb_run_host_end(run, &host) < 0)
        r = xb_fail(err, host.class, 0, "%s", host.msg);
    if (host.class && strcmp(err->msg, host.msg) != 0)
        xb_progress_done(&run->progress, "warning: %s", host.msg);
    if (xb_run_guests_down(run, &guests) < 0)
        r = xb_fail(err, guests.class, 0, "%s", guests.msg);
    if (guests.class && strcmp(err->msg, guests.msg) != 0)
        xb_progress_done(&run->progress, "warning: %s", guests.msg);
    return r;
}

/* Say how to continue a run that stopped early. */
static int say_how_to_go_on(struct xb_run *run, struct xb_err *err)
{
    if (run->options->passing)
        return -1;
    uint32_t all = 0, done = 0;
    struct xb_err ignored = {0};
    char why[512];
    xb_store_run_ended(run->store, run->id, "unfinished", &ignored);
    xb_store_cell_count(run->store, run->id, &all, &done, &ignored);
    snprintf(why, sizeof(why), "%.500s", err->msg);
    enum xb_err_class class = err->class;
    xb_err_clear(err);
    return xb_fail(err, class, 0,
                   "%s (%u of %u"
                   " cells are kept; `xenbench run --resume %.8s` continues)",
                   why, done, all, run->id);
}

/* Does every sample that counts have its figure? */
static int check_samples(struct xb_run *run, struct xb_err *err)
{
    uint64_t all, good;
    if (xb_store_samples_good(run->store, run->id, &all, &good, err) < 0)
        return -1;
    if (all == good)
        return 0;
    return xb_fail(err, XB_E_BENCH, 0, "%" PRIu64 " of %" PRIu64 " samples failed%s%s", all - good,
                   all, run->tally.failure[0] ? "; the first: " : "", run->tally.failure);
}

static int report(struct xb_run *run, struct xb_err *err)
{
    xb_progress_end(&run->progress);
    xb_fault("run-reporting");
    int told = run->options->report
                   ? run->options->report(run->options->report_arg, run->store, run->id, err)
                   : 0;
    return check_samples(run, err) < 0 || told < 0 ? -1 : 0;
}

static int carry_out(struct xb_run *run, struct xb_err *err)
{
    if (begin(run, err) < 0)
        return -1;
    run->steal_fd = xb_hoststeal_open(NULL);
    int r = work(run, err);
    take_signal(run);
    if (clean_up(run, err) < 0)
        r = -1;
    if (xb_store_sync(run->store, r < 0 ? NULL : err) < 0)
        r = -1;
    xb_progress_end(&run->progress);
    return r < 0 ? say_how_to_go_on(run, err) : report(run, err);
}

static int find_workloads(struct xb_run *run, struct xb_err *err)
{
    run->jobs = xb_calloc(run->exp->workload_count, sizeof(*run->jobs));
    for (size_t w = 0; w < run->exp->workload_count; w++)
        if (xb_job_spec_make(run->app, run->exp, w, &run->jobs[w], err) < 0)
            return -1;
    return 0;
}

/* Find every error that can be found before anything is touched. */
static int prepare(struct xb_run *run, struct xb_err *err)
{
    if (run->options->source && open_experiment(run, err) < 0)
        return -1;
    run->lock_fd = xb_run_lock_take(run->app, "begin", err);
    if (run->lock_fd < 0 ||
        xb_store_open(&run->store, run->app, run->options->store, true, err) < 0)
        return -1;
    if (!run->exp && open_experiment(run, err) < 0)
        return -1;
    if (look_for_unfinished(run, err) < 0)
        return -1;
    xb_shard_keep_cases(run->exp, run->seed, &run->shard);
    lay_out_guests(run);
    if (find_workloads(run, err) < 0 || xb_run_check_until(run, err) < 0)
        return -1;
    if (run->has_domains && !(run->xen = xb_app_xen(run->app)))
        return -1;
    if (xb_run_collect_facts(run, err) < 0 || (run->resumed && xb_run_check_same(run, err) < 0) ||
        xb_doubts_refuse(run, err) < 0)
        return -1;
    run->stop_fd = xb_interrupt_open(err);
    return run->stop_fd < 0 ? -1 : 0;
}

static void release(struct xb_run *run)
{
    xb_run_disconnect(run);
    for (size_t g = 0; run->guests && g < run->count; g++) {
        free(run->guests[g].target);
        free(run->guests[g].prepared);
        xb_allocation_free(&run->guests[g].baseline);
    }
    xb_allocation_free(&run->host.dom0);
    free(run->guests);
    free(run->agents);
    free(run->host.pools);
    free(run->overrides);
    xb_host_facts_clear(&run->found);
    json_decref(run->facts);
    for (size_t w = 0; run->jobs && w < run->exp->workload_count; w++)
        xb_job_spec_clear(&run->jobs[w]);
    free(run->jobs);
    xb_store_close(run->store);
    xb_experiment_free(run->exp);
    if (run->steal_fd >= 0)
        close(run->steal_fd);
    if (run->lock_fd >= 0)
        close(run->lock_fd);
    xb_interrupt_close(run->stop_fd);
}

int xb_run(struct xb_app *app, const struct xb_run_options *options, struct xb_err *err)
{
    struct xb_run run = {.app = app,
                         .options = options,
                         .host = {.lock = -1, .pools_case = XB_EXP_NO_CASE},
                         .lock_fd = -1,
                         .stop_fd = -1,
                         .steal_fd = -1};
    xb_progress_begin(&run.progress, options->quiet);
    app->waits = &run.progress;
    int r = prepare(&run, err);
    if (r == 0)
        r = carry_out(&run, err);
    if (r < 0 && run.exp)
        xb_exp_locate(run.exp, err);
    xb_progress_end(&run.progress);
    app->waits = NULL;
    release(&run);
    return r;
}
