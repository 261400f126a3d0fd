/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench history */
#include "base.h"
#include "commands.h"
#include "history.h"

struct request {
    struct xb_words experiment;
    enum xb_report_format format;
    const char *output, *store;
};

static const struct xb_opt rows[] = {
    OPT_WORD(struct request, format, "format", xb_report_pages, XB_REPORT_TABLE,
             "What to write (default: table); html has a plot"),
    OPT_STRING(struct request, output, "output", 0, "FILE", "Write to FILE (default: `-`, stdout)"),
    OPT_STORE(struct request, store),
    OPT_COLOR,
    OPT_END,
};

const struct xb_opts xb_opts_history = {
    .rows = rows,
    .words = OPT_WORDS(struct request, experiment, 0, 1, NULL),
    .args = "[EXPERIMENT]",
    .doc = "Show all finished runs of one experiment over time: for each case and guest where its "
           "median changed, by how much, how sure that is, and what else differs between the two "
           "runs at the change. EXPERIMENT is the `name` of its file; it may be left out where the "
           "store has only one.\v"
           "Changes are found by E-divisive with a permutation test: docs/history.md. `xenbench "
           "runs import` adds the runs of other stores.",
};

int xb_cmd_history(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.format = XB_REPORT_TABLE};
    xb_opts_parse(&xb_opts_history, argc, argv, &o);
    const struct xb_history_request request = {
        .store = o.store,
        .experiment = o.experiment.v[0],
        .format = o.format,
        .output = o.output,
    };
    return xb_history(app, &request, &app->err) < 0 ? (int)app->err.class : 0;
}
