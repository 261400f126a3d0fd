/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A leaky bucket (GCRA): each useless wake-up fills it by one part; time and useful wake-ups empty
 * it. A message may ring twice, so each useful wake-up excuses a useless one.
 */
#include "storm.h"

#define PART_NS (XB_NS_PER_S / XB_STORM_PER_S)
#define FULL_NS XB_NS_PER_S
/* What each useless look adds: a storm ends once fewer than half the looks are useless. */
#define LOOK_NS (2 * XB_STORM_STEP_NS)

static uint64_t filled_ns(const struct xb_storm *storm, uint64_t now_ns)
{
    return storm->debt_ns > now_ns ? storm->debt_ns - now_ns : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void xb_storm_woken(struct xb_storm *storm, uint64_t now_ns, bool of_use)
{
    uint64_t had_ns = filled_ns(storm, now_ns);
    if (storm->rages)
        storm->look_ns = now_ns + XB_STORM_STEP_NS;
    if (of_use) {
        storm->debt_ns = now_ns + had_ns - least(had_ns, PART_NS);
        return;
    }
    storm->idle++;
    uint64_t has_ns = had_ns + (storm->rages ? LOOK_NS : PART_NS);
    storm->debt_ns = now_ns + least(has_ns, FULL_NS);
    if (storm->rages || has_ns <= FULL_NS)
        return;
    storm->rages = true;
    storm->look_ns = now_ns + XB_STORM_STEP_NS;
}

bool xb_storm_may_look(struct xb_storm *storm, uint64_t now_ns)
{
    if (storm->rages && filled_ns(storm, now_ns) == 0)
        storm->rages = false;
    return !storm->rages || now_ns >= storm->look_ns;
}

uint64_t xb_storm_until(const struct xb_storm *storm, uint64_t now_ns)
{
    if (!storm->rages)
        return UINT64_MAX;
    return now_ns < storm->look_ns ? storm->look_ns : storm->debt_ns;
}
