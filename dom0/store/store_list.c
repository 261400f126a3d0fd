/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_list.h"

#include "base.h"
#include "store_rows.h"

int xb_list_runs(const struct xb_read *in, struct xb_listed_run **rows, size_t *count)
{
#define F(member) XB_FIELD(struct xb_listed_run, member)
    static const struct xb_field fields[] = {
        F(run),      F(started_at), F(ended_at), F(state),    F(done),   F(cells), F(host),
        F(workload), F(name),       F(imported), F(shard_by), F(shards), F(shard)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_listed_run, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT run, started_at, ended_at,"
        " CASE WHEN imported AND state = 'unfinished' THEN 'imported' ELSE state END,"
        " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND c.state = 'done'),"
        " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND c.state != 'discarded'),"
        " (SELECT value FROM host h WHERE h.run = runs.run AND key = 'host_name'), workload, name,"
        " imported, shard_by, shards, shard FROM runs ORDER BY started_at, run");
}

int xb_list_shards(const struct xb_read *in, struct xb_shard_row **rows, size_t *count)
{
    static const struct xb_field fields[] = {XB_FIELD(struct xb_shard_row, run)};
    static const struct xb_shape shape = XB_SHAPE(struct xb_shard_row, fields);
    return xb_rows_read(
        in, &shape, rows, count,
        "SELECT o.run FROM runs r JOIN runs o USING (experiment, overrides, seed, shard_by, shards)"
        " WHERE r.run = ifnull(?, (SELECT run FROM runs WHERE shard IS NOT NULL"
        "   ORDER BY started_at DESC, run LIMIT 1))"
        " AND (o.state != 'abandoned' OR o.run = r.run) ORDER BY o.shard, o.started_at, o.run",
        XB_TEXT(in->run));
}

int xb_tell(const struct xb_read *in, enum xb_tell what, struct xb_told **rows, size_t *count)
{
    static const struct xb_field fields[] = {XB_FIELD(struct xb_told, word),
                                             XB_FIELD(struct xb_told, text)};
    static const struct xb_shape shape = XB_SHAPE(struct xb_told, fields);
    static const char *const queries[] = {
        [XB_TELL_CASES] =
            "SELECT name, (SELECT count(*) FROM cells c WHERE c.run = cases.run AND c.case_no ="
            " cases.case_no AND c.state = 'done' AND NOT warmup) || ' repetitions' ||"
            " ifnull(', stopped: ' || stopped, '') || ifnull(' (' || stopped_why || ')', '')"
            " FROM cases WHERE run = ? ORDER BY case_no",
        [XB_TELL_GUESTS] =
            "SELECT guest, ifnull(socket, ifnull(type || ' ', '') || ifnull('from ' || image, 'found')) ||"
            " ifnull(', ' || vcpus || ' vcpus', '') || ifnull(', ' || (memory_bytes / 1048576) || ' MiB',"
            " '') || ifnull(', ' || kernel, '') || ifnull(', agent ' || agent, '') ||"
            " ifnull(', image ' || substr(image_sha256, 1, 12), '') FROM guests WHERE run = ?"
            " ORDER BY position",
        [XB_TELL_CELLS] = "SELECT state, count(*) FROM cells WHERE run = ? GROUP BY state",
        [XB_TELL_HOST] = "SELECT key, value FROM host WHERE run = ? ORDER BY key",
        [XB_TELL_WARNINGS] =
            "SELECT code, message FROM warnings WHERE run = ? GROUP BY code, message",
    };
    return xb_rows_read(in, &shape, rows, count, queries[what], XB_TEXT(in->run));
}

int xb_tell_run(const struct xb_read *in, struct xb_told **rows, size_t *count)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    *rows = NULL;
    *count = 0;
    if (xb_store_query(
            in->store, &stmt, in->err,
            "SELECT run, name, state, CASE imported WHEN 1 THEN 'yes' END AS imported, file,"
            " workload, metric, unit, cell_order AS 'order', seed, until, CASE WHEN until IS NULL"
            " THEN repetitions END AS repetitions, warmup, CASE compare WHEN '[]' THEN NULL ELSE"
            " compare END AS compare, CASE overrides WHEN '[]' THEN NULL ELSE overrides END AS"
            " 'set', shard || ' of ' || shards || ' by ' || shard_by AS shard, started_at, ended_at,"
            " resumed, xenbench FROM runs WHERE run = ?",
            XB_TEXT(in->run)) < 0)
        return -1;
    int r = xb_store_step(in->store, stmt, in->err);
    for (int c = 0; r > 0 && c < sqlite3_column_count(stmt); c++) {
        const char *text = xb_column_text(stmt, c);
        if (!*text)
            continue;
        struct xb_told *told = xb_arena_grow(in->arena, rows, count, sizeof(*told));
        told->word = xb_arena_strdup(in->arena, sqlite3_column_name(stmt, c));
        told->text = xb_arena_strdup(in->arena, text);
    }
    return r < 0 ? -1 : 0;
}

int xb_store_run_is_open(struct xb_store *store, const char *run, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(store, &stmt, err,
                       "SELECT 1 FROM runs WHERE run = ? AND state = 'unfinished' AND NOT imported",
                       XB_TEXT(run)) < 0)
        return -1;
    return xb_store_step(store, stmt, err);
}

int xb_store_runs_delete(struct xb_store *store, char *const *runs, size_t count,
                         struct xb_err *err)
{
    if (xb_store_begin(store, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (xb_store_do(store, err, "DELETE FROM runs WHERE run = ?", XB_TEXT(runs[i])) < 0) {
            xb_store_rollback(store);
            return -1;
        }
    }
    if (xb_store_commit(store, err) < 0 || xb_store_do(store, err, "VACUUM") < 0)
        return -1;
    return xb_store_sync(store, err);
}
