/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench runs list` and `show`.
 */
#include "base.h"
#include "commands.h"
#include "escape.h"
#include "files.h"
#include "report.h"
#include "json_text.h"
#include "store_list.h"
#include "store_run.h"
#include "width.h"

#include <inttypes.h>

struct looking {
    struct xb_words run;
    const char *store;
    bool json, experiment;
};

/* Print text from the store, which may hold anything, safely on one line. */
static void put(const char *text, int width)
{
    xb_auto_free char *clean = xb_escaped(text);
    for (char *c = clean; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    xb_put(stdout, clean, width);
}

static json_t *shard_json(const struct xb_listed_run *r)
{
    if (!r->shard_by)
        return json_null();
    return json_pack("{s:o, s:I, s:I}", "by", xb_json_text(r->shard_by), "number",
                     (json_int_t)r->shard, "of", (json_int_t)r->shards);
}

static void list_json(const struct xb_listed_run *runs, size_t count)
{
    xb_auto_json json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct xb_listed_run *r = &runs[i];
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:I, s:o}", "run",
                            xb_json_text(r->run), "started_at", xb_json_text(r->started_at),
                            "ended_at", xb_json_text(r->ended_at), "state", xb_json_text(r->state),
                            "done", (json_int_t)r->done, "cells", (json_int_t)r->cells, "host",
                            xb_json_text(r->host), "workload", xb_json_text(r->workload), "name",
                            xb_json_text(r->name), "imported", (json_int_t)r->imported, "shard",
                            shard_json(r)));
    }
    json_dumpf(list, stdout, JSON_INDENT(1));
    putchar('\n');
}

static void list_table(const struct xb_listed_run *runs, size_t count)
{
    printf("%-9s %-21s %-11s %9s  %-12s %-12s %s\n", "RUN", "STARTED", "STATE", "CELLS", "HOST",
           "WORKLOAD", "EXPERIMENT");
    for (size_t i = 0; i < count; i++) {
        char cells[48], started[24];
        snprintf(started, sizeof(started), "%.19sZ", runs[i].started_at);
        snprintf(cells, sizeof(cells), "%" PRId64 "/%" PRId64, runs[i].done, runs[i].cells);
        printf("%-9.8s ", runs[i].run);
        put(started, 22);
        put(runs[i].state, 12);
        printf("%9s  ", cells);
        put(runs[i].host, 13);
        put(runs[i].workload, 13);
        put(runs[i].name, 0);
        if (runs[i].shard_by)
            printf(" (shard %" PRId64 "/%" PRId64 ")", runs[i].shard, runs[i].shards);
        putchar('\n');
    }
}

static int list_runs(struct xb_store *store, bool json, struct xb_err *err)
{
    xb_auto_arena struct xb_arena arena = {0};
    const struct xb_read in = {store, &arena, NULL, err, NULL};
    struct xb_listed_run *runs;
    size_t count;
    if (xb_list_runs(&in, &runs, &count) < 0)
        return -1;
    if (json)
        list_json(runs, count);
    else
        list_table(runs, count);
    return 0;
}

static const struct xb_opt list_options[] = {
    OPT_JSON(struct looking, json),
    OPT_STORE(struct looking, store),
    OPT_END,
};

const struct xb_opts xb_opts_runs_list = {
    .rows = list_options,
    .doc = "List all runs of the store, oldest first.",
};

int xb_cmd_runs_list(struct xb_app *app, int argc, char **argv)
{
    struct looking o = {0};
    struct xb_store *store = NULL;
    xb_opts_parse(&xb_opts_runs_list, argc, argv, &o);
    int r = xb_store_open(&store, app, o.store, false, &app->err);
    if (r == 0)
        r = list_runs(store, o.json, &app->err);
    xb_store_close(store);
    return r < 0 ? (int)app->err.class : 0;
}

static void show_told(const struct xb_told *told, size_t count, int width)
{
    for (size_t i = 0; i < count; i++) {
        fputs("  ", stdout);
        put(told[i].word, width);
        putchar(' ');
        put(told[i].text, 0);
        putchar('\n');
    }
}

static int show(struct xb_store *store, const char *run, struct xb_err *err)
{
    static const char *const titles[] = {
        [XB_TELL_CASES] = "Cases", [XB_TELL_GUESTS] = "Guests",     [XB_TELL_CELLS] = "Cells",
        [XB_TELL_HOST] = "Host",   [XB_TELL_WARNINGS] = "Warnings",
    };
    xb_auto_arena struct xb_arena arena = {0};
    const struct xb_read in = {store, &arena, run, err, NULL};
    struct xb_told *told;
    size_t count;
    if (xb_tell_run(&in, &told, &count) < 0)
        return -1;
    show_told(told, count, 13);
    for (size_t i = 0; i < XB_ARRAY_LEN(titles); i++) {
        if (xb_tell(&in, (enum xb_tell)i, &told, &count) < 0)
            return -1;
        if (count > 0)
            printf("\n%s\n", titles[i]);
        show_told(told, count, 24);
    }
    return 0;
}

static int show_experiment(struct xb_store *store, const char *run, struct xb_err *err)
{
    struct xb_run_source source;
    if (xb_store_run_source(store, run, &source, err) < 0)
        return -1;
    /* A terminal obeys control characters, and the file may be somebody else's. */
    xb_auto_free char *clean = isatty(STDOUT_FILENO) ? xb_escaped(source.text) : NULL;
    fputs(clean ? clean : source.text, stdout);
    xb_run_source_clear(&source);
    return 0;
}

static const struct xb_opt show_options[] = {
    OPT_TRUE(struct looking, json, "json", 'j',
             "Print everything about the run as JSON (results.json)"),
    OPT_TRUE(struct looking, experiment, "experiment", 0,
             "Print the experiment file as it was when the run began (on a terminal, control "
             "characters as \\xHH)"),
    OPT_STORE(struct looking, store),
    OPT_END,
};

const struct xb_opts xb_opts_runs_show = {
    .rows = show_options,
    .words = OPT_WORDS(struct looking, run, 0, 1, NULL),
    .args = "[RUN]",
    .doc = "Show one run: the latest, or the one whose id begins with RUN.",
};

int xb_cmd_runs_show(struct xb_app *app, int argc, char **argv)
{
    struct looking o = {0};
    struct xb_store *store = NULL;
    char run[XB_UUID_BYTES];
    xb_opts_parse(&xb_opts_runs_show, argc, argv, &o);
    int r = xb_store_open(&store, app, o.store, false, &app->err);
    if (r == 0)
        r = xb_store_run_find(store, o.run.v[0], false, run, &app->err);
    if (r == 0)
        r = o.experiment ? show_experiment(store, run, &app->err)
            : o.json     ? xb_report_write(store, run, XB_REPORT_JSON, stdout, &app->err)
                         : show(store, run, &app->err);
    xb_store_close(store);
    return r < 0 ? (int)app->err.class : 0;
}
