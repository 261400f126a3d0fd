/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain_state.h"

#include "alloc.h"
#include "base.h"
#include "checkpoint_record.h"
#include "destroy_record.h"
#include "domain.h"
#include "guest_def.h"
#include "shutdown_request.h"
#include "waits.h"
#include "xen_domains.h"
#include "xswait.h"

#include <errno.h>
#include <inttypes.h>
#include <libxl_utils.h>
#include <string.h>

/* Find the domain of a guest that runs or is suspended. */
static int find(struct xb_app *app, const char *name, struct xb_domain *out, struct xb_err *err)
{
    struct xb_guest guest;
    struct xb_xen *xen = xb_xen_get(app, err);
    uint32_t domid = 0;
    if (!xen)
        return -1;
    if (xb_domain_named(xen, name, &domid) && domid && xb_domain_look(xen, domid, out) == 0 &&
        out->suspended)
        return xb_guest_check_domain(app, name, domid, err);
    if (xb_guest_find(app, name, &guest, err) < 0)
        return -1;
    int rc = xb_domain_look(xen, guest.domid, out);
    return rc ? xb_xen_fail(xen, err, XB_E_HOST, rc, "guest %s: cannot look at its domain", name)
              : 0;
}

int xb_guest_pause(struct xb_app *app, const char *name, struct xb_err *err)
{
    struct xb_domain domain;
    if (find(app, name, &domain, err) < 0)
        return -1;
    uint32_t domid = domain.domid;
    bool done = domain.paused, suspended = domain.shutdown;
    if (suspended)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s is suspended already", name);
    xb_xen_forget(app->xen);
    int rc = done ? 0 : libxl_domain_pause(app->xen->ctx, domid, NULL);
    return rc ? xb_xen_fail(app->xen, err, XB_E_HOST, rc, "cannot pause guest %s", name) : 0;
}

static int resume(struct xb_app *app, const char *name, uint32_t domid, struct xb_err *err)
{
    struct xb_guest_def def;
    /* While a checkpoint is being taken, this fails and says so. */
    if (xb_guest_exists(app, name) &&
        (xb_guest_def_load(app, name, &def, err) < 0 ||
         xb_journal_recover(app, &xb_checkpoint_kind, def.uuid, err) < 0))
        return -1;
    if (!xb_domain_alive(app->xen, domid))
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s has ended: its checkpoint is complete (`xenbench guest "
                       "restore`)",
                       name);
    return xb_domain_resume_suspended(app, domid, err);
}

/* A destruction that was interrupted is not to be finished later: the user decided otherwise. */
static void drop_destruction(struct xb_app *app, const char *name)
{
    struct xb_guest_def def;
    pid_t owner;
    if (xb_guest_exists(app, name) && xb_guest_def_load(app, name, &def, NULL) == 0 &&
        xb_journal_recorded(app, &xb_destroy_kind, def.uuid, &owner) && !owner)
        xb_journal_end(app, &xb_destroy_kind, def.uuid, -1);
}

int xb_guest_unpause(struct xb_app *app, const char *name, struct xb_err *err)
{
    struct xb_domain domain;
    if (find(app, name, &domain, err) < 0)
        return -1;
    uint32_t domid = domain.domid;
    bool runs = !domain.paused, suspended = domain.shutdown;
    if (suspended && resume(app, name, domid, err) < 0)
        return -1;
    xb_xen_forget(app->xen);
    drop_destruction(app, name); /* first: what runs must not be destroyed */
    int rc = runs ? 0 : libxl_domain_unpause(app->xen->ctx, domid, NULL);
    return rc ? xb_xen_fail(app->xen, err, XB_E_HOST, rc, "cannot let guest %s go on", name) : 0;
}

struct reboot {
    struct xb_app *app;
    const char *const *names;
    size_t count;
    uint32_t *old_domids;
    struct xb_guest_def *defs;
    struct xb_reboot_result *results;
    struct xb_waits waits;
};

