/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_run.h"

#include "alloc.h"
#include "base.h"
#include "files.h"
#include "store_i.h"
#include "store_repeat.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

/* The columns shard_by, shards and shard. */
#define SHARD(s)                                                                                   \
    XB_TEXT((s)->number ? xb_shard_words[(s)->by] : NULL), XB_INT_IF((s)->number, (s)->count),     \
        XB_INT_IF((s)->number, (s)->number)

static int insert_run(struct xb_store *store, const struct xb_run_head *head, struct xb_err *err)
{
    char now[32];
    xb_store_now_fine(now); /* two runs may begin within a second, and the latest is asked for */
    const struct xb_experiment *exp = head->exp;
    json_t *until_json = exp->until.line ? xb_exp_until_to_json(&exp->until) : NULL;
    json_t *pairs_json = xb_exp_pairs_to_json(exp);
    xb_auto_free char *until = until_json ? json_dumps(until_json, JSON_COMPACT) : NULL;
    xb_auto_free char *pairs = pairs_json ? json_dumps(pairs_json, JSON_COMPACT) : NULL;
    json_decref(until_json);
    json_decref(pairs_json);
    /* The run may be resumed from another directory, so the path is absolute. */
    char file[PATH_MAX];
    const char *slash = strrchr(exp->path, '/');
    if (xb_path(file, sizeof(file), err, "%s/%s", strcmp(exp->folder, "/") ? exp->folder : "",
                slash ? slash + 1 : exp->path) < 0)
        return -1;
    return xb_store_do(
        store, err,
        "INSERT INTO runs (run, name, file, experiment, state, cell_order, seed, "
        "repetitions, warmup,"
        " workload, metric, unit, better, xenbench, started_at, overrides, until, "
        "compare, trace, shard_by, shards, shard)"
        " VALUES (?, ?, ?, ?, 'unfinished', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        XB_TEXT(head->id), XB_TEXT(exp->name), XB_TEXT(file), XB_TEXT(exp->text),
        XB_TEXT(xb_order_words[exp->order]), XB_INT(head->seed),
        XB_INT(exp->until.line ? exp->until.min : exp->repetitions), XB_INT(exp->warmup),
        XB_TEXT(head->workload), XB_TEXT(head->metric), XB_TEXT(head->unit), XB_TEXT(head->better),
        XB_TEXT(XB_VERSION), XB_TEXT(now), XB_TEXT(head->overrides), XB_TEXT(until),
        XB_TEXT(pairs ? pairs : "[]"), XB_INT(head->trace), SHARD(&head->shard));
}

static int insert_guests(struct xb_store *store, const struct xb_run_head *head, struct xb_err *err)
{
    for (size_t g = 0; g < head->exp->guest_count; g++) {
        const struct xb_exp_guest *guest = &head->exp->guests[g];
        if (xb_store_do(
                store, err,
                "INSERT INTO guests (run, guest, position, socket, image) VALUES (?, ?, ?, ?, ?)",
                XB_TEXT(head->id), XB_TEXT(guest->name), XB_INT(g), XB_TEXT(guest->socket),
                XB_TEXT(guest->image)) < 0)
            return -1;
    }
    return 0;
}

static int insert_cases(struct xb_store *store, const struct xb_run_head *head, struct xb_err *err)
{
    for (size_t c = 0; c < head->exp->case_count; c++) {
        json_t *settings = xb_exp_case_to_json(head->exp, &head->exp->cases[c]);
        xb_auto_free char *text = settings ? json_dumps(settings, JSON_COMPACT) : NULL;
        json_decref(settings);
        if (!text)
            return xb_fail(err, XB_E_HOST, 0, "cannot store the settings of case `%s`",
                           head->exp->cases[c].name);
        if (xb_store_do(
                store, err, "INSERT INTO cases (run, case_no, name, settings) VALUES (?, ?, ?, ?)",
                XB_TEXT(head->id), XB_INT(c), XB_TEXT(head->exp->cases[c].name), XB_TEXT(text)) < 0)
            return -1;
    }
    return 0;
}

