/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "monitor.h"

#include "base.h"
#include "build_record.h"
#include "fault.h"
#include "files.h"
#include "generation.h"
#include "guest_cfg.h"
#include "monitor_death.h"
#include "xswait.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#define CONSOLE_WAIT_NS (10 * XB_NS_PER_S)
#define LIBXL_POLLS 64

/*
 * The lock's name comes from the definition, which may disappear before we hold the lock, but not
 * afterwards. So load the definition again.
 */
static int load_again(struct xb_monitor *monitor, const char *name, struct xb_err *err)
{
    struct xb_guest_def def;
    if (xb_guest_def_load(monitor->app, name, &def, err) < 0)
        return -1;
    if (strcmp(monitor->def.uuid, def.uuid) != 0)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s was removed and remade just now", name);
    monitor->def = def;
    return 0;
}

int xb_monitor_open(struct xb_monitor *monitor, struct xb_app *app, const char *name,
                    struct xb_err *err)
{
    char log[PATH_MAX], path[PATH_MAX], holder[64];
    *monitor = (struct xb_monitor){.app = app, .lock_fd = -1};
    libxl_domain_config_init(&monitor->config);
    xb_console_init(&monitor->console);
    monitor->xen = xb_xen_get(app, err);
    if (!monitor->xen || xb_guest_def_load(app, name, &monitor->def, err) < 0 ||
        xb_make_dirs(app->run_dir, err) < 0 ||
        xb_guest_monitor_lock_path(app, monitor->def.uuid, path, sizeof(path), err) < 0)
        return -1;
    monitor->lock_fd = xb_lock_take(path, holder, err);
    if (monitor->lock_fd < 0)
        return xb_fail_context(err,
                               "guest %s already has a monitor, or is being started or "
                               "removed",
                               name);
    if (load_again(monitor, name, err) < 0 ||
        xb_path(log, sizeof(log), err, "%s/console.log", monitor->def.dir) < 0 ||
        xb_guest_console_socket_path(app, monitor->def.uuid, path, sizeof(path), err) < 0)
        return -1;
    return xb_console_open(&monitor->console, log, path, err);
}

void xb_monitor_close(struct xb_monitor *monitor)
{
    char path[PATH_MAX];
    if (monitor->death)
        libxl_evdisable_domain_death(monitor->xen->ctx, monitor->death);
    bool listening = monitor->console.listen_fd >= 0;
    xb_console_close(&monitor->console);
    libxl_domain_config_dispose(&monitor->config);
    if (listening && xb_guest_console_socket_path(monitor->app, monitor->def.uuid, path,
                                                  sizeof(path), NULL) == 0)
        unlink(path);
    if (monitor->lock_fd < 0)
        return;
    if (xb_guest_monitor_lock_path(monitor->app, monitor->def.uuid, path, sizeof(path), NULL) == 0)
        unlink(path);
    close(monitor->lock_fd);
}

struct tty_look {
    struct xb_xen *xen;
    uint32_t domid;
    char *path;
};

static int look_for_tty(void *arg, struct xb_err *err XB_UNUSED)
{
    struct tty_look *look = arg;
    return libxl_primary_console_get_tty(look->xen->ctx, look->domid, &look->path) == 0 &&
           look->path && look->path[0];
}

/*
 * xenconsoled makes a terminal for each new domain in its own time. Wait for it, so that no boot
 * message is lost; without a console, start the guest anyway.
 */
static int attach_console(struct xb_monitor *monitor, struct xb_err *err)
{
    char key[64];
    const char *paths[] = {key};
    struct tty_look look = {.xen = monitor->xen, .domid = monitor->domid};
    snprintf(key, sizeof(key), "/local/domain/%u/console/tty", monitor->domid);
    int found = xb_xs_wait(paths, 1, xb_now_ns() + CONSOLE_WAIT_NS, look_for_tty, &look, err);
    if (found == 0)
        fprintf(stderr,
                "guest %s: xenconsoled gives it no console (is it running?); its boot messages "
                "are not kept\n",
                monitor->def.name);
    int status = found > 0 ? xb_console_attach(&monitor->console, look.path, err) : found;
    free(look.path);
    return status;
}

int xb_monitor_adopt(struct xb_monitor *monitor, uint32_t domid, struct xb_err *err)
{
    monitor->domid = domid;
    if (monitor->config.c_info.name == NULL &&
        xb_domain_config_load(monitor->xen, &monitor->def, &monitor->config, err) < 0)
        return -1;
    if (attach_console(monitor, err) < 0)
        return -1;
    int rc = libxl_evenable_domain_death(monitor->xen->ctx, domid, 0, &monitor->death);
    if (rc)
        return xb_xen_fail(monitor->xen, err, XB_E_HOST, rc, "guest %s: cannot watch its domain",
                           monitor->def.name);
    return 0;
}

/* These locks only order starts, so a start continues even if it cannot take them. */
static int order_lock(const struct xb_monitor *monitor, const char *name, int how)
{
    char path[PATH_MAX];
    if (xb_path(path, sizeof(path), NULL, "%s/%s.lock", monitor->app->run_dir, name) < 0)
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (fd >= 0 && flock(fd, how) < 0 && errno == EINTR)
        continue;
    return fd;
}

