/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench run */
#include "base.h"
#include "commands.h"
#include "experiment_opt.h"
#include "report.h"
#include "run.h"

#include <argp.h>
#include <stdlib.h>

struct request {
    struct xb_run_options run;
    struct xb_experiment_opt experiment;
    bool print;
    int by;                 /* enum xb_shard_by plus 1; 0: not given */
    const char *report_dir; /* NULL: only the table on stdout */
};

static void take_keep_traces(struct argp_state *state, char *value, void *out)
{
    struct request *o = out;
    (void)state;
    o->run.trace = true;
    o->run.keep_traces = value;
}

static void take_shard(struct argp_state *state, char *value, void *out)
{
    if (!xb_shard_read(value, &((struct request *)out)->run.shard))
        argp_error(state,
                   "--shard %s: write K/N, the number of the shard and how many there are: 2/3 (K "
                   "is at most N, and N at most %d)",
                   value, XB_SHARDS_MAX);
}

static const struct xb_opt rows[] = {
    OPT_EXPERIMENT(struct request, experiment),
    OPT_TRUE(struct request, print, "print", 0,
             "Print the experiment file that these options stand for, and run nothing"),
    OPT_HEADING("The run:"),
    OPT_STRING(struct request, run.resume, "resume", 0, "RUN",
               "Finish an unfinished run: its id, the beginning of its id, or latest"),
    OPT_TRUE(struct request, run.afresh, "afresh", 0,
             "Begin a new run even if there is an unfinished run of FILE"),
    OPT_CALL(take_shard, "shard", 0, "K/N",
             "Run only shard K of N; `xenbench plan --shards N` shows them. Each is run on one "
             "host, and `xenbench fleet report` judges all of them as one"),
    OPT_SHARD_BY(struct request, by),
    OPT_STORE(struct request, run.store),
    OPT_STRING(struct request, report_dir, "report-dir", 0, "DIR",
               "Write report.html, report.md and results.json into DIR"),
    OPT_TRUE(struct request, run.trace, "trace", 0,
             "Take Xen's trace in each cell: where every vcpu ran, and how long it waited. A "
             "resumed run continues with it"),
    OPT_CALL(take_keep_traces, "keep-traces", 0, "DIR",
             "Also keep the traces, for xenalyze or xenbench trace; implies --trace"),
    OPT_COLOR,
    OPT_QUIET(struct request, run.quiet),
    OPT_END,
};

static void check(struct argp_state *state, void *out)
{
    struct request *o = out;
    const struct xb_experiment_opt *experiment = &o->experiment;
    if (o->run.resume && !xb_experiment_opt_is_empty(experiment))
        argp_error(state, "--resume knows its own file: give one or the other (a FILE alone "
                          "finishes its own run too)");
    if (o->run.resume && (experiment->sets.count || experiment->repetitions))
        argp_error(state, "--resume continues the run as it began: nothing can be set");
    if (o->run.resume && o->run.afresh)
        argp_error(state, "--resume and --afresh exclude each other: --afresh begins a new run");
    if (o->run.resume && (o->run.shard.number || o->by))
        argp_error(state, "--resume knows its own shard");
    if (o->by && !o->run.shard.number)
        argp_error(state, "--by says what the shards divide: it needs --shard K/N");
    if (o->by)
        o->run.shard.by = (enum xb_shard_by)(o->by - 1);
    if (!o->run.resume)
        xb_experiment_opt_check(state, experiment,
                                "which experiment? Give its file, --guests and --workload, "
                                "--like, or --resume");
    if (o->print && !xb_experiment_opt_is_line(experiment))
        argp_error(state, "--print writes the file of an experiment that is given by options, such "
                          "as --guests (`xenbench runs show RUN --experiment` prints the file of "
                          "an earlier run; --store FILE takes the run from another store)");
}

const struct xb_opts xb_opts_run = {
    .rows = rows,
    .words = OPT_WORDS(struct request, experiment.words, 0, XB_OPT_MANY, NULL),
    .check = check,
    .args = "FILE\n--guests GUESTS --workload WORKLOAD [--case 'NAME: KEY=VALUE ...']...\n"
            "--guests GUESTS [--case ...]... -- COMMAND\n--like RUN\n--resume RUN",
    .doc = "Run an experiment: make missing guests, set up every case, start its guests in step, "
           "and print the table. An interrupted run of the same experiment is finished.\v"
           "A COMMAND of one word is for the guest's shell: -- 'make -j4 | tail -1'. Examples of "
           "files are in /usr/share/xenbench/examples; --print makes a file of a command line:\n"
           "\n"
           "  xenbench run --workload x264 --guests 3 --case 'apart: hard=1,2,3' --case 'shared: "
           "hard=2-3'\n"
           "\n"
           "Ctrl-C restores the host; all measurements are kept.",
};

static int report(void *arg, struct xb_store *store, const char *run, struct xb_err *err)
{
    const struct request *o = arg;
    /* Write both, so that a failed table does not cost the report. */
    int table = xb_report_table(store, run, stdout, err);
    int files = o->report_dir ? xb_report_directory(store, run, o->report_dir, err) : 0;
    return table < 0 || files < 0 ? -1 : 0;
}

/* Print the experiment, after checking that it is valid. */
static int print(const struct xb_exp_source *source, struct xb_err *err)
{
    struct xb_experiment *exp;
    if (xb_experiment_read(&exp, source, err) < 0)
        return -1;
    fputs(exp->text, stdout);
    xb_experiment_free(exp);
    return 0;
}

static int run(struct xb_app *app, struct request *o, struct xb_err *err)
{
    struct xb_experiment_given given = {.source = {.path = NULL}};
    int r = 0;
    if (!o->run.resume) {
        r = xb_experiment_opt_source(&given, app, &o->experiment, o->run.store, err);
        o->run.source = &given.source;
    }
    if (r == 0)
        r = xb_experiment_given_check(&given, err);
    if (r == 0)
        r = o->print ? print(&given.source, err) : xb_run(app, &o->run, err);
    xb_experiment_given_clear(&given);
    return r;
}

int xb_cmd_run(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.run = {.report = report}};
    o.run.report_arg = &o;
    xb_experiment_opt_begin(&o.experiment, argc, argv);
    xb_opts_parse(&xb_opts_run, argc, argv, &o);
    int r = run(app, &o, &app->err);
    xb_experiment_opt_clear(&o.experiment);
    return r < 0 ? (int)app->err.class : 0;
}