static int insert_parts(struct xb_store *store, const struct xb_run_head *head, struct xb_err *err)
{
    size_t guests = head->exp->guest_count;
    for (size_t i = 0; i < head->exp->case_count * guests; i++) {
        const struct xb_part *part = &head->parts[i];
        const char *image = head->exp->cases[i / guests].parts[i % guests].build.image;
        if (xb_store_do(
                store, err,
                "INSERT INTO parts (run, case_no, guest, role, workload, metric, unit, better,"
                " solo_case, image) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                XB_TEXT(head->id), XB_INT(i / guests), XB_TEXT(head->exp->guests[i % guests].name),
                XB_TEXT(part->role), XB_TEXT(part->workload), XB_TEXT(part->metric),
                XB_TEXT(part->unit), XB_TEXT(part->better),
                XB_INT_IF(part->solo_case >= 0, part->solo_case),
                XB_TEXT(image[0] ? image : NULL)) < 0)
            return -1;
    }
    return 0;
}

int xb_store_run_begin(struct xb_store *store, const struct xb_run_head *head,
                       const struct xb_plan_cell *cells, size_t count, struct xb_err *err)
{
    if (xb_store_begin(store, err) < 0)
        return -1;
    if (insert_run(store, head, err) < 0 || insert_guests(store, head, err) < 0 ||
        insert_cases(store, head, err) < 0 || insert_parts(store, head, err) < 0 ||
        xb_store_cells_add(store, head->id, 0, cells, count, err) < 0) {
        xb_store_rollback(store);
        return -1;
    }
    return xb_store_commit(store, err);
}

int xb_store_run_unfinished(struct xb_store *store, const char *experiment, const char *overrides,
                            const struct xb_shard *shard, char id[XB_UUID_BYTES],
                            struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT run FROM runs WHERE state = 'unfinished' AND experiment = ?"
            " AND overrides = ? AND (shard_by, shards, shard) IS (?, ?, ?) AND NOT imported"
            " ORDER BY started_at DESC LIMIT 1",
            XB_TEXT(experiment), XB_TEXT(overrides), SHARD(shard)) < 0)
        return -1;
    int r = xb_store_step(store, stmt, err);
    if (r > 0)
        snprintf(id, XB_UUID_BYTES, "%s", xb_column_text(stmt, 0));
    return r;
}

int xb_store_run_over(struct xb_store *store, const char *run, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, err,
                       "SELECT 1 FROM runs WHERE run = ? AND state IN ('finished', 'abandoned')"
                       " AND NOT imported",
                       XB_TEXT(run)) < 0)
        return -1;
    return xb_store_step(store, stmt, err);
}

int xb_store_run_find(struct xb_store *store, const char *which, bool unfinished,
                      char id[XB_UUID_BYTES], struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    const char *kind = unfinished ? "unfinished run" : "run";
    if (which && strcmp(which, XB_RUN_LATEST) == 0)
        which = NULL;
    if (xb_store_query(store, &stmt, err,
                       "SELECT run FROM runs WHERE substr(run, 1, length(?1)) = ?1"
                       " AND (?2 = 0 OR state = 'unfinished')"
                       " ORDER BY ?2 AND imported, started_at DESC, run LIMIT 2",
                       XB_TEXT(which ? which : ""), XB_INT(unfinished)) < 0)
        return -1;
    int r = xb_store_step(store, stmt, err);
    if (r == 0 && which)
        return xb_fail(err, XB_E_INPUT, 0, "no %s begins with `%.40s` in %s", kind, which,
                       xb_store_path(store));
    if (r == 0)
        return xb_fail(err, XB_E_INPUT, 0, "no %s in %s", kind, xb_store_path(store));
    if (r < 0)
        return -1;
    snprintf(id, XB_UUID_BYTES, "%s", xb_column_text(stmt, 0));
    if (which && xb_store_step(store, stmt, err) > 0)
        return xb_fail(err, XB_E_INPUT, 0, "several runs begin with `%.40s`: give more of it",
                       which);
    return 0;
}

static void read_overrides(struct xb_run_source *source)
{
    json_t *list = json_loads(source->overrides, 0, NULL);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_is_string(json_array_get(list, i)))
            xb_texts_add(&source->sets, json_string_value(json_array_get(list, i)));
    json_decref(list);
}

