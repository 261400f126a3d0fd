/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cell.h"

#include "alloc.h"
#include "base.h"
#include "run_hooks.h"
#include "run_host.h"
#include "run_left.h"
#include "run_rebuild.h"

#include <string.h>

void xb_cell_init(struct xb_cell *cell, struct xb_run *run, const struct xb_cell_row *row)
{
    *cell = (struct xb_cell){
        .run = run,
        .row = *row,
        .key = {.run = run->id, .cell = row->cell, .attempt = row->attempt},
        .guests = xb_calloc(run->count, sizeof(*cell->guests)),
    };
    for (size_t g = 0; g < run->count; g++)
        if (run->guests[g].left_out)
            cell->guests[g].stage = XB_STAGE_LOST;
}

void xb_cell_free(struct xb_cell *cell)
{
    xb_cell_window_close(cell);
    for (size_t g = 0; cell->guests && g < cell->run->count; g++)
        free(cell->guests[g].start);
    free(cell->guests);
    free(cell->dom0_start);
    xb_cell_trace_free(cell);
}

enum xb_role xb_cell_role(const struct xb_cell *cell, size_t guest)
{
    return cell->run->guests[guest].left_out ? XB_ROLE_IDLE : xb_cell_planned_role(cell, guest);
}

enum xb_role xb_cell_planned_role(const struct xb_cell *cell, size_t guest)
{
    return (enum xb_role)cell->run->exp->cases[cell->row.case_no].parts[guest].role;
}

static Xb__JobPhase phase_of(enum xb_cell_stage stage)
{
    return stage == XB_STAGE_ARMED      ? XB__JOB_PHASE__JOB_PHASE_ARMED
           : stage == XB_STAGE_RELEASED ? XB__JOB_PHASE__JOB_PHASE_RELEASED
           : stage == XB_STAGE_ENDED    ? XB__JOB_PHASE__JOB_PHASE_DONE
                                        : XB__JOB_PHASE__JOB_PHASE_NONE;
}

void xb_cell_abandon(struct xb_cell *cell)
{
    xb_auto_free struct xb_left *lefts = xb_calloc(cell->run->count, sizeof(*lefts));
    for (size_t g = 0; g < cell->run->count; g++) {
        struct xb_cell_guest *guest = &cell->guests[g];
        Xb__JobPhase phase = phase_of(guest->stage);
        if (phase == XB__JOB_PHASE__JOB_PHASE_NONE)
            continue;
        lefts[g] = (struct xb_left){guest->job_id, phase};
        guest->stage = XB_STAGE_NONE;
    }
    xb_jobs_end(cell->run, lefts);
}

/*
 * ", 40 s left", estimated from the cells that this process ran; "" with `until`, where the number
 * of cells is unknown.
 */
static const char *time_left(const struct xb_run *run, char out[XB_TIME_WORDS_BYTES])
{
    const struct xb_run_tally *tally = &run->tally;
    uint32_t all = tally->cells - tally->done;
    out[0] = '\0';
    if (run->exp->until.line || !tally->begun_ns || !all)
        return out;
    return xb_time_left(xb_now_ns() - tally->begun_ns, (double)tally->done_here / all, out);
}

static void say_now(struct xb_cell *cell, const char *what)
{
    struct xb_run *run = cell->run;
    char which[48] = "warm-up", left[XB_TIME_WORDS_BYTES];
    if (!cell->row.warmup)
        snprintf(which, sizeof(which), "repetition %u of %s%u", cell->row.repetition + 1,
                 run->exp->until.line ? "at most " : "",
                 run->exp->until.line ? run->exp->until.max : run->exp->repetitions);
    xb_progress_now(&run->progress, "[%u/%u] %s, %s: %s%s", cell->row.cell + 1, run->tally.cells,
                    run->exp->cases[cell->row.case_no].name, which, what, time_left(run, left));
}

static bool has_measured(const struct xb_cell *cell)
{
    for (size_t g = 0; g < cell->run->count; g++)
        if (xb_cell_role(cell, g) == XB_ROLE_MEASURED)
            return true;
    return false;
}

