/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench guest pause`, `unpause`, `reboot` and `migrate`.
 */
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "domain.h"
#include "domain_state.h"
#include "each_err.h"
#include "guest_names.h"
#include "interrupt.h"
#include "waits.h"

#define TIMEOUT_DEFAULT_NS (120 * XB_NS_PER_S)

struct request {
    struct xb_words words;
    uint64_t timeout_ns;
    bool wait;
};

static int names_of(struct xb_app *app, const struct xb_opts *opts, int argc, char **argv,
                    struct request *r, struct xb_guest_names *names)
{
    xb_opts_parse(opts, argc, argv, r);
    xb_waits_show(app);
    return xb_guest_names_parse(names, r->words.v, r->words.count, &app->err);
}

static int for_each(struct xb_app *app, const struct xb_opts *opts, int argc, char **argv,
                    xb_each_fn *fn)
{
    struct request r = {0};
    xb_auto_guest_names struct xb_guest_names names = {0};
    if (names_of(app, opts, argc, argv, &r, &names) < 0)
        return (int)app->err.class;
    xb_each_guest(app, &names, fn);
    return (int)app->err.class;
}

const struct xb_opts xb_opts_guest_pause = {
    .words = OPT_GUESTS(struct request, words),
    .args = "GUEST...",
    .doc = "Take all CPUs from guests, also xl's, until `xenbench guest unpause`.",
};

int xb_cmd_guest_pause(struct xb_app *app, int argc, char **argv)
{
    return for_each(app, &xb_opts_guest_pause, argc, argv, xb_guest_pause);
}

const struct xb_opts xb_opts_guest_unpause = {
    .words = OPT_GUESTS(struct request, words),
    .args = "GUEST...",
    .doc = "Let paused guests continue.\vThis also works for a guest that an interrupted "
           "checkpoint or migration left suspended.",
};

int xb_cmd_guest_unpause(struct xb_app *app, int argc, char **argv)
{
    return for_each(app, &xb_opts_guest_unpause, argc, argv, xb_guest_unpause);
}

static const struct xb_opt reboot_rows[] = {
    OPT_WAIT(struct request, wait),
    OPT_TIMEOUT(struct request, timeout_ns,
                "How long to wait for the reboot, and then for the agents (default: 120)"),
    OPT_END,
};

const struct xb_opts xb_opts_guest_reboot = {
    .rows = reboot_rows,
    .words = OPT_GUESTS(struct request, words),
    .args = "GUEST...",
    .doc = "Ask guests to reboot, all at the same time, and wait until each runs again in a new "
           "domain.",
};

int xb_cmd_guest_reboot(struct xb_app *app, int argc, char **argv)
{
    struct request r = {.timeout_ns = TIMEOUT_DEFAULT_NS};
    uint64_t begun_ns = xb_now_ns();
    xb_auto_guest_names struct xb_guest_names names = {0};
    if (names_of(app, &xb_opts_guest_reboot, argc, argv, &r, &names) < 0)
        return (int)app->err.class;
    xb_auto_free struct xb_reboot_result *results = xb_calloc(names.count, sizeof(*results));
    int status =
        xb_guest_reboot_all(app, names.name, names.count, r.timeout_ns, results, &app->err);
    for (size_t i = 0; i < names.count; i++) {
        xb_each_err(&app->err, &results[i].err);
        if (results[i].domid)
            printf("%s: domain %u, down after %.2f s, runs after %.2f s\n", names.name[i],
                   results[i].domid, (double)(results[i].down_ns - begun_ns) / 1e9,
                   (double)(results[i].up_ns - begun_ns) / 1e9);
    }
    if (status == 0 && r.wait)
        xb_guest_wait_agents(app, names.name, names.count, xb_now_ns() + r.timeout_ns, &app->err);
    return (int)app->err.class;
}

static void tell_migrated(const char *name, const struct xb_migrate_result *r, struct xb_err *told)
{
    xb_each_err(told, &r->err);
    if (!r->err.class && r->domid)
        printf("%s: domain %u after %.2f s, stood still for %.3f s of them (%.1f MiB went over)\n",
               name, r->domid, (double)r->total_ns / 1e9, (double)r->frozen_ns / 1e9,
               (double)r->bytes / (1 << 20));
}

static const struct xb_opt migrate_rows[] = {
    OPT_WAIT(struct request, wait),
    OPT_TIMEOUT(struct request, timeout_ns, "How long to wait for them (default: 120)"),
    OPT_END,
};

const struct xb_opts xb_opts_guest_migrate = {
    .rows = migrate_rows,
    .words = OPT_GUESTS(struct request, words),
    .args = "GUEST...",
    .doc = "Move running guests live to new domains on this host.\vThis is `xl migrate` to "
           "localhost, for PVH guests; PV guests need a hypervisor with shadow paging. The memory "
           "for a second domain of each guest must be free.",
};

int xb_cmd_guest_migrate(struct xb_app *app, int argc, char **argv)
{
    struct request r = {.timeout_ns = TIMEOUT_DEFAULT_NS};
    xb_auto_guest_names struct xb_guest_names names = {0};
    if (names_of(app, &xb_opts_guest_migrate, argc, argv, &r, &names) < 0)
        return (int)app->err.class;
    xb_auto_free struct xb_migrate_result *results = xb_calloc(names.count, sizeof(*results));
    int stop_fd = xb_interrupt_open(&app->err);
    if (stop_fd < 0)
        return XB_E_HOST;
    int status = xb_guest_migrate_all(app, names.name, names.count, results, &app->err);
    for (size_t i = 0; i < names.count; i++)
        tell_migrated(names.name[i], &results[i], &app->err);
    if (status == 0 && r.wait)
        xb_guest_wait_agents(app, names.name, names.count, xb_now_ns() + r.timeout_ns, &app->err);
    fflush(stdout);
    xb_interrupt_take(stop_fd);
    xb_interrupt_close(stop_fd);
    return (int)app->err.class;
}
