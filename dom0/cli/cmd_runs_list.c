/*
 * `xenbench runs list` and `show`.
 */
#include "base.h"
#include "cmd_runs.h"
#include "escape.h"
#include "options.h"
#include "report.h"
#include "report_json.h"
#include "store_run.h"
#include "width.h"

#include <string.h>

enum { OPT_JSON = 256, OPT_STORE, OPT_EXPERIMENT };

struct looking {
    const char *store, *run;
    bool json, experiment, takes_run;
};

static error_t parse_looking(int key, char *arg, struct argp_state *state)
{
    struct looking *o = state->input;
    switch (key) {
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_STORE:
        o->store = arg;
        return 0;
    case OPT_EXPERIMENT:
        o->experiment = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!o->takes_run)
            argp_error(state, "`%s`: no argument is expected", arg);
        if (o->run)
            argp_error(state, "one run at a time: %s", arg);
        o->run = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Text of the store, which may hold anything, on one line of a terminal. */
static void put(sqlite3_stmt *stmt, int column, int width)
{
    const char *text = xb_column_text(stmt, column);
    struct xb_escape escape = {0};
    xb_auto_free char *clean = malloc(XB_ESCAPE_MAX(strlen(text)) + 1);
    if (!clean)
        return;
    clean[xb_escape(&escape, (const uint8_t *)text, strlen(text), true, clean)] = '\0';
    for (char *c = clean; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    xb_put(stdout, clean, width);
}

#define LIST                                                                                        \
    "SELECT run, started_at, ended_at, CASE WHEN imported AND state = 'unfinished' THEN 'imported'" \
    " ELSE state END AS state,"                                                                     \
    " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND c.state = 'done') AS done,"          \
    " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND c.state != 'discarded') AS cells,"   \
    " (SELECT value FROM host h WHERE h.run = runs.run AND key = 'host_name') AS host, workload,"   \
    " name, imported FROM runs ORDER BY started_at, run"

static int list_json(struct xb_store *store, sqlite3_stmt *stmt, struct xb_err *err)
{
    json_t *list = json_array();
    int r;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        json_t *row = json_object();
        for (int c = 0; c < sqlite3_column_count(stmt); c++)
            json_object_set_new(row, sqlite3_column_name(stmt, c),
                                sqlite3_column_type(stmt, c) == SQLITE_INTEGER
                                    ? json_integer(sqlite3_column_int64(stmt, c))
                                : sqlite3_column_type(stmt, c) == SQLITE_NULL
                                    ? json_null()
                                    : xb_json_text(xb_column_text(stmt, c)));
        json_array_append_new(list, row);
    }
    if (r == 0) {
        json_dumpf(list, stdout, JSON_INDENT(1));
        putchar('\n');
    }
    json_decref(list);
    return r;
}

static int list_table(struct xb_store *store, sqlite3_stmt *stmt, struct xb_err *err)
{
    int r;
    printf("%-9s %-21s %-11s %9s  %-12s %-12s %s\n", "RUN", "STARTED", "STATE", "CELLS", "HOST",
           "WORKLOAD", "EXPERIMENT");
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        char cells[48];
        snprintf(cells, sizeof(cells), "%lld/%lld", (long long)sqlite3_column_int64(stmt, 4),
                 (long long)sqlite3_column_int64(stmt, 5));
        printf("%-9.8s ", xb_column_text(stmt, 0));
        put(stmt, 1, 22);
        put(stmt, 3, 12);
        printf("%9s  ", cells);
        put(stmt, 6, 13);
        put(stmt, 7, 13);
        put(stmt, 8, 0);
        putchar('\n');
    }
    return r;
}

int xb_cmd_runs_list(struct xb_app *app, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"json", OPT_JSON, NULL, 0, "as JSON", 0},
        {"store", OPT_STORE, "FILE", 0, "of the store in FILE rather than the host's", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options, .parser = parse_looking, .doc = "All runs of the store, oldest first."};
    struct looking o = {0};
    struct xb_store *store = NULL;
    sqlite3_stmt *stmt = NULL;
    xb_options_parse(&argp, argc, argv, &o);
    int rc = xb_store_open(&store, app, o.store, false, &app->err);
    if (rc == 0)
        rc = xb_store_query(store, &stmt, &app->err, LIST);
    if (rc == 0)
        rc = o.json ? list_json(store, stmt, &app->err) : list_table(store, stmt, &app->err);
    sqlite3_finalize(stmt);
    xb_store_close(store);
    return rc < 0 ? (int)app->err.class : 0;
}

