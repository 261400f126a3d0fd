/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history_model.h"

#include "alloc.h"
#include "base.h"
#include "compare_model.h"
#include "nearest.h"
#include "stats.h"
#include "store_history.h"

#include <math.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* A figure of another name, unit or sense is another series. */
static struct xb_history_series *series_of(struct xb_history_model *h,
                                           const struct xb_history_row *row)
{
    for (size_t i = 0; i < h->series_count; i++) {
        struct xb_history_series *s = &h->series[i];
        if (same(s->case_name, row->case_name) && same(s->guest, row->guest) &&
            same(s->metric, row->metric) && same(s->unit, row->unit) &&
            same(s->better, row->better))
            return s;
    }
    struct xb_history_series *s =
        xb_arena_grow(&h->arena, &h->series, &h->series_count, sizeof(*s));
    *s = (struct xb_history_series){.case_name = row->case_name,
                                    .guest = row->guest,
                                    .metric = row->metric,
                                    .unit = row->unit,
                                    .better = row->better,
                                    .ratio = true};
    return s;
}

static size_t run_of(struct xb_history_model *h, const struct xb_history_row *row)
{
    if (h->run_count == 0 || strcmp(h->runs[h->run_count - 1].id, row->run) != 0) {
        struct xb_history_run *run =
            xb_arena_grow(&h->arena, &h->runs, &h->run_count, sizeof(*run));
        *run = (struct xb_history_run){row->run, row->started_at};
    }
    return h->run_count - 1;
}

static void sort_rows(struct xb_history_model *h, const struct xb_history_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct xb_history_series *s = series_of(h, &rows[i]);
        struct xb_history_point *point =
            xb_arena_grow(&h->arena, &s->points, &s->count, sizeof(*point));
        *point = (struct xb_history_point){run_of(h, &rows[i]), rows[i].median};
        s->ratio = s->ratio && rows[i].median > 0;
    }
}

static double level_of(const struct xb_history_series *s, size_t from, size_t to)
{
    return XB_STATS_OVER(s->points + from, to - from, value).median;
}

static void measure(struct xb_history_series *s, size_t i, size_t from, size_t to)
{
    struct xb_history_change *change = &s->changes[i];
    change->before = level_of(s, from, change->at);
    change->after = level_of(s, change->at, to);
    change->change = change->after - change->before;
    int sign = change->change > 0 ? 1 : change->change < 0 ? -1 : 0;
    bool more = xb_report_more_is_better_of(s->metric, s->better);
    change->sense = s->metric && !s->better ? 0 : more ? sign : -sign;
    if (s->ratio)
        change->change /= change->before;
}

/* The first point to look at: of too many points, only the latest are judged. */
static size_t first_looked_at(const struct xb_history_series *s)
{
    return s->count > XB_CHANGE_VALUES_MOST ? s->count - XB_CHANGE_VALUES_MOST : 0;
}

static void find_changes(struct xb_history_model *h, struct xb_history_series *s)
{
    size_t first = first_looked_at(s), n = s->count - first;
    xb_auto_free double *values = xb_calloc(n + 1, sizeof(*values));
    xb_auto_free struct xb_change_point *found = xb_calloc(n + 1, sizeof(*found));
    for (size_t i = 0; i < n; i++)
        values[i] = s->ratio ? log(s->points[first + i].value) : s->points[first + i].value;
    size_t count = xb_change_points(values, n, h->level, found);
    s->changes = xb_arena_alloc(&h->arena, count + 1, sizeof(*s->changes));
    s->change_count = count;
    for (size_t i = 0; i < count; i++)
        s->changes[i] = (struct xb_history_change){.at = first + found[i].at, .p = found[i].p};
    for (size_t i = 0; i < count; i++)
        measure(s, i, i ? s->changes[i - 1].at : first,
                i + 1 < count ? s->changes[i + 1].at : s->count);
}

/*
 * Each series that can be split at all is judged at its part of XB_HISTORY_ALPHA (Bonferroni), so
 * that the chance of any false change in the history is at most XB_HISTORY_ALPHA.
 */
