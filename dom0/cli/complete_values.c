/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values that completion knows, by their names in usage lines. */
#include "alloc.h"
#include "base.h"
#include "complete_i.h"
#include "domain.h"
#include "experiment.h"
#include "image.h"
#include "lifecycle.h"
#include "store_foreign.h"
#include "store_history.h"
#include "store_list.h"
#include "store_read_run.h"
#include "store_run.h"
#include "tool.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

typedef void offer_fn(struct xb_completion *c);

static void offer_files(struct xb_completion *c)
{
    xb_offer_files(c, false);
}

static void offer_dirs(struct xb_completion *c)
{
    xb_offer_files(c, true);
}

/* ---- guests, images, workloads ---- */

/* Without Xen, or the right to ask it, offer only the guests that are defined. */
static void offer_defined(struct xb_completion *c)
{
    struct xb_err err = {0};
    xb_auto_free struct xb_guest_def *defs = NULL;
    size_t count = 0;
    if (xb_guest_def_list(c->app, &defs, &count, &err) == 0)
        for (size_t i = 0; i < count; i++)
            xb_offer(c, defs[i].name, defs[i].image);
}

static void offer_guests(struct xb_completion *c)
{
    struct xb_err err = {0};
    xb_auto_free struct xb_guest_info *guests = NULL;
    size_t count = 0;
    if (xb_guest_list(c->app, &guests, &count, &err) < 0) {
        offer_defined(c);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        xb_auto_free char *about =
            xb_asprintf("%s%s%s", guests[i].state, *guests[i].image ? ", " : "", guests[i].image);
        xb_offer(c, guests[i].guest.name, about);
    }
}

static void offer_images(struct xb_completion *c)
{
    struct xb_err err = {0};
    struct xb_image *images;
    size_t count;
    if (xb_image_list(c->app, &images, &count, &err) < 0)
        return;
    for (size_t i = 0; i < count; i++) {
        xb_auto_free char *about = xb_asprintf("%s, %s", images[i].kind, images[i].suite);
        xb_offer(c, images[i].name, about);
    }
    xb_image_list_free(images, count);
}

static void offer_workloads(struct xb_completion *c)
{
    struct xb_err err = {0};
    struct xb_texts names;
    if (xb_workload_names(c->app, &names, &err) < 0)
        return;
    for (size_t i = 0; i < names.count; i++) {
        struct xb_workload *workload = NULL;
        struct xb_err damage = {0};
        if (xb_workload_find(c->app, names.v[i], &workload, &damage) == 0)
            xb_offer_begun(c, names.v[i], workload->argument ? ":" : "", workload->summary);
        xb_workload_free(workload);
    }
    xb_texts_free(&names);
}

static void offer_phases(struct xb_completion *c)
{
    for (int i = 0; i < XB_PHASES; i++)
        xb_offer(c, xb_phase_name((enum xb_phase)i), NULL);
}

/* ---- kinds of images ---- */

static bool recipe_path(const struct xb_completion *c, const char *kind, char out[PATH_MAX])
{
    int n = snprintf(out, PATH_MAX, "%s/%s/build", c->app->share_dir, kind);
    return n > 0 && n < PATH_MAX && xb_image_name_ok(kind) && access(out, X_OK) == 0;
}

static void offer_kinds(struct xb_completion *c)
{
    char path[PATH_MAX];
    DIR *dir = opendir(c->app->share_dir);
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        if (recipe_path(c, entry->d_name, path))
            xb_offer(c, entry->d_name, NULL);
    if (dir)
        closedir(dir);
}

/* Parse a line of a recipe's help, "  --option ARG   text", by cutting it into its parts. */
static bool read_recipe_row(char *line, struct xb_opt *row)
{
    if (strncmp(line, "  --", 4) != 0)
        return false;
    char *help = strstr(line + 4, "  ");
    if (help)
        *help++ = '\0';
    *row = (struct xb_opt){.kind = XB_OPT_TRUE, .name = line + 4};
    row->help = help ? help + strspn(help, " ") : "";
    char *arg = strchr(line + 4, ' ');
    if (arg) {
        *arg++ = '\0';
        row->kind = XB_OPT_STRING;
        row->arg = arg;
    }
    return true;
}

struct xb_opt *xb_recipe_rows(const struct xb_completion *c, const char *kind, char **text)
{
    char path[PATH_MAX], said[XB_TOOL_SAID_BYTES];
    const char *const argv[] = {path, "--help", NULL};
    struct xb_err err = {0};
    struct xb_opt *rows = NULL;
    size_t count = 0;
    if (!recipe_path(c, kind, path) || xb_tool_status(argv, text, said, &err) != 0)
        return NULL;
    for (char *at = *text, *line; (line = strsep(&at, "\n"));) {
        struct xb_opt row;
        if (read_recipe_row(line, &row))
            *xb_append(&rows, &count) = row;
    }
    *xb_append(&rows, &count) = (struct xb_opt)OPT_END;
    return rows;
}

/* ---- the store ---- */

