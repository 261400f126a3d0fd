/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms: buckets, percentiles, merging, and reading them from programs' real output. */
#include "base.h"
#include "dist.h"
#include "workload.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct xb_percentile *const p50 = &xb_percentiles[0], *const p99 = &xb_percentiles[2],
                                         *const p999 = &xb_percentiles[3],
                                         *const greatest = &xb_percentiles[4];

static void test_slots(void **state)
{
    (void)state;
    /* A value of three digits comes back unchanged; any other is within 0.5 %. */
    for (uint32_t slot = 0; slot < XB_DIST_SLOTS; slot++)
        if (xb_dist_slot(xb_dist_value(slot)) != slot)
            fail_msg("slot %u: %.17g is in slot %u", slot, xb_dist_value(slot),
                     xb_dist_slot(xb_dist_value(slot)));
    assert_true(xb_dist_value(xb_dist_slot(0.103)) == 0.103);
    assert_true(xb_dist_value(xb_dist_slot(999)) == 999);
    assert_true(xb_dist_value(xb_dist_slot(9.996)) == 10);
    for (int i = 0; i < 14000; i++) {
        double x = 1.1e-9 * pow(1.00371, i);
        assert_true(x < 9e14);
        assert_true(fabs(xb_dist_value(xb_dist_slot(x)) / x - 1) <= 0.005);
    }
    const double none[] = {-1, NAN, INFINITY, -INFINITY, 1e15, 1e-10};
    for (size_t i = 0; i < XB_ARRAY_LEN(none); i++)
        assert_int_equal(xb_dist_slot(none[i]), XB_DIST_SLOTS);
}

static void test_percentiles(void **state)
{
    struct xb_dist_bucket buckets[] = {{1, 50}, {2, 48}, {3, 1}, {4, 1}};
    struct xb_dist d = {buckets, XB_ARRAY_LEN(buckets), 100, 0, 0.9, 4.1};
    (void)state;
    assert_true(xb_dist_percentile(&d, p50) == 1);
    assert_true(xb_dist_percentile(&d, p99) == 3);
    assert_true(isnan(xb_dist_percentile(&d, p999))); /* needs 1000 values */
    assert_true(xb_dist_percentile(&d, greatest) == 4.1);
    d.over = 2; /* the greatest value is now above the histogram's range */
    assert_true(xb_dist_percentile(&d, p50) == 2);
    assert_true(isnan(xb_dist_percentile(&d, greatest)));
    d.over = 1000;
    assert_true(isnan(xb_dist_percentile(&d, p50)));
    struct xb_dist none = {.least = NAN, .most = NAN};
    for (size_t i = 0; i < XB_PERCENTILES; i++)
        assert_true(isnan(xb_dist_percentile(&none, &xb_percentiles[i])));
}

/* The percentile of the merged values, not the mean of the percentiles. */
static void test_merge(void **state)
{
    struct xb_dist_bucket fast[] = {{1, 9000}, {5, 10}}, slow[] = {{1, 10}, {100, 1000}};
    const struct xb_dist both[] = {{fast, 2, 9010, 0, 1, 5}, {slow, 2, 1010, 1, 1, 100}};
    (void)state;
    struct xb_dist all = xb_dist_merge(both, 2);
    assert_int_equal(all.count, 3);
    assert_int_equal(all.total, 10020);
    assert_int_equal(all.over, 1);
    assert_int_equal(all.buckets[0].count, 9010);
    assert_true(xb_dist_percentile(&all, p50) == 1);
    assert_true(xb_dist_percentile(&all, p99) == 100);
    free(all.buckets);
}

