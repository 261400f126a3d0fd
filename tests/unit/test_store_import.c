/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of other stores, and which run is the latest. */
#include "base.h"
#include "report.h"
#include "store_make.h"
#include "store_merge.h"
#include "store_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Case 0 has one finished cell, case 1 a thousand, all with repetition number 0. */
static const char *const repeated[] = {
    "UPDATE runs SET compare = '[{\"a\": 0, \"b\": 1}]', state = 'finished'",
    "UPDATE cells SET state = 'done', repetition = 0, case_no = cell",
    "INSERT INTO cells (run, cell, attempt, case_no, repetition, warmup, state)"
    " WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
    " SELECT '" RUN "', i, 1, 1, 0, 0, 'done' FROM n",
    "INSERT INTO samples (run, cell, attempt, guest, token, outcome, status, wall_ns)"
    " SELECT run, cell, attempt, 'a', 't' || cell, 'exited', 0, 1000000 + cell FROM cells",
    "INSERT INTO metrics SELECT run, cell, attempt, guest, 'ops', 1.0 + cell, '1/s', 'more' FROM samples",
    NULL,
};

static void test_repetitions_that_are_not_unique(void **state)
{
    struct made_store *f = *state;
    char *text = NULL;
    size_t bytes = 0;
    json_error_t where;
    begin_run(f);
    sql(f, f->store, repeated);
    FILE *out = open_memstream(&text, &bytes);
    if (xb_report_write(f->store, RUN, XB_REPORT_JSON, out, &f->err) < 0)
        fail_msg("%s", f->err.msg);
    fclose(out);
    json_t *json = json_loadb(text, bytes, 0, &where);
    free(text);
    json_t *pair = json_object_get(
        json_object_get(json_array_get(json_object_get(json, "comparisons"), 0), "guests"), "a");
    assert_int_equal(json_integer_value(json_object_get(pair, "pairs")), 1);
    json_decref(json);
}

/* Another store with the same run, for changing and importing. */
static struct xb_store *open_other(struct made_store *f, char path[64])
{
    struct xb_store *other = NULL, *mine = f->store;
    snprintf(path, 64, "%s/other.sqlite", f->dir);
    unlink(path);
    assert_int_equal(xb_store_open(&other, &f->app, path, true, &f->err), 0);
    f->store = other;
    begin_run(f);
    f->store = mine;
    return other;
}

static struct xb_merged import(struct made_store *f, const char *path)
{
    struct xb_merged merged;
    if (xb_store_import(f->store, &f->app, path, &merged, &f->err) < 0)
        fail_msg("%s", f->err.msg);
    return merged;
}

static void test_import_refuses_repetitions_that_are_not_unique(void **state)
{
    struct made_store *f = *state;
    struct xb_merged merged;
    char path[64];
    struct xb_store *other = open_other(f, path);
    sql(f, other, repeated);
    xb_store_close(other);
    assert_int_equal(xb_store_import(f->store, &f->app, path, &merged, &f->err), -1);
    assert_int_equal(f->err.class, XB_E_INPUT);
    assert_non_null(strstr(f->err.msg, "repetition 0 of case 1 more than once"));
    assert_int_equal(number(f, "SELECT count(*) FROM runs"), 0);
    xb_err_clear(&f->err);
    /* Warm-ups, and attempts that do not count, are numbered separately. */
    other = open_other(f, path);
    static const char *const alike[] = {
        "UPDATE cells SET state = 'done', repetition = 0, case_no = 0, warmup = cell",
        "INSERT INTO cells (run, cell, attempt, case_no, repetition, warmup, state)"
        " SELECT run, cell, 2, case_no, repetition, warmup, 'discarded' FROM cells",
        NULL,
    };
    sql(f, other, alike);
    xb_store_close(other);
    assert_int_equal(import(f, path).added, 1);
}

