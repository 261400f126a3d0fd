/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_collect.h"

#include "alloc.h"
#include "base.h"
#include "fleet_back.h"
#include "progress.h"
#include "store_list.h"
#include "store_merge.h"

#include <inttypes.h>
#include <string.h>

/* A node whose clock is off by more is reported: runs are ordered by their nodes' clocks. */
#define CLOCK_OFF_S 60

/* A store that came back, and the best run in it. */
struct back {
    uint32_t shard;
    char name[96], path[PATH_MAX];
    struct xb_fleet_run run;
};

struct collect {
    struct xb_app *app;
    const struct xb_fleet_job *job;
    struct xb_store *store;
    struct back *backs;
    size_t count;
    const struct back **best; /* by shard: the one whose run counts; NULL: nothing came back */
    struct xb_fleet_run *old; /* by shard: the run that earlier collects took; its id may be "" */
    uint32_t refused;
};

static void refuse(struct collect *c, const struct back *back, const struct xb_err *why)
{
    printf("%s/%s: NOT COLLECTED: %s\n", XB_FLEET_STORES, back->name, why->msg);
    c->refused++;
}

static int look_at_all(struct collect *c, struct xb_err *err)
{
    struct xb_texts files;
    if (xb_fleet_files(c->job, XB_FLEET_STORES, XB_FLEET_STORE_ENDING, &files, err) < 0)
        return -1;
    c->backs = xb_calloc(files.count + 1, sizeof(*c->backs));
    int r = 0;
    for (size_t i = 0; r == 0 && i < files.count; i++) {
        struct back *back = &c->backs[c->count];
        char node[65];
        struct xb_err why = {0};
        *back = (struct back){.shard = 0};
        xb_fleet_file_name(files.v[i], XB_FLEET_STORE_ENDING, &back->shard, node);
        snprintf(back->name, sizeof(back->name), "%s", files.v[i]);
        r = xb_path(back->path, sizeof(back->path), err, "%s/%s/%s", c->job->dir, XB_FLEET_STORES,
                    files.v[i]);
        if (r == 0 && xb_fleet_look(c->job, back->path, back->shard, &back->run, &why) < 0)
            refuse(c, back, &why);
        else
            c->count++;
    }
    xb_texts_free(&files);
    return r;
}

static void choose(struct collect *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct back **best = &c->best[c->backs[i].shard - 1];
        bool same = *best && strcmp((*best)->run.id, c->backs[i].run.id) == 0;
        if (!*best || (same ? c->backs[i].run.done > (*best)->run.done
                            : xb_fleet_run_before(&c->backs[i].run, &(*best)->run)))
            *best = &c->backs[i];
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct back *back = &c->backs[i], *best = c->best[back->shard - 1];
        if (back != best && strcmp(back->run.id, best->run.id) != 0)
            printf("shard %u: run %.8s on %s, %u of %u cells, does not count: run %.8s does. It "
                   "stays in %s/%s.\n",
                   back->shard, back->run.id, back->run.host, back->run.done, back->run.cells,
                   best->run.id, XB_FLEET_STORES, back->name);
        else if (back != best)
            printf("shard %u: %s/%s is the same run as %s, and counts once.\n", back->shard,
                   XB_FLEET_STORES, back->name, best->name);
    }
}

/* Delete another run of the shard that an earlier collect took. 1: no, that one still counts. */
static int make_room(struct collect *c, const struct back *back, struct xb_err *err)
{
    struct xb_fleet_run *old = &c->old[back->shard - 1];
    if (!old->id[0] || strcmp(old->id, back->run.id) == 0)
        return 0;
    if (xb_fleet_run_before(old, &back->run)) {
        printf("shard %u: run %.8s on %s, %u of %u cells, does not count: run %.8s does, which was "
               "collected before.\n",
               back->shard, back->run.id, back->run.host, back->run.done, back->run.cells, old->id);
        return 1;
    }
    char *runs[] = {old->id};
    return xb_store_runs_delete(c->store, runs, 1, err);
}

static int take(struct collect *c, const struct back *back, struct xb_err *err)
{
    struct xb_merged merged;
    struct xb_err why = {0};
    int r = make_room(c, back, err);
    if (r != 0)
        return r < 0 ? -1 : 0;
    if (xb_store_import_run(c->store, back->path, back->run.id, &merged, &why) < 0) {
        if (why.class != XB_E_INPUT)
            return xb_fail(err, why.class, why.errnum, "%s", why.msg);
        refuse(c, back, &why);
        return 0;
    }
    printf("shard %u: run %.8s on %s, %u of %u cells%s: %s\n", back->shard, back->run.id,
           back->run.host, back->run.done, back->run.cells, back->run.whole ? "" : ", NOT FINISHED",
           merged.added ? "added" : (merged.finished ? "grown" : "known"));
    return xb_store_sync(c->store, err);
}

