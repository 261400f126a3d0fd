/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench lifecycle`.
 */
#include "base.h"
#include "commands.h"
#include "guest_names.h"
#include "interrupt.h"
#include "lifecycle.h"
#include "lifecycle_levels.h"

#include <argp.h>
#include <string.h>

#define TIMEOUT_DEFAULT_NS (300 * XB_NS_PER_S)
#define REPEAT_MAX 1000

struct request {
    struct xb_life_options life;
    const char *json;
    bool levels, phases_given;
    struct xb_words words;
};

static void take_phases(struct argp_state *state, char *value, void *out)
{
    struct request *r = out;
    struct xb_err err = {0};
    r->phases_given = true;
    if (xb_phases_parse(value, &r->life.phases, &err) < 0)
        argp_error(state, "--phases: %s", err.msg);
}

static const struct xb_opt rows[] = {
    OPT_NUMBER(struct request, life.repeat, "repeat", 0, "N", 1, REPEAT_MAX,
               "How often to measure each phase (default: 5)"),
    OPT_CALL(take_phases, "phases", 0, "LIST",
             "Measure these: boot, pause, unpause, reboot, migrate, checkpoint, restore, shutdown "
             "(default: all; migrate for PVH guests)"),
    OPT_TRUE(struct request, life.parallel, "parallel", 0,
             "Measure all guests at the same time (default: one after the other)"),
    OPT_TRUE(struct request, life.xl, "compare-xl", 0,
             "Measure xl doing the same, in turn with xenbench (the default)"),
    OPT_FALSE(struct request, life.xl, "no-xl", 0, "Do not measure xl"),
    OPT_STRING(struct request, json, "json", 0, "FILE",
               "Write all measurements to FILE (`-`: stdout)"),
    OPT_STRING(struct request, life.dir, "dir", 'd', "DIR",
               "Write the checkpoints that are measured to DIR"),
    OPT_ZSTD(struct request, life.save.level, XB_CHECKPOINT_LEVEL_MIN, XB_CHECKPOINT_LEVEL_MAX),
    OPT_FALSE(struct request, life.save.compress, "no-compress", 0, "Do not compress"),
    OPT_THREADS(struct request, life.save.threads,
                "Threads that compress one guest (default: as for `guest checkpoint`)"),
    OPT_TRUE(struct request, levels, "zstd-levels", 0,
             "Instead compare levels of zstd on one guest's memory"),
    OPT_TIMEOUT(struct request, life.timeout_ns, "How long each phase may take (default: 300)"),
    OPT_QUIET(struct request, life.quiet),
    OPT_END,
};

static void check(struct argp_state *state, void *out)
{
    const struct request *r = out;
    if (r->levels && (r->json || r->phases_given || r->life.parallel))
        argp_error(state, "--zstd-levels measures no phases: no --json, --phases or --parallel "
                          "with it");
}

const struct xb_opts xb_opts_lifecycle = {
    .rows = rows,
    .words = OPT_GUESTS(struct request, words),
    .check = check,
    .args = "GUEST...",
    .doc = "Measure how long guests take to boot, pause, reboot, migrate, be checkpointed and "
           "restored, and shut down, and how long xl takes for the same.\v"
           "The guests must be stopped, and are stopped afterwards.\n\n"
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
    /* Print what was measured, even after a failure. */
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
    xb_opts_parse(&xb_opts_lifecycle, argc, argv, &r);
    if (xb_guest_names_parse(&names, r.words.v, r.words.count, &app->err) < 0)
        return (int)app->err.class;
    if (r.levels && names.count > 1)
        xb_fail(&app->err, XB_E_INPUT, 0, "--zstd-levels takes the memory of one guest, not of %zu",
                names.count);
    else
        measure(app, &r, &names);
    return (int)app->err.class;
}
