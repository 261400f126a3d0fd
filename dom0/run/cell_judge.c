/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks guests' results against what Dom0 knows, and the controller's own wake-ups.
 */
#include "base.h"
#include "cell.h"
#include "storm.h"
#include "wakeups.h"

#include <inttypes.h>
#include <string.h>

/* The clocks of a guest and Dom0 may differ by this plus a fiftieth of the time. */
#define CLOCKS_DIFFER_NS (250 * XB_NS_PER_MS)
/* The CPU time that a guest claims may exceed what Xen gave by this plus a twentieth. */
#define CLAIM_DIFFERS_NS (100 * XB_NS_PER_MS)

/* The guest's claim, limited to the time before its job ran and to Dom0's time until the end. */
uint64_t xb_cell_lateness(const struct xb_sample_end *end)
{
    const Xb__Result *r = end->result;
    uint64_t late_ns = r->late_ns;
    if (r->opened_ns <= r->release_ns)
        return 0; /* the job never ran, or ran before the instant: its release was not late */
    if (late_ns > r->opened_ns - r->release_ns)
        late_ns = r->opened_ns - r->release_ns;
    return end->has_dom0_wall && late_ns > end->dom0_wall_ns ? end->dom0_wall_ns : late_ns;
}

/* Compare the job's time by both clocks; by Dom0's it includes the result's transfer. */
static int compare_clocks(struct xb_cell *cell, const struct xb_sample_end *end, struct xb_err *err)
{
    const Xb__Result *r = end->result;
    if (!end->has_dom0_wall || r->ended_ns < r->release_ns || r->restores > 0)
        return 0;
    uint64_t wall_ns = r->ended_ns - r->release_ns, dom0_ns = end->dom0_wall_ns;
    uint64_t apart_ns = wall_ns > dom0_ns ? wall_ns - dom0_ns : dom0_ns - wall_ns;
    if (apart_ns <= CLOCKS_DIFFER_NS + dom0_ns / 50)
        return 0;
    return xb_run_warn(
        cell->run, xb_cell_about(cell, end->guest), XB_WARN_CLOCKS_DIFFER, err,
        "guest %s says that its job took %.3f s, Dom0's clock says %.3f s (clocksource of the "
        "guest: %.20s)",
        end->guest, (double)wall_ns / 1e9, (double)dom0_ns / 1e9, r->clocksource);
}

static int compare_clocksources(struct xb_cell *cell, const struct xb_sample_end *end,
                                struct xb_err *err)
{
    const Xb__Result *r = end->result;
    if (!r->clocksource_before[0] || strcmp(r->clocksource_before, r->clocksource) == 0)
        return 0;
    return xb_run_warn(cell->run, xb_cell_about(cell, end->guest), XB_WARN_CLOCKSOURCE_CHANGED, err,
                       "guest %s changed its clocksource from %.20s to %.20s while its job ran",
                       end->guest, r->clocksource_before, r->clocksource);
}

/*
 * A job cannot use more CPU time than Xen gave the whole guest. A kernel that does not subtract
 * steal time claims more, up to the whole window on every vcpu: reported once, as a note. No kernel
 * claims more than that.
 */
static int compare_cpu_time(struct xb_cell *cell, size_t g, const struct xb_sample_end *end,
                            struct xb_err *err)
{
    const Xb__Result *r = end->result;
    const struct xb_domain_times *start = cell->guests[g].start;
    uint64_t claimed_ns, before_ns = 0;
    if (!end->has_run_ns || !start || r->restores > 0)
        return 0;
    for (size_t v = 0; v < start->count && v < XB_CPUS_MAX; v++)
        before_ns += start->vcpus[v].run_ns;
    uint64_t given_ns = end->run_ns > before_ns ? end->run_ns - before_ns : 0;
    if (__builtin_add_overflow(r->user_ns, r->system_ns, &claimed_ns))
        claimed_ns = UINT64_MAX;
    if (claimed_ns <= given_ns + given_ns / 20 + CLAIM_DIFFERS_NS)
        return 0;
    if (end->has_dom0_wall &&
        claimed_ns <=
            start->count * (end->dom0_wall_ns + end->dom0_wall_ns / 20) + CLAIM_DIFFERS_NS)
        return xb_run_warn(cell->run, XB_ABOUT_GUEST(end->guest), XB_NOTE_CPU_TIME, err,
                           "guest %s counts time spent waiting for a CPU as CPU time of its jobs "
                           "(its kernel does not subtract steal time): use Xen's figure",
                           end->guest);
    return xb_run_warn(cell->run, xb_cell_about(cell, end->guest), XB_WARN_CPU_TIME_DIFFERS, err,
                       "guest %s says that its job used %.3f s of CPU time; Xen gave the whole "
                       "guest %.3f s in that time",
                       end->guest, (double)claimed_ns / 1e9, (double)given_ns / 1e9);
}

