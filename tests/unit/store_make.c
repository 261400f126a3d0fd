/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_make.h"

#include "cell_order.h"
#include "store_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const char experiment[] =
    "name: t\nworkload: {command: x, metric: {name: ops, pattern: (x), better: more}}\n"
    "guests: {a: {socket: /tmp/a}, b: {socket: /tmp/b}}\n"
    "cases: [{name: one}, {name: two <script>}]\nrepetitions: 1\n";

int make_store(void **state)
{
    struct made_store *f = calloc(1, sizeof(*f));
    strcpy(f->dir, "/tmp/xb-store-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->app.state_dir = f->dir;
    snprintf(f->path, sizeof(f->path), "%s/results.sqlite", f->dir);
    assert_int_equal(xb_store_open(&f->store, &f->app, NULL, true, &f->err), 0);
    *state = f;
    return 0;
}

int remove_store(void **state)
{
    struct made_store *f = *state;
    char command[96];
    xb_store_close(f->store);
    snprintf(command, sizeof(command), "rm -rf %s", f->dir);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

const struct xb_shard whole = {XB_SHARD_ROUND, 0, 0};

int unfinished(struct made_store *f, const char *text, const char *overrides,
               const struct xb_shard *shard)
{
    char id[XB_UUID_BYTES] = "";
    int r = xb_store_run_unfinished(f->store, text, overrides, shard, id, &f->err);
    assert_string_equal(id, r > 0 ? RUN : "");
    return r;
}

void begin_run_as(struct made_store *f, const char *id)
{
    struct xb_experiment *exp;
    struct xb_plan_cell *cells;
    size_t count;
    assert_int_equal(xb_experiment_parse(&exp, "t.yaml", experiment, strlen(experiment), &f->err),
                     0);
    xb_plan_cells(exp, 1, &cells, &count);
    const struct xb_part part = {"measured", "x", "ops", "1/s", "more", -1};
    const struct xb_part parts[] = {part, part, part, part};
    struct xb_run_head head = {exp, id, parts, "x", "ops", "1/s", "more", 1, "[]", false, whole};
    assert_int_equal(xb_store_run_begin(f->store, &head, cells, count, &f->err), 0);
    free(cells);
    xb_experiment_free(exp);
}

void begin_run(struct made_store *f)
{
    begin_run_as(f, RUN);
}

const struct xb_cell_key first = {RUN, 0, 1};

void arm_first(struct made_store *f)
{
    struct xb_armed_sample samples[] = {{"a", "ta"}, {"b", "tb"}};
    assert_int_equal(xb_store_cell_armed(f->store, first, samples, 2, &f->err), 0);
}

int take(struct made_store *f, const char *guest, uint64_t ended_ns)
{
    Xb__Result result = XB__RESULT__INIT;
    result.outcome = XB__OUTCOME__OUTCOME_EXITED;
    result.release_ns = 1000;
    result.opened_ns = 1500;
    result.ended_ns = ended_ns;
    struct xb_sample_end end = {.guest = guest, .result = &result};
    return xb_store_sample(f->store, first, &end, &f->err);
}

int64_t number(struct made_store *f, const char *sql)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(f->store, &stmt, &f->err, sql) < 0 ||
        xb_store_step(f->store, stmt, &f->err) < 1)
        fail_msg("%s: %s", sql, f->err.msg);
    return sqlite3_column_int64(stmt, 0);
}

void sql(struct made_store *f, struct xb_store *store, const char *const *statements)
{
    for (; *statements; statements++)
        if (xb_store_do(store, &f->err, *statements) < 0)
            fail_msg("%s: %s", *statements, f->err.msg);
}
