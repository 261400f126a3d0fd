/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shuts guests down, destroys and removes them. */
#include "alloc.h"
#include "base.h"
#include "build_record.h"
#include "destroy_record.h"
#include "domain.h"
#include "domain_build.h"
#include "files.h"
#include "guest_dir.h"
#include "shutdown_request.h"
#include "waits.h"
#include "xen_domains.h"
#include "xswait.h"

#include <errno.h>
#include <inttypes.h>
#include <libxl_utils.h>
#include <string.h>

#define DESTROY_TRIES 6 /* ten seconds each, while another process builds the domain */

struct stop {
    struct xb_app *app;
    const char *const *names;
    uint32_t *domids; /* 0: gone */
    size_t count;
    struct xb_guest_stopped *stopped; /* NULL: not wanted */
    struct xb_waits waits;
};

/* Will a process handle the guest's shutdown? For guests of xl that is xl's daemon. */
static bool is_watched(struct xb_app *app, const char *name)
{
    struct xb_guest_def def;
    return xb_guest_def_load(app, name, &def, NULL) < 0 || xb_guest_monitor_pid(app, &def) != 0;
}

/*
 * Is the domain gone? XB_XS_SOON while it is dying, because xenstored reports that only once. A
 * domain that has shut down stays until somebody destroys it; if its monitor died, we do.
 */
static int look_for_end(struct stop *stop, size_t i)
{
    struct xb_xen *xen = stop->app->xen;
    struct xb_domain domain;
    bool gone = xb_domain_look(xen, stop->domids[i], &domain) != 0;
    bool dying = domain.dying, dead = domain.shutdown && !dying;
    if ((gone || dying || dead) && stop->stopped && !stop->stopped[i].down_ns)
        stop->stopped[i].down_ns = xb_now_ns();
    if (dead && !is_watched(stop->app, stop->names[i]))
        gone = xb_domain_destroy(xen, stop->domids[i], NULL) == 0;
    if (gone && stop->stopped)
        stop->stopped[i].gone_ns = xb_now_ns();
    return gone ? 1 : dying ? XB_XS_SOON : 0;
}

static bool has_gone(const void *arg, size_t i)
{
    const struct stop *stop = arg;
    return stop->domids[i] == 0;
}

static int look_for_ends(void *arg, struct xb_err *err XB_UNUSED)
{
    struct stop *stop = arg;
    int all = 1;
    for (size_t i = 0; i < stop->count; i++) {
        int found = stop->domids[i] ? look_for_end(stop, i) : 1;
        if (found == 1)
            stop->domids[i] = 0;
        else if (all != XB_XS_SOON)
            all = found;
    }
    xb_waits_tell(&stop->waits, has_gone, stop);
    return all;
}

static bool is_hvm(struct xb_xen *xen, uint32_t domid)
{
    char type[XB_DOMAIN_TYPE_BYTES];
    xb_domain_type(xen, domid, type);
    return strcmp(type, "hvm") == 0;
}

/* An HVM guest may have Xen's drivers; otherwise use its power button. */
static int ask_hvm(struct xb_xen *xen, const char *name, uint32_t domid, struct xb_err *err)
{
    xb_xen_forget(xen);
    int rc = libxl_domain_shutdown(xen->ctx, domid, NULL);
    if (rc == ERROR_NOPARAVIRT)
        rc = libxl_send_trigger(xen->ctx, domid, LIBXL_TRIGGER_POWER, 0, NULL);
    if (rc && xb_domain_alive(xen, domid))
        return xb_xen_fail(xen, err, XB_E_BENCH, rc, "cannot ask guest %s to shut down", name);
    return 0;
}

/* Without libxl, which would wait up to a minute for each guest's acknowledgement. */
static int ask(struct xb_xen *xen, const char *name, uint32_t domid, struct xb_err *err)
{
    if (is_hvm(xen, domid))
        return ask_hvm(xen, name, domid, err);
    if (!xb_shutdown_request(xen, domid, XB_REQUEST_POWEROFF) && xb_domain_alive(xen, domid))
        return xb_fail(err, XB_E_HOST, errno,
                       "cannot ask guest %s to shut down: xenstore refuses the request", name);
    return 0;
}

/* Find a guest's domain, even a dead one; 0 if it has none. XB_E_INPUT if the name is unknown. */
static int find_domid(struct xb_app *app, const char *name, uint32_t *domid, struct xb_err *err)
{
    *domid = 0;
    if (xb_domain_named(app->xen, name, domid) && *domid)
        return xb_guest_check_domain(app, name, *domid, err);
    struct xb_guest guest;
    return xb_guest_exists(app, name) ? 0 : xb_guest_find(app, name, &guest, err);
}

static int tell_survivors(const struct stop *stop, uint64_t timeout_ns, struct xb_err *err)
{
    char list[400] = "";
    for (size_t i = 0; i < stop->count; i++) {
        size_t used = strlen(list);
        if (stop->domids[i])
            snprintf(list + used, sizeof(list) - used, " %s%s", stop->names[i],
                     xb_shutdown_withdraw(stop->app->xen, stop->domids[i], XB_REQUEST_POWEROFF)
                         ? " (its kernel did not respond)"
                         : "");
    }
    return xb_fail(err, XB_E_BENCH, 0,
                   "still running %" PRIu64 " s after being asked to shut down:%s (`xenbench guest "
                   "destroy` ends them at once)",
                   (timeout_ns / XB_NS_PER_S), list);
}

