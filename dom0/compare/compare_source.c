/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the runs to compare, in this store or in files, and loads them. */
#include "alloc.h"
#include "base.h"
#include "compare_model.h"
#include "nearest.h"
#include "run_word.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Does a sample have the metric that is to be compared? */
static int check_metric(struct xb_comparison *c, const struct xb_read *in, const char *word,
                        struct xb_err *err)
{
    struct xb_metric_row *rows;
    size_t count;
    if (!in->metric || strcmp(in->metric, "time") == 0)
        return 0;
    if (xb_read_metrics(in, &rows, &count) < 0)
        return -1;
    const char **names = xb_arena_alloc(&c->arena, count + 2, sizeof(*names));
    names[0] = "time";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, in->metric) == 0)
            return 0;
        names[i + 1] = rows[i].name;
    }
    const char *near = xb_nearest(in->metric, names);
    return xb_fail(err, XB_E_INPUT, 0, "--metric: no sample of `%s` has a metric `%.60s`%s%s%s",
                   word, in->metric, near ? "; did you mean `" : "", near ? near : "",
                   near ? "`?" : "");
}

static const char *join(struct xb_comparison *c, const struct xb_texts *texts)
{
    const char *text = "";
    for (size_t i = 0; i < texts->count; i++)
        text = xb_compare_text(c, "%s%s%s", text, i ? ", " : "", texts->v[i]);
    return text;
}

static int read_run(struct xb_comparison *c, struct xb_compared_run *run, struct xb_store *store,
                    const char *id, const char *metric, struct xb_err *err)
{
    struct xb_run_source source;
    const struct xb_read in = {store, &c->arena, id, err, metric};
    if (check_metric(c, &in, run->word, err) < 0 ||
        xb_model_load_metric(&run->model, store, id, metric, err) < 0)
        return -1;
    if (xb_read_traits(&in, &run->traits, &run->trait_count) < 0 ||
        xb_store_run_source(store, id, &source, err) < 0)
        return -1;
    run->source = xb_arena_strdup(&c->arena, source.text);
    run->sets = join(c, &source.sets);
    xb_run_source_clear(&source);
    return 0;
}

static int load_run(struct xb_comparison *c, struct xb_app *app, const char *store_path,
                    const char *word, const char *metric, struct xb_err *err)
{
    struct xb_store *store;
    char id[XB_UUID_BYTES];
    struct xb_compared_run *run = &c->runs[c->run_count++];
    run->letter[0] = (char)('A' + c->run_count - 1);
    run->word = word;
    int r = xb_run_word_open(app, store_path, word, &store, id, err);
    if (r == 0)
        r = read_run(c, run, store, id, metric, err);
    xb_store_close(store);
    return r;
}

/* Naming a run twice is a slip: its figures cannot differ. */
static int check_different(const struct xb_comparison *c, struct xb_err *err)
{
    for (size_t i = 0; i < c->run_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(c->runs[i].model.run.id, c->runs[j].model.run.id) == 0)
                return xb_fail(err, XB_E_INPUT, 0, "`%s` and `%s` are the same run, %s",
                               c->runs[j].word, c->runs[i].word, c->runs[i].model.run.id);
    return 0;
}

int xb_compare_load(struct xb_comparison *c, struct xb_app *app,
                    const struct xb_compare_request *request, struct xb_err *err)
{
    for (size_t i = 0; i < request->run_count; i++)
        if (load_run(c, app, request->store, request->runs[i], request->metric, err) < 0)
            return -1;
    return check_different(c, err);
}

void xb_compare_free(struct xb_comparison *c)
{
    for (size_t i = 0; i < c->run_count; i++)
        xb_model_free(&c->runs[i].model);
    xb_arena_free(&c->arena);
}

static char *text_of(struct xb_comparison *c, const char *fmt, va_list ap)
{
    xb_auto_free char *text = xb_vasprintf(fmt, ap);
    return xb_arena_strdup(&c->arena, text);
}

char *xb_compare_text(struct xb_comparison *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = text_of(c, fmt, ap);
    va_end(ap);
    return text;
}

void xb_compare_say(struct xb_comparison *c, char ***list, size_t *count, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = text_of(c, fmt, ap);
    va_end(ap);
    *(char **)xb_arena_grow(&c->arena, list, count, sizeof(**list)) = text;
}
