/*
 * `xenbench lifecycle`.
 */
#include "base.h"
#include "guest_names.h"
#include "interrupt.h"
#include "lifecycle.h"
#include "lifecycle_levels.h"
#include "options.h"

#include <errno.h>
#include <string.h>

#define TIMEOUT_DEFAULT_NS (300 * XB_NS_PER_S)
#define REPEAT_MAX 1000

enum {
    OPTION_NO_XL = 0x200,
    OPTION_COMPARE_XL,
    OPTION_JSON,
    OPTION_NO_COMPRESS,
    OPTION_THREADS,
    OPTION_LEVELS,
    OPTION_TIMEOUT,
};

struct request {
    struct xb_life_options life;
    const char *json;
    bool levels;
    char **words;
    size_t count;
};

static error_t parse_save(int key, char *arg, struct argp_state *state)
{
    struct xb_checkpoint_options *save = &((struct request *)state->input)->life.save;
    switch (key) {
    case 'z':
        save->level = (int)xb_option_number(state, "zstd", arg, XB_CHECKPOINT_LEVEL_MIN,
                                            XB_CHECKPOINT_LEVEL_MAX);
        return 0;
    case OPTION_NO_COMPRESS:
        save->compress = false;
        return 0;
    case OPTION_THREADS:
        save->threads = (int)xb_option_number(state, "threads", arg, 1, 16);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void parse_phases(const char *arg, struct argp_state *state, unsigned *out)
{
    struct xb_err err = {0};
    if (xb_phases_parse(arg, out, &err) < 0)
        argp_error(state, "--phases: %s", err.msg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *r = state->input;
    switch (key) {
    case 'n':
        r->life.repeat = (unsigned)xb_option_number(state, "repeat", arg, 1, REPEAT_MAX);
        return 0;
    case 'p':
        parse_phases(arg, state, &r->life.phases);
        return 0;
    case 'P':
        r->life.parallel = true;
        return 0;
    case OPTION_NO_XL:
    case OPTION_COMPARE_XL:
        r->life.xl = key == OPTION_COMPARE_XL;
        return 0;
    case OPTION_JSON:
        r->json = arg;
        return 0;
    case 'd':
        r->life.dir = arg;
        return 0;
    case 'q':
        r->life.quiet = true;
        return 0;
    case OPTION_LEVELS:
        r->levels = true;
        return 0;
    case OPTION_TIMEOUT:
        if (!xb_option_seconds(arg, &r->life.timeout_ns))
            argp_error(state, "--timeout=%s is not a number of seconds", arg);
        return 0;
    case ARGP_KEY_ARGS:
        r->words = state->argv + state->next;
        r->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which guests? (`xenbench guest list` shows them)");
        return EINVAL;
    default:
        return parse_save(key, arg, state);
    }
}

static const struct argp_option options[] = {
    {"repeat", 'n', "N", 0, "How often each phase is measured (default: 5)", 0},
    {"phases", 'p', "LIST", 0,
     "Which: boot, pause, unpause, reboot, migrate, checkpoint, restore, shutdown (default: all; "
     "migrate for PVH guests)",
     0},
    {"parallel", 'P', NULL, 0, "All guests at the same time (default: one after the other)", 0},
    {"compare-xl", OPTION_COMPARE_XL, NULL, 0,
     "Measure what xl takes for the same, in turn with xenbench (the default)", 0},
    {"no-xl", OPTION_NO_XL, NULL, 0, "Do not measure xl", 0},
    {"json", OPTION_JSON, "FILE", 0, "Write all that was measured there, `-` for standard output",
     0},
    {"dir", 'd', "DIR", 0, "Where checkpoints are written while they are measured", 0},
    {"zstd", 'z', "LEVEL", 0, "Compress them by this level of zstd, -7 to 19 (default: 1)", 0},
    {"no-compress", OPTION_NO_COMPRESS, NULL, 0, "Do not compress them", 0},
    {"threads", OPTION_THREADS, "N", 0,
     "Threads that compress one guest (default: as of `guest checkpoint`)", 0},
    {"zstd-levels", OPTION_LEVELS, NULL, 0,
     "Measure instead how levels of zstd do on the guest's memory", 0},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "For each phase (default: 300)", 0},
    {"quiet", 'q', NULL, 0, "Do not show how far it is", 0},
    {0},
};

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "NAME...",
    .doc = "Measure how long guests take to boot, pause, reboot, be moved, be checkpointed and "
           "restored, and shut down, and what xl takes for the same.\v"
           "The guests must not run, and do not run afterwards.\n\n"
           "  xenbench lifecycle web1 web2 web3 --repeat 5 --parallel --json life.json",
};

static int measure(struct xb_app *app, const struct request *r, const struct xb_guest_names *names)
{
    struct xb_life life = {
        .app = app, .options = &r->life, .names = names->name, .count = names->count};
    int stop_fd = xb_interrupt_open(&app->err);
    if (stop_fd < 0)
        return -1;
    int status = r->levels ? xb_life_levels(&life, &app->err) : xb_life_run(&life, &app->err);
    xb_interrupt_close(stop_fd);
    /* What was measured before a failure is told. */
    if (life.sample_count && !(r->json && strcmp(r->json, "-") == 0))
        xb_life_print(&life);
    if (life.sample_count && r->json)
        xb_life_save_json(&life, r->json, &app->err);
    xb_life_clear(&life);
    return status;
}

int xb_cmd_lifecycle(struct xb_app *app, int argc, char **argv)
{
    struct request r = {
        .life = {.repeat = 5,
                 .phases = (1u << XB_PHASES) - 1,
                 .xl = true,
                 .timeout_ns = TIMEOUT_DEFAULT_NS,
                 .save = {.compress = true, .level = XB_CHECKPOINT_LEVEL_DEFAULT}},
    };
    xb_auto_guest_names struct xb_guest_names names = {0};
    xb_options_parse(&argp, argc, argv, &r);
    if (xb_guest_names_parse(&names, r.words, r.count, &app->err) == 0)
        measure(app, &r, &names);
    return (int)app->err.class;
}
