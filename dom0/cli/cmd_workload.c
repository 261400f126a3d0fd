/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench workload list` and `xenbench workload show`.
 */
#include "base.h"
#include "commands.h"
#include "width.h"
#include "workload.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

struct request {
    struct xb_words name;
    bool parts;
};

static void list_row(const char *name, const char *metric, const char *unit, const char *better,
                     const char *summary)
{
    const char *const cells[] = {name, metric, unit, better};
    static const int columns[] = {17, 15, 9, 8};
    for (size_t i = 0; i < XB_ARRAY_LEN(cells); i++)
        xb_put(stdout, cells[i], columns[i]);
    puts(summary);
}

static void list_entry(const struct xb_workload *workload, json_t *list)
{
    const struct xb_workload_metric *primary = xb_workload_primary(workload);
    const char *unit = primary ? (primary->unit ? primary->unit : "") : "s";
    const char *better = xb_better_words[primary ? primary->better : XB_WORKLOAD_LESS];
    if (list)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?}", "name",
                                              workload->name, "summary", workload->summary,
                                              "metric", workload->primary, "unit", unit, "better",
                                              better, "argument", workload->argument));
    else
        list_row(workload->name, workload->primary, unit, better, workload->summary);
}

const struct xb_opts xb_opts_workload_list = {
    .rows = xb_opt_rows_json,
    .doc = "List the benchmarks of the catalogue.",
};

int xb_cmd_workload_list(struct xb_app *app, int argc, char **argv)
{
    struct xb_texts names;
    bool json = false;
    int status = 0;
    xb_opts_parse(&xb_opts_workload_list, argc, argv, &json);
    if (xb_workload_names(app, &names, &app->err) < 0)
        return (int)app->err.class;
    json_t *list = json ? json_array() : NULL;
    if (!json)
        list_row("NAME", "METRIC", "UNIT", "BETTER", "SUMMARY");
    for (size_t i = 0; i < names.count; i++) {
        struct xb_workload *workload;
        struct xb_err damage = {0};
        if (xb_workload_find(app, names.v[i], &workload, &damage) < 0) {
            fprintf(stderr, "xenbench: left out: %s\n", damage.msg);
            status = (int)damage.class;
            continue;
        }
        list_entry(workload, list);
        xb_workload_free(workload);
    }
    if (json && json_dumpf(list, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0)
        putchar('\n');
    json_decref(list);
    xb_texts_free(&names);
    return status;
}

/* List what recipes put into an image for the workload. */
static int show_parts(struct xb_app *app, const struct xb_workload *workload)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < workload->packages.count; i++)
        printf("package %s\n", workload->packages.v[i]);
    for (size_t i = 0; i < workload->file_count; i++) {
        if (xb_workload_file_path(app, workload, &workload->files[i], path, &app->err) < 0)
            return -1;
        printf("file %s:%s\n", path, workload->files[i].to);
    }
    return 0;
}

/* Show a command as a person would type it; a script of several lines goes below its title. */
static void show_command(const char *title, const struct xb_texts *command)
{
    if (command->count == 0)
        return;
    bool shell = command->count == 3 && strcmp(command->v[1], "-c") == 0;
    if (shell && strchr(command->v[2], '\n')) {
        printf("%s\n", title);
        for (const char *line = command->v[2]; *line;) {
            size_t length = strcspn(line, "\n");
            printf("    %.*s\n", (int)length, line);
            line += length + (line[length] == '\n');
        }
        return;
    }
    printf("%-10s", title);
    for (size_t i = shell ? 2 : 0; i < command->count; i++)
        printf(" %s", command->v[i]);
    putchar('\n');
}

static void show_texts(const char *title, const struct xb_texts *texts)
{
    if (texts->count == 0)
        return;
    printf("%-10s", title);
    for (size_t i = 0; i < texts->count; i++)
        printf(" %s", texts->v[i]);
    putchar('\n');
}

static void show(const struct xb_workload *workload)
{
    printf("%-10s %s\n%-10s %s\n%-10s %s\n", "name", workload->name, "summary", workload->summary,
           "file", workload->path);
    if (workload->argument)
        printf("%-10s %s:VALUE sets %s\n", "argument", workload->name, workload->argument);
    show_texts("packages", &workload->packages);
    for (size_t i = 0; i < workload->file_count; i++)
        printf("%-10s %s\n", "brings", workload->files[i].to);
    show_texts("env", &workload->env);
    show_command("requires", &workload->requires);
    show_command("prepare", &workload->prepare);
    show_command("each", &workload->each);
    show_command("command", &workload->command);
    for (size_t i = 0; i < workload->metric_count; i++) {
        const struct xb_workload_metric *metric = &workload->metrics[i];
        printf("%-10s %s%s%s, %s is better%s: %s in %s\n", "metric", metric->name,
               metric->unit ? " in " : "", metric->unit ? metric->unit : "",
               xb_better_words[metric->better],
               strcmp(metric->name, workload->primary) == 0 ? " (primary)" : "", metric->pattern,
               metric->from);
    }
    printf("%-10s time in s, less is better%s: from the job's release to its end\n", "metric",
           strcmp(workload->primary, XB_WORKLOAD_TIME) == 0 ? " (primary)" : "");
}

static const struct xb_opt show_rows[] = {
    OPT_TRUE(struct request, parts, "parts", 0,
             "For recipes: show only what an image needs for the workload, as lines of `package "
             "NAME` and `file SRC:DST`"),
    OPT_END,
};

const struct xb_opts xb_opts_workload_show = {
    .rows = show_rows,
    .words = OPT_WORDS(struct request, name, 1, 1,
                       "no workload named (`xenbench workload list` lists workloads)"),
    .args = "WORKLOAD[:ARGUMENT]",
    .doc = "Show how a benchmark is installed, run and read.",
};

int xb_cmd_workload_show(struct xb_app *app, int argc, char **argv)
{
    struct request chosen = {0};
    struct xb_workload *workload;
    xb_opts_parse(&xb_opts_workload_show, argc, argv, &chosen);
    if (xb_workload_find(app, chosen.name.v[0], &workload, &app->err) < 0)
        return (int)app->err.class;
    if (!chosen.parts)
        show(workload);
    else if (show_parts(app, workload) < 0)
        fflush(stdout);
    xb_workload_free(workload);
    return (int)app->err.class;
}