/* Only an unfinished run can be resumed. */
static void offer_listed(struct xb_completion *c, const struct xb_listed_run *runs, size_t count)
{
    bool resumes = c->row && c->row->name && strcmp(c->row->name, "resume") == 0;
    for (size_t i = 0; i < count; i++) {
        if (resumes && strcmp(runs[i].state, "unfinished") != 0)
            continue;
        xb_auto_free char *id = xb_strndup(runs[i].run, 8);
        xb_auto_free char *about =
            xb_asprintf("%s, %.16s, %s", runs[i].name, runs[i].started_at, runs[i].state);
        xb_offer(c, id, about);
    }
    if (count > 0)
        xb_offer(c, XB_RUN_LATEST, NULL);
}

static void offer_runs(struct xb_completion *c)
{
    struct xb_err err = {0};
    struct xb_store *store = NULL;
    xb_auto_arena struct xb_arena arena = {0};
    struct xb_listed_run *runs;
    size_t count;
    if (xb_store_open(&store, c->app, c->store, false, &err) == 0 &&
        xb_list_runs(&(const struct xb_read){store, &arena, NULL, &err, NULL}, &runs, &count) == 0)
        offer_listed(c, runs, count);
    xb_store_close(store);
}

static void offer_runs_and_files(struct xb_completion *c)
{
    offer_runs(c);
    xb_offer_files(c, false);
}

static void offer_experiments(struct xb_completion *c)
{
    struct xb_err err = {0};
    struct xb_store *store = NULL;
    xb_auto_arena struct xb_arena arena = {0};
    struct xb_history_name *names;
    size_t count;
    if (xb_store_open(&store, c->app, c->store, false, &err) == 0 &&
        xb_read_history_names(&(const struct xb_read){store, &arena, NULL, &err, NULL}, &names,
                              &count) == 0)
        for (size_t i = 0; i < count; i++)
            xb_offer(c, names[i].name, NULL);
    xb_store_close(store);
}

/* Offer the baseline's cases, to pair them with those of the other run. */
static void offer_cases(struct xb_completion *c)
{
    struct xb_err err = {0};
    struct xb_store *store = NULL;
    xb_auto_arena struct xb_arena arena = {0};
    char id[XB_UUID_BYTES];
    struct xb_case_row *cases;
    size_t count;
    if (c->named_count == 0)
        return;
    bool is_file = access(c->named[0], R_OK) == 0;
    int r = is_file ? xb_store_open_export(&store, c->named[0], &err)
                    : xb_store_open(&store, c->app, c->store, false, &err);
    if (r == 0 && xb_store_run_find(store, is_file ? NULL : c->named[0], false, id, &err) == 0 &&
        xb_read_cases(&(const struct xb_read){store, &arena, id, &err, NULL}, &cases, &count) == 0)
        for (size_t i = 0; i < count; i++)
            xb_offer_begun(c, cases[i].name, "=", NULL);
    xb_store_close(store);
}

/* ---- kinds ---- */

static const struct kind {
    const char *name;
    offer_fn *offer;
    bool list; /* several values, separated by commas */
} kinds[] = {
    {"FILE", offer_files, false},
    {"FILE.cfg", offer_files, false},
    {"DEVICE", offer_files, false},
    {"SOURCE", offer_files, false},
    {"DESTINATION", offer_files, false},
    {"DIR", offer_dirs, false},
    {"GUEST", offer_guests, false},
    {"GUESTS", offer_guests, true},
    {"GUEST[,GUEST...]", offer_guests, true},
    {"GUEST[,GUEST...]...", offer_guests, true},
    {"IMAGE", offer_images, false},
    {"WORKLOAD", offer_workloads, true},
    {"KIND", offer_kinds, false},
    {"RUN", offer_runs, false},
    {"A", offer_runs_and_files, false},
    {"RUN|FILE", offer_runs_and_files, false},
    {"B", offer_runs_and_files, false},
    {"EXPERIMENT", offer_experiments, false},
    {"NAME=NAME", offer_cases, false},
    {"KEY=VALUE", xb_offer_keys, false},
    {"'NAME: KEY=VALUE ...'", xb_offer_settings, false},
    {"LIST", offer_phases, true},
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(kinds); i++)
        if (strcasecmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

bool xb_offer_kind(struct xb_completion *c, const char *name)
{
    const struct kind *kind = find_kind(name);
    size_t kept = c->kept;
    const char *comma = strrchr(c->word + kept, ',');
    if (!kind)
        return false;
    if (kind->list && comma)
        c->kept = (size_t)(comma + 1 - c->word);
    kind->offer(c);
    c->kept = kept;
    return true;
}

/* Offer an alternative of a usage line: a word typed as it is, or a kind. */
static void offer_alternative(struct xb_completion *c, const char *name)
{
    xb_auto_free char *plain = xb_strndup(name, strcspn(name, "[].:"));
    const char *option = c->row && c->row->name ? c->row->name : "";
    if (!xb_offer_kind(c, name) && !xb_offer_kind(c, plain) && !xb_offer_kind(c, option) &&
        *name >= 'a' && *name <= 'z')
        xb_offer(c, name, NULL);
}

void xb_offer_values(struct xb_completion *c, const char *kind)
{
    xb_auto_free char *names = xb_strdup(kind);
    for (char *at = names, *name; (name = strsep(&at, "|"));)
        offer_alternative(c, name);
}
