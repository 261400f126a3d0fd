/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process that builds a guest's domain and then watches it to its end: its console, and what
 * xl's daemon does on shutdown, reboot and crash. It outlives the xenbench that started it.
 */
#ifndef XB_MONITOR_H
#define XB_MONITOR_H

#include "domain_build.h"
#include "monitor_console.h"

struct xb_monitor {
    struct xb_app *app;
    struct xb_xen *xen;
    struct xb_guest_def def;
    libxl_domain_config config;
    uint32_t domid;    /* 0: none now */
    uint64_t begun_ns; /* monotonic clock: the domain began to run */
    libxl_evgen_domain_death *death;
    struct xb_console console;
    int lock_fd;
};

/*
 * Become a guest's monitor: take its lock, and open its console's log and socket. XB_E_HOST if
 * another process is the monitor. Close monitor, even after a failure.
 */
int xb_monitor_open(struct xb_monitor *monitor, struct xb_app *app, const char *name,
                    struct xb_err *err);
void xb_monitor_close(struct xb_monitor *monitor);

/*
 * Build the domain (free_memory: after making room for it), attach its console and unpause it. On
 * failure no domain is left.
 */
int xb_monitor_start(struct xb_monitor *monitor, bool free_memory, struct xb_err *err);

/*
 * Xen's block script is slow and runs one at a time, and libxl kills it after 40 s. So builders of
 * guests that use the script queue here, without that limit; close the descriptor after the build.
 * -1: no need to wait.
 */
int xb_monitor_disks_lock(const struct xb_monitor *monitor);

/* Watch a domain that runs already. */
int xb_monitor_adopt(struct xb_monitor *monitor, uint32_t domid, struct xb_err *err);

/*
 * Watch until the domain is gone for good: 0, or -1 if it can no longer be watched. Sleeps in one
 * poll.
 */
int xb_monitor_run(struct xb_monitor *monitor, struct xb_err *err);

#endif
