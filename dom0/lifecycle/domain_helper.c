/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench domain-helper VERB NAME...`, which xenbench runs itself.
 * start|adopt NAME: builds or takes over a guest's domain, and stays as the guest's monitor. The
 * other verbs run on a leash (helper.h).
 */
#include "base.h"
#include "build_record.h"
#include "checkpoint.h"
#include "helper.h"
#include "lifecycle_i.h"
#include "migrate.h"
#include "monitor.h"

#include <signal.h>
#include <string.h>

static int take_over(struct xb_monitor *monitor, bool start, struct xb_err *err)
{
    uint32_t domid = xb_guest_def_domid(monitor->app, &monitor->def);
    if (!start && !domid)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s is not running", monitor->def.name);
    if (start && domid)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s runs already, as domain %u", monitor->def.name,
                       domid);
    /* The caller has freed the memory and holds xl's lock until we answer. */
    return start ? xb_monitor_start(monitor, false, err) : xb_monitor_adopt(monitor, domid, err);
}

/*
 * Answer, then stay as the guest's monitor. If nobody reads the answer, destroy a domain that we
 * built.
 */
static int stay(struct xb_monitor *monitor, int status, bool built, json_t *answer,
                struct xb_err *err)
{
    bool told = xb_helper_answer(answer, err);
    if (status == 0 && built && !told)
        xb_build_undo(monitor->app, &monitor->def, monitor->domid, err);
    else if (status == 0)
        xb_monitor_run(monitor, err);
    xb_monitor_close(monitor);
    return 0;
}

static int help_monitor(struct xb_app *app, char **argv, bool start)
{
    struct xb_monitor monitor;
    json_t *answer = NULL;
    int status = xb_monitor_open(&monitor, app, argv[2], &app->err);
    if (status == 0)
        status = take_over(&monitor, start, &app->err);
    if (status == 0)
        answer = json_pack("{s:I, s:I}", "domid", (json_int_t)monitor.domid, "created_ns",
                           (json_int_t)monitor.begun_ns);
    return stay(&monitor, status, start, answer, &app->err);
}

static int help_start(struct xb_app *app, char **argv)
{
    return help_monitor(app, argv, true);
}

static int help_adopt(struct xb_app *app, char **argv)
{
    return help_monitor(app, argv, false);
}

/* restore NAME FILE fresh|stale quiet|tell: stays as the guest's monitor. */
static int help_restore(struct xb_app *app, char **argv)
{
    struct xb_monitor monitor;
    json_t *answer = NULL;
    int status = xb_monitor_open(&monitor, app, argv[2], &app->err);
    if (status == 0)
        status =
            xb_checkpoint_restore(&monitor, argv[3], strcmp(argv[4], "stale") == 0,
                                  strcmp(argv[5], "tell") == 0, STDIN_FILENO, &answer, &app->err);
    return stay(&monitor, status, true, answer, &app->err);
}

/* checkpoint NAME FILE none|LEVEL THREADS end|go-on quiet|tell */
static int help_checkpoint(struct xb_app *app, char **argv)
{
    json_t *answer = NULL;
    struct xb_checkpoint_options options = {
        .compress = strcmp(argv[4], "none") != 0,
        .level = (int)strtol(argv[4], NULL, 10),
        .threads = (int)strtol(argv[5], NULL, 10),
        .keep_running = strcmp(argv[6], "go-on") == 0,
        .tell = strcmp(argv[7], "tell") == 0,
    };
    xb_checkpoint_save(app, argv[2], argv[3], &options, STDIN_FILENO, &answer, &app->err);
    xb_helper_answer(answer, &app->err);
    return 0;
}

/* migrate NAME: stays as the guest's monitor. */
static int help_migrate(struct xb_app *app, char **argv)
{
    struct xb_monitor monitor;
    bool opened = false;
    json_t *answer = NULL;
    int status = xb_migrate_move(app, argv[2], STDIN_FILENO, &monitor, &opened, &answer, &app->err);
    xb_helper_answer(answer, &app->err);
    if (status == 0)
        xb_monitor_run(&monitor, &app->err);
    if (opened)
        xb_monitor_close(&monitor);
    return 0;
}

/* receive NAME CONFIG-FILE: the receiving side of a migration. */
static int help_receive(struct xb_app *app, char **argv)
{
    json_t *answer = NULL;
    xb_migrate_receive(app, argv[2], argv[3], STDIN_FILENO, &answer, &app->err);
    xb_helper_answer(answer, &app->err);
    return 0;
}

/* xl NAME PHASE FILE TIMEOUT-NS: one step of a lifecycle. */
static int help_xl(struct xb_app *app, char **argv)
{
    json_t *answer = NULL;
    if (xb_helper_heed_leash(&app->err) == 0)
        xb_life_xl_step(app, argv[2], argv[3], argv[4], strtoull(argv[5], NULL, 10), &answer,
                        &app->err);
    xb_helper_answer(answer, &app->err);
    return 0;
}

static const struct {
    const char *verb;
    int argc;
    int (*fn)(struct xb_app *app, char **argv);
} helpers[] = {
    {"start", 3, help_start},     {"adopt", 3, help_adopt},
    {"restore", 6, help_restore}, {"checkpoint", 8, help_checkpoint},
    {"migrate", 3, help_migrate}, {"receive", 4, help_receive},
    {"xl", 6, help_xl},
};

int xb_cmd_domain_helper(struct xb_app *app, int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < XB_ARRAY_LEN(helpers); i++)
        if (argc == helpers[i].argc && strcmp(argv[1], helpers[i].verb) == 0)
            return helpers[i].fn(app, argv);
    return -xb_fail(&app->err, XB_E_INPUT, 0, "domain-helper is run by xenbench itself");
}