static void tell_missing(const struct collect *c)
{
    for (uint32_t s = 0; s < c->job->split.count; s++) {
        const struct xb_fleet_run *old = &c->old[s];
        if (!c->best[s] && old->id[0])
            printf("shard %u: run %.8s on %s, %u of %u cells%s: known, though no longer in %s\n",
                   s + 1, old->id, old->host, old->done, old->cells,
                   old->whole ? "" : ", NOT FINISHED", XB_FLEET_STORES);
        else if (!c->best[s])
            printf("shard %u: MISSING, nothing came back\n", s + 1);
    }
}

static void tell_versions(const struct collect *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct back *back = &c->backs[i];
        if (strcmp(back->run.version, c->job->version) != 0)
            printf("shard %u on %s was run by xenbench %s; %s submitted it: the same version on "
                   "all hosts gives comparable figures\n",
                   back->shard, back->run.host, back->run.version, c->job->version);
    }
}

static int tell_clocks(const struct collect *c, struct xb_err *err)
{
    struct xb_texts files;
    char path[PATH_MAX], node[65], words[XB_TIME_WORDS_BYTES];
    int r = xb_fleet_files(c->job, XB_FLEET_TASKS, ".json", &files, err);
    for (size_t i = 0; r == 0 && i < files.count; i++) {
        struct xb_fleet_attempts attempts;
        struct xb_err ignored = {0};
        uint32_t shard;
        xb_fleet_file_name(files.v[i], ".json", &shard, node);
        r = xb_path(path, sizeof(path), err, "%s/%s/%s", c->job->dir, XB_FLEET_TASKS, files.v[i]);
        if (r < 0 || xb_fleet_attempts_read(path, &attempts, &ignored) < 0)
            continue;
        int64_t off = attempts.clock_off_s;
        if (off > CLOCK_OFF_S || off < -CLOCK_OFF_S)
            printf("%s: its clock is %s %s that of the fleet's directory; times in its runs are "
                   "its own\n",
                   node, xb_time_words((uint64_t)(off < 0 ? -off : off) * XB_NS_PER_S, words),
                   off < 0 ? "behind" : "ahead of");
    }
    xb_texts_free(&files);
    return r;
}

static int collect(struct collect *c, struct xb_err *err)
{
    if (look_at_all(c, err) < 0 || xb_fleet_look_each(c->store, c->job, c->old, err) < 0)
        return -1;
    choose(c);
    for (uint32_t s = 0; s < c->job->split.count; s++)
        if (c->best[s] && take(c, c->best[s], err) < 0)
            return -1;
    tell_missing(c);
    tell_versions(c);
    if (tell_clocks(c, err) < 0)
        return -1;
    if (c->refused)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%u store%s could not be collected (see above); the others are in %s",
                       c->refused, xb_plural(c->refused), xb_store_path(c->store));
    return 0;
}

static int collect_into(struct collect *c, struct xb_err *err)
{
    char path[PATH_MAX], lock_path[PATH_MAX];
    if (xb_path(path, sizeof(path), err, "%s/%s", c->job->dir, XB_FLEET_STORE) < 0 ||
        xb_path(lock_path, sizeof(lock_path), err, "%s/collect.lock", c->job->dir) < 0)
        return -1;
    xb_auto_close int lock = xb_lock_take(lock_path, NULL, err);
    if (lock < 0)
        return xb_fail_context(err, "another `xenbench fleet collect` works there");
    if (xb_store_open(&c->store, c->app, path, true, err) < 0)
        return -1;
    c->best = xb_calloc(c->job->split.count, sizeof(struct back *));
    c->old = xb_calloc(c->job->split.count, sizeof(*c->old));
    int r = collect(c, err);
    free(c->old);
    free(c->best);
    free(c->backs);
    xb_store_close(c->store);
    return r;
}

int xb_fleet_collect(struct xb_app *app, const char *dir, struct xb_err *err)
{
    xb_auto_fleet_job struct xb_fleet_job job = {.json = NULL};
    struct collect c = {.app = app, .job = &job};
    if (xb_fleet_job_load(&job, dir, err) < 0)
        return -1;
    return collect_into(&c, err);
}