#define REPS 24
static void test_interval(void **state)
{
    struct xb_dist_bucket buckets[REPS][2];
    struct xb_dist reps[REPS];
    double low, high, again_low, again_high;
    (void)state;
    for (size_t i = 0; i < REPS; i++) {
        buckets[i][0] = (struct xb_dist_bucket){10 + (double)i, 990};
        buckets[i][1] = (struct xb_dist_bucket){100 + (double)i, 10};
        reps[i] = (struct xb_dist){buckets[i], 2, 1000, 0, 10 + (double)i, 100 + (double)i};
    }
    assert_true(xb_dist_interval(reps, REPS, p50, &low, &high));
    assert_true(low >= 10 && low <= 21 && high >= 21 && high <= 33);
    assert_true(xb_dist_interval(reps, REPS, p50, &again_low, &again_high));
    assert_true(low == again_low && high == again_high);
    assert_false(xb_dist_interval(reps, REPS, greatest, &low, &high));
    assert_false(xb_dist_interval(reps, XB_DIST_REPS_LEAST - 1, p50, &low, &high));
    for (size_t i = 0; i < REPS; i++)
        reps[i].total = buckets[i][0].count = 40; /* 9 values above p99 in all repetitions */
    for (size_t i = 0; i < REPS; i++)
        reps[i].count = 1;
    assert_false(xb_dist_interval(reps, REPS, p99, &low, &high));
}

/* ---- reading ---- */

static int read_from(const struct xb_workload_metric *metric, const char *text, struct xb_dist *out,
                     struct xb_err *err)
{
    struct xb_metric_source source = {text, strlen(text), 0, false};
    return xb_workload_dist_read(metric, &source, out, err);
}

static struct xb_workload_metric metric_of(int histogram, const char *pattern)
{
    return (struct xb_workload_metric){.name = (char *)"m",
                                       .pattern = (char *)pattern,
                                       .from = (char *)"stdout",
                                       .histogram = histogram};
}

static void refuse(struct xb_workload_metric metric, const char *text, const char *why)
{
    struct xb_err err = {0};
    struct xb_dist d = {0};
    if (read_from(&metric, text, &d, &err) == 0)
        fail_msg("`%s` in `%s`: %zu buckets", metric.pattern, text, d.count);
    assert_int_equal(err.class, XB_E_BENCH);
    if (!strstr(err.msg, why))
        fail_msg("`%s` was expected, not `%s`", why, err.msg);
}

static void test_values(void **state)
{
    struct xb_workload_metric metric = metric_of(XB_WORKLOAD_VALUES, "t=([0-9.]+)ms");
    struct xb_err err = {0};
    struct xb_dist d = {0};
    (void)state;
    assert_int_equal(read_from(&metric, "t=1.5ms t=2ms\nt=1.5ms\rt=1234.5ms", &d, &err), 0);
    assert_int_equal(d.count, 3);
    assert_int_equal(d.total, 4);
    assert_true(d.buckets[0].value == 1.5 && d.buckets[0].count == 2);
    assert_true(d.buckets[2].value == 1230 && d.most == 1234.5 && d.least == 1.5);
    free(d.buckets);
    refuse(metric, "nothing\n", "nothing in stdout matches `t=([0-9.]+)ms`");
    refuse(metric, "", "nothing in stdout");
    refuse(metric, "t=1.2.3ms\n", "`t=1.2.3ms` in stdout: it is no number, or a part of one");
    refuse(metric, "t=9999999999999999ms\n", "values are 0, or from 1e-9 to below 1e15");
    refuse(metric_of(XB_WORKLOAD_VALUES, "t=(-?[0-9.]+)"), "t=-4\n", "values are 0, or from");
    refuse(metric_of(XB_WORKLOAD_VALUES, "t=([0-9]+)"), "t=4.5\n", "or a part of one");
    refuse(metric_of(XB_WORKLOAD_VALUES, "t=([0-9]+)"), "t=4us\n", "or a part of one");
    refuse(metric_of(XB_WORKLOAD_VALUES, "t=([0-9]*)"), "t=\n", "a group of the pattern is empty");
}