/* Rows of a query on the run: each column after its name, where it says something. */
static int show_rows(struct xb_store *store, const char *run, const char *sql, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    if (xb_store_query(store, &stmt, err, sql, XB_TEXT(run)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        for (int c = 0; c < sqlite3_column_count(stmt); c++) {
            if (!*xb_column_text(stmt, c))
                continue;
            printf("  %-13s ", sqlite3_column_name(stmt, c));
            put(stmt, c, 0);
            putchar('\n');
        }
    }
    return r;
}

/* Rows of a query: a word and what is said of it. */
static int show_pairs(struct xb_store *store, const char *run, const char *title, const char *sql,
                      struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    int r;
    bool any = false;
    if (xb_store_query(store, &stmt, err, sql, XB_TEXT(run)) < 0)
        return -1;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        if (!any)
            printf("\n%s\n", title);
        any = true;
        fputs("  ", stdout);
        put(stmt, 0, 24);
        putchar(' ');
        put(stmt, 1, 0);
        putchar('\n');
    }
    return r;
}

static int show(struct xb_store *store, const char *run, struct xb_err *err)
{
    static const struct {
        const char *title, *sql;
    } parts[] = {
        {"Cases",
         "SELECT name, (SELECT count(*) FROM cells c WHERE c.run = cases.run AND c.case_no ="
         " cases.case_no AND c.state = 'done' AND NOT warmup) || ' repetitions' ||"
         " ifnull(', stopped: ' || stopped, '') || ifnull(' (' || stopped_why || ')', '')"
         " FROM cases WHERE run = ? ORDER BY case_no"},
        {"Guests",
         "SELECT guest, ifnull(socket, ifnull(type || ' ', '') || ifnull('from ' || image, 'found')) ||"
         " ifnull(', ' || vcpus || ' vcpus', '') || ifnull(', ' || memory_bytes / 1048576 || ' MiB',"
         " '') || ifnull(', ' || kernel, '') || ifnull(', agent ' || agent, '') ||"
         " ifnull(', image ' || substr(image_sha256, 1, 12), '') FROM guests WHERE run = ? ORDER BY "
         "position"},
        {"Cells", "SELECT state, count(*) FROM cells WHERE run = ? GROUP BY state"},
        {"Host", "SELECT key, value FROM host WHERE run = ? ORDER BY key"},
        {"Warnings", "SELECT code, message FROM warnings WHERE run = ? GROUP BY code, message"},
    };
    if (show_rows(
            store, run,
            "SELECT run, name, state, CASE imported WHEN 1 THEN 'yes' END AS imported, file,"
            " workload, metric, unit, cell_order AS 'order', seed, until, CASE WHEN until IS NULL"
            " THEN repetitions END AS repetitions, warmup, CASE compare WHEN '[]' THEN NULL ELSE"
            " compare END AS compare, CASE overrides WHEN '[]' THEN NULL ELSE overrides END AS"
            " 'set', started_at, ended_at, resumed, xenbench FROM runs WHERE run = ?",
            err) < 0)
        return -1;
    for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++)
        if (show_pairs(store, run, parts[i].title, parts[i].sql, err) < 0)
            return -1;
    return 0;
}

static int show_experiment(struct xb_store *store, const char *run, struct xb_err *err)
{
    struct xb_run_source source;
    if (xb_store_run_source(store, run, &source, err) < 0)
        return -1;
    fputs(source.text, stdout);
    xb_run_source_clear(&source);
    return 0;
}

int xb_cmd_runs_show(struct xb_app *app, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"json", OPT_JSON, NULL, 0, "all that is known of the run, as JSON (results.json)", 0},
        {"experiment", OPT_EXPERIMENT, NULL, 0, "the experiment file as it was when the run began",
         0},
        {"store", OPT_STORE, "FILE", 0, "of the store in FILE rather than the host's", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_looking,
        .args_doc = "[RUN]",
        .doc = "One run: the latest, or the one whose id begins with RUN."};
    struct looking o = {.takes_run = true};
    struct xb_store *store = NULL;
    char run[XB_UUID_BYTES];
    xb_options_parse(&argp, argc, argv, &o);
    int rc = xb_store_open(&store, app, o.store, false, &app->err);
    if (rc == 0)
        rc = xb_store_run_find(store, o.run, false, run, &app->err);
    if (rc == 0)
        rc = o.experiment ? show_experiment(store, run, &app->err)
             : o.json     ? xb_report_write(store, run, XB_REPORT_JSON, stdout, &app->err)
                          : show(store, run, &app->err);
    xb_store_close(store);
    return rc < 0 ? (int)app->err.class : 0;
}
