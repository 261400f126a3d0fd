/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the shards of an experiment and checks that they belong together. */
#include "alloc.h"
#include "base.h"
#include "fleet_model.h"
#include "run_word.h"
#include "store_list.h"

#include <string.h>

/* Take over what all shards have in common from the first one. */
static int begin(struct xb_fleet *f, const struct xb_run_source *source, struct xb_err *err)
{
    f->text = xb_arena_strdup(&f->arena, source->text);
    f->overrides = xb_arena_strdup(&f->arena, source->overrides);
    f->seed = source->seed;
    f->split = source->shard;
    const struct xb_exp_source from = {
        .path = source->file, .text = source->text, .sets = &source->sets};
    return xb_experiment_read(&f->exp, &from, err) < 0
               ? xb_fail_context(err, "the experiment in the store")
               : 0;
}

/* How a run differs from the first shard; NULL: they belong together. */
static const char *difference(const struct xb_fleet *f, const struct xb_run_source *source)
{
    if (strcmp(f->text, source->text) != 0)
        return "of different experiments: the files differ";
    if (strcmp(f->overrides, source->overrides) != 0)
        return "of different experiments: the settings from the command line differ";
    if (f->split.by != source->shard.by)
        return "split by different things";
    if (f->split.count != source->shard.count)
        return "of different numbers of shards";
    if (f->seed != source->seed)
        return "of different seeds";
    return NULL;
}

static int check_shard(const struct xb_fleet *f, const char *id, const struct xb_run_source *source,
                       struct xb_err *err)
{
    if (source->shard.number == 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "run %.8s is of a whole experiment, not of a shard (`xenbench report` "
                       "reports it)",
                       id);
    const char *why = f->count ? difference(f, source) : NULL;
    if (why)
        return xb_fail(err, XB_E_INPUT, 0, "runs %.8s and %.8s are %s", f->shards[0].model.run.id,
                       id, why);
    for (size_t i = 0; i < f->count; i++) {
        const char *other = f->shards[i].model.run.id;
        if (strcmp(other, id) == 0)
            return xb_fail(err, XB_E_INPUT, 0, "run %.8s is named twice", id);
        if (f->shards[i].number == source->shard.number)
            return xb_fail(err, XB_E_INPUT, 0,
                           "shard %u of %u is there twice, in run %.8s and in run %.8s: name the "
                           "runs that count (`xenbench runs delete` removes one)",
                           source->shard.number, source->shard.count, other, id);
    }
    return 0;
}

static size_t find_case(const struct xb_model *m, const char *name)
{
    for (size_t c = 0; c < m->case_count; c++)
        if (strcmp(m->cases[c].name, name) == 0)
            return c;
    return XB_FLEET_NONE;
}

/* Another host's store may hold anything: its guests must be the experiment's, in that order. */
static int check_guests(const struct xb_fleet *f, const struct xb_model *m, struct xb_err *err)
{
    bool same = m->guest_count == f->exp->guest_count;
    for (size_t g = 0; same && g < m->guest_count; g++)
        same = strcmp(m->guests[g].name, f->exp->guests[g].name) == 0;
    return same ? 0
                : xb_fail(err, XB_E_INPUT, 0, "run %.8s has other guests than its experiment",
                          m->run.id);
}

/* What its guests were made of. */
static int load_traits(struct xb_fleet *f, struct xb_fleet_shard *s, struct xb_store *store,
                       const char *id, struct xb_err *err)
{
    const struct xb_read in = {store, &f->arena, id, err, NULL};
    size_t count = 0;
    if (xb_read_traits(&in, &s->traits, &count) < 0)
        return -1;
    return count == s->model.guest_count
               ? 0
               : xb_fail(err, XB_E_INPUT, 0, "run %.8s has other guests than its experiment", id);
}

