/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The store: data survives, other files are refused, and no sample is stored twice.
 */
#include "base.h"
#include "cell.h"
#include "cell_order.h"
#include "report.h"
#include "store_cell.h"
#include "store_i.h"
#include "store_merge.h"
#include "store_read_run.h"
#include "store_read_samples.h"
#include "store_repeat.h"
#include "store_watch.h"

#include <math.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#define RUN "00000000-0000-4000-8000-000000000001"

static const char experiment[] =
    "name: t\nworkload: {command: x, metric: {name: ops, pattern: (x), better: more}}\n"
    "guests: {a: {socket: /tmp/a}, b: {socket: /tmp/b}}\n"
    "cases: [{name: one}, {name: two <script>}]\nrepetitions: 1\n";

struct fixture {
    char dir[32];
    char path[64];
    struct xb_app app;
    struct xb_store *store;
    struct xb_err err;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->dir, "/tmp/xb-store-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->app.state_dir = f->dir;
    snprintf(f->path, sizeof(f->path), "%s/results.sqlite", f->dir);
    assert_int_equal(xb_store_open(&f->store, &f->app, NULL, true, &f->err), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char command[96];
    xb_store_close(f->store);
    snprintf(command, sizeof(command), "rm -rf %s", f->dir);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

static const struct xb_shard whole = {XB_SHARD_ROUND, 0, 0};

/* Does the store have an unfinished run of this text, overrides and shard? */
static int unfinished(struct fixture *f, const char *text, const char *overrides,
                      const struct xb_shard *shard)
{
    char id[XB_UUID_BYTES] = "";
    int r = xb_store_run_unfinished(f->store, text, overrides, shard, id, &f->err);
    assert_string_equal(id, r > 0 ? RUN : "");
    return r;
}

static void begin_run_as(struct fixture *f, const char *id)
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

static void begin_run(struct fixture *f)
{
    begin_run_as(f, RUN);
}

static const struct xb_cell_key first = {RUN, 0, 1};

static void arm_first(struct fixture *f)
{
    struct xb_armed_sample samples[] = {{"a", "ta"}, {"b", "tb"}};
    assert_int_equal(xb_store_cell_armed(f->store, first, samples, 2, &f->err), 0);
}

static int take(struct fixture *f, const char *guest, uint64_t ended_ns)
{
    Xb__Result result = XB__RESULT__INIT;
    result.outcome = XB__OUTCOME__OUTCOME_EXITED;
    result.release_ns = 1000;
    result.opened_ns = 1500;
    result.ended_ns = ended_ns;
    struct xb_sample_end end = {.guest = guest, .result = &result};
    return xb_store_sample(f->store, first, &end, &f->err);
}

static int64_t number(struct fixture *f, const char *sql)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(f->store, &stmt, &f->err, sql) < 0 ||
        xb_store_step(f->store, stmt, &f->err) < 1)
        fail_msg("%s: %s", sql, f->err.msg);
    return sqlite3_column_int64(stmt, 0);
}

/* Run statements one after the other. */
static void sql(struct fixture *f, struct xb_store *store, const char *const *statements)
{
    for (; *statements; statements++)
        if (xb_store_do(store, &f->err, *statements) < 0)
            fail_msg("%s: %s", *statements, f->err.msg);
}