static void say_done(struct xb_cell *cell, const char *more)
{
    struct xb_run *run = cell->run;
    char samples[400] = "", left[XB_TIME_WORDS_BYTES];
    size_t used = 0;
    bool measured = has_measured(cell);
    run->tally.done_here += !cell->outcome;
    for (size_t g = 0; g < run->count && used < sizeof(samples); g++)
        if (measured && xb_cell_is_busy(cell, g))
            used +=
                (size_t)snprintf(samples + used, sizeof(samples) - used, "%s%s %s",
                                 used ? ", " : "", run->guests[g].exp->name, cell->guests[g].said);
    xb_progress_done(&run->progress, "[%u/%u] %s%s: %s%s%s", cell->row.cell + 1, run->tally.cells,
                     run->exp->cases[cell->row.case_no].name, cell->row.warmup ? " (warm-up)" : "",
                     samples, more, time_left(run, left));
}

/* Read the window's end before anything else can disturb the figures. */
static int shut(struct xb_cell *cell, struct xb_err *err)
{
    cell->end = (struct xb_cell_end){
        .resumed = cell->resumed,
        .release_ns = cell->release_ns,
        .wakeups = cell->wakeups,
    };
    if (!cell->resumed && cell->first_end_ns > cell->release_ns)
        cell->end.overlap_ns = cell->first_end_ns - cell->release_ns;
    if (xb_cell_edge_end(cell, err) < 0)
        return -1;
    cell->end.window_ns = cell->window_end_ns - cell->window_start_ns;
    return 0;
}

static int measure(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_store *store = cell->run->store;
    struct xb_cell_end *end = &cell->end;
    if (xb_cell_background_end(cell, err) < 0 ||
        xb_cell_fit_after(cell, &end->has_error, &end->release_error_ns, err) < 0)
        return -1;
    if (end->has_error)
        end->release_error_ns += cell->guests[xb_cell_latest(cell)].late_ns;
    if (xb_store_cell_measured(store, cell->key, end, err) < 0 ||
        xb_cell_judge_wakeups(cell, err) < 0 || xb_cell_judge_storms(cell, err) < 0 ||
        xb_cell_judge_release(cell, end, err) < 0)
        return -1;
    xb_cell_window_close(cell);
    return xb_store_cell_ended(store, cell->key, err);
}

static int hook(struct xb_cell *cell, enum xb_hook which, struct xb_err *err)
{
    bool again = false;
    int r = xb_run_hook(cell->run, which, &cell->row, &again, err);
    if (again)
        cell->outcome = xb_cell_outcome_of(cell->outcome, XB_CELL_REPEAT_HOOK);
    return r;
}

int xb_cell_hook_after(struct xb_cell *cell, struct xb_err *err)
{
    if (!xb_cell_owes_after(cell->state))
        return 0;
    cell->state = XB_CELL_PUT_BACK; /* even if the hook fails: it runs only once */
    return hook(cell, XB_HOOK_AFTER, err);
}

static int put_back(struct xb_cell *cell, struct xb_err *err)
{
    if (xb_cell_collect(cell, err) < 0 || xb_cell_judge_loss(cell, err) < 0)
        return -1;
    /* The cell is measured whatever the hook does: it is closed first. */
    xb_cell_hook_after(cell, &cell->after);
    return 0;
}

static int close_cell(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_store *store = cell->run->store;
    const char *why = xb_cell_outcome_why(cell->outcome);
    if (!cell->resumed &&
        xb_store_cell_spent(store, cell->key, xb_now_ns() - cell->began_ns, err) < 0)
        return -1;
    return why ? xb_store_cell_discarded(store, cell->key, why, err)
               : xb_store_cell_done(store, cell->key, err);
}

/* All measured guests were left out: lost samples are all that the cell will have. */
static int pass_over(struct xb_cell *cell, struct xb_err *err)
{
    cell->state = XB_CELL_PUT_BACK;
    if (xb_cell_note_samples(cell, err) < 0)
        return -1;
    for (size_t g = 0; g < cell->run->count; g++) {
        const struct xb_sample_end end = {.guest = cell->run->guests[g].exp->name,
                                          .detail = "its case's measured guests are left out"};
        if (!xb_cell_is_busy(cell, g))
            continue;
        cell->guests[g].stage = XB_STAGE_LOST;
        if (xb_store_sample(cell->run->store, cell->key, &end, err) < 0)
            return -1;
    }
    return 0;
}

