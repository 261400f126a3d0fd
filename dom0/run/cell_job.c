/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One guest's job: armed, released, and its result taken. */
#include "alloc.h"
#include "base.h"
#include "cell.h"

#include <string.h>

/*
 * The longest lead from choosing the release instant to that instant, in which RELEASE must reach
 * all guests. The first attempt takes less where the clock fits allow it; later attempts take more.
 */
#define MARGIN_NS (50 * XB_NS_PER_MS)
#define MARGIN_PER_GUEST_NS (5 * XB_NS_PER_MS)

/* A guest counts as armed even if its answer is lost, because it may hold the job. */
static int arm_guests(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    xb_auto_free struct xb_arming *armings = xb_calloc(run->count, sizeof(*armings));
    for (size_t g = 0; g < run->count; g++) {
        struct xb_cell_guest *guest = &cell->guests[g];
        const struct xb_job_spec *job = xb_run_job(run, cell->row.case_no, g);
        if (!job)
            continue;
        guest->job_id = xb_agent_next_job(run->agents[g]);
        guest->stage = XB_STAGE_ARMED;
        armings[g] = (struct xb_arming){.job_id = guest->job_id,
                                        .spec = job,
                                        .command = &job->workload->command,
                                        .token = guest->token};
    }
    return xb_jobs_arm(run, &cell->row, armings, err);
}

/* A guest that was left out of the run still has a sample, which is lost. */
static int lose_left_out(struct xb_cell *cell, struct xb_err *err)
{
    for (size_t g = 0; g < cell->run->count; g++) {
        const struct xb_run_guest *guest = &cell->run->guests[g];
        struct xb_sample_end end = {.guest = guest->exp->name, .detail = guest->why};
        if (!guest->left_out || xb_cell_planned_role(cell, g) == XB_ROLE_IDLE)
            continue;
        xb_fail(&cell->lost, XB_E_BENCH, 0, "%s", guest->why);
        if (xb_store_sample(cell->run->store, cell->key, &end, err) < 0)
            return -1;
    }
    return 0;
}

int xb_cell_note_samples(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    xb_auto_free struct xb_armed_sample *samples = xb_calloc(run->count, sizeof(*samples));
    size_t count = 0;
    for (size_t g = 0; g < run->count; g++) {
        struct xb_cell_guest *guest = &cell->guests[g];
        if (xb_cell_planned_role(cell, g) == XB_ROLE_IDLE)
            continue;
        snprintf(guest->token, sizeof(guest->token), "%s/%u.%u/%zu", run->id, cell->row.cell,
                 cell->row.attempt, g);
        samples[count].guest = run->guests[g].exp->name;
        memcpy(samples[count++].token, guest->token, sizeof(samples[0].token));
    }
    return xb_store_cell_armed(run->store, cell->key, samples, count, err) < 0
               ? -1
               : lose_left_out(cell, err);
}

int xb_cell_arm(struct xb_cell *cell, struct xb_err *err)
{
    return xb_cell_note_samples(cell, err) < 0 ? -1 : arm_guests(cell, err);
}

int xb_cell_send_release(struct xb_cell *cell, size_t g, struct xb_err *err)
{
    Xb__Release release = XB__RELEASE__INIT;
    release.at_ns = cell->release_ns + (uint64_t)cell->guests[g].fit.offset_ns;
    return xb_agent_send(cell->run->agents[g], XB_RELEASE, cell->guests[g].job_id, &release.base,
                         err);
}

/* If RELEASE came too late, the next attempt gives the guests more time. */
static uint64_t release_lead_ns(const struct xb_cell *cell)
{
    struct xb_run *run = cell->run;
    uint64_t most_ns = MARGIN_NS + run->count * MARGIN_PER_GUEST_NS;
    xb_auto_free const struct xb_clock_fit **fits =
        xb_calloc(run->count, sizeof(struct xb_clock_fit *));
    size_t count = 0;
    for (size_t g = 0; g < run->count; g++)
        if (cell->guests[g].has_fit && xb_cell_role(cell, g) == XB_ROLE_MEASURED)
            fits[count++] = &cell->guests[g].fit;
    return cell->row.attempt > 1 ? cell->row.attempt * most_ns
                                 : xb_clocks_lead_ns(fits, count, most_ns);
}

