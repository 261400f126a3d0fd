/*
 * `xenbench guest VERB`: the table of verbs, and those that only name guests.
 */
#include "cmd_guest.h"

#include "base.h"
#include "domain.h"
#include "guest_names.h"
#include "options.h"
#include "verbs.h"

#include <string.h>

static const struct xb_verb verbs[] = {
    {"create", xb_cmd_guest_create, "make guests from an image"},
    {"clone", xb_cmd_guest_clone, "make guests from a guest"},
    {"list", xb_cmd_guest_list, "all guests, running or not"},
    {"start", xb_cmd_guest_start, "start guests, all at once"},
    {"stop", xb_cmd_guest_stop, "ask guests to shut down, and wait until they have"},
    {"destroy", xb_cmd_guest_destroy, "end guests at once"},
    {"remove", xb_cmd_guest_remove, "remove stopped guests and their disks"},
    {"checkpoint", xb_cmd_guest_checkpoint,
     "write guests to files and end their domains (or: save)"},
    {"save", xb_cmd_guest_checkpoint, NULL},
    {"restore", xb_cmd_guest_restore, "let guests go on from their checkpoints"},
    {"pause", xb_cmd_guest_pause, "take all CPUs from guests"},
    {"unpause", xb_cmd_guest_unpause, "let paused guests go on"},
    {"reboot", xb_cmd_guest_reboot, "ask guests to reboot, and wait until they run again"},
    {"migrate", xb_cmd_guest_migrate, "move guests live to new domains on this host"},
    {"console", xb_cmd_guest_console, "what a guest's console said; --follow, --interactive"},
};

int xb_cmd_guest(struct xb_app *app, int argc, char **argv)
{
    return xb_run_verb(app, "guest", verbs, XB_ARRAY_LEN(verbs), argc, argv);
}

#define STOP_TIMEOUT_NS (60 * XB_NS_PER_S)

enum { OPTION_RUNNING = 0x100, OPTION_ALL };

struct naming {
    char **words;
    size_t count;
    uint64_t timeout_ns;
    bool takes_timeout;
    bool destroy; /* remove: destroy first what runs; stop: what is still there in the end */
    bool all;     /* stop: all that run and that xenbench made */
};

static error_t parse_naming(int key, char *arg, struct argp_state *state)
{
    struct naming *naming = state->input;
    switch (key) {
    case 't':
        if (!xb_option_seconds(arg, &naming->timeout_ns))
            argp_error(state, "--timeout=%s is not a number of seconds", arg);
        return 0;
    case OPTION_RUNNING:
        naming->destroy = true;
        return 0;
    case OPTION_ALL:
        naming->all = true;
        return 0;
    case ARGP_KEY_ARGS:
        naming->words = state->argv + state->next;
        naming->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_END:
        if (naming->count == 0 && !naming->all)
            argp_error(state, "which guests? (`xenbench guest list` shows them)");
        if (naming->count > 0 && naming->all)
            argp_error(state, "--all and names of guests do not go together");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int name_guests(struct xb_app *app, const struct argp *argp, int argc, char **argv,
                       struct naming *naming, struct xb_guest_names *names)
{
    xb_options_parse(argp, argc, argv, naming);
    if (naming->all)
        return xb_guest_names_running(names, app, &app->err);
    return xb_guest_names_parse(names, naming->words, naming->count, &app->err);
}

int xb_cmd_guest_stop(struct xb_app *app, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"timeout", 't', "SECONDS", 0, "How long to wait until they are gone (default: 60)", 0},
        {"all", OPTION_ALL, NULL, 0, "All guests that run and that xenbench made", 0},
        {"destroy", OPTION_RUNNING, NULL, 0, "Destroy those that are still there after that", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_naming,
        .args_doc = "NAME...\n--all",
        .doc = "Ask guests to shut down and wait until their domains are gone.\vGuests of xl are "
               "stopped too. Those that "
               "are still there after the timeout are named and left running; the exit status is "
               "then 1.",
    };
    xb_auto_guest_names struct xb_guest_names names = {0};
    struct naming naming = {.timeout_ns = STOP_TIMEOUT_NS};
    struct xb_err late = {0};
    if (name_guests(app, &argp, argc, argv, &naming, &names) < 0 || names.count == 0)
        return (int)app->err.class;
    int status = xb_guest_stop_all(app, names.name, names.count, naming.timeout_ns,
                                   naming.destroy ? &late : &app->err);
    if (status == 0 || !naming.destroy)
        return (int)app->err.class;
    if (late.class != XB_E_BENCH || late.errnum) /* not that they are still there */
        return xb_fail(&app->err, late.class, 0, "%s", late.msg), (int)app->err.class;
    fprintf(stderr, "xenbench: %s; destroying them\n", late.msg);
    for (size_t i = 0; i < names.count; i++)
        xb_guest_destroy(app, names.name[i], &app->err);
    return (int)app->err.class;
}

int xb_cmd_guest_destroy(struct xb_app *app, int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_naming,
        .args_doc = "NAME...",
        .doc =
            "End guests at once, as if their power had failed. Their definitions and disks stay.",
    };
    xb_auto_guest_names struct xb_guest_names names = {0};
    struct naming naming = {0};
    if (name_guests(app, &argp, argc, argv, &naming, &names) < 0)
        return (int)app->err.class;
    for (size_t i = 0; i < names.count; i++)
        xb_guest_destroy(app, names.name[i], &app->err);
    return (int)app->err.class;
}

int xb_cmd_guest_remove(struct xb_app *app, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"destroy", OPTION_RUNNING, NULL, 0, "Those that run are destroyed first", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_naming,
        .args_doc = "NAME...",
        .doc = "Remove guests that xenbench made, with their disks.",
    };
    xb_auto_guest_names struct xb_guest_names names = {0};
    struct naming naming = {0};
    if (name_guests(app, &argp, argc, argv, &naming, &names) < 0)
        return (int)app->err.class;
    for (size_t i = 0; naming.destroy && i < names.count; i++)
        if (xb_guest_destroy(app, names.name[i], &app->err) < 0)
            return (int)app->err.class;
    xb_guest_remove_all(app, names.name, names.count, &app->err);
    return (int)app->err.class;
}
