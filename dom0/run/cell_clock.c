/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How well the guests' clocks agree before and after a cell. The formula is in cell_clock.h and
 * docs/measurement.md.
 */
#include "cell_clock.h"

#include "alloc.h"
#include "base.h"
#include "cell.h"

#define PINGS 32
/* If CPUs are short, a clock may stand still for a moment and spoil a fit. */
#define TRIES 5
/* The others wait no longer than this for one guest, plus the time limit of a fit under way. */
#define TRYING_NS (10 * XB_NS_PER_S)
/* A clock that gains or loses more than this plus a thousandth runs at another rate than Dom0's. */
#define DRIFT_NS (2 * XB_NS_PER_MS)

/* Fit all clocks. A fit that fails is tried again while its guest is connected. */
static void fit_guests(struct xb_run *run, struct xb_clock_ask *asks)
{
    size_t count = run->count;
    struct xb_err stopped = {0};
    xb_auto_free struct xb_clock_ask *again = xb_calloc(count, sizeof(*again));
    uint64_t until_ns = xb_now_ns() + TRYING_NS;
    xb_agents_clock(asks, count, PINGS);
    for (int i = 1; i < TRIES && xb_now_ns() < until_ns && !xb_run_stopping(run, &stopped); i++) {
        size_t failed = 0;
        for (size_t g = 0; g < count; g++) {
            bool retry =
                asks[g].agent && asks[g].err.class != XB_E_NONE && xb_agent_ready(asks[g].agent);
            again[g] = (struct xb_clock_ask){.agent = retry ? asks[g].agent : NULL};
            failed += retry;
        }
        if (failed == 0)
            return;
        xb_agents_clock(again, count, PINGS);
        for (size_t g = 0; g < count; g++)
            if (again[g].agent)
                asks[g] = again[g];
    }
}

int xb_cell_fit(struct xb_cell *cell, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    xb_auto_free struct xb_clock_ask *asks = xb_calloc(run->count, sizeof(*asks));
    for (size_t g = 0; g < run->count; g++)
        asks[g].agent = xb_cell_is_busy(cell, g) ? run->agents[g] : NULL;
    fit_guests(run, asks);
    int r = 0;
    for (size_t g = 0; g < run->count; g++)
        if (asks[g].err.class != XB_E_NONE) {
            xb_run_unfit(run, g, &asks[g].err);
            r = xb_fail(err, asks[g].err.class, 0, "%s", asks[g].err.msg);
        }
    for (size_t g = 0; r == 0 && g < run->count; g++) {
        cell->guests[g].fit = asks[g].fit;
        cell->guests[g].has_fit = asks[g].agent != NULL;
    }
    return r;
}

static uint64_t distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static bool has_span(const struct xb_clock_fit *before, const struct xb_clock_fit *after)
{
    return before->at_ns && after->at_ns > before->at_ns;
}

bool xb_clock_is_even(const struct xb_clock_fit *before, const struct xb_clock_fit *after)
{
    uint64_t drift_ns = distance(after->offset_ns, before->offset_ns);
    uint64_t unsure_ns = before->error_ns + after->error_ns;
    return has_span(before, after) &&
           drift_ns <= DRIFT_NS + unsure_ns + (after->at_ns - before->at_ns) / 1000;
}

uint64_t xb_clock_release_error(const struct xb_clock_fit *before, const struct xb_clock_fit *after,
                                uint64_t release_ns)
{
    uint64_t drift_ns = distance(after->offset_ns, before->offset_ns);
    if (!xb_clock_is_even(before, after) || release_ns < before->at_ns || release_ns > after->at_ns)
        return before->error_ns + drift_ns;
    double x = (double)(release_ns - before->at_ns) / (double)(after->at_ns - before->at_ns);
    return (uint64_t)((1 - x) * (double)before->error_ns +
                      x * ((double)after->error_ns + (double)drift_ns) + 0.5);
}

/* Did the guest's clock run at the rate of Dom0's between the two fits? */
static int judge_rate(struct xb_cell *cell, size_t g, const struct xb_clock_fit *after,
                      struct xb_err *err)
{
    const struct xb_cell_guest *guest = &cell->guests[g];
    uint64_t drift_ns = distance(after->offset_ns, guest->fit.offset_ns);
    if (guest->restored || !has_span(&guest->fit, after) || xb_clock_is_even(&guest->fit, after))
        return 0;
    uint64_t span_ns = after->at_ns - guest->fit.at_ns;
    struct xb_about about = xb_cell_about(cell, cell->run->guests[g].exp->name);
    return xb_run_warn(
        cell->run, about, XB_WARN_CLOCK_RATE, err,
        "guest %s: its clock %s %.3f ms against Dom0's in the %.3f s around cell %u; "
        "times that it reports are off by as much",
        about.guest, after->offset_ns > guest->fit.offset_ns ? "gained" : "lost",
        (double)drift_ns / 1e6, (double)span_ns / 1e9, cell->row.cell + 1);
}

/* What the second fit of a guest's clock says about its release. */
static int take_fit_after(struct xb_cell *cell, size_t g, const struct xb_clock_fit *after,
                          uint64_t *error_ns, struct xb_err *err)
{
    uint64_t error = xb_clock_release_error(&cell->guests[g].fit, after, cell->release_ns);
    if (error > *error_ns)
        *error_ns = error;
    return xb_store_sample_fit_after(cell->run->store, cell->key, cell->run->guests[g].exp->name,
                                     after, err) < 0
               ? -1
               : judge_rate(cell, g, after, err);
}

int xb_cell_fit_after(struct xb_cell *cell, bool *has_error, uint64_t *error_ns, struct xb_err *err)
{
    struct xb_run *run = cell->run;
    xb_auto_free struct xb_clock_ask *asks = xb_calloc(run->count, sizeof(*asks));
    *has_error = true;
    *error_ns = 0;
    for (size_t g = 0; g < run->count; g++) {
        const struct xb_cell_guest *guest = &cell->guests[g];
        if (xb_cell_role(cell, g) == XB_ROLE_MEASURED && guest->stage != XB_STAGE_LOST &&
            guest->has_fit)
            asks[g].agent = run->agents[g];
    }
    fit_guests(run, asks);
    for (size_t g = 0; g < run->count; g++) {
        if (xb_cell_role(cell, g) != XB_ROLE_MEASURED)
            continue;
        /* A lost guest's sample says so. */
        if (!asks[g].agent || asks[g].err.class != XB_E_NONE)
            *has_error = false;
        else if (take_fit_after(cell, g, &asks[g].fit, error_ns, err) < 0)
            return -1;
    }
    return 0;
}
