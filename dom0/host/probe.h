/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Was Dom0 itself short of CPU? The difference of two readings of its kernel's counters tells,
 * without waking any process in between.
 */
#ifndef XB_PROBE_H
#define XB_PROBE_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_probe {
    uint64_t time_ns; /* monotonic clock */
    bool has_steal, has_pressure, has_delay;
    /* Dom0's vcpus were runnable while Xen ran others: the sum of all vcpus, in ticks of 10 ms */
    uint64_t steal_ns;
    uint64_t pressure_ns; /* some task in Dom0 waited for a vcpu */
    uint64_t delay_ns;    /* this process waited for a vcpu */
};

/* Read the counters below root (NULL: /proc). has_* is false for those that are unreadable. */
void xb_probe_read(const char *root, struct xb_probe *out);

/* The difference of two readings, for the counters that both have. */
struct xb_probe xb_probe_between(const struct xb_probe *from, const struct xb_probe *to);

/*
 * Was Dom0 short of CPU: 2 % of the time stolen or 5 % under pressure, plus the 20 ms that the
 * readings may cost?
 */
bool xb_probe_is_short(const struct xb_probe *passed);

#endif
