/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_cell.h"

#include "alloc.h"
#include "base.h"
#include "store_i.h"

#include <string.h>

int xb_store_cell_next(struct xb_store *store, const char *run, struct xb_cell_row *out,
                       struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT cell, attempt, case_no, repetition, warmup, state FROM cells"
            " WHERE run = ? AND state NOT IN ('done', 'discarded') ORDER BY cell LIMIT 1",
            XB_TEXT(run)) < 0)
        return -1;
    int r = xb_store_step(store, stmt, err);
    if (r < 1)
        return r;
    *out = (struct xb_cell_row){
        .cell = (uint32_t)sqlite3_column_int64(stmt, 0),
        .attempt = (uint32_t)sqlite3_column_int64(stmt, 1),
        .case_no = (uint32_t)sqlite3_column_int64(stmt, 2),
        .repetition = (uint32_t)sqlite3_column_int64(stmt, 3),
        .warmup = sqlite3_column_int(stmt, 4) != 0,
    };
    snprintf(out->state, sizeof(out->state), "%s", xb_column_text(stmt, 5));
    return 1;
}

int xb_store_cell_count(struct xb_store *store, const char *run, uint32_t *all, uint32_t *done,
                        struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, err,
                       "SELECT count(*), count(*) FILTER (WHERE state = 'done') FROM cells"
                       " WHERE run = ? AND state != 'discarded'",
                       XB_TEXT(run)) < 0 ||
        xb_store_step(store, stmt, err) < 1)
        return -1;
    *all = (uint32_t)sqlite3_column_int64(stmt, 0);
    *done = (uint32_t)sqlite3_column_int64(stmt, 1);
    return 0;
}

static int set_state(struct xb_store *store, struct xb_cell_key key, const char *state,
                     struct xb_err *err)
{
    return xb_store_do(store, err, "UPDATE cells SET state = ?4" XB_WHERE_CELL, XB_CELL_KEY(key),
                       XB_TEXT(state));
}

static int arm_samples(struct xb_store *store, struct xb_cell_key key,
                       const struct xb_armed_sample *samples, size_t count, struct xb_err *err)
{
    char now[32];
    xb_store_now(now);
    if (xb_store_do(store, err, "UPDATE cells SET state = 'armed', started_at = ?4" XB_WHERE_CELL,
                    XB_CELL_KEY(key), XB_TEXT(now)) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (xb_store_do(
                store, err,
                "INSERT INTO samples (run, cell, attempt, guest, token) VALUES (?, ?, ?, ?, ?)",
                XB_CELL_KEY(key), XB_TEXT(samples[i].guest), XB_TEXT(samples[i].token)) < 0)
            return -1;
    return 0;
}

int xb_store_cell_armed(struct xb_store *store, struct xb_cell_key key,
                        const struct xb_armed_sample *samples, size_t count, struct xb_err *err)
{
    if (xb_store_begin(store, err) < 0)
        return -1;
    if (arm_samples(store, key, samples, count, err) < 0) {
        xb_store_rollback(store);
        return -1;
    }
    return xb_store_commit(store, err);
}

int xb_store_cell_reset(struct xb_store *store, struct xb_cell_key key, struct xb_err *err)
{
    if (xb_store_begin(store, err) < 0)
        return -1;
    if (xb_store_do(store, err, "DELETE FROM samples" XB_WHERE_CELL, XB_CELL_KEY(key)) < 0 ||
        xb_store_do(store, err, "DELETE FROM settings_read" XB_WHERE_CELL, XB_CELL_KEY(key)) < 0 ||
        set_state(store, key, "planned", err) < 0) {
        xb_store_rollback(store);
        return -1;
    }
    return xb_store_commit(store, err);
}

int xb_store_cell_released(struct xb_store *store, struct xb_cell_key key,
                           const struct xb_sample_start *starts, size_t count, struct xb_err *err)
{
    if (xb_store_begin(store, err) < 0)
        return -1;
    int r = set_state(store, key, "released", err);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = xb_store_do(store, err,
                        "UPDATE samples SET offset_before_ns = ?5, fit_before_ns = ?6, "
                        "start_run_ns = ?7, vcpus = ?8" XB_WHERE_SAMPLE,
                        XB_CELL_KEY(key), XB_TEXT(starts[i].guest), XB_INT(starts[i].fit.offset_ns),
                        XB_INT(starts[i].fit.error_ns),
                        XB_INT_IF(starts[i].has_run_ns, starts[i].run_ns),
                        XB_INT_IF(starts[i].has_run_ns, starts[i].vcpus));
    if (r < 0) {
        xb_store_rollback(store);
        return -1;
    }
    return xb_store_commit(store, err);
}

int xb_store_samples(struct xb_store *store, struct xb_cell_key key, struct xb_sample_state **out,
                     size_t *count, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    *out = NULL;
    *count = 0;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT guest, token, outcome IS NOT NULL, collected, offset_before_ns IS NOT NULL,"
            " offset_before_ns, fit_before_ns, stdout_bytes,"
            " stderr_bytes, outcome = 'exited' AND status = 0, output_lost, outcome = 'lost'"
            " FROM samples" XB_WHERE_CELL,
            XB_CELL_KEY(key)) < 0)
        return -1;
    int r;
    while ((r = xb_store_step(store, stmt, err)) > 0) {
        struct xb_sample_state *s = xb_append(out, count);
        *s = (struct xb_sample_state){
            .has_outcome = sqlite3_column_int(stmt, 2),
            .collected = sqlite3_column_int(stmt, 3),
            .has_fit = sqlite3_column_int(stmt, 4),
            .offset_ns = sqlite3_column_int64(stmt, 5),
            .fit_ns = (uint64_t)sqlite3_column_int64(stmt, 6),
            .written = {{(uint64_t)sqlite3_column_int64(stmt, 7),
                         (uint64_t)sqlite3_column_int64(stmt, 8)},
                        sqlite3_column_int(stmt, 9),
                        sqlite3_column_int(stmt, 10)},
            .lost = sqlite3_column_int(stmt, 11),
        };
        snprintf(s->guest, sizeof(s->guest), "%s", xb_column_text(stmt, 0));
        snprintf(s->token, sizeof(s->token), "%s", xb_column_text(stmt, 1));
    }
    if (r < 0) {
        free(*out);
        *out = NULL;
        *count = 0;
    }
    return r;
}

