/*
 * Was Dom0 itself short of CPU? Its kernel counts without being asked; the difference of two
 * readings tells, and nothing wakes up in between.
 */
#ifndef XB_PROBE_H
#define XB_PROBE_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_probe {
    uint64_t time_ns; /* monotonic clock */
    bool has_steal, has_pressure, has_delay;
    /* vcpus of Dom0 were runnable and Xen ran something else; all vcpus, ticks of 10 ms */
    uint64_t steal_ns;
    uint64_t pressure_ns; /* some task in Dom0 waited for a vcpu */
    uint64_t delay_ns;    /* this process did */
};

/* Read from a proc file system; root NULL: /proc. What cannot be read is marked so. */
void xb_probe_read(const char *root, struct xb_probe *out);

/* What passed from one reading to the other; only what both have. */
struct xb_probe xb_probe_between(const struct xb_probe *from, const struct xb_probe *to);

/*
 * Was it short in that time: 2 % of it stolen or 5 % under pressure, both beyond the 20 ms that
 * the two readings themselves may cost?
 */
bool xb_probe_is_short(const struct xb_probe *passed);

#endif