int xb_store_run_source(struct xb_store *store, const char *run, struct xb_run_source *out,
                        struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    *out = (struct xb_run_source){0};
    if (xb_store_query(store, &stmt, err,
                       "SELECT experiment, file, overrides, imported, seed, shard_by, shards, shard"
                       " FROM runs WHERE run = ?",
                       XB_TEXT(run)) < 0 ||
        xb_store_step(store, stmt, err) < 1)
        return xb_fail(err, XB_E_INPUT, 0, "no run %s in %s", run, xb_store_path(store));
    out->text = xb_strdup(xb_column_text(stmt, 0));
    out->file = xb_strdup(xb_column_text(stmt, 1));
    out->overrides = xb_strdup(xb_column_text(stmt, 2));
    read_overrides(out);
    out->imported = sqlite3_column_int(stmt, 3);
    out->seed = (uint64_t)sqlite3_column_int64(stmt, 4);
    const char *by = xb_column_text(stmt, 5);
    while (xb_shard_words[out->shard.by + 1] && strcmp(xb_shard_words[out->shard.by], by) != 0)
        out->shard.by++;
    out->shard.count = (uint32_t)sqlite3_column_int64(stmt, 6);
    /* Another host's store may have a shard number without the rest. */
    if (*by && out->shard.count)
        out->shard.number = (uint32_t)sqlite3_column_int64(stmt, 7);
    return 0;
}

void xb_run_source_clear(struct xb_run_source *source)
{
    free(source->text);
    free(source->file);
    free(source->overrides);
    xb_texts_free(&source->sets);
    *source = (struct xb_run_source){0};
}

uint64_t xb_store_run_seed(struct xb_store *store, const char *run)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, NULL, "SELECT seed FROM runs WHERE run = ?", XB_TEXT(run)) <
            0 ||
        xb_store_step(store, stmt, NULL) < 1)
        return 0;
    return (uint64_t)sqlite3_column_int64(stmt, 0);
}

int xb_store_run_ended(struct xb_store *store, const char *run, const char *state,
                       struct xb_err *err)
{
    char now[32];
    xb_store_now(now);
    return xb_store_do(store, err, "UPDATE runs SET state = ?, ended_at = ? WHERE run = ?",
                       XB_TEXT(state), XB_TEXT(now), XB_TEXT(run));
}

int xb_store_run_resumed(struct xb_store *store, const char *run, struct xb_err *err)
{
    return xb_store_do(store, err, "UPDATE runs SET resumed = resumed + 1 WHERE run = ?",
                       XB_TEXT(run));
}

int xb_store_run_trace(struct xb_store *store, const char *run)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, NULL, "SELECT ifnull(trace, -1) FROM runs WHERE run = ?",
                       XB_TEXT(run)) < 0 ||
        xb_store_step(store, stmt, NULL) < 1)
        return -1;
    return sqlite3_column_int(stmt, 0);
}

int xb_store_run_set_trace(struct xb_store *store, const char *run, bool trace, struct xb_err *err)
{
    return xb_store_do(store, err, "UPDATE runs SET trace = ? WHERE run = ?", XB_INT(trace),
                       XB_TEXT(run));
}

char *xb_store_host_fact(struct xb_store *store, const char *run, const char *key)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, NULL, "SELECT value FROM host WHERE run = ? AND key = ?",
                       XB_TEXT(run), XB_TEXT(key)) < 0 ||
        xb_store_step(store, stmt, NULL) < 1)
        return NULL;
    return xb_strdup(xb_column_text(stmt, 0));
}

int xb_store_host(struct xb_store *store, const char *run, const char *key, const char *value,
                  struct xb_err *err)
{
    return xb_store_do(store, err, "INSERT OR REPLACE INTO host (run, key, value) VALUES (?, ?, ?)",
                       XB_TEXT(run), XB_TEXT(key), XB_TEXT(value));
}

int xb_store_warn(struct xb_store *store, const char *run, struct xb_about about,
                  enum xb_warning warning, struct xb_err *err, const char *fmt, ...)
{
    xb_auto_free char *code =
        xb_asprintf("%s%s", xb_warning_kinds[warning].code, about.name ? about.name : "");
    char message[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    return xb_store_do(store, err,
                       "INSERT OR REPLACE INTO warnings (run, case_no, cell, guest, code, message)"
                       " VALUES (?, ?, ?, ?, ?, ?)",
                       XB_TEXT(run), XB_INT(about.case_no), XB_INT(about.cell),
                       XB_TEXT(about.guest ? about.guest : ""), XB_TEXT(code), XB_TEXT(message));
}
