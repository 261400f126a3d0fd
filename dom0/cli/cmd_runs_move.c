/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench runs delete`, `export` and `import`.
 */
#include "base.h"
#include "commands.h"
#include "outfile.h"
#include "report.h"
#include "run_lock.h"
#include "store_list.h"
#include "store_merge.h"
#include "store_run.h"
#include "streams.h"

#include <argp.h>
#include <errno.h>
#include <string.h>

enum format { FORMAT_OF_NAME = 0, FORMAT_SQLITE, FORMAT_JSON };
static const char *const format_words[] = {"sqlite", "json", NULL};

struct moving {
    struct xb_words words;
    const char *store, *output;
    enum format format;
    bool force, all;
};

#define OPT_ALL_RUNS OPT_TRUE(struct moving, all, "all", 'a', "Every run of the store")

static void check(struct argp_state *state, void *out)
{
    const struct moving *o = out;
    xb_opt_check_all(state, o->all, &o->words, "which runs? Name at least one");
    if (!o->output && o->format == FORMAT_SQLITE)
        argp_error(state, "a store goes into a file: --output FILE");
}

/* The complete ids of the named runs; the arena owns them. */
static int find_all(const struct xb_read *in, const struct moving *o, char ***out, size_t *count)
{
    struct xb_listed_run *all = NULL;
    size_t all_count = 0;
    *out = NULL;
    *count = 0;
    if (o->all && xb_list_runs(in, &all, &all_count) < 0)
        return -1;
    for (size_t i = 0; i < all_count; i++)
        *(char **)xb_arena_grow(in->arena, out, count, sizeof(char *)) = all[i].run;
    for (size_t i = 0; !o->all && i < o->words.count; i++) {
        char id[XB_UUID_BYTES];
        if (xb_store_run_find(in->store, o->words.v[i], false, id, in->err) < 0)
            return -1;
        *(char **)xb_arena_grow(in->arena, out, count, sizeof(char *)) =
            xb_arena_strdup(in->arena, id);
    }
    return 0;
}

/* ---- delete ---- */

static int check_deletable(struct xb_store *store, const char *run, bool force, struct xb_err *err)
{
    int open = xb_store_run_is_open(store, run, err);
    if (open < 1 || force)
        return open < 0 ? -1 : 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "run %.8s is not finished: `xenbench run --resume %.8s` finishes it; --force "
                   "deletes it all the same, `xenbench clean` then removes guests that it left",
                   run, run);
}

static int delete_all(struct xb_store *store, char **runs, size_t count, bool force,
                      struct xb_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (check_deletable(store, runs[i], force, err) < 0)
            return -1;
    return xb_store_runs_delete(store, runs, count, err);
}

static int with_runs(struct xb_app *app, const struct moving *o,
                     int (*act)(struct xb_app *app, struct xb_store *store, const struct moving *o,
                                char **runs, size_t count, struct xb_err *err))
{
    struct xb_store *store = NULL;
    char **runs = NULL;
    size_t count = 0;
    xb_auto_arena struct xb_arena arena = {0};
    int r = xb_store_open(&store, app, o->store, false, &app->err);
    if (r == 0)
        r = find_all(&(struct xb_read){store, &arena, NULL, &app->err, NULL}, o, &runs, &count);
    if (r == 0)
        r = act(app, store, o, runs, count, &app->err);
    xb_store_close(store);
    return r < 0 ? (int)app->err.class : 0;
}

static int act_delete(struct xb_app *app, struct xb_store *store, const struct moving *o,
                      char **runs, size_t count, struct xb_err *err)
{
    xb_auto_close int lock = xb_run_lock_take(app, "delete runs", err);
    if (lock < 0 || delete_all(store, runs, count, o->force, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        printf("run %.8s is deleted\n", runs[i]);
    return 0;
}

static const struct xb_opt delete_rows[] = {
    OPT_FORCE(struct moving, force, "Also delete unfinished runs"),
    OPT_ALL_RUNS,
    OPT_STORE(struct moving, store),
    OPT_END,
};

const struct xb_opts xb_opts_runs_delete = {
    .rows = delete_rows,
    .words = OPT_WORDS(struct moving, words, 0, XB_OPT_MANY, NULL),
    .check = check,
    .args = "RUN...\n--all",
    .doc = "Remove runs and all their measurements: all named runs, or none. RUN is an id or the "
           "beginning of one, or latest.",
};

int xb_cmd_runs_delete(struct xb_app *app, int argc, char **argv)
{
    struct moving o = {0};
    xb_opts_parse(&xb_opts_runs_delete, argc, argv, &o);
    return with_runs(app, &o, act_delete);
}

/* ---- export ---- */

static bool wants_json(const struct moving *o)
{
    if (o->format)
        return o->format == FORMAT_JSON;
    size_t length = o->output ? strlen(o->output) : 0;
    return !o->output || (length > 5 && strcmp(o->output + length - 5, ".json") == 0);
}

/* One run is written as results.json, several (or --all) as a list. */
static int write_json(struct xb_store *store, char **runs, size_t count, bool all, FILE *out,
                      struct xb_err *err)
{
    if (count == 1 && !all)
        return xb_report_write(store, runs[0], XB_REPORT_JSON, out, err);
    fputs("{\"schema\": \"xenbench-runs/1\", \"runs\": [\n", out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            fputs(",\n", out);
        if (xb_report_write(store, runs[i], XB_REPORT_JSON, out, err) < 0)
            return -1;
    }
    fputs("]}\n", out);
    return xb_stream_flush(out, "the export", err);
}

/* The file gets its name once it is complete. */
static int export_json(struct xb_store *store, char **runs, size_t count, const struct moving *o,
                       struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    if (xb_outfile_open(&file, o->output, 0666, false, NULL, err) < 0)
        return -1;
    FILE *out = xb_newfile_stream(&file, err);
    int r = out ? write_json(store, runs, count, o->all, out, err) : -1;
    if (out && fclose(out) != 0 && r == 0)
        r = xb_fail(err, XB_E_HOST, errno, "cannot write %s", o->output);
    return r < 0 ? -1 : xb_newfile_show(&file, err);
}

static int act_export(struct xb_app *app, struct xb_store *store, const struct moving *o,
                      char **runs, size_t count, struct xb_err *err)
{
    if (!wants_json(o))
        return xb_store_export(store, app, (const char *const *)runs, count, o->output, err);
    if (!o->output)
        return write_json(store, runs, count, o->all, stdout, err);
    return export_json(store, runs, count, o, err);
}

static const struct xb_opt export_rows[] = {
    OPT_ALL_RUNS,
    OPT_STRING(struct moving, output, "output", 0, "FILE",
               "A new file: a store, or JSON where its name ends in .json (default: JSON on "
               "stdout)"),
    OPT_WORD(struct moving, format, "format", format_words, FORMAT_SQLITE,
             "The format (default: by the file's name)"),
    OPT_STORE(struct moving, store),
    OPT_END,
};

const struct xb_opts xb_opts_runs_export = {
    .rows = export_rows,
    .words = OPT_WORDS(struct moving, words, 0, XB_OPT_MANY, NULL),
    .check = check,
    .args = "RUN...\n--all",
    .doc = "Write runs into a new store, for `xenbench runs import` elsewhere, or as JSON.",
};

int xb_cmd_runs_export(struct xb_app *app, int argc, char **argv)
{
    struct moving o = {0};
    xb_opts_parse(&xb_opts_runs_export, argc, argv, &o);
    return with_runs(app, &o, act_export);
}

/* ---- import ---- */

static int import_all(struct xb_app *app, struct xb_store *store, const struct moving *o)
{
    for (size_t i = 0; i < o->words.count; i++) {
        struct xb_merged merged;
        if (xb_store_import(store, app, o->words.v[i], &merged, &app->err) < 0)
            return -1;
        printf("%s: %u run%s added, %u finished, %u known\n", o->words.v[i], merged.added,
               xb_plural(merged.added), merged.finished, merged.known);
        if (xb_store_sync(store, &app->err) < 0)
            return -1;
    }
    return 0;
}

static const struct xb_opt import_rows[] = {
    OPT_STORE(struct moving, store),
    OPT_END,
};

const struct xb_opts xb_opts_runs_import = {
    .rows = import_rows,
    .words = OPT_WORDS(struct moving, words, 1, XB_OPT_MANY, "which stores? Name at least one"),
    .args = "FILE...",
    .doc = "Import the runs of other stores, which are only read. Runs that are here already stay "
           "as they are, so a second import changes nothing. Nothing is imported from a file that "
           "is damaged or of a newer version.",
};

int xb_cmd_runs_import(struct xb_app *app, int argc, char **argv)
{
    struct moving o = {0};
    struct xb_store *store = NULL;
    xb_opts_parse(&xb_opts_runs_import, argc, argv, &o);
    xb_auto_close int lock = xb_run_lock_take(app, "import runs", &app->err);
    int r = lock < 0 ? -1 : xb_store_open(&store, app, o.store, true, &app->err);
    if (r == 0)
        r = import_all(app, store, &o);
    xb_store_close(store);
    return r < 0 ? (int)app->err.class : 0;
}