/* xl.cfg files by a person or by an older xenbench use xl's own script. */
static bool has_slow_script(const struct xb_monitor *monitor)
{
    char own[PATH_MAX];
    bool have_own = xb_guest_block_program(monitor->app, own);
    for (int i = 0; i < monitor->config.num_disks; i++) {
        const char *script = monitor->config.disks[i].script;
        if (!have_own || !script || strcmp(script, own) != 0)
            return true;
    }
    return false;
}

int xb_monitor_disks_lock(const struct xb_monitor *monitor)
{
    return has_slow_script(monitor) ? order_lock(monitor, "disks", LOCK_EX) : -1;
}

static int load_config(struct xb_monitor *monitor, struct xb_err *err)
{
    libxl_domain_config_dispose(&monitor->config);
    return xb_domain_config_load(monitor->xen, &monitor->def, &monitor->config, err);
}

static int build(struct xb_monitor *monitor, struct xb_err *err)
{
    xb_auto_close int disks_lock = xb_monitor_disks_lock(monitor);
    if (xb_build_record_begin(monitor->app, &monitor->def, err) < 0 ||
        xb_domain_build(monitor->xen, &monitor->config, &monitor->domid, err) < 0) {
        xb_build_record_end(monitor->app, &monitor->def);
        return -1;
    }
    return 0;
}

static void wait_for_other_builders(int lock_fd)
{
    while (lock_fd >= 0 && flock(lock_fd, LOCK_EX) < 0 && errno == EINTR)
        continue;
}

int xb_monitor_start(struct xb_monitor *monitor, bool free_memory, struct xb_err *err)
{
    /*
     * Everybody takes xl's lock before "building" and that one before "disks": a command that
     * starts guests holds xl's lock while its builders wait for the others.
     */
    xb_auto_close int xl_lock = -1;
    if (load_config(monitor, err) < 0 ||
        (free_memory && xb_memory_free(monitor->xen, &monitor->config, 1, &xl_lock, err) < 0))
        return -1;
    /*
     * Guests that start together must begin to run together, because a booting guest takes CPU time
     * from builders. Builders share this lock; a finished builder waits to have it alone.
     */
    xb_auto_close int lock_fd = order_lock(monitor, "building", LOCK_SH);
    if (build(monitor, err) < 0)
        return -1;
    if (xl_lock >= 0)
        close(xb_steal_fd(&xl_lock));
    xb_fault("domain-built");
    int status = xb_monitor_adopt(monitor, monitor->domid, err);
    if (status == 0)
        status = xb_generation_next_of(&monitor->def, &monitor->config, err);
    if (status == 0) {
        wait_for_other_builders(lock_fd);
        int rc = libxl_domain_unpause(monitor->xen->ctx, monitor->domid, NULL);
        if (rc)
            status = xb_xen_fail(monitor->xen, err, XB_E_HOST, rc,
                                 "guest %s: cannot start its domain", monitor->def.name);
    }
    monitor->begun_ns = xb_now_ns();
    if (status < 0) {
        xb_domain_destroy(monitor->xen, monitor->domid, NULL);
        monitor->domid = 0;
    }
    xb_build_record_end(monitor->app, &monitor->def);
    return status;
}

/* Handle all pending libxl events: 0 to go on, 1 if the domain is gone for good. */
static int take_events(struct xb_monitor *monitor, struct xb_err *err)
{
    libxl_event *event;
    while (libxl_event_check(monitor->xen->ctx, &event, LIBXL_EVENTMASK_ALL, NULL, NULL) == 0) {
        int status = 0;
        if (event->domid == monitor->domid && event->type == LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN)
            status = xb_monitor_on_shutdown(monitor, event->u.domain_shutdown.shutdown_reason, err);
        else if (event->domid == monitor->domid && event->type == LIBXL_EVENT_TYPE_DOMAIN_DEATH)
            status = 1;
        libxl_event_free(monitor->xen->ctx, event);
        if (status)
            return status;
    }
    return 0;
}

int xb_monitor_run(struct xb_monitor *monitor, struct xb_err *err)
{
    struct pollfd fds[XB_CONSOLE_POLLS + LIBXL_POLLS];
    for (;;) {
        int status = take_events(monitor, err);
        if (status)
            return status < 0 ? -1 : 0;
        int timeout_ms = -1, xl_count = LIBXL_POLLS;
        int count = xb_console_before_poll(&monitor->console, fds, &timeout_ms);
        struct timeval now;
        gettimeofday(&now, NULL);
        int rc =
            libxl_osevent_beforepoll(monitor->xen->ctx, &xl_count, fds + count, &timeout_ms, now);
        if (rc)
            return xb_xen_fail(monitor->xen, err, XB_E_HOST, rc,
                               "guest %s: cannot wait for its domain", monitor->def.name);
        if (poll(fds, (nfds_t)count + (nfds_t)xl_count, timeout_ms) < 0 && errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "guest %s: cannot wait for its domain",
                           monitor->def.name);
        gettimeofday(&now, NULL);
        libxl_osevent_afterpoll(monitor->xen->ctx, xl_count, fds + count, now);
        xb_console_after_poll(&monitor->console, fds, count);
    }
}
