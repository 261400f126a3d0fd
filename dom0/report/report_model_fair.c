/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much slower guests are than alone, and how evenly a case treats them. */
#include "base.h"
#include "report_model_i.h"

#include <math.h>

struct xb_slowdown xb_model_slowdown(const struct xb_model *m, size_t case_no, size_t guest)
{
    const struct xb_slowdown none = {NAN, NAN, NAN};
    const struct xb_group *g = xb_model_group(m, case_no, guest);
    if (g->solo_case < 0 || (size_t)g->solo_case == case_no || g->value.n == 0)
        return none;
    const struct xb_group *alone = xb_model_group(m, (size_t)g->solo_case, guest);
    const struct xb_stats *worse = &g->value, *better = &alone->value;
    if (xb_report_more_is_better(g)) {
        worse = &alone->value;
        better = &g->value;
    }
    if (!xb_report_same_figure(g, alone) || alone->value.n == 0 || !(worse->median > 0) ||
        !(better->median > 0))
        return none;
    struct xb_slowdown slow = {worse->median / better->median, NAN, NAN};
    if (worse->n > 1 && better->n > 1 && worse->ci_low > 0 && better->ci_low > 0) {
        slow.low = worse->ci_low / better->ci_high;
        slow.high = worse->ci_high / better->ci_low;
    }
    return slow;
}

/* Work done per time, in whatever unit: more is better. NaN: not known. */
static double progress_of(const struct xb_model *m, size_t c, size_t g, enum xb_progress by)
{
    const struct xb_group *group = xb_model_group(m, c, g);
    if (by == XB_PROGRESS_SOLO)
        return 1 / xb_model_slowdown(m, c, g).times;
    if (group->value.n == 0 || !(group->value.median > 0))
        return NAN;
    return xb_report_more_is_better(group) ? group->value.median : 1 / group->value.median;
}

/* Fill fair from all measured guests of a case; false if this measure cannot compare them. */
static bool judge(const struct xb_model *m, size_t c, enum xb_progress by, double *progress,
                  struct xb_fairness *fair)
{
    const struct xb_group *first = NULL;
    double most = 0, least = INFINITY;
    size_t n = 0;
    for (size_t g = 0; g < m->guest_count; g++) {
        const struct xb_group *group = xb_model_group(m, c, g);
        if (group->role != XB_ROLE_MEASURED)
            continue;
        first = first ? first : group;
        double own = progress[n++] = progress_of(m, c, g, by);
        if (!isfinite(own) || (by == XB_PROGRESS_FIGURE && !xb_report_same_figure(first, group)))
            return false;
        if (own > most)
            fair->best = g;
        if (own < least)
            fair->worst = g;
        most = fmax(most, own);
        least = fmin(least, own);
    }
    if (n < 2)
        return false;
    fair->by = by;
    fair->index = xb_stats_fairness(progress, n);
    fair->worst_part = least / most;
    return true;
}

void xb_model_load_fairness(struct xb_model *m)
{
    double *progress = xb_arena_alloc(&m->arena, m->guest_count, sizeof(*progress));
    for (size_t c = 0; c < m->case_count; c++) {
        struct xb_fairness fair = {.by = XB_PROGRESS_NONE};
        if (judge(m, c, XB_PROGRESS_SOLO, progress, &fair) ||
            judge(m, c, XB_PROGRESS_FIGURE, progress, &fair))
            m->cases[c].fair = fair;
    }
}
