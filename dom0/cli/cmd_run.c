/* xenbench run */
#include "alloc.h"
#include "commands.h"
#include "report.h"
#include "run.h"

#include <argp.h>
#include <stdlib.h>

struct request {
    struct xb_run_options run;
    struct xb_words file;
    const char *report_dir; /* NULL: the table on stdout alone */
};

static void add_set(struct xb_run_options *o, const char *key, const char *value)
{
    char **grown = xb_reallocarray(o->sets.v, o->sets.count + 2, sizeof(*grown));
    o->sets.v = grown;
    grown[o->sets.count++] = xb_asprintf("%s%s", key, value);
    grown[o->sets.count] = NULL;
}

static void take_set(struct argp_state *state, char *value, void *out)
{
    (void)state;
    add_set(&((struct request *)out)->run, "", value);
}

static void take_repetitions(struct argp_state *state, char *value, void *out)
{
    (void)state;
    add_set(&((struct request *)out)->run, "repetitions=", value);
}

static void take_keep_traces(struct argp_state *state, char *value, void *out)
{
    struct request *o = out;
    (void)state;
    o->run.trace = true;
    o->run.keep_traces = value;
}

static const struct xb_opt rows[] = {
    OPT_STRING(struct request, run.resume, "resume", 0, "RUN",
               "Finish an unfinished run: its id, the beginning of its id, or latest"),
    OPT_TRUE(struct request, run.afresh, "afresh", 0,
             "Begin a new run even if there is an unfinished run of FILE"),
    OPT_CALL(take_repetitions, "repetitions", 0, "N", "The same as --set repetitions=N"),
    OPT_CALL(take_set, "set", 0, "KEY=VALUE",
             "Override FILE; KEY is repetitions, until, warmup, order, seed, timeout, "
             "boot_timeout, max_attempts or max_release_error: --set 'until={interval: 2%, max: "
             "50}'"),
    OPT_STORE(struct request, run.store),
    OPT_STRING(struct request, report_dir, "report-dir", 0, "DIR",
               "Write report.html, report.md and results.json into DIR"),
    OPT_TRUE(struct request, run.trace, "trace", 0,
             "Take Xen's trace in each cell: where every vcpu ran, and how long it waited. A "
             "resumed run continues with it"),
    OPT_CALL(take_keep_traces, "keep-traces", 0, "DIR",
             "Also keep the traces, for xenalyze or xenbench trace; implies --trace"),
    OPT_QUIET(struct request, run.quiet),
    OPT_END,
};

static void check(struct argp_state *state, void *out)
{
    struct request *o = out;
    o->run.file = o->file.v[0];
    if (!o->run.file && !o->run.resume)
        argp_error(state, "which experiment? Give its file, or --resume");
    if (o->run.file && o->run.resume)
        argp_error(state, "--resume knows its own file: give one or the other (a FILE alone "
                          "finishes its own run too)");
    if (o->run.resume && o->run.sets.count)
        argp_error(state, "--resume continues the run as it began: nothing can be set");
}

const struct xb_opts xb_opts_run = {
    .rows = rows,
    .words = OPT_WORDS(struct request, file, 0, 1, NULL),
    .check = check,
    .args = "FILE\n--resume RUN",
    .doc = "Run an experiment: make missing guests, set up every case, start its guests in step, "
           "and print the table. An interrupted run of the same FILE is finished.\v"
           "Examples are in /usr/share/xenbench/examples. Ctrl-C restores the host; all "
           "measurements are kept.",
};

static int report(void *arg, struct xb_store *store, const char *run, struct xb_err *err)
{
    const struct request *o = arg;
    /* Write both, so that a failed table does not cost the report. */
    int table = xb_report_table(store, run, stdout, err);
    int files = o->report_dir ? xb_report_directory(store, run, o->report_dir, err) : 0;
    return table < 0 || files < 0 ? -1 : 0;
}

int xb_cmd_run(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.run = {.report = report}};
    o.run.report_arg = &o;
    xb_opts_parse(&xb_opts_run, argc, argv, &o);
    int r = xb_run(app, &o.run, &app->err);
    xb_texts_free(&o.run.sets);
    return r < 0 ? (int)app->err.class : 0;
}
