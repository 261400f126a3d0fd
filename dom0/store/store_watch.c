/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_watch.h"

#include "alloc.h"
#include "base.h"
#include "store_rows.h"

#include <errno.h>
#include <limits.h>

static int check(struct xb_store *store, struct xb_err *err)
{
    int id = 0, version = 0;
    if (xb_store_pragma(store, "PRAGMA application_id", &id, err) < 0 ||
        xb_store_pragma(store, "PRAGMA user_version", &version, err) < 0)
        return -1;
    if (id != XB_STORE_APPLICATION_ID)
        return xb_fail(err, XB_E_INPUT, 0, "%s is no store of xenbench", store->path);
    if (version != xb_store_version)
        return xb_fail(err, XB_E_INPUT, 0,
                       "store %s has version %d, this xenbench (" XB_VERSION ") has %d%s",
                       store->path, version, xb_store_version,
                       version < xb_store_version ? "; `xenbench runs list` brings it up to date"
                                                  : "; use the newer one");
    return 0;
}

int xb_store_open_to_read(struct xb_store **out, struct xb_app *app, const char *path,
                          struct xb_err *err)
{
    struct xb_store *store = xb_calloc(1, sizeof(*store));
    int r = 0;
    store->path = path ? xb_strdup(path) : xb_asprintf("%s/results.sqlite", app->state_dir);
    if (access(store->path, F_OK) < 0)
        r = xb_fail(err, XB_E_INPUT, errno, "there is no store at %s (a run makes one)",
                    store->path);
    else if (xb_store_open_db(store->path, SQLITE_OPEN_READONLY, &store->db) != SQLITE_OK)
        r = xb_store_fail_sql(store, err, "cannot be opened");
    if (r == 0)
        r = check(store, err);
    if (r < 0)
        xb_store_close(store);
    else
        *out = store;
    return r;
}

static int look_at_run(const struct xb_read *in, struct xb_watch *out)
{
#define F(member) XB_FIELD(struct xb_watch, member)
    static const struct xb_field fields[] = {F(run),      F(name),       F(state), F(started_at),
                                             F(imported), F(open_ended), F(cells), F(done)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_watch, fields);
    int r = xb_row_read(in, &shape, out,
                        "SELECT run, name, state, started_at, imported, until IS NOT NULL,"
                        " (SELECT count(*) FROM cells c WHERE c.run = runs.run AND c.state !="
                        " 'discarded'), (SELECT count(*) FROM cells c WHERE c.run = runs.run AND"
                        " c.state = 'done') FROM runs WHERE run = ?",
                        XB_TEXT(in->run));
    return r == 0 ? xb_fail(in->err, XB_E_INPUT, 0, "run %.8s was deleted", in->run) : r;
}

static int look_at_cases(const struct xb_read *in, struct xb_watch *out)
{
#define F(member) XB_FIELD(struct xb_watch_case, member)
    static const struct xb_field fields[] = {F(name), F(done), F(planned), F(mean_ns)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_watch_case, fields);
    return xb_rows_read(
        in, &shape, &out->cases, &out->case_count,
        "SELECT name, count(*) FILTER (WHERE c.state = 'done' AND NOT c.warmup),"
        " count(*) FILTER (WHERE c.state NOT IN ('done', 'discarded')),"
        " avg(spent_ns) FILTER (WHERE c.state = 'done') FROM cases LEFT JOIN cells c"
        " USING (run, case_no) WHERE cases.run = ? GROUP BY case_no ORDER BY case_no",
        XB_TEXT(in->run));
}

static int look_at_medians(const struct xb_read *in, struct xb_watch *out)
{
#define F(member) XB_FIELD(struct xb_watch_median, member)
    static const struct xb_field fields[] = {F(case_no), F(guest), F(unit), F(median), F(samples)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_watch_median, fields);
    return xb_rows_read(in, &shape, &out->medians, &out->median_count,
                        "SELECT case_no, m.guest, CASE WHEN metric IS NULL THEN 's' ELSE unit END,"
                        " median, samples FROM medians m JOIN guests USING (run, guest)"
                        " WHERE m.run = ? ORDER BY case_no, position",
                        XB_TEXT(in->run));
}

#define CELL_FIELDS                                                                                \
    F(cell), F(case_no), F(repetition), F(attempt), F(warmup), F(state), F(case_name),             \
        F(started_at), F(samples)
#define CELL_COLUMNS "cell, case_no, repetition, attempt, warmup, state, cases.name, started_at"

static int look_at_now(const struct xb_read *in, struct xb_watch *out)
{
#define F(member) XB_FIELD(struct xb_watch_cell, member)
    static const struct xb_field fields[] = {CELL_FIELDS};
    static const struct xb_shape shape = XB_SHAPE(struct xb_watch_cell, fields);
    int r = xb_row_read(in, &shape, &out->now,
                        "SELECT " CELL_COLUMNS ", NULL FROM cells JOIN cases USING (run, case_no)"
                        " WHERE run = ? AND state NOT IN ('done', 'discarded')"
                        " ORDER BY state = 'planned', cell, attempt DESC LIMIT 1",
                        XB_TEXT(in->run));
    out->has_now = r > 0;
    return r < 0 ? -1
                 : xb_rows_read(
                       in, &shape, &out->news, &out->news_count,
                       "SELECT " CELL_COLUMNS
                       ", (SELECT group_concat(guest || ' ' || CASE WHEN outcome = 'exited' AND"
                       " status = 0 THEN printf('%#.4g s', wall_ns / 1e9) ELSE 'failed' END, ', ')"
                       " FROM samples s WHERE s.run = cells.run AND s.cell = cells.cell AND"
                       " s.attempt = cells.attempt) FROM cells JOIN cases USING (run, case_no)"
                       " WHERE run = ? AND state = 'done' ORDER BY cell LIMIT -1 OFFSET ?",
                       XB_TEXT(in->run), XB_INT(out->news_count));
#undef F
}

static int look_at_guests(const struct xb_read *in, struct xb_watch *out)
{
#define F(member) XB_FIELD(struct xb_watch_guest, member)
    static const struct xb_field fields[] = {F(name), F(role), F(outcome), F(armed), F(wall_ns)};
#undef F
    static const struct xb_shape shape = XB_SHAPE(struct xb_watch_guest, fields);
    return xb_rows_read(
        in, &shape, &out->guests, &out->guest_count,
        "SELECT g.guest, p.role, s.outcome, s.token IS NOT NULL, s.wall_ns FROM guests g"
        " LEFT JOIN parts p ON p.run = g.run AND p.guest = g.guest AND p.case_no = ?2"
        " LEFT JOIN samples s ON s.run = g.run AND s.guest = g.guest AND s.cell = ?3 AND s.attempt ="
        " ?4 WHERE g.run = ?1 ORDER BY g.position",
        XB_TEXT(in->run), XB_INT_IF(out->has_now, out->now.case_no),
        XB_INT_IF(out->has_now, out->now.cell), XB_INT_IF(out->has_now, out->now.attempt));
}

int xb_watch_look(const struct xb_read *in, uint32_t seen, struct xb_watch *out)
{
    *out = (struct xb_watch){.news_count = seen};
    if (xb_store_exec(in->store, "BEGIN", "cannot be read", in->err) < 0)
        return -1;
    int r = look_at_run(in, out) < 0 || look_at_cases(in, out) < 0 ||
                    look_at_medians(in, out) < 0 || look_at_now(in, out) < 0 ||
                    look_at_guests(in, out) < 0
                ? -1
                : 0;
    xb_store_rollback(in->store);
    return r;
}
