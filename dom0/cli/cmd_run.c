/* xenbench run */
#include "alloc.h"
#include "app.h"
#include "options.h"
#include "report.h"
#include "run.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    OPT_RESUME = 256,
    OPT_AFRESH,
    OPT_REPETITIONS,
    OPT_SET,
    OPT_STORE,
    OPT_REPORT_DIR,
    OPT_TRACE,
    OPT_KEEP_TRACES,
    OPT_QUIET,
};

static const struct argp_option options[] = {
    {"resume", OPT_RESUME, "RUN", 0,
     "finish an unfinished run: its id, a beginning of it, or latest", 0},
    {"afresh", OPT_AFRESH, NULL, 0,
     "begin anew even where an unfinished run of FILE could be finished", 0},
    {"repetitions", OPT_REPETITIONS, "N", 0, "the same as --set repetitions=N", 0},
    {"set", OPT_SET, "KEY=VALUE", 0,
     "in place of what FILE says; KEY is repetitions, until, warmup, order, seed, timeout, "
     "boot_timeout, max_attempts or max_release_error: --set 'until={interval: 2%, max: 50}'",
     0},
    {"store", OPT_STORE, "FILE", 0, "keep results in FILE rather than in the host's store", 0},
    {"report-dir", OPT_REPORT_DIR, "DIR", 0,
     "write report.html, report.md and results.json into DIR", 0},
    {"trace", OPT_TRACE, NULL, 0,
     "take Xen's trace in each cell: where every vcpu ran, how long it waited; kept to when the run is resumed",
     0},
    {"keep-traces", OPT_KEEP_TRACES, "DIR", 0,
     "keep the traces too, for xenalyze or xenbench trace; implies --trace", 0},
    {"quiet", OPT_QUIET, NULL, 0, "no progress on stderr", 0},
    {0},
};

struct options {
    struct xb_run_options run;
    const char *report_dir; /* NULL: the table on stdout alone */
};

static void add_set(struct xb_run_options *o, const char *key, const char *value)
{
    char **grown = xb_reallocarray(o->sets.v, o->sets.count + 2, sizeof(*grown));
    o->sets.v = grown;
    grown[o->sets.count++] = xb_asprintf("%s%s", key, value);
    grown[o->sets.count] = NULL;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case OPT_RESUME:
        o->run.resume = value;
        return 0;
    case OPT_AFRESH:
        o->run.afresh = true;
        return 0;
    case OPT_REPETITIONS:
        add_set(&o->run, "repetitions=", value);
        return 0;
    case OPT_SET:
        add_set(&o->run, "", value);
        return 0;
    case OPT_STORE:
        o->run.store = value;
        return 0;
    case OPT_REPORT_DIR:
        o->report_dir = value;
        return 0;
    case OPT_QUIET:
        o->run.quiet = true;
        return 0;
    case OPT_TRACE:
        o->run.trace = true;
        return 0;
    case OPT_KEEP_TRACES:
        o->run.trace = true;
        o->run.keep_traces = value;
        return 0;
    case ARGP_KEY_ARG:
        if (o->run.file)
            argp_error(state, "one experiment at a time: %s", value);
        o->run.file = value;
        return 0;
    case ARGP_KEY_END:
        if (!o->run.file && !o->run.resume)
            argp_error(state, "which experiment? Give its file, or --resume");
        if (o->run.file && o->run.resume)
            argp_error(state, "--resume knows its own file: give one or the other (a FILE alone "
                              "finishes its own run too)");
        if (o->run.resume && o->run.sets.count)
            argp_error(state, "--resume goes on as the run was begun: nothing can be set");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse_option,
    "FILE\n--resume RUN",
    "Run an experiment: guests are made where they are not there, every case is set up, its guests "
    "start in step, "
    "and the table follows. A run of the same FILE that was cut off is finished.\v"
    "Examples are in /usr/share/xenbench/examples. Ctrl-C puts the host back; what was measured is "
    "kept.",
    NULL,
    NULL,
    NULL,
};

static int report(void *arg, struct xb_store *store, const char *run, struct xb_err *err)
{
    const struct options *o = arg;
    /* Each for itself: a table that nobody can read does not cost the report. */
    int table = xb_report_table(store, run, stdout, err);
    int files = o->report_dir ? xb_report_directory(store, run, o->report_dir, err) : 0;
    return table < 0 || files < 0 ? -1 : 0;
}

int xb_cmd_run(struct xb_app *app, int argc, char **argv)
{
    struct options o = {.run = {.report = report}};
    o.run.report_arg = &o;
    xb_options_parse(&parser, argc, argv, &o);
    int rc = xb_run(app, &o.run, &app->err);
    xb_texts_free(&o.run.sets);
    return rc < 0 ? (int)app->err.class : 0;
}