/* Wait for the monitor's end: then the guest can be started again or removed at once. */
static void settle(struct xb_app *app, const char *name)
{
    struct xb_guest_def def;
    if (xb_guest_def_load(app, name, &def, NULL) == 0)
        xb_guest_monitor_gone(app, &def);
}

int xb_guest_stop_all(struct xb_app *app, const char *const *names, size_t count,
                      uint64_t timeout_ns, struct xb_err *err)
{
    return xb_guest_stop_timed(app, names, count, timeout_ns, NULL, err);
}

int xb_guest_stop_timed(struct xb_app *app, const char *const *names, size_t count,
                        uint64_t timeout_ns, struct xb_guest_stopped *stopped, struct xb_err *err)
{
    static const char *const paths[] = {XB_XS_DOMAIN_GONE};
    xb_auto_free uint32_t *domids = xb_calloc(count + 1, sizeof(*domids));
    struct stop stop = {
        .app = app, .names = names, .domids = domids, .count = count, .stopped = stopped};
    struct xb_xen *xen = xb_xen_get(app, err);
    if (stopped)
        memset(stopped, 0, count * sizeof(*stopped));
    if (!xen)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (find_domid(app, names[i], &domids[i], err) < 0)
            return -1;
    for (size_t i = 0; i < count; i++)
        if (domids[i] && ask(xen, names[i], domids[i], err) < 0)
            return -1;
    stop.waits = XB_WAITS(app, "guests have shut down", names, count, xb_now_ns() + timeout_ns);
    int found = xb_xs_wait(paths, 1, stop.waits.deadline_ns, look_for_ends, &stop, err);
    xb_waits_end(&stop.waits);
    if (found == 0)
        return tell_survivors(&stop, timeout_ns, err);
    for (size_t i = 0; i < count; i++)
        settle(app, names[i]);
    return found < 0 ? -1 : 0;
}

/*
 * Find the domain by UUID, because a domain being built has no name yet. A builder may create the
 * domain just after we looked, so look again once the guest has no monitor.
 */
static int destroy_defined(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err)
{
    bool watched = true;
    for (int i = 0; i < DESTROY_TRIES && watched; i++) {
        xb_build_wait(app, def);
        uint32_t domid = xb_guest_def_domid(app, def);
        if (domid && xb_destroy_recorded(app, def, domid, err) < 0)
            return -1;
        watched = !xb_guest_monitor_gone(app, def) || xb_guest_def_domid(app, def);
    }
    return 0;
}

int xb_guest_destroy(struct xb_app *app, const char *name, struct xb_err *err)
{
    uint32_t domid = 0;
    struct xb_guest_def def;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen)
        return -1;
    int status = xb_guest_exists(app, name) && xb_guest_def_load(app, name, &def, NULL) == 0
                     ? destroy_defined(app, &def, err)
                     : find_domid(app, name, &domid, err);
    if (status == 0 && domid)
        status = xb_domain_destroy(xen, domid, err);
    return status < 0 ? xb_fail_context(err, "guest %s", name) : 0;
}

/*
 * A process that starts a guest takes the monitor's lock before it reads the definition, and may
 * wait long before it creates the domain. While we hold the lock, nobody can start the guest.
 */
static int lock_out_monitors(struct xb_app *app, const struct xb_guest_def *def,
                             char path[PATH_MAX], struct xb_err *err)
{
    char holder[64] = "";
    struct xb_err why = {0};
    if (xb_make_dirs(app->run_dir, err) < 0 ||
        xb_guest_monitor_lock_path(app, def->uuid, path, PATH_MAX, err) < 0)
        return -1;
    xb_guest_monitor_gone(app, def); /* its monitor may be ending just now */
    int fd = xb_lock_take(path, holder, &why);
    if (fd < 0 && holder[0])
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s is being started, or ended, by process %s: stop it first "
                       "(`xenbench guest stop %s`, or destroy)",
                       def->name, holder, def->name);
    return fd < 0 ? xb_fail(err, why.class, 0, "%s", why.msg) : fd;
}

static int refuse_running(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err)
{
    if (!xb_guest_def_domid(app, def))
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "guest %s runs: stop it first (`xenbench guest stop %s`, or destroy)", def->name,
                   def->name);
}

int xb_guest_remove(struct xb_app *app, const char *name, struct xb_err *err)
{
    char path[PATH_MAX];
    struct xb_guest_def def;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen || xb_guest_def_load(app, name, &def, err) < 0 || refuse_running(app, &def, err) < 0)
        return -1;
    xb_auto_close int lock = lock_out_monitors(app, &def, path, err);
    if (lock < 0 || refuse_running(app, &def, err) < 0)
        return -1;
    int status = xb_guest_dir_remove(app, &def, err);
    unlink(path);
    if (status < 0)
        return xb_fail_context(err, "guest %s is not removed", name);
    if (xb_guest_monitor_log_path(app, name, path, sizeof(path), NULL) == 0)
        unlink(path);
    return 0;
}

int xb_guest_remove_all(struct xb_app *app, const char *const *names, size_t count,
                        struct xb_err *err)
{
    xb_auto_free struct xb_guest_def *defs = xb_calloc(count + 1, sizeof(*defs));
    size_t found = 0;
    int status = 0;
    if (!xb_xen_get(app, err))
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (xb_guest_def_load(app, names[i], &defs[found], err) < 0)
            status = -1;
        else
            found++;
    }
    xb_guest_def_snapshots_first(defs, found);
    for (size_t i = 0; i < found; i++)
        if (xb_guest_remove(app, defs[i].name, err) < 0)
            status = -1;
    return status;
}