static void test_begins_once(void **state)
{
    struct fixture *f = *state;
    char id[XB_UUID_BYTES] = "";
    begin_run(f);
    const struct xb_shard shard = {XB_SHARD_ROUND, 1, 2}, by_case = {XB_SHARD_CASE, 1, 2};
    assert_int_equal(unfinished(f, experiment, "[]", &whole), 1);
    assert_int_equal(unfinished(f, experiment, "[\"repetitions=9\"]", &whole), 0);
    assert_int_equal(unfinished(f, "name: other", "[]", &whole), 0);
    assert_int_equal(unfinished(f, experiment, "[]", &shard), 0);
    assert_int_equal(
        xb_store_do(f->store, &f->err, "UPDATE runs SET shard_by = 'case', shards = 2, shard = 1"),
        0);
    assert_int_equal(unfinished(f, experiment, "[]", &whole), 0);
    assert_int_equal(unfinished(f, experiment, "[]", &shard), 0);
    assert_int_equal(unfinished(f, experiment, "[]", &by_case), 1);
    assert_int_equal(xb_store_run_find(f->store, "0000", true, id, &f->err), 0);
    assert_int_equal(xb_store_run_find(f->store, "1", true, id, &f->err), -1);
    xb_err_clear(&f->err);
    /* Pattern characters are plain text. */
    assert_int_equal(xb_store_run_find(f->store, "%", false, id, &f->err), -1);
    xb_err_clear(&f->err);
    /* The guests of a run that nobody will resume are removed. */
    assert_int_equal(xb_store_run_over(f->store, RUN, &f->err), 0);
    assert_int_equal(xb_store_run_ended(f->store, RUN, "abandoned", &f->err), 0);
    assert_int_equal(xb_store_run_over(f->store, RUN, &f->err), 1);
    assert_int_equal(xb_store_run_ended(f->store, RUN, "finished", &f->err), 0);
    assert_int_equal(xb_store_run_over(f->store, RUN, &f->err), 1);
    assert_int_equal(unfinished(f, experiment, "[]", &by_case), 0);
}

static void test_the_latest_of_a_second(void **state)
{
    struct fixture *f = *state;
    static const char later[] = "ffffffff-0000-4000-8000-000000000002";
    const struct timespec pause = {.tv_nsec = 2000000};
    char id[XB_UUID_BYTES] = "";
    begin_run(f);
    nanosleep(&pause, NULL);
    begin_run_as(f, later);
    assert_int_equal(xb_store_run_find(f->store, NULL, false, id, &f->err), 0);
    assert_string_equal(id, later);
}

/* The store records how far Xen's counts were read from the window's edges. */
static void test_slack_of_counts(void **state)
{
    struct fixture *f = *state;
    struct xb_sample_start start = {.guest = "a", .has_run_ns = true, .run_ns = 700, .vcpus = 2};
    struct xb_reading_span span = {.ns = 5000, .error_ns = 20};
    Xb__Result result = XB__RESULT__INIT;
    struct xb_sample_end end = {.guest = "a",
                                .result = &result,
                                .has_run_ns = true,
                                .run_ns = 1800,
                                .has_run_slack_ns = true,
                                .run_slack_ns = 60};
    begin_run(f);
    arm_first(f);
    result.outcome = XB__OUTCOME__OUTCOME_EXITED;
    result.output_lost = true;
    assert_int_equal(xb_store_cell_released(f->store, first, &start, 1, &f->err), 0);
    assert_int_equal(xb_store_overlap_run(f->store, first, "a", 1700, 50, &f->err), 0);
    assert_int_equal(xb_store_sample(f->store, first, &end, &f->err), 0);
    assert_int_equal(xb_store_vcpu_time(f->store, first, "a", 1, 900, 3, span, &f->err), 0);
    assert_int_equal(
        number(
            f,
            "SELECT overlap_run_ns = 1000 AND overlap_slack_ns = 50 AND run_ns = 1100"
            " AND run_slack_ns = 60 AND vcpus = 2 AND output_lost FROM samples WHERE guest = 'a'"),
        1);
    assert_int_equal(number(f, "SELECT span_ns = 5000 AND span_error_ns = 20 FROM vcpu_times"), 1);
}

static void test_sample_is_taken_once(void **state)
{
    struct fixture *f = *state;
    begin_run(f);
    arm_first(f);
    assert_int_equal(take(f, "a", 5000), 0);
    assert_int_equal(take(f, "a", 9000), 0);
    assert_int_equal(number(f, "SELECT wall_ns FROM samples WHERE guest = 'a'"), 4000);
    assert_int_equal(number(f, "SELECT dispatch_delay_ns FROM samples WHERE guest = 'a'"), 500);
    assert_int_equal(number(f, "SELECT count(*) FROM samples WHERE outcome IS NULL"), 1);
}

