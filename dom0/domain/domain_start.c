/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starting guests in parallel, one process each, because libxl builds a domain in one long call.
 */
#include "alloc.h"
#include "base.h"
#include "build_record.h"
#include "domain_build.h"
#include "domain_wait.h"
#include "files.h"
#include "guest_def.h"
#include "helper.h"
#include "xen_domains.h"

#include <stdbool.h>

/* One guest that is being started. */
struct launch {
    struct xb_guest_def def;
    struct xb_guest_started *result;
    bool runs; /* the guest ran already */
    struct xb_helper *helper;
};

static bool is_dead(struct xb_app *app, uint32_t domid)
{
    struct xb_domain domain;
    return domid && xb_domain_look(app->xen, domid, &domain) == 0 && domain.shutdown;
}

/*
 * Destroy a domain that has shut down, in case nobody else does. Its monitor, if it has one, soon
 * does, or starts the guest again if it reboots.
 */
static int bury_dead(struct xb_app *app, struct launch *launch, struct xb_err *err)
{
    uint32_t *domid = &launch->result->domid;
    if (!is_dead(app, *domid))
        return 0;
    bool gone = xb_guest_monitor_gone(app, &launch->def);
    *domid = xb_guest_def_domid(app, &launch->def);
    if (!is_dead(app, *domid))
        return 0;
    if (!gone)
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s is shutting down or rebooting, and its monitor has not ended that "
                       "within %d s",
                       launch->def.name, XB_GUEST_MONITOR_END_S);
    uint32_t dead = *domid;
    *domid = 0;
    return xb_domain_destroy(app->xen, dead, err);
}

static int first_failure(const struct xb_guest_started *results, size_t count, struct xb_err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (results[i].err.class == XB_E_NONE)
            continue;
        if (err && err->class == XB_E_NONE)
            *err = results[i].err;
        return -1;
    }
    return 0;
}

static int look_up(struct xb_app *app, const char *const *names, size_t count,
                   struct launch *launches, struct xb_guest_started *results, struct xb_err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct launch *launch = &launches[i];
        launch->result = &results[i];
        results[i] = (struct xb_guest_started){0};
        if (xb_guest_def_load(app, names[i], &launch->def, err) < 0)
            return -1;
        if (xb_journal_recover_guest(app, launch->def.uuid, err) < 0)
            return -1;
        results[i].domid = xb_guest_def_domid(app, &launch->def);
        if (bury_dead(app, launch, &results[i].err) < 0)
            return first_failure(results, count, err);
        launch->runs = results[i].domid != 0;
        if (!launch->runs)
            xb_guest_monitor_gone(app, &launch->def);
    }
    return 0;
}

/* Free memory for all domains before building the first, so that all can be built at once. */
static int free_memory(struct xb_xen *xen, struct launch *launches, size_t count, int *lock_fd,
                       struct xb_err *err)
{
    xb_auto_free libxl_domain_config *configs = xb_calloc(count, sizeof(*configs));
    size_t loaded = 0;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++)
        if (!launches[i].runs)
            status = xb_domain_config_load(xen, &launches[i].def, &configs[loaded++], err);
    if (status == 0 && loaded)
        status = xb_memory_free(xen, configs, loaded, lock_fd, err);
    for (size_t i = 0; i < loaded; i++)
        libxl_domain_config_dispose(&configs[i]);
    return status;
}

/* A running guest whose monitor died gets a new monitor. */
static int spawn_all(struct xb_app *app, struct launch *launches, size_t count, struct xb_err *err)
{
    if (xb_make_dirs(app->run_dir, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct launch *launch = &launches[i];
        if (launch->runs && xb_guest_monitor_pid(app, &launch->def))
            continue;
        const char *args[] = {launch->runs ? "adopt" : "start", launch->def.name, NULL};
        xb_helper_start_monitor(app, launch->helper, launch->def.name, args, &launch->helper->err);
    }
    return 0;
}

static void take_answers(struct launch *launches, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct xb_guest_started *result = launches[i].result;
        json_int_t domid = 0, created_ns = 0;
        result->err = launches[i].helper->err;
        if (launches[i].helper->answer)
            json_unpack(launches[i].helper->answer, "{s:I, s:I}", "domid", &domid, "created_ns",
                        &created_ns);
        if (launches[i].helper->answer || result->err.class)
            result->domid = (uint32_t)domid;
        result->created_ns = (uint64_t)created_ns;
    }
}

/* Destroy what a killed builder left, so that later commands do not find half a domain. */
static void put_away(struct xb_app *app, const struct launch *launches, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (launches[i].result->err.class)
            xb_journal_recover(app, &xb_build_kind, launches[i].def.uuid, NULL);
}

static int start(struct xb_app *app, const char *const *names, size_t count,
                 struct launch *launches, struct xb_helper *helpers,
                 struct xb_guest_started *results, struct xb_err *err)
{
    xb_auto_close int xl_lock = -1;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen || look_up(app, names, count, launches, results, err) < 0 ||
        free_memory(xen, launches, count, &xl_lock, err) < 0 ||
        spawn_all(app, launches, count, err) < 0 || xb_helpers_wait(helpers, count, 0, err) < 0)
        return -1;
    take_answers(launches, count);
    put_away(app, launches, count);
    return first_failure(results, count, err);
}

int xb_guest_start_all(struct xb_app *app, const char *const *names, size_t count,
                       uint64_t wait_agent_ns, struct xb_guest_started *results, struct xb_err *err)
{
    uint64_t deadline_ns = xb_now_ns() + wait_agent_ns;
    xb_auto_free struct launch *launches = xb_calloc(count + 1, sizeof(*launches));
    xb_auto_free struct xb_guest_started *own = results ? NULL : xb_calloc(count + 1, sizeof(*own));
    xb_auto_free struct xb_helper *helpers = xb_helpers_new(count);
    if (!results)
        results = own;
    for (size_t i = 0; i < count; i++)
        launches[i].helper = &helpers[i];
    int status = start(app, names, count, launches, helpers, results, err);
    for (size_t i = 0; i < count; i++)
        xb_helper_clear(&helpers[i]);
    if (status < 0)
        return -1;
    return wait_agent_ns ? xb_guest_wait_started(app, names, count, deadline_ns, results, err) : 0;
}