static void test_counts(void **state)
{
    static const char text[] = "5 7\nbegin\n1 2\n3 4\n1 1\nend\n9 9\nbegin\n3 1\nend\nover 6\n";
    struct xb_workload_metric metric = metric_of(XB_WORKLOAD_COUNTS, "^([0-9]+) ([0-9.-]+)$");
    struct xb_err err = {0};
    struct xb_dist d = {0};
    (void)state;
    metric.begin = (char *)"^begin$";
    metric.end = (char *)"^end$";
    metric.over = (char *)"^over ([0-9]+)$";
    assert_int_equal(read_from(&metric, text, &d, &err), 0);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.buckets[0].count, 3);
    assert_int_equal(d.buckets[1].count, 5);
    assert_int_equal(d.over, 6);
    assert_true(isnan(d.most));
    free(d.buckets);
    refuse(metric, "1 2\n", "no line in stdout matches its `begin`, ^begin$");
    refuse(metric, "begin\n", "nothing in stdout after its `begin` matches");
    refuse(metric, "begin\n1 0\n", "nothing in stdout");
    refuse(metric, "begin\n1 1.5\n", "a count is a whole number");
    refuse(metric, "begin\n1 -1\n", "a count is a whole number");
    refuse(metric, "begin\n1 1125899906842625\n", "a count is a whole number of at most 2^50");
    refuse(metric, "begin\n1 1125899906842624\n1 1125899906842624\n1 1\n", "at most 2^50 values");
    struct xb_metric_source cut = {text, strlen(text), 7, false};
    assert_int_equal(xb_workload_dist_read(&metric, &cut, &d, &err), -1);
    assert_non_null(strstr(err.msg, "only a part of stdout was kept"));
}

/* More buckets than are stored, from a text that is searched in a separate process. */
static void test_too_many(void **state)
{
    struct xb_workload_metric metric = metric_of(XB_WORKLOAD_VALUES, "^([0-9e.-]+)$");
    char *text = malloc(1 << 20);
    size_t used = 0;
    (void)state;
    assert_non_null(text);
    for (int decade = 0; decade < 10; decade++)
        for (int digits = 100; digits < 1000; digits++)
            used += (size_t)snprintf(text + used, (1 << 20) - used, "%de%d\n", digits, decade - 5);
    refuse(metric, text, "at most 8192 are kept");
    free(text);
}

/* The last lines of redis-benchmark's two lists, which overlap. */
static void test_cumulative(void **state)
{
    static const char text[] = "0.000% <= 0.023 milliseconds (cumulative count 5)\n"
                               "50.000% <= 0.079 milliseconds (cumulative count 10036)\n"
                               "99.997% <= 107.071 milliseconds (cumulative count 20000)\n"
                               "100.000% <= 107.071 milliseconds (cumulative count 20000)\n"
                               "\n"
                               "69.790% <= 0.103 milliseconds (cumulative count 13958)\n"
                               "100.000% <= 107.103 milliseconds (cumulative count 20000)\n";
    struct xb_workload_metric metric = metric_of(
        XB_WORKLOAD_CUMULATIVE, "% <= ([0-9.]+) milliseconds \\(cumulative count ([0-9]+)\\)");
    struct xb_err err = {0};
    struct xb_dist d = {0};
    (void)state;
    assert_int_equal(read_from(&metric, text, &d, &err), 0);
    assert_int_equal(d.count, 4);
    assert_int_equal(d.total, 20000);
    assert_int_equal(d.buckets[2].count, 13958 - 10036);
    assert_true(d.buckets[3].value == 107 && d.buckets[3].count == 20000 - 13958);
    assert_true(d.most == 107.071 && d.least == 0.023);
    free(d.buckets);
    refuse(metric,
           "5% <= 1 milliseconds (cumulative count 5)\n9% <= 2 milliseconds (cumulative count 4)\n",
           "cumulative counts do not fall while values rise");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots),    cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_merge),    cmocka_unit_test(test_interval),
        cmocka_unit_test(test_values),   cmocka_unit_test(test_counts),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_cumulative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