/* A guest's times may contradict each other: the sample is stored, but not their difference. */
static void test_impossible_times(void **state)
{
    struct fixture *f = *state;
    begin_run(f);
    arm_first(f);
    assert_int_equal(take(f, "a", 10), 0);
    assert_int_equal(
        number(f, "SELECT wall_ns IS NULL AND outcome = 'exited' FROM samples WHERE guest = 'a'"),
        1);
    assert_int_equal(take(f, "b", UINT64_MAX), 0);
    assert_true(number(f, "SELECT ended_ns FROM samples WHERE guest = 'b'") == INT64_MAX);
}

static void test_cells_go_in_order(void **state)
{
    struct fixture *f = *state;
    struct xb_cell_row row;
    uint32_t all, done;
    begin_run(f);
    assert_int_equal(xb_store_cell_next(f->store, RUN, &row, &f->err), 1);
    assert_int_equal(row.cell, 0);
    assert_string_equal(row.state, "planned");
    arm_first(f);
    assert_int_equal(xb_store_cell_reset(f->store, first, &f->err), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM samples"), 0);
    arm_first(f);
    assert_int_equal(take(f, "a", 5000), 0);
    assert_int_equal(xb_store_cell_discarded(f->store, first, "why", &f->err), 0);
    assert_int_equal(xb_store_cell_next(f->store, RUN, &row, &f->err), 1);
    assert_int_equal(row.attempt, 2);
    assert_int_equal(number(f, "SELECT count(*) FROM samples"), 2);
    assert_int_equal(xb_store_cell_done(f->store, (struct xb_cell_key){RUN, 0, 2}, &f->err), 0);
    assert_int_equal(xb_store_cell_count(f->store, RUN, &all, &done, &f->err), 0);
    assert_int_equal(all, 2);
    assert_int_equal(done, 1);
    assert_int_equal(xb_store_cell_next(f->store, RUN, &row, &f->err), 1);
    assert_int_equal(row.cell, 1);
}

/* A guest's word for how long its jobs took neither stops a resumed run nor uses up its time. */
static void test_time_of_untimed_cells(void **state)
{
    struct fixture *f = *state;
    struct xb_case_progress progress[2];
    static const char *const untimed[] = {
        "UPDATE cells SET case_no = 0, state = 'done', started_at = strftime('%Y-%m-%dT%H:%M:%SZ')",
        "INSERT INTO samples (run, cell, attempt, guest, token, outcome, status, wall_ns)"
        " SELECT run, cell, attempt, 'a', 't' || cell, 'exited', 0, 9223372036854775807 FROM cells",
        NULL,
    };
    begin_run(f);
    sql(f, f->store, untimed);
    assert_int_equal(xb_store_progress(f->store, RUN, progress, 2, &f->err), 0);
    assert_true(progress[0].spent_ns < 3600 * XB_NS_PER_S);
    sql(f, f->store,
        (const char *const[]){"UPDATE samples SET wall_ns = 2000000",
                              "UPDATE cells SET started_at = '2026-01-01T00:00:00Z'",
                              "UPDATE cells SET spent_ns = 5000000 WHERE cell = 0", NULL});
    assert_int_equal(xb_store_progress(f->store, RUN, progress, 2, &f->err), 0);
    assert_int_equal(progress[0].spent_ns,
                     3000000 + 2000000 * number(f, "SELECT count(*) FROM cells"));
}

static void test_output_and_metrics(void **state)
{
    struct fixture *f = *state;
    begin_run(f);
    arm_first(f);
    assert_int_equal(take(f, "a", 5000), 0);
    struct xb_metric_value value = {"ops", "1/s", "more", 12.5};
    struct xb_dist_bucket buckets[] = {{12, 3}, {0.5, 1}};
    const struct xb_dist dist = {buckets, XB_ARRAY_LEN(buckets), 4, 1, 0.5, NAN};
    const struct xb_histogram_value latency = {"latency", "us", "less", &dist};
    struct xb_sample_output output = {"a", "x\0y", NULL, 3, 0, &value, 1, &latency, 1};
    assert_int_equal(xb_store_sample_output(f->store, first, &output, &f->err), 0);
    assert_int_equal(number(f, "SELECT collected FROM samples WHERE guest = 'a'"), 1);
    assert_int_equal(number(f, "SELECT length(bytes) FROM outputs"), 3);
    assert_int_equal(number(f, "SELECT value * 10 FROM metrics"), 125);
    /* Output that is stored again, after the controller's death, replaces the histogram. */
    assert_int_equal(xb_store_sample_output(f->store, first, &output, &f->err), 0);
    assert_int_equal(number(f, "SELECT over FROM histograms WHERE most IS NULL"), 1);
    assert_int_equal(number(f, "SELECT sum(value * count) * 2 FROM histogram_buckets"), 73);
}

/* That no result came is an outcome, too, and is told apart. */
static void test_a_stored_loss(void **state)
{
    struct fixture *f = *state;
    struct xb_sample_state *samples;
    struct xb_sample_end lost = {.guest = "b", .detail = "its agent is gone"};
    size_t count;
    begin_run(f);
    arm_first(f);
    assert_int_equal(take(f, "a", 5000), 0);
    assert_int_equal(xb_store_sample(f->store, first, &lost, &f->err), 0);
    assert_int_equal(xb_store_samples(f->store, first, &samples, &count, &f->err), 0);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_true(samples[i].has_outcome);
        assert_int_equal(samples[i].lost, strcmp(samples[i].guest, "b") == 0);
    }
    free(samples);
}

