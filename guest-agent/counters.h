/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Performance counters of a job and all its descendants, if the guest's CPUs have any. Under Xen
 * that needs a vPMU, which is off unless Xen's command line has `vpmu`.
 */
#ifndef XA_COUNTERS_H
#define XA_COUNTERS_H

#include "frame.h"
#include "xenbench.pb-c.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct xa_counter_kind {
    const char *name;
    uint32_t type; /* PERF_TYPE_... */
    uint64_t config;
};

/* The counters of every job. */
#define XA_COUNTER_KINDS 3
extern const struct xa_counter_kind xa_counter_kinds[XA_COUNTER_KINDS];

struct xa_counters {
    size_t count;
    int fds[XB_COUNTERS_MAX]; /* -1: unavailable; why has the reason */
    const char *why[XB_COUNTERS_MAX];
    Xb__Counter messages[XB_COUNTERS_MAX];
    Xb__Counter *list[XB_COUNTERS_MAX];
};

void xa_counters_init(struct xa_counters *counters);

/*
 * Count for a process and its descendants from its exec on. Never fails: an unavailable counter is
 * reported with the reason.
 */
void xa_counters_open(struct xa_counters *counters, pid_t pid, const struct xa_counter_kind *kinds,
                      size_t count);
/* The process has ended: fill messages and list, close the counters, and return their number. */
size_t xa_counters_read(struct xa_counters *counters);
void xa_counters_close(struct xa_counters *counters);

#endif
