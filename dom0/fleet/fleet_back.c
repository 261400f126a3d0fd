/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_back.h"

#include "base.h"
#include "escape.h"
#include "store_cell.h"
#include "store_foreign.h"
#include "store_list.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

bool xb_fleet_run_before(const struct xb_fleet_run *a, const struct xb_fleet_run *b)
{
    if (a->whole != b->whole)
        return a->whole;
    if (!a->whole && a->done != b->done)
        return a->done > b->done;
    int order = strcmp(a->started_at, b->started_at);
    return order ? order < 0 : strcmp(a->id, b->id) < 0;
}

/* Does this run belong to the job? Its shard does not matter. */
static int check_run(struct xb_store *store, const struct xb_fleet_job *job, const char *id,
                     struct xb_err *err)
{
    struct xb_run_source source;
    if (xb_store_run_source(store, id, &source, err) < 0)
        return -1;
    const char *why = xb_fleet_job_refuses(job, &source);
    if (why)
        xb_fail(err, XB_E_INPUT, 0, "run %.8s %s", id, why);
    xb_run_source_clear(&source);
    return why ? -1 : 0;
}

static int read_run(const struct xb_read *in, const struct xb_listed_run *row,
                    struct xb_fleet_run *out)
{
    uint64_t all = 0, good = 0;
    struct xb_told *told = NULL;
    size_t count = 0;
    const struct xb_read one = {
        .store = in->store, .arena = in->arena, .run = row->run, .err = in->err};
    snprintf(out->id, sizeof(out->id), "%s", row->run);
    out->whole = strcmp(row->state, "finished") == 0;
    out->done = (uint32_t)row->done;
    out->cells = (uint32_t)row->cells;
    xb_escaped_into(out->started_at, sizeof(out->started_at), row->started_at);
    xb_escaped_into(out->host, sizeof(out->host), row->host);
    if (xb_store_samples_good(in->store, row->run, &all, &good, in->err) < 0 ||
        xb_tell_run(&one, &told, &count) < 0)
        return -1;
    out->failed = (uint32_t)(all - good);
    for (size_t i = 0; i < count; i++)
        if (strcmp(told[i].word, "xenbench") == 0)
            xb_escaped_into(out->version, sizeof(out->version), told[i].text);
    return 0;
}

/* Find the best run of one shard (only), or of each (0): then best has one for each shard. */
static int look_for(struct xb_store *store, const struct xb_fleet_job *job, uint32_t only,
                    struct xb_fleet_run *best, struct xb_err *err)
{
    xb_auto_arena struct xb_arena arena = {0};
    const struct xb_read in = {.store = store, .arena = &arena, .err = err};
    struct xb_listed_run *rows = NULL;
    size_t count = 0;
    if (xb_list_runs(&in, &rows, &count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct xb_fleet_run run = {.id = ""};
        uint32_t shard = (uint32_t)rows[i].shard;
        if (strcmp(rows[i].state, "abandoned") == 0 || shard == 0 || shard > job->split.count ||
            (only && shard != only))
            continue;
        if (check_run(store, job, rows[i].run, err) < 0 || read_run(&in, &rows[i], &run) < 0)
            return -1;
        struct xb_fleet_run *one = only ? best : &best[shard - 1];
        if (!one->id[0] || xb_fleet_run_before(&run, one))
            *one = run;
    }
    return 0;
}

int xb_fleet_look_in(struct xb_store *store, const struct xb_fleet_job *job, uint32_t shard,
                     struct xb_fleet_run *out, struct xb_err *err)
{
    *out = (struct xb_fleet_run){.id = ""};
    return look_for(store, job, shard, out, err) < 0 ? -1 : out->id[0] != '\0';
}

int xb_fleet_look_each(struct xb_store *store, const struct xb_fleet_job *job,
                       struct xb_fleet_run *best, struct xb_err *err)
{
    return look_for(store, job, 0, best, err);
}

int xb_fleet_look(const struct xb_fleet_job *job, const char *path, uint32_t shard,
                  struct xb_fleet_run *out, struct xb_err *err)
{
    struct xb_store *store = NULL;
    if (xb_store_open_foreign(&store, path, err) < 0)
        return -1;
    int found = xb_fleet_look_in(store, job, shard, out, err);
    xb_store_close(store);
    return found == 0 ? xb_fail(err, XB_E_INPUT, 0, "it holds no run of shard %u", shard)
                      : (found > 0 ? 0 : -1);
}

/* The clock of whoever wrote the record minus the clock that dated the file, in s; 0: unknown. */
static int64_t clock_off(const char *path, const char *written_at)
{
    struct stat file;
    struct tm tm = {0};
    if (!written_at || !strptime(written_at, "%Y-%m-%dT%H:%M:%S", &tm) || stat(path, &file) < 0)
        return 0;
    return (int64_t)timegm(&tm) - (int64_t)file.st_mtime;
}

int xb_fleet_attempts_read(const char *path, struct xb_fleet_attempts *out, struct xb_err *err)
{
    const char *version = NULL, *written = NULL;
    json_t *attempts = NULL, *attempt;
    size_t i;
    struct xb_err why = {0};
    *out = (struct xb_fleet_attempts){.count = 0};
    xb_auto_json json_t *json = xb_json_load(path, &why);
    if (!json || json_unpack(json, "{s:s, s:s, s:o}", "xenbench", &version, "written_at", &written,
                             "attempts", &attempts) < 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s is no record of a fleet's task", path);
    xb_escaped_into(out->version, sizeof(out->version), version);
    const json_t *off = json_object_get(json, "clock_off_s");
    out->clock_off_s = json_is_integer(off) ? json_integer_value(off) : clock_off(path, written);
    json_array_foreach(attempts, i, attempt)
    {
        const char *message = json_string_value(json_object_get(attempt, "message"));
        const char *began = json_string_value(json_object_get(attempt, "began_at"));
        out->count++;
        out->open += !json_object_get(attempt, "ended_at");
        xb_escaped_into(out->began_at, sizeof(out->began_at), began ? began : "");
        xb_escaped_into(out->message, sizeof(out->message), message ? message : "");
    }
    return 0;
}
