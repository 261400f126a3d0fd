/* xenbench report */
#include "app.h"
#include "base.h"
#include "options.h"
#include "report.h"
#include "store_run.h"

#include <string.h>

enum { OPT_FORMAT = 256, OPT_OUTPUT, OPT_STORE };

struct report_options {
    const char *run;
    enum xb_report_format format;
    const char *output;
    const char *store;
};

static const struct argp_option options[] = {
    {"format", OPT_FORMAT, "FORMAT", 0, "table (the default), md, html or json", 0},
    {"output", OPT_OUTPUT, "FILE", 0, "write to FILE rather than to stdout (`-`)", 0},
    {"store", OPT_STORE, "FILE", 0, "the results are in FILE rather than in the host's store", 0},
    {0},
};

static void read_format(const char *word, struct report_options *o, struct argp_state *state)
{
    for (int i = 0; xb_report_formats[i]; i++) {
        if (strcmp(xb_report_formats[i], word) == 0) {
            o->format = (enum xb_report_format)i;
            return;
        }
    }
    argp_error(state, "no format `%s`: there are table, md, html and json", word);
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct report_options *o = state->input;
    switch (key) {
    case OPT_FORMAT:
        read_format(value, o, state);
        return 0;
    case OPT_OUTPUT:
        o->output = value;
        return 0;
    case OPT_STORE:
        o->store = value;
        return 0;
    case ARGP_KEY_ARG:
        if (o->run)
            argp_error(state, "one run at a time: %s", value);
        o->run = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options, parse_option,
    "[RUN]", "Show what a run found: the latest, or the one whose id begins with RUN.",
    NULL,    NULL,
    NULL,
};

static int write_report(struct xb_store *store, const struct report_options *o, struct xb_err *err)
{
    char run[XB_UUID_BYTES];
    if (xb_store_run_find(store, o->run, false, run, err) < 0)
        return -1;
    if (!o->output)
        return xb_report_write(store, run, o->format, stdout, err);
    return xb_report_file(store, run, o->format, o->output, err);
}

int xb_cmd_report(struct xb_app *app, int argc, char **argv)
{
    struct report_options o = {0};
    struct xb_store *store = NULL;
    xb_options_parse(&parser, argc, argv, &o);
    int rc = xb_store_open(&store, app, o.store, false, &app->err);
    if (rc == 0)
        rc = write_report(store, &o, &app->err);
    xb_store_close(store);
    return rc < 0 ? (int)app->err.class : 0;
}
