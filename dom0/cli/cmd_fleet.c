/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench fleet report, status and collect, and fleet task, which a task of Slurm runs */
#include "base.h"
#include "commands.h"
#include "fleet.h"
#include "fleet_collect.h"
#include "fleet_state.h"
#include "fleet_task.h"

struct request {
    struct xb_words runs;
    enum xb_report_format format;
    const char *output, *store;
};

static const struct xb_opt rows[] = {
    OPT_WORD(struct request, format, "format", xb_report_pages, XB_REPORT_TABLE,
             "What to write (default: table); html has a plot of the hosts"),
    OPT_STRING(struct request, output, "output", 0, "FILE", "Write to FILE (default: `-`, stdout)"),
    OPT_STORE(struct request, store),
    OPT_COLOR,
    OPT_END,
};

const struct xb_opts xb_opts_fleet_report = {
    .rows = rows,
    .words = OPT_WORDS(struct request, runs, 0, XB_OPT_MANY, NULL),
    .args = "[RUN...]",
    .doc = "Judge as one the shards of an experiment that `xenbench run --shard K/N` measured on "
           "several hosts: which host is slow, and how cases differ, first within each host and "
           "then over all hosts. A RUN is the beginning of an id in the store, latest, FILE (the "
           "latest run of another store or of an export), or FILE:RUN. One RUN stands for all "
           "shards of its experiment in its store; without a RUN, the shards of the latest "
           "experiment are judged.\v"
           "`xenbench fleet collect` or `runs import` bring stores together. docs/fleet.md says "
           "what each figure means. Missing shards are listed, and are not an error.",
};

int xb_cmd_fleet_report(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.format = XB_REPORT_TABLE};
    xb_opts_parse(&xb_opts_fleet_report, argc, argv, &o);
    const struct xb_fleet_request request = {
        .store = o.store,
        .runs = o.runs.v,
        .run_count = o.runs.count,
        .format = o.format,
        .output = o.output,
    };
    return xb_fleet_report(app, &request, &app->err) < 0 ? (int)app->err.class : 0;
}

/* ---- status and collect ---- */

struct dir_request {
    struct xb_words dir;
    bool json;
};

#define OPT_DIR OPT_WORDS(struct dir_request, dir, 1, 1, "which fleet? Name its directory")

static const struct xb_opt status_rows[] = {
    OPT_JSON(struct dir_request, json),
    OPT_END,
};

const struct xb_opts xb_opts_fleet_status = {
    .rows = status_rows,
    .words = OPT_DIR,
    .args = "DIR",
    .doc = "Show how far each shard is: cells done, samples failed, tasks lost and time left, from "
           "Slurm's answers and from what has come back to the fleet's directory.\vA shard is "
           "waiting, running, finished (all of it came back), failed (also: interrupted at its "
           "time limit), stopped (cancelled), lost (its node failed, or its task ended and no "
           "complete store came back), or unknown.",
};

int xb_cmd_fleet_status(struct xb_app *app, int argc, char **argv)
{
    struct dir_request o = {.json = false};
    xb_opts_parse(&xb_opts_fleet_status, argc, argv, &o);
    return xb_fleet_status(o.dir.v[0], o.json, &app->err) < 0 ? (int)app->err.class : 0;
}

const struct xb_opts xb_opts_fleet_collect = {
    .words = OPT_DIR,
    .args = "DIR",
    .doc =
        "Merge the stores that have come back to the fleet's directory into DIR/fleet.sqlite. One "
        "run of each shard counts; a complete run is preferred. The command can be interrupted and "
        "repeated: it loses nothing, and adds nothing twice.\vExit status 2: a store is damaged or "
        "belongs to another experiment. It is named; all others are collected.",
};

int xb_cmd_fleet_collect(struct xb_app *app, int argc, char **argv)
{
    struct dir_request o = {.json = false};
    xb_opts_parse(&xb_opts_fleet_collect, argc, argv, &o);
    return xb_fleet_collect(app, o.dir.v[0], &app->err) < 0 ? (int)app->err.class : 0;
}

/* ---- task ---- */

const struct xb_opts xb_opts_fleet_task = {
    .doc = "Run a shard as a task of Slurm: the job's script, written by `fleet submit`, does so.",
};

int xb_cmd_fleet_task(struct xb_app *app, int argc, char **argv)
{
    xb_opts_parse(&xb_opts_fleet_task, argc, argv, NULL);
    return xb_fleet_task(app, stdin, &app->err) < 0 ? (int)app->err.class : 0;
}