int xb_cell_release(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    xb_auto_free struct xb_sample_start *starts = xb_calloc(run->count, sizeof(*starts));
    size_t count = 0;
    for (size_t g = 0; g < run->count; g++) {
        if (!xb_cell_is_busy(cell, g))
            continue;
        struct xb_sample_start *start = &starts[count++];
        *start =
            (struct xb_sample_start){.guest = run->guests[g].exp->name, .fit = cell->guests[g].fit};
        start->has_run_ns = cell->guests[g].start != NULL;
        for (size_t v = 0; start->has_run_ns && v < cell->guests[g].start->count; v++) {
            start->run_ns += cell->guests[g].start->vcpus[v].run_ns;
            start->vcpus += cell->guests[g].start->vcpus[v].online;
        }
    }
    if (xb_store_cell_released(run->store, cell->key, starts, count, err) < 0)
        return -1;
    cell->release_ns = xb_now_ns() + release_lead_ns(cell);
    for (size_t g = 0; g < run->count; g++) {
        if (run->agents[g])
            cell->guests[g].storms_over = xb_agent_storms(run->agents[g]).over;
        if (xb_cell_role(cell, g) != XB_ROLE_MEASURED)
            continue;
        if (xb_cell_send_release(cell, g, err) < 0)
            return -1;
        cell->guests[g].stage = XB_STAGE_RELEASED;
    }
    return 0;
}

static void say_sample(struct xb_cell_guest *guest, const Xb__Result *result)
{
    double wall_s = result->ended_ns >= result->release_ns
                        ? (double)(result->ended_ns - result->release_ns) / (double)XB_NS_PER_S
                        : 0;
    if (result->outcome == XB__OUTCOME__OUTCOME_EXITED && result->status == 0)
        snprintf(guest->said, sizeof(guest->said), "%.2f s", wall_s);
    else if (result->outcome == XB__OUTCOME__OUTCOME_EXITED)
        snprintf(guest->said, sizeof(guest->said), "exit status %d", result->status);
    else if (result->outcome == XB__OUTCOME__OUTCOME_SIGNALED)
        snprintf(guest->said, sizeof(guest->said), "ended by signal %d", result->status);
    else
        snprintf(guest->said, sizeof(guest->said), "%s%s%.100s", xb_outcome_word(result->outcome),
                 result->detail[0] ? ": " : "", result->detail);
}

int xb_cell_take_result(struct xb_cell *cell, size_t g, const Xb__Result *result, const char *why,
                        struct xb_err *err)
{
    struct xb_cell_guest *guest = &cell->guests[g];
    uint64_t now = xb_now_ns();
    struct xb_sample_end end = {
        .guest = cell->run->guests[g].exp->name, .result = result, .detail = why};
    /* When the first measured job ends, ask Xen about all guests at that moment. */
    bool measured = xb_cell_role(cell, g) == XB_ROLE_MEASURED;
    if (measured && !cell->resumed && cell->release_ns && result) {
        end.has_dom0_wall = now > cell->release_ns;
        end.dom0_wall_ns = end.has_dom0_wall ? now - cell->release_ns : 0;
    }
    if (measured && result && !cell->first_end_ns) {
        cell->first_end_ns = now;
        if (xb_cell_edge_first_end(cell, err) < 0)
            return -1;
    }
    if (result)
        end.late_ns = xb_cell_lateness(&end);
    guest->late_ns = measured ? end.late_ns : 0;
    uint64_t told_ns;
    end.has_run_ns =
        result && !guest->ended_unseen && xb_cell_run_ns(cell, g, &end.run_ns, &told_ns);
    end.has_run_slack_ns = end.has_run_ns && cell->release_ns && guest->start;
    if (end.has_run_slack_ns)
        end.run_slack_ns = xb_cell_slack_ns(cell, g, now, told_ns);
    if (xb_store_sample(cell->run->store, cell->key, &end, err) < 0)
        return -1;
    if (result && (xb_store_counters(cell->run->store, cell->key, end.guest, result, err) < 0 ||
                   xb_cell_judge_result(cell, &end, err) < 0))
        return -1;
    if (result)
        guest->written = xb_sample_written(result);
    guest->stage = result ? XB_STAGE_ENDED : XB_STAGE_LOST;
    if (result)
        say_sample(guest, result);
    else
        snprintf(guest->said, sizeof(guest->said), "lost: %.140s", why);
    guest->failed = !result;
    guest->exec_failed = result && result->outcome == XB__OUTCOME__OUTCOME_EXEC_FAILED;
    return 0;
}

int xb_cell_lose(struct xb_cell *cell, size_t g, const char *why, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    xb_fail(&cell->lost, XB_E_BENCH, 0, "%s", why);
    if (!run->tally.failure[0])
        snprintf(run->tally.failure, sizeof(run->tally.failure), "%s", why);
    if (xb_cell_take_result(cell, g, NULL, why, err) < 0)
        return -1;
    /*
     * Whatever the guest says from now on is too late. If the run goes on, the guest is restarted.
     */
    xb_agent_drop(run->agents[g]);
    return 0;
}
