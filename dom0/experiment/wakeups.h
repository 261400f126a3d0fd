/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often agent and controller may wake up while jobs run: each wake-up disturbs the measurement.
 */
#ifndef XB_WAKEUPS_H
#define XB_WAKEUPS_H

#include <stddef.h>
#include <stdint.h>

/* An agent wakes for its job's end, and may wake once more (a stray signal, xenstore). */
#define XB_AGENT_WAKEUPS_MAX 2
/* The controller wakes for each result, and may wake this many more times. */
#define XB_CONTROLLER_WAKEUPS_MORE 2

/* The controller's budget for a cell; idle guests send nothing, so they do not count as jobs. */
static inline uint64_t xb_controller_wakeups_max(size_t jobs)
{
    return jobs + XB_CONTROLLER_WAKEUPS_MORE;
}

#endif
