/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations after which a running guest still exists. */
#ifndef XB_DOMAIN_STATE_H
#define XB_DOMAIN_STATE_H

#include "app.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pause a guest, even one of xl's: it gets no CPU and stays in memory. 0 also if it was paused. */
int xb_guest_pause(struct xb_app *app, const char *name, struct xb_err *err);

/* Let a paused guest go on, or one that an interrupted checkpoint left suspended. 0 if it runs. */
int xb_guest_unpause(struct xb_app *app, const char *name, struct xb_err *err);

struct xb_reboot_result {
    struct xb_err err;
    uint32_t domid;   /* the new domain */
    uint64_t down_ns; /* monotonic clock: the old domain was seen shut down, or gone */
    uint64_t up_ns;   /* monotonic clock: the new domain was seen to run */
};

/*
 * Ask guests to reboot, and wait until each runs in a new domain. After timeout_ns: XB_E_BENCH,
 * with an error in the results of those that do not. results has count entries.
 */
int xb_guest_reboot_all(struct xb_app *app, const char *const *names, size_t count,
                        uint64_t timeout_ns, struct xb_reboot_result *results, struct xb_err *err);

struct xb_migrate_result {
    struct xb_err err;
    uint32_t domid;     /* the new domain */
    bool quiet;         /* the agent had closed its vchan before */
    uint64_t begun_ns;  /* monotonic clock: the new domain began to run */
    uint64_t total_ns;  /* until the old domain was gone, too */
    uint64_t live_ns;   /* until the old domain was suspended; the guest ran meanwhile */
    uint64_t frozen_ns; /* from then until the new domain ran */
    uint64_t bytes;     /* copied from one domain to the other */
};

/*
 * Migrate guests live to new domains on this host, as `xl migrate` to localhost does. results has
 * count entries. If it fails for a guest, that guest stays in its old domain.
 */
int xb_guest_migrate_all(struct xb_app *app, const char *const *names, size_t count,
                         struct xb_migrate_result *results, struct xb_err *err);

#endif