int xb_store_cell_ended(struct xb_store *store, struct xb_cell_key key, struct xb_err *err)
{
    return set_state(store, key, "ended", err);
}

int xb_store_cell_measured(struct xb_store *store, struct xb_cell_key key,
                           const struct xb_cell_end *end, struct xb_err *err)
{
    bool seen = !end->resumed;
    return xb_store_do(
        store, err,
        "UPDATE cells SET window_ns = ?4, overlap_ns = ?5, release_ns = ?6, release_error_ns = ?7,"
        " controller_wakeups = ?8, resumed = ?9" XB_WHERE_CELL,
        XB_CELL_KEY(key), XB_INT_IF(seen, end->window_ns),
        XB_INT_IF(end->overlap_ns, end->overlap_ns), XB_INT_IF(seen, end->release_ns),
        XB_INT_IF(end->has_error, end->release_error_ns), XB_INT_IF(seen, end->wakeups),
        XB_INT(end->resumed));
}

int xb_store_cell_spent(struct xb_store *store, struct xb_cell_key key, uint64_t spent_ns,
                        struct xb_err *err)
{
    return xb_store_do(store, err, "UPDATE cells SET spent_ns = ?4" XB_WHERE_CELL, XB_CELL_KEY(key),
                       XB_INT(spent_ns));
}

int xb_store_cell_done(struct xb_store *store, struct xb_cell_key key, struct xb_err *err)
{
    return set_state(store, key, "done", err);
}

int xb_store_cell_discarded(struct xb_store *store, struct xb_cell_key key, const char *why,
                            struct xb_err *err)
{
    if (xb_store_begin(store, err) < 0)
        return -1;
    if (xb_store_do(store, err, "UPDATE cells SET state = 'discarded', why = ?4" XB_WHERE_CELL,
                    XB_CELL_KEY(key), XB_TEXT(why)) < 0 ||
        xb_store_do(store, err,
                    "INSERT INTO cells (run, cell, attempt, case_no, repetition, warmup, state)"
                    " SELECT run, cell, attempt + 1, case_no, repetition, warmup, 'planned' FROM "
                    "cells" XB_WHERE_CELL,
                    XB_CELL_KEY(key)) < 0) {
        xb_store_rollback(store);
        return -1;
    }
    return xb_store_commit(store, err);
}

int xb_store_vcpu_time(struct xb_store *store, struct xb_cell_key key, const char *domain,
                       uint32_t vcpu, uint64_t run_ns, uint32_t pcpu, struct xb_reading_span span,
                       struct xb_err *err)
{
    return xb_store_do(store, err,
                       "INSERT OR REPLACE INTO vcpu_times"
                       " (run, cell, attempt, domain, vcpu, run_ns, pcpu, span_ns, span_error_ns)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       XB_CELL_KEY(key), XB_TEXT(domain), XB_INT(vcpu), XB_INT(run_ns),
                       XB_INT(pcpu), XB_INT(span.ns), XB_INT(span.error_ns));
}

int xb_store_settings(struct xb_store *store, struct xb_cell_key key, const char *domain,
                      bool at_end, const json_t *settings, const char *differs, struct xb_err *err)
{
    xb_auto_free char *text = json_dumps(settings, JSON_COMPACT);
    return xb_store_do(
        store, err,
        "INSERT OR REPLACE INTO settings_read (run, cell, attempt, domain, edge, settings, differs)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        XB_CELL_KEY(key), XB_TEXT(domain), XB_TEXT(at_end ? "end" : "start"),
        XB_TEXT(text ? text : "{}"), XB_TEXT(differs));
}

int xb_store_host_steal(struct xb_store *store, struct xb_cell_key key, uint32_t pcpu,
                        uint64_t run_ns, uint64_t delay_ns, uint64_t span_ns, struct xb_err *err)
{
    return xb_store_do(
        store, err,
        "INSERT OR REPLACE INTO host_steal (run, cell, attempt, pcpu, run_ns, delay_ns, span_ns)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        XB_CELL_KEY(key), XB_INT(pcpu), XB_INT(run_ns), XB_INT(delay_ns), XB_INT(span_ns));
}
