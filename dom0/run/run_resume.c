/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_resume.h"

#include "base.h"
#include "cell.h"
#include "run_guests.h"

#include <string.h>

/* The job with this token in a guest, NULL where there is none. */
static const Xb__JobState *find_job(const struct xb_agent *agent, const char *token)
{
    if (!agent)
        return NULL;
    const Xb__Hello *hello = xb_agent_hello(agent);
    for (size_t i = 0; i < hello->n_jobs; i++)
        if (xb_cell_is_token_of(hello->jobs[i]->token, token))
            return hello->jobs[i];
    return NULL;
}

static const struct xb_sample_state *find_sample(const struct xb_sample_state *samples,
                                                 size_t count, const char *guest)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(samples[i].guest, guest) == 0)
            return &samples[i];
    return NULL;
}

struct found {
    size_t armed, released, outcomes;
    size_t missing; /* samples of which the guest no longer has what the store lacks */
};

/* Where a guest's job stands, as the guest knows it. */
static void place_job(struct xb_cell *cell, size_t g, const Xb__JobState *job, bool has_outcome,
                      struct found *found)
{
    struct xb_cell_guest *guest = &cell->guests[g];
    guest->job_id = job->job_id;
    if (has_outcome) {
        guest->stage = XB_STAGE_ENDED;
        snprintf(guest->said, sizeof(guest->said), "committed before");
    } else if (job->phase == XB__JOB_PHASE__JOB_PHASE_ARMED) {
        guest->stage = XB_STAGE_ARMED;
        found->armed++;
    } else {
        guest->stage = XB_STAGE_RELEASED;
        guest->ended_unseen = job->phase == XB__JOB_PHASE__JOB_PHASE_DONE;
        found->released += xb_cell_role(cell, g) == XB_ROLE_MEASURED;
    }
}

/* The loss counts for the cell as if this controller had seen it. */
static void place_lost(struct xb_cell *cell, size_t g)
{
    struct xb_cell_guest *guest = &cell->guests[g];
    guest->stage = XB_STAGE_LOST;
    guest->failed = true;
    snprintf(guest->said, sizeof(guest->said), "lost before the restart");
    xb_fail(&cell->lost, XB_E_BENCH, 0, "guest %s was lost before the run was resumed",
            cell->run->guests[g].exp->name);
}

/* Where a guest's part of the cell stands, by what the store and the guest know. */
static void place_guest(struct xb_cell *cell, size_t g, const struct xb_sample_state *sample,
                        struct found *found)
{
    struct xb_cell_guest *guest = &cell->guests[g];
    const Xb__JobState *job = find_job(cell->run->agents[g], sample->token);
    memcpy(guest->token, sample->token, sizeof(guest->token));
    guest->collected = sample->collected;
    guest->written = sample->written;
    guest->has_fit = sample->has_fit;
    guest->fit.offset_ns = sample->offset_ns;
    guest->fit.error_ns = sample->fit_ns;
    /* A loss from before the release measures nothing: it does not make the cell happen. */
    found->outcomes += sample->has_outcome && xb_cell_role(cell, g) == XB_ROLE_MEASURED &&
                       (!sample->lost || strcmp(cell->row.state, "armed") != 0);
    if (sample->lost) {
        place_lost(cell, g);
        return;
    }
    if (job)
        place_job(cell, g, job, sample->has_outcome, found);
    else
        found->missing += !sample->has_outcome || !sample->collected;
}

/* Ask for the results of jobs that have ended unseen. */
static int ask_for_results(struct xb_cell *cell, struct xb_err *err)
{
    Xb__Fetch fetch = XB__FETCH__INIT;
    for (size_t g = 0; g < cell->run->count; g++) {
        const struct xb_cell_guest *guest = &cell->guests[g];
        if (guest->stage == XB_STAGE_RELEASED && guest->ended_unseen &&
            xb_agent_send(cell->run->agents[g], XB_FETCH, guest->job_id, &fetch.base, err) < 0)
            return -1;
    }
    return 0;
}

static int adopt(struct xb_cell *cell, struct xb_err *err)
{
    cell->resumed = true;
    cell->state = strcmp(cell->row.state, "ended") == 0 ? XB_CELL_MEASURED : XB_CELL_RUNNING;
    int r = cell->state == XB_CELL_RUNNING &&
                    (xb_cell_window_open(cell, err) < 0 || ask_for_results(cell, err) < 0)
                ? -1
                : xb_cell_go_on(cell, err);
    xb_cell_back_out(cell, r < 0 ? err : NULL);
    return r;
}

/* Why a cell of which something happened is no cell; NULL: it is one. */
static const char *why_none(const struct found *found)
{
    return found->armed     ? "the controller died while it released the guests"
           : found->missing ? "a guest lost its job or its output while no controller ran"
                            : NULL;
}

static int deal_with(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_store *store = cell->run->store;
    xb_auto_free struct xb_sample_state *samples = NULL;
    struct found found = {0};
    size_t count;
    if (xb_store_samples(store, cell->key, &samples, &count, err) < 0)
        return -1;
    for (size_t g = 0; g < cell->run->count; g++) {
        const struct xb_sample_state *sample =
            find_sample(samples, count, cell->run->guests[g].exp->name);
        if (sample)
            place_guest(cell, g, sample, &found);
    }
    bool happened = found.outcomes > 0 || found.released > 0;
    const char *why = why_none(&found);
    if (happened && !why)
        return adopt(cell, err);
    /*
     * If no job was released, or no trace of one is left, the cell has not happened. Update the
     * store before touching a job, so that a later controller, should this one die here, takes no
     * cancelled job for a result.
     */
    int r = happened ? xb_store_cell_discarded(store, cell->key, why, err)
                     : xb_store_cell_reset(store, cell->key, err);
    xb_cell_abandon(cell);
    return r < 0 ? -1 : xb_cell_hook_after(cell, err);
}

int xb_run_adopt(struct xb_run *run, struct xb_err *err)
{
    struct xb_cell_row row;
    int r = xb_store_cell_next(run->store, run->id, &row, err);
    if (r < 1 || strcmp(row.state, "planned") == 0)
        return r < 0 ? -1 : 0;
    xb_progress_done(&run->progress,
                     "cell %u was %s when the run was cut off: looking for its jobs", row.cell + 1,
                     row.state);
    struct xb_cell cell;
    xb_cell_init(&cell, run, &row);
    /* An armed cell has had its `before`; whether it has had its `after` too is unknown. */
    cell.state = XB_CELL_ARMED;
    xb_run_guests_reach(run);
    int status = deal_with(&cell, err);
    xb_cell_free(&cell);
    return status;
}
