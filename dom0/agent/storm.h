/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wake-ups that a guest causes without sending anything. Its event channel may ring as often as it
 * likes, and each ring wakes Dom0: a guest that rings too often is looked at only at intervals.
 */
#ifndef XB_STORM_H
#define XB_STORM_H

#include "base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More useless wake-ups than this within a second are a storm ... */
#define XB_STORM_PER_S 100
/* ... and during a storm, the guest is looked at once in this time. */
#define XB_STORM_STEP_NS (20 * XB_NS_PER_MS)
/* A wake-up that completes no message is useful if it moves this much. */
#define XB_STORM_USE_BYTES ((size_t)1024)

struct xb_storm {
    bool rages;
    uint64_t idle;    /* useless wake-ups in all */
    uint64_t debt_ns; /* when, on the caller's clock, all of them are forgiven */
    uint64_t look_ns; /* during a storm: the next look */
};

/* The guest woke us. of_use: a message was completed, or XB_STORM_USE_BYTES moved. */
void xb_storm_woken(struct xb_storm *storm, uint64_t now_ns, bool of_use);
/* May the guest be looked at? Ends a storm that has died down. */
bool xb_storm_may_look(struct xb_storm *storm, uint64_t now_ns);
/* When to ask again although nothing happens; UINT64_MAX: never. */
uint64_t xb_storm_until(const struct xb_storm *storm, uint64_t now_ns);

#endif
