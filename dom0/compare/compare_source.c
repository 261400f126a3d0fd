/* Finds the runs to compare, in this store or in files, and loads them. */
#include "alloc.h"
#include "base.h"
#include "compare_model.h"
#include "store_foreign.h"
#include "store_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where a run is; path NULL: in the request's store; run NULL: the latest. The arena owns both. */
struct place {
    const char *path, *run;
};

/* The beginning of a UUID. A file with such a name is named with its folder, ./beef. */
static bool is_id(const char *word)
{
    size_t length = strlen(word);
    return length > 0 && length < XB_UUID_BYTES && strspn(word, "0123456789abcdef-") == length;
}

static int find_place(struct xb_comparison *c, const char *word, struct place *out,
                      struct xb_err *err)
{
    if (is_id(word)) {
        *out = (struct place){NULL, word};
        return 0;
    }
    char *path = xb_arena_strdup(&c->arena, word);
    char *colon = access(path, F_OK) == 0 ? NULL : strrchr(path, ':');
    if (colon)
        *colon = '\0';
    if (access(path, F_OK) != 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "`%s` is neither the beginning of a run's id (`xenbench runs list` shows "
                       "them) nor a file, nor FILE:RUN",
                       word);
    *out = (struct place){path, colon && colon[1] ? colon + 1 : NULL};
    return 0;
}

static int read_run(struct xb_comparison *c, struct xb_compared_run *run, struct xb_store *store,
                    const char *which, struct xb_err *err)
{
    char id[XB_UUID_BYTES];
    struct xb_run_source source;
    if (xb_store_run_find(store, which, false, id, err) < 0 ||
        xb_model_load(&run->model, store, id, err) < 0)
        return -1;
    const struct xb_read in = {store, &c->arena, id, err};
    if (xb_read_traits(&in, &run->traits, &run->trait_count) < 0 ||
        xb_store_run_source(store, id, &source, err) < 0)
        return -1;
    run->source = xb_arena_strdup(&c->arena, source.text);
    xb_run_source_clear(&source);
    return 0;
}

static int load_run(struct xb_comparison *c, struct xb_app *app, const char *store_path,
                    const char *word, struct xb_err *err)
{
    struct xb_store *store = NULL;
    struct place place = {0};
    if (find_place(c, word, &place, err) < 0)
        return -1;
    struct xb_compared_run *run = &c->runs[c->run_count++];
    run->letter[0] = (char)('A' + c->run_count - 1);
    run->word = word;
    int r = place.path ? xb_store_open_export(&store, place.path, err)
                       : xb_store_open(&store, app, store_path, false, err);
    if (r == 0)
        r = read_run(c, run, store, place.run, err);
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
        if (load_run(c, app, request->store, request->runs[i], err) < 0)
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