static int judge_agent(struct xb_cell *cell, const struct xb_sample_end *end, struct xb_err *err)
{
    const Xb__Result *r = end->result;
    if (r->agent_wakeups <= XB_AGENT_WAKEUPS_MAX || r->restores > 0)
        return 0;
    return xb_run_warn(cell->run, xb_cell_about(cell, end->guest), XB_WARN_AGENT_WAKEUPS, err,
                       "guest %s: the agent was woken %" PRIu64
                       " times while its job ran (budget: %d); "
                       "this may have disturbed the measurement",
                       end->guest, r->agent_wakeups, XB_AGENT_WAKEUPS_MAX);
}

/*
 * The metrics of a job whose output was lost are refused. A job measured by its time alone may have
 * done only part of its work.
 */
static int judge_output(struct xb_cell *cell, const struct xb_sample_end *end, struct xb_err *err)
{
    if (!end->result->output_lost)
        return 0;
    return xb_run_warn(
        cell->run, xb_cell_about(cell, end->guest), XB_WARN_OUTPUT_LOST, err,
        "guest %s: the job's output filled the memory that the guest reserves for it; later "
        "writes failed with ENOSPC",
        end->guest);
}

int xb_cell_judge_result(struct xb_cell *cell, const struct xb_sample_end *end, struct xb_err *err)
{
    size_t g = 0;
    while (g < cell->run->count && strcmp(cell->run->guests[g].exp->name, end->guest) != 0)
        g++;
    if (g == cell->run->count)
        return 0;
    cell->guests[g].restored = end->result->restores > 0;
    if (compare_clocks(cell, end, err) < 0 || compare_clocksources(cell, end, err) < 0 ||
        compare_cpu_time(cell, g, end, err) < 0 || judge_output(cell, end, err) < 0)
        return -1;
    return judge_agent(cell, end, err);
}

int xb_cell_judge_storms(struct xb_cell *cell, struct xb_err *err)
{
    for (size_t g = 0; g < cell->run->count; g++) {
        struct xb_agent *agent = cell->run->agents[g];
        struct xb_about about = xb_cell_about(cell, cell->run->guests[g].exp->name);
        if (!agent || xb_agent_storms(agent).begun <= cell->guests[g].storms_over)
            continue;
        if (xb_run_warn(cell->run, about, XB_WARN_EVENT_STORM, err,
                        "cell %u: guest %s woke Dom0 without a message more than %d times a second "
                        "while jobs ran; it may have disturbed what was measured",
                        cell->row.cell + 1, about.guest, XB_STORM_PER_S) < 0)
            return -1;
    }
    return 0;
}

int xb_cell_judge_wakeups(struct xb_cell *cell, struct xb_err *err)
{
    size_t jobs = 0;
    for (size_t g = 0; g < cell->run->count; g++)
        jobs += xb_cell_is_busy(cell, g);
    uint64_t budget = xb_controller_wakeups_max(jobs);
    if (cell->resumed || cell->wakeups <= budget || cell->lost.class != XB_E_NONE)
        return 0;
    struct xb_about about = xb_cell_about(cell, NULL);
    return xb_run_warn(cell->run, about, XB_WARN_CONTROLLER_WAKEUPS, err,
                       "cell %u: the controller was woken %" PRIu64
                       " times while jobs ran (budget: %" PRIu64 ")",
                       cell->row.cell + 1, cell->wakeups, budget);
}
