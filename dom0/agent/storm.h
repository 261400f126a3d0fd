/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wake-ups that a guest causes without saying anything. Its event channel rings as often as it
 * likes, and each ring wakes Dom0: a guest that rings too often is looked at in steps.
 */
#ifndef XB_STORM_H
#define XB_STORM_H

#include "base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beyond this many wake-ups of no use within a second a storm begins ... */
#define XB_STORM_PER_S 100
/* ... and while it rages, the guest is looked at once in this time. */
#define XB_STORM_STEP_NS (20 * XB_NS_PER_MS)
/* A wake-up that completes no message is of use if it moves this much. */
#define XB_STORM_USE_BYTES ((size_t)1024)

struct xb_storm {
    bool rages;
    uint64_t idle;    /* wake-ups of no use in all */
    uint64_t debt_ns; /* the time, on the caller's clock, at which all of them are forgiven */
    uint64_t look_ns; /* while it rages: the next look */
};

/* The guest woke us. of_use: a message came of it, or XB_STORM_USE_BYTES moved. */
void xb_storm_woken(struct xb_storm *storm, uint64_t now_ns, bool of_use);
/* May the guest be looked at? Ends a storm that has died down. */
bool xb_storm_may_look(struct xb_storm *storm, uint64_t now_ns);
/* When to ask again although nothing happens; UINT64_MAX: never. */
uint64_t xb_storm_until(const struct xb_storm *storm, uint64_t now_ns);

#endif