/* Is the guest's new domain running? */
static bool look_at(struct reboot *reboot, size_t i)
{
    struct xb_reboot_result *r = &reboot->results[i];
    struct xb_xen *xen = reboot->app->xen;
    struct xb_domain domain;
    int rc = xb_domain_look(xen, reboot->old_domids[i], &domain);
    if (!r->down_ns && (rc || domain.shutdown || domain.dying))
        r->down_ns = xb_now_ns();
    uint32_t domid = r->down_ns ? xb_guest_def_domid(reboot->app, &reboot->defs[i]) : 0;
    if (!domid || domid == reboot->old_domids[i])
        return false;
    rc = xb_domain_look(xen, domid, &domain);
    /* The monitor unpauses the domain once everything is set up. */
    bool runs = rc == 0 && !domain.paused && !domain.shutdown && domain.memory_bytes > 0;
    if (runs) {
        r->domid = domid;
        r->up_ns = xb_now_ns();
    }
    return runs;
}

static bool runs_again(const void *arg, size_t i)
{
    const struct reboot *reboot = arg;
    return reboot->results[i].domid;
}

/* xenstore does not report that a domain was unpaused, so the wait must look again soon. */
static int look_at_all(void *arg, struct xb_err *err XB_UNUSED)
{
    struct reboot *reboot = arg;
    bool all = true;
    for (size_t i = 0; i < reboot->count; i++)
        if (!reboot->results[i].domid && !look_at(reboot, i))
            all = false;
    xb_waits_tell(&reboot->waits, runs_again, reboot);
    return all ? 1 : XB_XS_SOON;
}

static int ask(struct reboot *reboot, size_t i, struct xb_err *err)
{
    const char *name = reboot->names[i];
    struct xb_guest guest;
    if (xb_guest_find(reboot->app, name, &guest, err) < 0)
        return -1;
    if (!xb_guest_exists(reboot->app, name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s was not made by xenbench: reboot it with "
                       "`xl reboot`",
                       name);
    if (xb_guest_def_load(reboot->app, name, &reboot->defs[i], err) < 0)
        return -1;
    reboot->old_domids[i] = guest.domid;
    if (!xb_shutdown_request(reboot->app->xen, guest.domid, XB_REQUEST_REBOOT))
        return xb_fail(err, XB_E_HOST, errno, "cannot ask guest %s to reboot", name);
    return 0;
}

/* A guest that has not read its request must not reboot an hour later. */
static void withdraw_all(const struct reboot *reboot)
{
    for (size_t i = 0; i < reboot->count; i++)
        if (reboot->old_domids[i] && !reboot->results[i].down_ns)
            xb_shutdown_withdraw(reboot->app->xen, reboot->old_domids[i], XB_REQUEST_REBOOT);
}

static int tell_late(struct reboot *reboot, uint64_t timeout_ns, struct xb_err *err)
{
    for (size_t i = 0; i < reboot->count; i++) {
        struct xb_reboot_result *r = &reboot->results[i];
        if (r->domid)
            continue;
        xb_fail(&r->err, XB_E_BENCH, 0, "guest %s %s %" PRIu64 " s after it was asked to reboot",
                reboot->names[i],
                r->down_ns ? "has shut down and not come back (is on_reboot = \"restart\" in "
                             "its xl.cfg, and is its monitor running?)"
                           : "has not shut down",
                (timeout_ns / XB_NS_PER_S));
        xb_fail(err, XB_E_BENCH, 0, "%s", r->err.msg);
    }
    return -1;
}

int xb_guest_reboot_all(struct xb_app *app, const char *const *names, size_t count,
                        uint64_t timeout_ns, struct xb_reboot_result *results, struct xb_err *err)
{
    static const char *const ends[] = {XB_XS_DOMAIN_GONE, "@introduceDomain"};
    xb_auto_free uint32_t *domids = xb_calloc(count + 1, sizeof(*domids));
    xb_auto_free struct xb_guest_def *defs = xb_calloc(count + 1, sizeof(*defs));
    struct reboot reboot = {.app = app,
                            .names = names,
                            .count = count,
                            .old_domids = domids,
                            .defs = defs,
                            .results = results};
    memset(results, 0, count * sizeof(*results));
    reboot.waits = XB_WAITS(app, "guests run again", names, count, xb_now_ns() + timeout_ns);
    int found = 1;
    for (size_t i = 0; i < count && found > 0; i++)
        found = ask(&reboot, i, err) < 0 ? -1 : 1;
    if (found > 0)
        found = xb_xs_wait(ends, XB_ARRAY_LEN(ends), reboot.waits.deadline_ns, look_at_all, &reboot,
                           err);
    xb_waits_end(&reboot.waits);
    if (found > 0)
        return 0;
    withdraw_all(&reboot);
    return found < 0 ? -1 : tell_late(&reboot, timeout_ns, err);
}