static int add_shard(struct xb_fleet *f, struct xb_store *store, const char *id, struct xb_err *err)
{
    struct xb_run_source source;
    if (xb_store_run_source(store, id, &source, err) < 0)
        return -1;
    int r = check_shard(f, id, &source, err);
    if (r == 0 && f->count == 0)
        r = begin(f, &source, err);
    uint32_t number = source.shard.number;
    xb_run_source_clear(&source);
    if (r < 0)
        return -1;
    struct xb_fleet_shard *s = xb_append(&f->shards, &f->count);
    s->number = number;
    if (xb_model_load(&s->model, store, id, err) < 0 || check_guests(f, &s->model, err) < 0 ||
        load_traits(f, s, store, id, err) < 0)
        return -1;
    s->host = xb_model_fact(&s->model, "host_name");
    if (!s->host)
        s->host = "unknown";
    s->cases = xb_arena_alloc(&f->arena, f->exp->case_count, sizeof(*s->cases));
    for (size_t c = 0; c < f->exp->case_count; c++)
        s->cases[c] = find_case(&s->model, f->exp->cases[c].name);
    return 0;
}

/* Add all shards in the store of the experiment that the run belongs to (id NULL: the latest). */
static int add_family(struct xb_fleet *f, struct xb_store *store, const char *id,
                      struct xb_err *err)
{
    xb_auto_arena struct xb_arena arena = {0};
    const struct xb_read in = {store, &arena, id, err, NULL};
    struct xb_shard_row *rows;
    size_t count;
    if (xb_list_shards(&in, &rows, &count) < 0)
        return -1;
    if (count == 0 && !id)
        return xb_fail(err, XB_E_INPUT, 0, "no run of a shard in %s (`xenbench run --shard K/N`)",
                       xb_store_path(store));
    if (count == 0)
        return add_shard(f, store, id, err); /* says that the run is no shard */
    for (size_t i = 0; i < count; i++)
        if (add_shard(f, store, rows[i].run, err) < 0)
            return -1;
    return 0;
}

static int load_latest(struct xb_fleet *f, struct xb_app *app, const char *path, struct xb_err *err)
{
    struct xb_store *store = NULL;
    if (xb_store_open(&store, app, path, false, err) < 0)
        return -1;
    int r = add_family(f, store, NULL, err);
    xb_store_close(store);
    return r;
}

static int load_named(struct xb_fleet *f, struct xb_app *app,
                      const struct xb_fleet_request *request, struct xb_err *err)
{
    for (size_t i = 0; i < request->run_count; i++) {
        struct xb_store *store;
        char id[XB_UUID_BYTES];
        int r = xb_run_word_open(app, request->store, request->runs[i], &store, id, err);
        if (r == 0)
            r = request->run_count == 1 ? add_family(f, store, id, err)
                                        : add_shard(f, store, id, err);
        xb_store_close(store);
        if (r < 0)
            return -1;
    }
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const struct xb_fleet_shard *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

int xb_fleet_load(struct xb_fleet *f, struct xb_app *app, const struct xb_fleet_request *request,
                  struct xb_err *err)
{
    int r = request->run_count ? load_named(f, app, request, err)
                               : load_latest(f, app, request->store, err);
    if (r == 0)
        qsort(f->shards, f->count, sizeof(*f->shards), by_number);
    return r;
}

void xb_fleet_free(struct xb_fleet *f)
{
    for (size_t i = 0; i < f->count; i++)
        xb_model_free(&f->shards[i].model);
    free(f->shards);
    xb_experiment_free(f->exp);
    xb_arena_free(&f->arena);
}

bool xb_fleet_missing(const struct xb_fleet *f, char *out, size_t bytes)
{
    uint32_t next = 1;
    out[0] = '\0';
    for (size_t i = 0; i <= f->count; i++) {
        uint32_t number = i < f->count ? f->shards[i].number : f->split.count + 1;
        size_t used = strlen(out);
        const char *comma = used ? ", " : "";
        if (number == next + 1)
            snprintf(out + used, bytes - used, "%s%u", comma, next);
        else if (number > next)
            snprintf(out + used, bytes - used, "%s%u to %u", comma, next, number - 1);
        next = number + 1;
    }
    return out[0] != '\0';
}
