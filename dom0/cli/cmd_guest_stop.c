/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench guest stop`, `destroy` and `remove`.
 */
#include "base.h"
#include "commands.h"
#include "domain.h"
#include "each_err.h"
#include "guest_names.h"
#include "waits.h"

#define STOP_TIMEOUT_NS (60 * XB_NS_PER_S)

struct naming {
    struct xb_words words;
    uint64_t timeout_ns;
    bool destroy; /* remove: destroy running guests first; stop: destroy those left at the end */
    bool all;     /* stop: all running guests that xenbench made */
};

static int name_guests(struct xb_app *app, const struct xb_opts *opts, int argc, char **argv,
                       struct naming *naming, struct xb_guest_names *names)
{
    xb_opts_parse(opts, argc, argv, naming);
    xb_waits_show(app);
    if (naming->all)
        return xb_guest_names_running(names, app, &app->err);
    return xb_guest_names_parse(names, naming->words.v, naming->words.count, &app->err);
}

static const struct xb_opt stop_rows[] = {
    OPT_TIMEOUT(struct naming, timeout_ns, "How long to wait for the shutdown (default: 60)"),
    OPT_ALL_RUNNING(struct naming, all),
    OPT_TRUE(struct naming, destroy, "destroy", 0, "Destroy guests that still run after that"),
    OPT_END,
};

static void check_stop(struct argp_state *state, void *out)
{
    const struct naming *naming = out;
    xb_opt_check_all(state, naming->all, &naming->words, XB_OPT_WHICH_GUESTS);
}

const struct xb_opts xb_opts_guest_stop = {
    .rows = stop_rows,
    .words = OPT_WORDS(struct naming, words, 0, XB_OPT_MANY, NULL),
    .check = check_stop,
    .args = "GUEST...\n--all",
    .doc = "Ask guests to shut down, and wait until their domains are gone.\vThis works for xl's "
           "guests too. Guests that still run after the timeout are named and left running; the "
           "exit status is then 1.",
};

int xb_cmd_guest_stop(struct xb_app *app, int argc, char **argv)
{
    xb_auto_guest_names struct xb_guest_names names = {0};
    struct naming naming = {.timeout_ns = STOP_TIMEOUT_NS};
    struct xb_err late = {0};
    if (name_guests(app, &xb_opts_guest_stop, argc, argv, &naming, &names) < 0 || names.count == 0)
        return (int)app->err.class;
    int status = xb_guest_stop_all(app, names.name, names.count, naming.timeout_ns,
                                   naming.destroy ? &late : &app->err);
    if (status == 0 || !naming.destroy)
        return (int)app->err.class;
    if (late.class != XB_E_BENCH || late.errnum) /* another error than guests still running */
        return xb_fail(&app->err, late.class, 0, "%s", late.msg), (int)app->err.class;
    fprintf(stderr, "xenbench: %s; destroying them\n", late.msg);
    xb_each_guest(app, &names, xb_guest_destroy);
    return (int)app->err.class;
}

const struct xb_opts xb_opts_guest_destroy = {
    .words = OPT_GUESTS(struct naming, words),
    .args = "GUEST...",
    .doc = "End guests at once, as if their power had failed. Their definitions and disks stay.",
};

int xb_cmd_guest_destroy(struct xb_app *app, int argc, char **argv)
{
    xb_auto_guest_names struct xb_guest_names names = {0};
    struct naming naming = {0};
    if (name_guests(app, &xb_opts_guest_destroy, argc, argv, &naming, &names) < 0)
        return (int)app->err.class;
    xb_each_guest(app, &names, xb_guest_destroy);
    return (int)app->err.class;
}

static const struct xb_opt remove_rows[] = {
    OPT_TRUE(struct naming, destroy, "destroy", 0, "Destroy running guests first"),
    OPT_END,
};

const struct xb_opts xb_opts_guest_remove = {
    .rows = remove_rows,
    .words = OPT_GUESTS(struct naming, words),
    .args = "GUEST...",
    .doc = "Remove guests that xenbench made, with their disks.",
};

int xb_cmd_guest_remove(struct xb_app *app, int argc, char **argv)
{
    xb_auto_guest_names struct xb_guest_names names = {0};
    struct naming naming = {0};
    if (name_guests(app, &xb_opts_guest_remove, argc, argv, &naming, &names) < 0)
        return (int)app->err.class;
    for (size_t i = 0; naming.destroy && i < names.count; i++)
        if (xb_guest_destroy(app, names.name[i], &app->err) < 0)
            return (int)app->err.class;
    xb_guest_remove_all(app, names.name, names.count, &app->err);
    return (int)app->err.class;
}
