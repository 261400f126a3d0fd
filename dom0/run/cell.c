#include "cell.h"

#include "alloc.h"
#include "base.h"
#include "run_hooks.h"
#include "run_host.h"
#include "run_left.h"
#include "run_rebuild.h"

#include <inttypes.h>
#include <string.h>

int xb_cell_init(struct xb_cell *cell, struct xb_run *run, const struct xb_cell_row *row,
                 XB_UNUSED struct xb_err *err)
{
    *cell = (struct xb_cell){
        .run = run,
        .row = *row,
        .key = {.run = run->id, .cell = row->cell, .attempt = row->attempt},
        .guests = xb_calloc(run->count, sizeof(*cell->guests)),
    };
    return 0;
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

static void say_now(struct xb_cell *cell, const char *what)
{
    struct xb_run *run = cell->run;
    char which[48] = "warm-up";
    if (!cell->row.warmup)
        snprintf(which, sizeof(which), "repetition %" PRIu32 " of %s%" PRIu32,
                 cell->row.repetition + 1, run->exp->until.line ? "at most " : "",
                 run->exp->until.line ? run->exp->until.max : run->exp->repetitions);
    xb_progress_now(&run->progress, "[%" PRIu32 "/%" PRIu32 "] %s, %s: %s", cell->row.cell + 1,
                    run->tally.cells, run->exp->cases[cell->row.case_no].name, which, what);
}

static void say_done(struct xb_cell *cell, const char *more)
{
    struct xb_run *run = cell->run;
    char samples[400] = "";
    size_t used = 0;
    for (size_t g = 0; g < run->count && used < sizeof(samples); g++)
        if (xb_cell_is_busy(cell, g))
            used +=
                (size_t)snprintf(samples + used, sizeof(samples) - used, "%s%s %s",
                                 used ? ", " : "", run->guests[g].exp->name, cell->guests[g].said);
    xb_progress_done(&run->progress, "[%" PRIu32 "/%" PRIu32 "] %s%s: %s%s", cell->row.cell + 1,
                     run->tally.cells, run->exp->cases[cell->row.case_no].name,
                     cell->row.warmup ? " (warm-up)" : "", samples, more);
}

/* The guest that was told to start the longest after the instant. */
static size_t latest(const struct xb_cell *cell)
{
    size_t worst = 0;
    for (size_t g = 1; g < cell->run->count; g++)
        if (cell->guests[g].late_ns > cell->guests[worst].late_ns)
            worst = g;
    return worst;
}

/* Was the release good enough? Otherwise the cell is run once more, while there are attempts. */
static int judge_release(struct xb_cell *cell, const struct xb_cell_end *end, bool *again,
                         struct xb_err *err)
{
    struct xb_run *run = cell->run;
    size_t g = latest(cell);
    uint64_t late_ns = cell->guests[g].late_ns;
    uint64_t error_ns = end->has_error ? end->release_error_ns : late_ns;
    char late[XB_GUEST_NAME_MAX + 80] = "";
    *again = false;
    if (error_ns <= run->exp->max_release_error_ns)
        return 0;
    *again = cell->row.attempt < run->exp->max_attempts && !cell->resumed;
    if (late_ns > 0)
        snprintf(late, sizeof(late), "guest %s was told to start %.3f ms after the instant, and ",
                 run->guests[g].exp->name, (double)late_ns / 1e6);
    struct xb_about about = {cell->row.case_no, cell->row.cell, NULL};
    return xb_run_warn(run, about, "release-error", err,
                       "cell %" PRIu32 ", attempt %" PRIu32
                       ": %sthe guests' clocks agree to %.3f ms only, %.3f ms are allowed%s; %s",
                       cell->row.cell + 1, cell->row.attempt, late,
                       (double)(error_ns - late_ns) / 1e6,
                       (double)run->exp->max_release_error_ns / 1e6, late_ns ? " together" : "",
                       *again ? "the cell is repeated" : "its samples stand, with that in mind");
}

static int measure_end(struct xb_cell *cell, bool *again, struct xb_err *err)
{
    struct xb_cell_end end = {
        .resumed = cell->resumed,
        .release_ns = cell->release_ns,
        .wakeups = cell->wakeups,
    };
    if (!cell->resumed && cell->first_end_ns > cell->release_ns)
        end.overlap_ns = cell->first_end_ns - cell->release_ns;
    if (xb_cell_edge_end(cell, err) < 0)
        return -1;
    end.window_ns = cell->window_end_ns - cell->window_start_ns;
    if (xb_cell_background_end(cell, err) < 0 ||
        xb_cell_fit_after(cell, &end.has_error, &end.release_error_ns, err) < 0)
        return -1;
    if (end.has_error)
        end.release_error_ns += cell->guests[latest(cell)].late_ns;
    if (xb_store_cell_measured(cell->run->store, cell->key, &end, err) < 0 ||
        xb_cell_judge_wakeups(cell, err) < 0)
        return -1;
    return judge_release(cell, &end, again, err);
}

/* What was lost in this cell: the whole of it, what it says of the others, or nothing. */
static int judge_loss(struct xb_cell *cell, bool *again, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    int policy = run->exp->on_guest_failure;
    if (cell->lost.class == XB_E_NONE || policy == XB_POLICY_STOP || policy == XB_POLICY_KEEP)
        return 0;
    struct xb_about about = {cell->row.case_no, cell->row.cell, NULL};
    if (policy == XB_POLICY_DISCARD) {
        *again = cell->row.attempt < run->exp->max_attempts;
        return xb_run_warn(run, about, "guest-lost", err,
                           "cell %" PRIu32 ", attempt %" PRIu32 ": %s; %s", cell->row.cell + 1,
                           cell->row.attempt, cell->lost.msg,
                           *again ? "the cell is repeated" : "no attempt is left: it stands");
    }
    for (size_t g = 0; g < run->count; g++) {
        about.guest = run->guests[g].exp->name;
        if (xb_cell_is_busy(cell, g) && cell->guests[g].stage != XB_STAGE_LOST &&
            xb_run_warn(run, about, "guest-lost", err,
                        "cell %" PRIu32 ", %s: measured while another guest was lost (%s)",
                        cell->row.cell + 1, about.guest, cell->lost.msg) < 0)
            return -1;
    }
    return 0;
}

static int after_cell(struct xb_cell *cell, struct xb_err *err)
{
    if (cell->lost.class != XB_E_NONE && cell->run->exp->on_guest_failure == XB_POLICY_STOP)
        return xb_fail(err, XB_E_BENCH, 0, "%s; what was measured is kept", cell->lost.msg);
    if (cell->hopeless)
        return xb_fail(err, XB_E_BENCH, 0, "the workload cannot be run: %s",
                       cell->run->tally.failure);
    return 0;
}

int xb_cell_hook_after(struct xb_cell *cell, bool *again, struct xb_err *err)
{
    if (!cell->hook_due)
        return 0;
    cell->hook_due = false;
    return xb_run_hook(cell->run, XB_HOOK_AFTER, &cell->row, again, err);
}

int xb_cell_finish(struct xb_cell *cell, enum xb_cell_verdict *verdict, struct xb_err *err)
{
    struct xb_store *store = cell->run->store;
    bool again = false, lost = false, hooked = cell->again;
    if (xb_cell_wait(cell, err) < 0)
        return -1;
    int measured = measure_end(cell, &again, err);
    xb_cell_window_close(cell);
    if (measured < 0 || judge_loss(cell, &lost, err) < 0 ||
        xb_store_cell_ended(store, cell->key, err) < 0 || xb_cell_collect(cell, err) < 0 ||
        xb_cell_hook_after(cell, &hooked, err) < 0)
        return -1;
    const char *why = again ? "release error" : lost ? "a guest was lost" : "a hook failed";
    again = again || lost || hooked;
    if (!cell->resumed &&
        xb_store_cell_spent(store, cell->key, xb_now_ns() - cell->began_ns, err) < 0)
        return -1;
    if (again ? xb_store_cell_discarded(store, cell->key, why, err) < 0
              : xb_store_cell_done(store, cell->key, err) < 0)
        return -1;
    cell->closed = true;
    cell->run->tally.losses = 0;
    *verdict = again ? XB_CELL_AGAIN : XB_CELL_DONE;
    say_done(cell, again ? " (to be repeated)" : cell->resumed ? " (found after the restart)" : "");
    return xb_store_sync(store, err) < 0 ? -1 : after_cell(cell, err);
}

static int set_up(struct xb_cell *cell, struct xb_err *err)
{
    cell->began_ns = xb_now_ns();
    say_now(cell, "setting up");
    if (xb_run_guests_fit(cell->run, cell->row.case_no, err) < 0 ||
        xb_run_host_apply(cell->run, cell->row.case_no, err) < 0)
        return -1;
    cell->hook_due = true; /* also where `before` fails: what it has done is for `after` to undo */
    return xb_run_hook(cell->run, XB_HOOK_BEFORE, &cell->row, &cell->again, err) < 0
               ? -1
               : xb_job_each(cell->run, &cell->row, err);
}

static int start(struct xb_cell *cell, struct xb_err *err)
{
    if (set_up(cell, err) < 0 || xb_cell_window_open(cell, err) < 0 || xb_cell_fit(cell, err) < 0 ||
        xb_cell_arm(cell, err) < 0)
        return -1;
    if (xb_cell_background_start(cell, err) < 0)
        return -1;
    if (cell->no_load)
        return 0;
    if (xb_cell_edge_start(cell, err) < 0 || xb_cell_release(cell, err) < 0)
        return -1;
    char what[64], at[16];
    time_t now = time(NULL);
    struct tm tm;
    strftime(at, sizeof(at), "%H:%M:%S", localtime_r(&now, &tm));
    snprintf(what, sizeof(what), "running since %s", at);
    say_now(cell, what);
    return 0;
}

/*
 * The cell failed or was interrupted: nothing stays in the guests, what was committed stays in the
 * store.
 */
static void back_out(struct xb_cell *cell, const struct xb_err *why)
{
    xb_auto_free struct xb_sample_state *samples = NULL;
    size_t count = 0, committed = 0;
    struct xb_err ignored = {0};
    /* The store first: a job that we end here must never be found as a result. */
    if (xb_store_samples(cell->run->store, cell->key, &samples, &count, &ignored) == 0) {
        for (size_t i = 0; i < count; i++)
            committed += samples[i].has_outcome;
        if (committed > 0)
            xb_store_cell_discarded(cell->run->store, cell->key, why->msg, &ignored);
        else
            xb_store_cell_reset(cell->run->store, cell->key, &ignored);
    }
    xb_cell_abandon(cell);
    xb_cell_window_close(cell);
    struct xb_err hook = {0};
    bool again = false;
    if (xb_cell_hook_after(cell, &again, &hook) < 0)
        xb_progress_done(&cell->run->progress, "warning: %s", hook.msg);
}

int xb_cell_run(struct xb_run *run, const struct xb_cell_row *row, enum xb_cell_verdict *verdict,
                struct xb_err *err)
{
    struct xb_cell cell;
    if (xb_cell_init(&cell, run, row, err) < 0)
        return -1;
    int rc = start(&cell, err);
    if (rc == 0 && cell.no_load) {
        struct xb_err why = {0};
        xb_fail(&why, XB_E_BENCH, 0, "background load does not run");
        back_out(&cell, &why);
        *verdict = XB_CELL_AGAIN;
    } else if (rc == 0) {
        rc = xb_cell_finish(&cell, verdict, err);
    }
    /* A lost guest's cell is whole as far as it can be: only what was cut short is backed out. */
    if (rc < 0 && !cell.closed)
        back_out(&cell, err);
    xb_run_end_each(run);
    xb_cell_free(&cell);
    return rc;
}
