/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The store: what a run writes is read back, and no sample is stored twice.
 */
#include "base.h"
#include "cell.h"
#include "cell_order.h"
#include "report.h"
#include "store_cell.h"
#include "store_make.h"
#include "store_read_run.h"
#include "store_read_samples.h"
#include "store_repeat.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void test_begins_once(void **state)
{
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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

/* The warning and the report use one budget; an idle guest sends nothing and adds nothing to it. */
static void test_one_budget_of_wakeups(void **state)
{
    struct made_store *f = *state;
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
    struct made_store *f = *state;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_begins_once),
        STORE_TEST(test_the_latest_of_a_second),
        STORE_TEST(test_slack_of_counts),
        STORE_TEST(test_sample_is_taken_once),
        STORE_TEST(test_impossible_times),
        STORE_TEST(test_cells_go_in_order),
        STORE_TEST(test_time_of_untimed_cells),
        STORE_TEST(test_output_and_metrics),
        STORE_TEST(test_a_stored_loss),
        cmocka_unit_test(test_warning_codes),
        STORE_TEST(test_reports_escape),
        STORE_TEST(test_one_budget_of_wakeups),
        STORE_TEST(test_reads_what_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