static int stop_after(void *left)
{
    return (*(int *)left)-- == 0;
}

/* A query that fails at its first, second... n-th step leaves nothing to be freed twice. */
static void test_samples_fail_anywhere(void **state)
{
    struct fixture *f = *state;
    int r = -1;
    begin_run(f);
    arm_first(f);
    for (int steps = 0; r < 0 && steps < 1000; steps++) {
        int left = steps;
        struct xb_sample_state *samples;
        size_t count;
        sqlite3_progress_handler(f->store->db, 1, stop_after, &left);
        r = xb_store_samples(f->store, first, &samples, &count, &f->err);
        sqlite3_progress_handler(f->store->db, 0, NULL, NULL);
        assert_int_equal(count, r < 0 ? 0 : 2);
        free(samples);
        xb_err_clear(&f->err);
    }
    assert_int_equal(r, 0);
}

/* Keeps the store to itself for 300 ms, as the last one to close it does to empty the log. */
static pid_t lock_for_a_while(struct fixture *f)
{
    int told[2];
    char byte;
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        sqlite3 *db;
        if (xb_store_open_db(xb_store_path(f->store), SQLITE_OPEN_READWRITE, &db) != SQLITE_OK ||
            sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT", NULL, NULL,
                         NULL) != SQLITE_OK)
            _exit(1);
        usleep(write(told[1], "", 1) == 1 ? 300000 : 0);
        _exit(0);
    }
    close(told[1]);
    assert_int_equal(read(told[0], &byte, 1), 1);
    close(told[0]);
    return pid;
}

/* Whoever opens a locked store waits, from the first question on. */
static void test_waits_for_a_lock(void **state)
{
    struct fixture *f = *state;
    struct xb_store *other = NULL;
    begin_run(f);
    const char *path = xb_store_path(f->store);
    for (int i = 0; i < 2; i++) {
        sqlite3_close(f->store->db); /* the lock excludes every other connection */
        f->store->db = NULL;
        pid_t pid = lock_for_a_while(f);
        int r = i == 0 ? xb_store_open(&other, &f->app, path, false, &f->err)
                       : xb_store_open_to_read(&other, &f->app, path, &f->err);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        if (r < 0)
            fail_msg("%s", f->err.msg);
        xb_store_close(other);
    }
}

/* Committed data survives the process's immediate kill. */
static void test_survives_a_kill(void **state)
{
    struct fixture *f = *state;
    begin_run(f);
    arm_first(f);
    xb_store_close(f->store);
    f->store = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        if (xb_store_open(&f->store, &f->app, NULL, true, &f->err) == 0 && take(f, "a", 5000) == 0)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(xb_store_open(&f->store, &f->app, NULL, false, &f->err), 0);
    assert_int_equal(number(f, "SELECT wall_ns FROM samples WHERE guest = 'a'"), 4000);
}

