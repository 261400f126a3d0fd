/*
 * The process that builds a guest's domain and then watches over it until it ends: its console, and
 * what xl's own daemon does on shutdown, reboot and crash. It outlives the xenbench that started
 * it.
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
    uint64_t begun_ns; /* when the domain began to run, on the monotonic clock */
    libxl_evgen_domain_death *death;
    struct xb_console console;
    int lock_fd;
};

/*
 * Become the monitor of a guest: take its lock, its console, its configuration. XB_E_HOST where
 * another process is. monitor is to be closed, also after a failure.
 */
int xb_monitor_open(struct xb_monitor *monitor, struct xb_app *app, const char *name,
                    struct xb_err *err);
void xb_monitor_close(struct xb_monitor *monitor);

/*
 * Build the domain (with free_memory: see that there is memory first), attach its console and let
 * it run. On failure no domain is left.
 */
int xb_monitor_start(struct xb_monitor *monitor, bool free_memory, struct xb_err *err);

/*
 * Xen's block script is a hundred processes and serialises itself; libxl kills one that waits for
 * 40 s. Who builds a guest whose configuration uses it waits here, before libxl counts, which has no
 * limit, and closes the descriptor when it is built. -1: there is nothing to wait for.
 */
int xb_monitor_disks_lock(const struct xb_monitor *monitor);

/* Watch over a domain that runs already. */
int xb_monitor_adopt(struct xb_monitor *monitor, uint32_t domid, struct xb_err *err);

/*
 * Watch until the domain is gone for good: 0, or -1 when it cannot be watched any longer. Sleeps in
 * one poll.
 */
int xb_monitor_run(struct xb_monitor *monitor, struct xb_err *err);

#endif
