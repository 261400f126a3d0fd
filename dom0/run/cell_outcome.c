/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a cell's samples count, or the cell is repeated because attempts are left. */
#include "cell.h"

/* Repeat the cell for this reason. False: this was the last attempt, and its samples count. */
static bool repeat(struct xb_cell *cell, enum xb_cell_outcome why)
{
    if (cell->row.attempt >= cell->run->exp->max_attempts)
        return false;
    cell->outcome = xb_cell_outcome_of(cell->outcome, why);
    return true;
}

static bool is_hopeless(const struct xb_cell *cell)
{
    for (size_t g = 0; g < cell->run->count; g++)
        if (cell->guests[g].exec_failed)
            return true;
    return false;
}

size_t xb_cell_latest(const struct xb_cell *cell)
{
    size_t worst = 0;
    for (size_t g = 1; g < cell->run->count; g++)
        if (cell->guests[g].late_ns > cell->guests[worst].late_ns)
            worst = g;
    return worst;
}

int xb_cell_judge_release(struct xb_cell *cell, const struct xb_cell_end *end, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    size_t g = xb_cell_latest(cell);
    uint64_t late_ns = cell->guests[g].late_ns;
    uint64_t error_ns = end->has_error ? end->release_error_ns : late_ns;
    char late[XB_GUEST_NAME_MAX + 80] = "";
    if (error_ns <= run->exp->max_release_error_ns)
        return 0;
    bool again = !cell->resumed && repeat(cell, XB_CELL_REPEAT_RELEASE);
    if (late_ns > 0)
        snprintf(late, sizeof(late), "guest %s was told to start %.3f ms after the instant, and ",
                 run->guests[g].exp->name, (double)late_ns / 1e6);
    struct xb_about about = xb_cell_about(cell, NULL);
    return xb_run_warn(run, about, XB_WARN_RELEASE_ERROR, err,
                       "cell %u, attempt %u"
                       ": %sthe guests' clocks agree to %.3f ms only, %.3f ms are allowed%s; %s",
                       cell->row.cell + 1, cell->row.attempt, late,
                       (double)(error_ns - late_ns) / 1e6,
                       (double)run->exp->max_release_error_ns / 1e6, late_ns ? " together" : "",
                       again ? "the cell is repeated" : "its samples count, with this warning");
}

int xb_cell_judge_load(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    for (size_t g = 0; g < run->count; g++) {
        struct xb_about about = xb_cell_about(cell, run->guests[g].exp->name);
        if (xb_cell_role(cell, g) != XB_ROLE_BACKGROUND ||
            cell->guests[g].stage == XB_STAGE_RELEASED)
            continue;
        bool again = !is_hopeless(cell) && repeat(cell, XB_CELL_REPEAT_LOAD);
        if (xb_run_warn(run, about, XB_WARN_BACKGROUND_FAILED, err,
                        "cell %u, attempt %u: guest %s: its background load does not run when the "
                        "window opens (%s); %s",
                        cell->row.cell + 1, cell->row.attempt, about.guest, cell->guests[g].said,
                        again ? "the cell is repeated" : "its samples count, with this warning") <
            0)
            return -1;
    }
    return 0;
}

int xb_cell_judge_loss(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    int policy = run->exp->on_guest_failure;
    if (cell->lost.class == XB_E_NONE || policy == XB_POLICY_STOP || policy == XB_POLICY_KEEP)
        return 0;
    struct xb_about about = xb_cell_about(cell, NULL);
    if (policy == XB_POLICY_DISCARD) {
        bool again = repeat(cell, XB_CELL_REPEAT_LOST);
        return xb_run_warn(run, about, XB_WARN_GUEST_LOST, err, "cell %u, attempt %u: %s; %s",
                           cell->row.cell + 1, cell->row.attempt, cell->lost.msg,
                           again ? "the cell is repeated"
                                 : "no attempt is left, so its samples count");
    }
    for (size_t g = 0; g < run->count; g++) {
        about.guest = run->guests[g].exp->name;
        if (xb_cell_is_busy(cell, g) && cell->guests[g].stage != XB_STAGE_LOST &&
            xb_run_warn(run, about, XB_WARN_GUEST_LOST, err,
                        "cell %u, %s: measured while another guest was lost (%s)",
                        cell->row.cell + 1, about.guest, cell->lost.msg) < 0)
            return -1;
    }
    return 0;
}

int xb_cell_judge_run(const struct xb_cell *cell, struct xb_err *err)
{
    if (cell->lost.class != XB_E_NONE && cell->run->exp->on_guest_failure == XB_POLICY_STOP)
        return xb_fail(err, XB_E_BENCH, 0, "%s; what was measured is kept", cell->lost.msg);
    if (is_hopeless(cell))
        return xb_fail(err, XB_E_BENCH, 0, "the workload cannot be run: %s",
                       cell->run->tally.failure);
    return cell->after.class ? xb_fail(err, cell->after.class, 0, "%s", cell->after.msg) : 0;
}