static void test_refuses_what_is_no_store(void **state)
{
    struct fixture *f = *state;
    struct xb_store *other = NULL;
    char path[64];
    snprintf(path, sizeof(path), "%s/text", f->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("this is no database, and it is long enough to be looked at\n", file);
    fclose(file);
    assert_int_equal(xb_store_open(&other, &f->app, path, true, &f->err), -1);
    assert_non_null(strstr(f->err.msg, "is not a store of xenbench"));
    assert_int_equal(f->err.class, XB_E_INPUT);

    xb_err_clear(&f->err);
    snprintf(path, sizeof(path), "%s/none", f->dir);
    assert_int_equal(xb_store_open(&other, &f->app, path, false, &f->err), -1);
    assert_int_equal(f->err.class, XB_E_INPUT);
    assert_int_equal(access(path, F_OK), -1);

    xb_err_clear(&f->err);
    assert_int_equal(xb_store_do(f->store, &f->err, "PRAGMA user_version = 99"), 0);
    assert_int_equal(xb_store_open(&other, &f->app, f->path, true, &f->err), -1);
    assert_non_null(strstr(f->err.msg, "has version 99"));
}

static void test_refuses_another_database(void **state)
{
    struct fixture *f = *state;
    struct xb_store *other = NULL;
    char path[64];
    sqlite3 *db;
    snprintf(path, sizeof(path), "%s/other.sqlite", f->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE precious (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(xb_store_open(&other, &f->app, path, true, &f->err), -1);
    assert_non_null(strstr(f->err.msg, "not a store of xenbench"));
    /* It was not changed: WAL mode would stay in its header. */
    unsigned char header[20];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(header, 1, sizeof(header), file), sizeof(header));
    fclose(file);
    assert_int_equal(header[18], 1);
}

/* A stored code tells the kind and its severity. */
static void test_warning_codes(XB_UNUSED void **state)
{
    for (size_t i = 0; i < XB_WARNINGS; i++) {
        const char *code = xb_warning_kinds[i].code;
        assert_non_null(code);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(code, xb_warning_kinds[k].code);
        assert_int_equal(xb_warning_severity(code), xb_warning_kinds[i].severity);
    }
}

/* Any text stays text in every report. */
static void test_reports_escape(void **state)
{
    struct fixture *f = *state;
    begin_run(f);
    assert_int_equal(xb_store_warn(f->store, RUN, XB_ABOUT_RUN, XB_WARN_MEMORY, &f->err,
                                   "bad \033[31m <b>\xff</b> | `x`"),
                     0);
    sql(f, f->store,
        (const char *const[]){"UPDATE runs SET name = 'bad ' || char(27) || x'ff'",
                              "UPDATE cells SET state = 'done'", NULL});
    for (enum xb_report_format i = 0; xb_report_formats[i]; i++) {
        char *text = NULL;
        size_t bytes = 0;
        FILE *out = open_memstream(&text, &bytes);
        /* These formats need a sample. */
        bool empty = i == XB_REPORT_HYPERFINE || i == XB_REPORT_GITHUB_SMALLER ||
                     i == XB_REPORT_GITHUB_BIGGER;
        if (xb_report_write(f->store, RUN, i, out, &f->err) != (empty ? -1 : 0))
            fail_msg("%s: %s", xb_report_formats[i], f->err.msg);
        assert_int_equal(f->err.class, empty ? XB_E_INPUT : XB_E_NONE);
        xb_err_clear(&f->err);
        fclose(out);
        assert_int_equal(bytes == 0, empty);
        assert_null(memchr(text, '\033', bytes));
        assert_null(memchr(text, 0xff, bytes));
        if (i == XB_REPORT_HTML) {
            assert_null(strstr(text, "<b>"));
            assert_null(strstr(text, "two <script>"));
            assert_non_null(strstr(text, "two &lt;script&gt;"));
        }
        free(text);
    }
}

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
    struct fixture *f = *state;
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
static struct xb_store *open_other(struct fixture *f, char path[64])
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

static void test_import_refuses_repetitions_that_are_not_unique(void **state)
{
    struct fixture *f = *state;
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
    if (xb_store_import(f->store, &f->app, path, &merged, &f->err) < 0)
        fail_msg("%s", f->err.msg);
    assert_int_equal(merged.added, 1);
}

/* Another host's run, imported twice while it is still running there, is never resumed here. */
static void test_import_keeps_the_mark(void **state)
{
    struct fixture *f = *state;
    struct xb_merged merged;
    char path[64];
    struct xb_store *other = open_other(f, path);
    static const char *const more[] = {
        "UPDATE cells SET state = 'done' WHERE cell = 0",
        "INSERT INTO samples (run, cell, attempt, guest, token, outcome, status)"
        " VALUES ('" RUN "', 0, 1, 'a', 't', 'exited', 0)",
        NULL,
    };
    assert_int_equal(xb_store_import(f->store, &f->app, path, &merged, &f->err), 0);
    assert_int_equal(merged.added, 1);
    sql(f, other, more);
    xb_store_close(other);
    assert_int_equal(xb_store_import(f->store, &f->app, path, &merged, &f->err), 0);
    assert_int_equal(merged.finished, 1);
    assert_int_equal(number(f, "SELECT imported FROM runs"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM samples"), 1);
    assert_int_equal(unfinished(f, experiment, "[]", &whole), 0);
    /* A run begun here that returns with more cells stays resumable here. */
    assert_int_equal(xb_store_do(f->store, &f->err, "DELETE FROM runs"), 0);
    begin_run(f);
    assert_int_equal(xb_store_import(f->store, &f->app, path, &merged, &f->err), 0);
    assert_int_equal(number(f, "SELECT imported FROM runs"), 0);
}

/* A run that ended without another result replaces the one that had not, but not vice versa. */
static void test_import_of_an_end_without_a_sample(void **state)
{
    struct fixture *f = *state;
    struct xb_merged merged;
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
    assert_int_equal(xb_store_import(f->store, &f->app, path, &merged, &f->err), 0);
    assert_int_equal(merged.added, 1);
    for (size_t i = 0; ended[i]; i++) {
        sql(f, other, (const char *const[]){ended[i], NULL});
        assert_int_equal(xb_store_import(f->store, &f->app, path, &merged, &f->err), 0);
        assert_int_equal(merged.finished, 1);
    }
    assert_int_equal(number(f, "SELECT count(*) FROM runs WHERE state = 'finished'"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM samples WHERE collected"), 1);
    sql(f, other, (const char *const[]){"UPDATE runs SET state = 'unfinished'", NULL});
    xb_store_close(other);
    assert_int_equal(xb_store_import(f->store, &f->app, path, &merged, &f->err), 0);
    assert_int_equal(merged.known, 1);
    assert_int_equal(number(f, "SELECT count(*) FROM runs WHERE state = 'finished'"), 1);
}

/* The latest run to resume is one that was begun here, if there is any. */
static void test_latest_to_resume(void **state)
{
    struct fixture *f = *state;
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

/* The warning and the report use one budget; an idle guest sends nothing and adds nothing to it. */
static void test_one_budget_of_wakeups(void **state)
{
    struct fixture *f = *state;
    struct xb_experiment *exp;
    char *text = NULL;
    size_t bytes = 0;
    begin_run(f);
    assert_int_equal(xb_experiment_parse(&exp, "t.yaml", experiment, strlen(experiment), &f->err),
                     0);
    exp->cases[0].parts[1].role = XB_ROLE_IDLE;
    struct xb_run_guest guests[2] = {0};
    struct xb_run run = {.exp = exp, .store = f->store, .id = RUN, .guests = guests, .count = 2};
    struct xb_cell cell = {.run = &run, .wakeups = 3};
    xb_progress_begin(&run.progress, true);
    assert_int_equal(xb_cell_judge_wakeups(&cell, &f->err), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM warnings"), 0);
    cell.wakeups = 4;
    assert_int_equal(xb_cell_judge_wakeups(&cell, &f->err), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM warnings WHERE code = 'controller-wakeups'"),
                     1);
    static const char *const done[] = {
        "UPDATE cells SET state = 'done', controller_wakeups = 3",
        "INSERT INTO samples (run, cell, attempt, guest, token, outcome, status, agent_wakeups)"
        " SELECT run, cell, attempt, 'a', 't' || cell, 'exited', 0, 1 FROM cells",
        NULL,
    };
    sql(f, f->store, done);
    for (int over = 0; over < 2; over++) {
        FILE *out = open_memstream(&text, &bytes);
        assert_int_equal(xb_report_write(f->store, RUN, XB_REPORT_MARKDOWN, out, &f->err), 0);
        fclose(out);
        assert_int_equal(!!strstr(text, "the warnings say where the budget was exceeded"), over);
        free(text);
        assert_int_equal(xb_store_do(f->store, &f->err, "UPDATE cells SET controller_wakeups = 4"),
                         0);
    }
    xb_progress_end(&run.progress);
    xb_experiment_free(exp);
}

/* What the store does not know reads back as NULL, NaN or 0. */
static void test_reads_what_is_not_known(void **state)
{
    struct fixture *f = *state;
    xb_auto_arena struct xb_arena arena = {0};
    const struct xb_read in = {f->store, &arena, RUN, &f->err, NULL};
    const struct xb_read other = {f->store, &arena, "of nobody", &f->err, NULL};
    struct xb_run_row run;
    struct xb_guest_row *guests;
    struct xb_sample_row *samples;
    size_t count;
    begin_run(f);
    arm_first(f);
    assert_int_equal(xb_store_do(f->store, &f->err, "UPDATE cells SET state = 'done'"), 0);
    assert_int_equal(xb_read_run(&in, &run), 0);
    assert_string_equal(run.name, "t");
    assert_null(run.ended_at);
    assert_int_equal(run.cells, 2);
    assert_int_equal(xb_read_guests(&in, &guests, &count), 0);
    assert_int_equal(count, 2);
    assert_string_equal(guests[1].name, "b");
    assert_null(guests[1].image);
    assert_int_equal(xb_read_samples(&in, &samples, &count), 0);
    assert_int_equal(count, 2);
    assert_true(isnan(samples[0].wall_s));
    assert_false(samples[0].well);
    assert_int_equal(xb_read_samples(&other, &samples, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(xb_read_run(&other, &run), -1);
    assert_int_equal(f->err.class, XB_E_INPUT);
    xb_err_clear(&f->err);
}

/* Truncating a mapped file has the same effect as a failing disk. */
static void a_lost_disk_is_told(void **state)
{
    struct fixture *f = *state;
    char path[64], shm[80];
    int pipe_fds[2], status;
    snprintf(path, sizeof(path), "%s/lost.sqlite", f->dir);
    snprintf(shm, sizeof(shm), "%s-shm", path);
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct xb_store *mine;
        struct xb_err err = {0};
        dup2(pipe_fds[1], STDERR_FILENO);
        if (xb_store_open(&mine, &f->app, path, true, &err) == 0 && truncate(shm, 0) == 0)
            xb_store_exec(mine, "CREATE TABLE t (a)", "", &err);
        _exit(7);
    }
    close(pipe_fds[1]);
    char said[600] = "";
    assert_true(read(pipe_fds[0], said, sizeof(said) - 1) > 0);
    close(pipe_fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    assert_non_null(strstr(said, path));
    assert_non_null(strstr(said, "read-only"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_lost_disk_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reads_what_is_not_known, setup, teardown),
        cmocka_unit_test_setup_teardown(test_begins_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_latest_of_a_second, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slack_of_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sample_is_taken_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_impossible_times, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cells_go_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_time_of_untimed_cells, setup, teardown),
        cmocka_unit_test_setup_teardown(test_output_and_metrics, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stored_loss, setup, teardown),
        cmocka_unit_test_setup_teardown(test_samples_fail_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_waits_for_a_lock, setup, teardown),
        cmocka_unit_test_setup_teardown(test_survives_a_kill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_what_is_no_store, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_another_database, setup, teardown),
        cmocka_unit_test(test_warning_codes),
        cmocka_unit_test_setup_teardown(test_reports_escape, setup, teardown),
        cmocka_unit_test_setup_teardown(test_repetitions_that_are_not_unique, setup, teardown),
        cmocka_unit_test_setup_teardown(test_import_refuses_repetitions_that_are_not_unique, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_import_keeps_the_mark, setup, teardown),
        cmocka_unit_test_setup_teardown(test_import_of_an_end_without_a_sample, setup, teardown),
        cmocka_unit_test_setup_teardown(test_latest_to_resume, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_budget_of_wakeups, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
