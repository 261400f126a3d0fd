/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "monitor_death.h"

#include "base.h"
#include "files.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* A guest in a reboot loop must not keep Dom0 busy building it. */
#define RESTART_EVERY_NS (2 * XB_NS_PER_S)

/* A guest in a reboot loop must not fill the disk with log lines. */
#define LOG_MAX_BYTES (64 * XB_KIB)

static void log_shutdown(const struct xb_monitor *monitor, libxl_shutdown_reason reason,
                         libxl_action_on_shutdown action)
{
    struct stat log;
    if (fstat(STDERR_FILENO, &log) == 0 && S_ISREG(log.st_mode) &&
        log.st_size > (off_t)LOG_MAX_BYTES && ftruncate(STDERR_FILENO, 0) < 0)
        return;
    fprintf(stderr, "guest %s: domain %u has shut down (%s), so: %s\n", monitor->def.name,
            monitor->domid, libxl_shutdown_reason_to_string(reason),
            libxl_action_on_shutdown_to_string(action));
}

static libxl_action_on_shutdown action_for(const libxl_domain_config *config,
                                           libxl_shutdown_reason reason)
{
    switch (reason) {
    case LIBXL_SHUTDOWN_REASON_POWEROFF:
        return config->on_poweroff;
    case LIBXL_SHUTDOWN_REASON_REBOOT:
        return config->on_reboot;
    case LIBXL_SHUTDOWN_REASON_CRASH:
        return config->on_crash;
    case LIBXL_SHUTDOWN_REASON_WATCHDOG:
        return config->on_watchdog;
    case LIBXL_SHUTDOWN_REASON_SOFT_RESET:
        return config->on_soft_reset;
    default:
        return LIBXL_ACTION_ON_SHUTDOWN_DESTROY;
    }
}

static void stop_watching(struct xb_monitor *monitor)
{
    libxl_event *event;
    if (monitor->death)
        libxl_evdisable_domain_death(monitor->xen->ctx, monitor->death);
    monitor->death = NULL;
    while (libxl_event_check(monitor->xen->ctx, &event, LIBXL_EVENTMASK_ALL, NULL, NULL) == 0)
        libxl_event_free(monitor->xen->ctx, event);
    xb_console_detach(&monitor->console);
}

static int destroy(struct xb_monitor *monitor, struct xb_err *err)
{
    stop_watching(monitor);
    return xb_domain_destroy(monitor->xen, monitor->domid, err);
}

static int restart(struct xb_monitor *monitor, struct xb_err *err)
{
    uint64_t ran_ns = xb_now_ns() - monitor->begun_ns;
    if (ran_ns < RESTART_EVERY_NS) {
        struct timespec rest = xb_timespec(RESTART_EVERY_NS - ran_ns);
        nanosleep(&rest, NULL);
    }
    return xb_monitor_start(monitor, true, err);
}

/*
 * Keep only one core file per guest, because it is as large as the guest's memory and a guest may
 * crash often.
 */
static void dump_core(struct xb_monitor *monitor)
{
    char path[PATH_MAX];
    if (xb_path(path, sizeof(path), NULL, "%s/core", monitor->def.dir) < 0)
        return;
    int rc = libxl_domain_core_dump(monitor->xen->ctx, monitor->domid, path, NULL);
    if (rc)
        fprintf(stderr, "guest %s: cannot write its memory to %s: libxl error %d\n",
                monitor->def.name, path, rc);
}

/* Keep the dead domain for inspection under another name and UUID, then start the guest again. */
static int rename_and_restart(struct xb_monitor *monitor, struct xb_err *err)
{
    char suffix[32];
    libxl_uuid uuid;
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(suffix, sizeof(suffix), "-%y%m%dT%H%M%SZ", &utc);
    libxl_uuid_generate(&uuid);
    stop_watching(monitor);
    xb_xen_forget(monitor->xen);
    int rc = libxl_domain_preserve(monitor->xen->ctx, monitor->domid, &monitor->config.c_info,
                                   suffix, uuid);
    if (rc)
        return xb_xen_fail(monitor->xen, err, XB_E_HOST, rc,
                           "guest %s: cannot keep its dead domain", monitor->def.name);
    return restart(monitor, err);
}

/*
 * A suspended domain is resumed here or continues elsewhere. Create the new generator before
 * freeing the old one, which keeps the watch in xenstore; a new watch would fire at once and find
 * the domain suspended.
 */
static int on_suspend(struct xb_monitor *monitor, struct xb_err *err)
{
    libxl_evgen_domain_death *next = NULL;
    int rc = libxl_evenable_domain_death(monitor->xen->ctx, monitor->domid, 0, &next);
    if (rc)
        return xb_xen_fail(monitor->xen, err, XB_E_HOST, rc, "guest %s: cannot watch its domain",
                           monitor->def.name);
    libxl_evdisable_domain_death(monitor->xen->ctx, monitor->death);
    monitor->death = next;
    return 0;
}

int xb_monitor_on_shutdown(struct xb_monitor *monitor, libxl_shutdown_reason reason,
                           struct xb_err *err)
{
    if (reason == LIBXL_SHUTDOWN_REASON_SUSPEND)
        return on_suspend(monitor, err);
    libxl_action_on_shutdown action = action_for(&monitor->config, reason);
    log_shutdown(monitor, reason, action);
    switch (action) {
    case LIBXL_ACTION_ON_SHUTDOWN_PRESERVE:
        return 1;
    case LIBXL_ACTION_ON_SHUTDOWN_RESTART_RENAME:
        return rename_and_restart(monitor, err);
    case LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_DESTROY:
        dump_core(monitor);
        return destroy(monitor, err) < 0 ? -1 : 1;
    case LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_RESTART:
        dump_core(monitor);
        return destroy(monitor, err) < 0 ? -1 : restart(monitor, err);
    case LIBXL_ACTION_ON_SHUTDOWN_RESTART:
        return destroy(monitor, err) < 0 ? -1 : restart(monitor, err);
    default: /* destroy; a soft reset needs a crash kernel in the guest, which these guests lack */
        return destroy(monitor, err) < 0 ? -1 : 1;
    }
}
