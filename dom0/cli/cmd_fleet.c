/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench fleet report */
#include "base.h"
#include "commands.h"
#include "fleet.h"

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
    .doc = "Judge the shards of an experiment, as `xenbench run --shard K/N` measured them on "
           "several hosts, as one: which host is slow, and what differs between cases, within each "
           "host and then put together. A RUN is the beginning of an id in the store, FILE (the "
           "latest run of another store or of an export), or FILE:RUN. One RUN stands for all "
           "shards of its experiment in its store, and no RUN for those of the latest.\v"
           "`xenbench runs import` brings stores together. docs/fleet.md says what each figure "
           "means. Shards that are missing are named; that is no error.",
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
