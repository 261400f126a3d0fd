/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench compare */
#include "base.h"
#include "commands.h"
#include "compare.h"

struct request {
    struct xb_words runs, cases, conditions;
    enum xb_report_format format;
    const char *output, *junit, *store, *metric;
};

static const struct xb_opt rows[] = {
    OPT_STRINGS(struct request, cases, "case", 0, "NAME=NAME",
                "A case of A and its name in the other run, where the names differ; may be given "
                "several times"),
    OPT_STRING(struct request, metric, "metric", 0, "METRIC",
               "Compare this metric of the workloads, such as latency.p99, or time, in place of "
               "the primary one"),
    OPT_STRINGS(struct request, conditions, "fail-if", 0, "CONDITION",
                "Exit with status 1 if a figure is significantly worse by more than this: 'time > "
                "3%', 'fps < -3%', or 'worse > 3%' for every figure; may be given several times"),
    OPT_WORD(struct request, format, "format", xb_report_pages, XB_REPORT_TABLE,
             "What to write (default: table)"),
    OPT_STRING(struct request, output, "output", 0, "FILE", "Write to FILE (default: `-`, stdout)"),
    OPT_STRING(struct request, junit, "junit", 0, "FILE",
               "Also write JUnit's XML to FILE, a test case for each case and guest"),
    OPT_STORE(struct request, store),
    OPT_COLOR,
    OPT_END,
};

const struct xb_opts xb_opts_compare = {
    .rows = rows,
    .words = OPT_WORDS(struct request, runs, 2, XB_COMPARE_RUNS,
                       "which runs? Give at least two (`xenbench runs list` shows them)"),
    .args = "A B...",
    .doc =
        "Compare runs with the first, A: what differs between the hosts, and for each case and "
        "guest whether it became better or worse, by how much, and how sure that is. A run is "
        "the beginning of an id in the store, latest, FILE (the latest run of another store or of an "
        "export), or FILE:RUN.\v"
        "A difference counts if the rank sum test, corrected for the number of comparisons, "
        "says so with a confidence of 95 %.",
};

int xb_cmd_compare(struct xb_app *app, int argc, char **argv)
{
    struct request o = {0};
    xb_opts_parse(&xb_opts_compare, argc, argv, &o);
    const struct xb_compare_request request = {
        .store = o.store,
        .runs = o.runs.v,
        .run_count = o.runs.count,
        .metric = o.metric,
        .cases = o.cases.v,
        .case_count = o.cases.count,
        .conditions = o.conditions.v,
        .condition_count = o.conditions.count,
        .format = o.format,
        .output = o.output,
        .junit = o.junit,
    };
    int r = xb_compare(app, &request, &app->err);
    xb_words_free(&o.cases);
    xb_words_free(&o.conditions);
    return r < 0 ? (int)app->err.class : 0;
}