static void judge(struct xb_history_model *h)
{
    for (size_t i = 0; i < h->series_count; i++)
        h->tests += h->series[i].count >= 2 * XB_CHANGE_PART_LEAST;
    h->level = XB_HISTORY_ALPHA / (double)(h->tests ? h->tests : 1);
    for (size_t i = 0; i < h->series_count; i++) {
        h->judged += h->series[i].count >= xb_change_values_least(h->level);
        find_changes(h, &h->series[i]);
    }
}

/* What `compare` says differs between the runs before and after a change. */
static int explain(struct xb_history_model *h, struct xb_app *app, const char *store,
                   const struct xb_history_series *s, struct xb_history_change *change,
                   struct xb_err *err)
{
    char *ids[] = {h->runs[s->points[change->at - 1].run].id,
                   h->runs[s->points[change->at].run].id};
    const struct xb_compare_request request = {.store = store, .runs = ids, .run_count = 2};
    struct xb_comparison c = {.run_count = 0};
    int r = xb_compare_load(&c, app, &request, err);
    struct xb_err ignored = {0}; /* without a common case there are no settings to compare */
    if (r == 0) {
        xb_compare_match(&c, &request, &ignored);
        xb_compare_differs(&c);
    }
    change->differs = xb_arena_alloc(&h->arena, c.differ_count + 1, sizeof(*change->differs));
    for (size_t i = 0; r == 0 && i < c.differ_count; i++)
        change->differs[change->differ_count++] = xb_arena_strdup(&h->arena, c.differs[i]);
    xb_compare_free(&c);
    return r;
}

static int explain_all(struct xb_history_model *h, struct xb_app *app, const char *store,
                       struct xb_err *err)
{
    for (size_t i = 0; i < h->series_count; i++)
        for (size_t k = 0; k < h->series[i].change_count; k++)
            if (explain(h, app, store, &h->series[i], &h->series[i].changes[k], err) < 0)
                return -1;
    return 0;
}

/* Find the experiment of this name or, without a name, the only one. */
static int find_name(struct xb_history_model *h, struct xb_store *store, const char *asked,
                     struct xb_err *err)
{
    const struct xb_read in = {store, &h->arena, NULL, err, NULL};
    struct xb_history_name *rows;
    size_t count;
    char all[300] = "";
    if (xb_read_history_names(&in, &rows, &count) < 0)
        return -1;
    if (count == 0)
        return xb_fail(err, XB_E_INPUT, 0, "the store has no finished run");
    const char **names = xb_arena_alloc(&h->arena, count + 1, sizeof(*names));
    for (size_t i = 0, used = 0; i < count; i++) {
        names[i] = rows[i].name;
        if (asked ? strcmp(asked, rows[i].name) == 0 : count == 1)
            h->experiment = rows[i].name;
        if (used < sizeof(all))
            used += (size_t)snprintf(all + used, sizeof(all) - used, "%s`%s`", i ? ", " : "",
                                     rows[i].name);
    }
    const char *near = asked ? xb_nearest(asked, names) : NULL;
    if (h->experiment)
        return 0;
    if (!asked)
        return xb_fail(err, XB_E_INPUT, 0, "which experiment? There are: %s", all);
    if (near)
        return xb_fail(err, XB_E_INPUT, 0, "no finished run of `%s`; did you mean `%s`?", asked,
                       near);
    return xb_fail(err, XB_E_INPUT, 0, "no finished run of `%s`; there are: %s", asked, all);
}

int xb_history_load(struct xb_history_model *h, struct xb_app *app,
                    const struct xb_history_request *request, struct xb_err *err)
{
    struct xb_store *store = NULL;
    struct xb_history_row *rows;
    size_t count;
    *h = (struct xb_history_model){.experiment = NULL};
    if (xb_store_open(&store, app, request->store, false, err) < 0)
        return -1;
    const struct xb_read in = {store, &h->arena, NULL, err, NULL};
    int r = find_name(h, store, request->experiment, err);
    if (r == 0)
        r = xb_read_history(&in, h->experiment, &rows, &count);
    xb_store_close(store);
    if (r < 0)
        return -1;
    sort_rows(h, rows, count);
    judge(h);
    return explain_all(h, app, request->store, err);
}

void xb_history_free(struct xb_history_model *h)
{
    xb_arena_free(&h->arena);
}