/* Another host's run, imported twice while it is still running there, is never resumed here. */
static void test_import_keeps_the_mark(void **state)
{
    struct made_store *f = *state;
    char path[64];
    struct xb_store *other = open_other(f, path);
    static const char *const more[] = {
        "UPDATE cells SET state = 'done' WHERE cell = 0",
        "INSERT INTO samples (run, cell, attempt, guest, token, outcome, status)"
        " VALUES ('" RUN "', 0, 1, 'a', 't', 'exited', 0)",
        NULL,
    };
    assert_int_equal(import(f, path).added, 1);
    sql(f, other, more);
    xb_store_close(other);
    assert_int_equal(import(f, path).finished, 1);
    assert_int_equal(number(f, "SELECT imported FROM runs"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM samples"), 1);
    assert_int_equal(unfinished(f, experiment, "[]", &whole), 0);
    /* A run begun here that returns with more cells stays resumable here. */
    assert_int_equal(xb_store_do(f->store, &f->err, "DELETE FROM runs"), 0);
    begin_run(f);
    import(f, path);
    assert_int_equal(number(f, "SELECT imported FROM runs"), 0);
}

/* A run that ended without another result replaces the one that had not, but not vice versa. */
static void test_import_of_an_end_without_a_sample(void **state)
{
    struct made_store *f = *state;
    char path[64];
    struct xb_store *other = open_other(f, path);
    static const char *const released[] = {
        "UPDATE cells SET state = 'released' WHERE cell = 0",
        "INSERT INTO samples (run, cell, attempt, guest, token, outcome, status, collected)"
        " VALUES ('" RUN "', 0, 1, 'a', 't', 'exited', 0, 0)",
        NULL,
    };
    static const char *const ended[] = {
        "UPDATE samples SET collected = 1",
        "UPDATE cells SET state = 'done' WHERE cell = 0",
        "UPDATE runs SET state = 'finished'",
        NULL,
    };
    sql(f, other, released);
    assert_int_equal(import(f, path).added, 1);
    for (size_t i = 0; ended[i]; i++) {
        sql(f, other, (const char *const[]){ended[i], NULL});
        assert_int_equal(import(f, path).finished, 1);
    }
    assert_int_equal(number(f, "SELECT count(*) FROM runs WHERE state = 'finished'"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM samples WHERE collected"), 1);
    sql(f, other, (const char *const[]){"UPDATE runs SET state = 'unfinished'", NULL});
    xb_store_close(other);
    assert_int_equal(import(f, path).known, 1);
    assert_int_equal(number(f, "SELECT count(*) FROM runs WHERE state = 'finished'"), 1);
}

/* The latest run to resume is one that was begun here, if there is any. */
static void test_latest_to_resume(void **state)
{
    struct made_store *f = *state;
    static const char other[] = "00000000-0000-4000-8000-000000000002";
    char id[XB_UUID_BYTES];
    begin_run(f);
    begin_run_as(f, other);
    sql(f, f->store,
        (const char *const[]){"UPDATE runs SET imported = 1, started_at = '2099-01-01T00:00:00Z'"
                              " WHERE run != '" RUN "'",
                              NULL});
    assert_int_equal(xb_store_run_find(f->store, XB_RUN_LATEST, true, id, &f->err), 0);
    assert_string_equal(id, RUN);
    assert_int_equal(xb_store_run_find(f->store, XB_RUN_LATEST, false, id, &f->err), 0);
    assert_string_equal(id, other);
    sql(f, f->store, (const char *const[]){"UPDATE runs SET imported = 1", NULL});
    assert_int_equal(xb_store_run_find(f->store, XB_RUN_LATEST, true, id, &f->err), 0);
    assert_string_equal(id, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_repetitions_that_are_not_unique),
        STORE_TEST(test_import_refuses_repetitions_that_are_not_unique),
        STORE_TEST(test_import_keeps_the_mark),
        STORE_TEST(test_import_of_an_end_without_a_sample),
        STORE_TEST(test_latest_to_resume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
