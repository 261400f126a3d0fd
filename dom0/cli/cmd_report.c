/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench report */
#include "base.h"
#include "commands.h"
#include "report.h"
#include "store_run.h"

struct request {
    struct xb_words run;
    enum xb_report_format format;
    const char *output;
    const char *store;
};

static const struct xb_opt rows[] = {
    OPT_NAMED_WORD(struct request, format, "format", "FORMAT", xb_report_formats, XB_REPORT_TABLE,
                   "One of the formats (default: table)"),
    OPT_STRING(struct request, output, "output", 0, "FILE", "Write to FILE (default: `-`, stdout)"),
    OPT_STORE(struct request, store),
    OPT_COLOR,
    OPT_END,
};

#define FORMAT_LINE(id, name, what, write) "  " name ": " what "\n"

const struct xb_opts xb_opts_report = {
    .rows = rows,
    .words = OPT_WORDS(struct request, run, 0, 1, NULL),
    .args = "[RUN]",
    .doc = "Show the results of a run: the latest, or the one whose id begins with RUN.\v"
           "Formats (docs/formats.md):\n" XB_REPORT_FORMATS(FORMAT_LINE),
};

static int write_report(struct xb_store *store, const struct request *o, struct xb_err *err)
{
    char run[XB_UUID_BYTES];
    if (xb_store_run_find(store, o->run.v[0], false, run, err) < 0)
        return -1;
    if (!o->output)
        return xb_report_write(store, run, o->format, stdout, err);
    return xb_report_file(store, run, o->format, o->output, err);
}

int xb_cmd_report(struct xb_app *app, int argc, char **argv)
{
    struct request o = {0};
    struct xb_store *store = NULL;
    xb_opts_parse(&xb_opts_report, argc, argv, &o);
    int r = xb_store_open(&store, app, o.store, false, &app->err);
    if (r == 0)
        r = write_report(store, &o, &app->err);
    xb_store_close(store);
    return r < 0 ? (int)app->err.class : 0;
}