static int set_up(struct xb_cell *cell, struct xb_err *err)
{
    cell->began_ns = xb_now_ns();
    if (!cell->run->tally.begun_ns)
        cell->run->tally.begun_ns = cell->began_ns;
    if (!has_measured(cell))
        return pass_over(cell, err);
    say_now(cell, "setting up");
    return xb_run_guests_fit(cell->run, cell->row.case_no, err) < 0
               ? -1
               : xb_run_host_apply(cell->run, cell->row.case_no, err);
}

static int arm(struct xb_cell *cell, struct xb_err *err)
{
    if (hook(cell, XB_HOOK_BEFORE, err) < 0 || xb_job_each(cell->run, &cell->row, err) < 0 ||
        xb_cell_window_open(cell, err) < 0 || xb_cell_fit(cell, err) < 0)
        return -1;
    return xb_cell_arm(cell, err);
}

static int release(struct xb_cell *cell, struct xb_err *err)
{
    char what[64], at[16];
    struct tm tm;
    if (xb_cell_edge_start(cell, err) < 0 || xb_cell_release(cell, err) < 0)
        return -1;
    time_t now = time(NULL);
    strftime(at, sizeof(at), "%H:%M:%S", localtime_r(&now, &tm));
    snprintf(what, sizeof(what), "running since %s", at);
    say_now(cell, what);
    return 0;
}

static const xb_cell_step steps[XB_CELL_CLOSED] = {
    [XB_CELL_PLANNED] = set_up,
    [XB_CELL_SET_UP] = arm,
    [XB_CELL_ARMED] = xb_cell_background_start,
    [XB_CELL_LOADED] = release,
    [XB_CELL_RUNNING] = xb_cell_wait,
    [XB_CELL_ALL_IN] = shut,
    [XB_CELL_SHUT] = measure,
    [XB_CELL_MEASURED] = put_back,
    [XB_CELL_PUT_BACK] = close_cell,
};

int xb_cell_go_on(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    if (xb_cell_advance(cell, &cell->state, &cell->outcome, steps, err) < 0)
        return -1;
    if (cell->state != XB_CELL_CLOSED)
        return 0;
    for (size_t g = 0; g < run->count; g++)
        if (cell->guests[g].stage != XB_STAGE_LOST)
            run->guests[g].losses = 0;
    say_done(cell, cell->outcome         ? " (to be repeated)"
                   : cell->resumed       ? " (found after the restart)"
                   : !has_measured(cell) ? "its measured guests are left out"
                                         : "");
    return xb_store_sync(run->store, err) < 0 ? -1 : xb_cell_judge_run(cell, err);
}

void xb_cell_back_out(struct xb_cell *cell, const struct xb_err *err)
{
    const char *why = err ? err->msg : xb_cell_outcome_why(cell->outcome);
    xb_auto_free struct xb_sample_state *samples = NULL;
    size_t count = 0, committed = 0;
    struct xb_err ignored = {0};
    /* A closed cell is complete even if it lost a guest. */
    if (cell->state == XB_CELL_CLOSED)
        return;
    /* The store first: no later controller may take a job that is ended here for a result. */
    if (xb_store_samples(cell->run->store, cell->key, &samples, &count, &ignored) == 0) {
        for (size_t i = 0; i < count; i++)
            committed += samples[i].has_outcome;
        if (committed > 0)
            xb_store_cell_discarded(cell->run->store, cell->key, why, &ignored);
        else
            xb_store_cell_reset(cell->run->store, cell->key, &ignored);
    }
    xb_cell_abandon(cell);
    xb_cell_window_close(cell);
    struct xb_err after = {0};
    if (xb_cell_hook_after(cell, &after) < 0)
        xb_progress_done(&cell->run->progress, "warning: %s", after.msg);
}

int xb_cell_run(struct xb_run *run, const struct xb_cell_row *row, bool *closed, struct xb_err *err)
{
    struct xb_cell cell;
    xb_cell_init(&cell, run, row);
    int r = xb_cell_go_on(&cell, err);
    xb_cell_back_out(&cell, r < 0 ? err : NULL);
    *closed = cell.state == XB_CELL_CLOSED;
    xb_run_end_each(run);
    xb_cell_free(&cell);
    return r;
}
