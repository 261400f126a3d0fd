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
};

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
    found->outcomes += sample->has_outcome && xb_cell_role(cell, g) == XB_ROLE_MEASURED;
    if (!cell->run->agents[g])
        guest->stage = XB_STAGE_LOST;
    if (!job)
        return;
    guest->job_id = job->job_id;
    if (sample->has_outcome) {
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

/* Ask for results that wait in guests. The sample of a guest that does not know its job is lost. */
static int ask_for_results(struct xb_cell *cell, const struct xb_sample_state *samples,
                           size_t count, struct xb_err *err)
{
    for (size_t g = 0; g < cell->run->count; g++) {
        struct xb_cell_guest *guest = &cell->guests[g];
        const char *name = cell->run->guests[g].exp->name;
        const struct xb_sample_state *sample = find_sample(samples, count, name);
        if (!sample || sample->has_outcome)
            continue;
        if (guest->stage != XB_STAGE_RELEASED) {
            if (xb_cell_take_result(cell, g, NULL,
                                    "its guest did not know the job when the run was resumed",
                                    err) < 0)
                return -1;
        } else if (guest->ended_unseen) {
            Xb__Fetch fetch = XB__FETCH__INIT;
            if (xb_agent_send(cell->run->agents[g], XB_FETCH, guest->job_id, &fetch.base, err) < 0)
                return -1;
        }
    }
    return 0;
}

static int adopt(struct xb_cell *cell, const struct xb_sample_state *samples, size_t count,
                 struct xb_err *err)
{
    cell->resumed = true;
    cell->state = strcmp(cell->row.state, "ended") == 0 ? XB_CELL_MEASURED : XB_CELL_RUNNING;
    if (cell->state == XB_CELL_RUNNING &&
        (xb_cell_window_open(cell, err) < 0 || ask_for_results(cell, samples, count, err) < 0))
        return -1;
    return xb_cell_go_on(cell, err);
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
    if (happened && found.armed == 0)
        return adopt(cell, samples, count, err);
    /*
     * If no job was released, or no trace of one is left, the cell has not happened; if only some
     * were released, it is no cell. Update the store before touching a job, so that a later
     * controller, should this one die here, takes no cancelled job for a result.
     */
    int r = happened
                ? xb_store_cell_discarded(store, cell->key,
                                          "the controller died while it released the guests", err)
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
