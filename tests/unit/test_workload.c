/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The catalogue's files: errors name the line, and figures are found in programs' real output.
 */
#include "base.h"
#include "workload.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CATALOGUE "images/workloads" /* tests run at the top of the tree */

static struct xb_app catalogue_app(void)
{
    return (struct xb_app){
        .state_dir = "/nonexistent", .share_dir = "images", .lib_dir = "/nonexistent"};
}

static void test_wrong_files(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"name: w\nsummary: s\n", "w.yaml:1: `command` is missing"},
        {"name: w\nsummary: s\ncommand: [true]\nmetric: 3\n",
         "w.yaml:4: no key `metric` here; did you mean `metrics`?"},
        {"name: other\nsummary: s\ncommand: [true]\n",
         "`name` is `other`, but the file is called w.yaml"},
        {"name: 'w x'\nsummary: s\ncommand: [true]\n",
         "w.yaml:1: `name` is `w x`; a word of letters"},
        {"name: w\nsummary: s\ncommand: ''\n", "w.yaml:3: `command` is empty"},
        {"name: w\nsummary: s\ncommand: {a: b}\n", "w.yaml:3: `command` is"},
        {"name: w\nsummary: s\ncommand: [true]\ntimeout: 5\n", "w.yaml:4: `timeout` is"},
        {"name: w\nsummary: s\ncommand: [true]\ncwd: here\n",
         "w.yaml:4: `cwd` is `here`; an absolute path in the guest was expected"},
        {"name: w\nsummary: s\ncommand: [true]\nenv: [A]\n",
         "w.yaml:4: `env` takes lines of NAME: VALUE"},
        {"name: w\nsummary: s\ncommand: [true]\nenv:\n  A: 1\n  B: [1]\n",
         "w.yaml:6: `env` takes lines"},
        {"name: w\nsummary: s\ncommand: [true]\nargument: A\n",
         "w.yaml:4: `argument` is `A`, which is no variable under `env`"},
        {"name: w\nsummary: s\ncommand: [true]\nfiles: [{from: x, to: rel}]\n",
         "w.yaml:4: `to` is `rel`; an absolute path in the guest was expected"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics: 3\n",
         "w.yaml:4: a list of 1 to 8 entries was expected here"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n  - {name: m, from: stdout, better: "
         "more}\n",
         "w.yaml:5: `pattern` is missing"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: m, pattern: 'x', from: stdout, better: more}\n",
         "w.yaml:5: `pattern` has no group"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: m, pattern: '(x', from: stdout, better: more}\n",
         "w.yaml:5: `pattern` is not an extended regular expression"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: m, pattern: '(x)', from: stdin, better: more}\n",
         "w.yaml:5: `from` is `stdin`; it can be stdout, stderr or an absolute path"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: m, pattern: '(x)', from: stdout, better: higher}\n",
         "w.yaml:5: `better` is `higher`; it can be less or more"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: time, pattern: '(x)', from: stdout, better: less}\n",
         "w.yaml:5: the metric name `time` is taken"},
        {"name: w\nsummary: s\ncommand: [true]\nprimary: speed\n",
         "w.yaml:4: `primary` is `speed`, which is neither a name under `metrics` nor `time`"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: m, pattern: '(x)', from: stdout, better: less, histogram: bars}\n",
         "w.yaml:5: `histogram` is `bars`; it can be values, counts or cumulative"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: m, pattern: '(x)', from: stdout, better: less, histogram: counts}\n",
         "metric m: `pattern` has one group; a histogram of counts takes two"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: m, pattern: '(x)', from: stdout, better: less, begin: x}\n",
         "metric m: `begin` is for a histogram"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: m, pattern: '(x)', from: stdout, better: less, histogram: values, end: '('}\n",
         "w.yaml:5: `end` is not an extended regular expression"},
        {"name: w\nsummary: s\ncommand: [true]\nprimary: m\nmetrics:\n"
         "  - {name: m, pattern: '(x)', from: stdout, better: less, histogram: values}\n",
         "w.yaml:4: `primary` is `m`, a histogram: name one of its percentiles, such as `m.p99`"},
        {"name: w\nsummary: s\ncommand: [true]\nmetrics:\n"
         "  - {name: m, pattern: '(x)', from: stdout, better: less, histogram: values}\n"
         "  - {name: m.p99, pattern: '(x)', from: stdout, better: less}\n",
         "the metric name `m.p99` is taken"},
        {"- a\n- b\n", "w.yaml:1: "},
        {"name: [\n", "w.yaml:"},
    };
    (void)state;
    for (size_t i = 0; i < XB_ARRAY_LEN(cases); i++) {
        struct xb_workload *workload = NULL;
        struct xb_err err = {0};
        int status =
            xb_workload_parse(&workload, "w.yaml", cases[i].text, strlen(cases[i].text), &err);
        if (status == 0 || !strstr(err.msg, cases[i].expected))
            fail_msg("case %zu: `%s` was expected, not `%s`", i, cases[i].expected, err.msg);
        assert_int_equal(err.class, XB_E_INPUT);
        assert_null(workload);
    }
}

static void test_whole_file(void **state)
{
    static const char text[] =
        "name: w\nsummary: all there is\npackages: [a, b]\n"
        "files:\n  - {from: f, to: /usr/f}\nrequires: test -e /usr/f\n"
        "prepare: [make, ready]\ncommand: run \"$LEVEL\"\nenv: {LEVEL: 3, HOME: /}\n"
        "user: nobody\ncwd: /tmp\nargument: LEVEL\ntimeout: 5min\n"
        "metrics:\n  - {name: m, pattern: '([0-9]+)', from: /run/r, unit: x, better: more}\n"
        "primary: m\n";
    struct xb_workload *workload;
    struct xb_err err = {0};
    (void)state;
    assert_int_equal(xb_workload_parse(&workload, "some/w.yaml", text, strlen(text), &err), 0);
    assert_int_equal(workload->packages.count, 2);
    assert_string_equal(workload->files[0].to, "/usr/f");
    assert_string_equal(workload->requires.v[2], "test -e /usr/f");
    assert_string_equal(workload->prepare.v[1], "ready");
    assert_string_equal(workload->command.v[0], "/bin/sh");
    assert_string_equal(workload->env.v[0], "LEVEL=3");
    assert_true(workload->timeout_ns == 300 * XB_NS_PER_S);
    assert_string_equal(xb_workload_primary(workload)->from, "/run/r");
    assert_int_equal(xb_workload_primary(workload)->better, XB_WORKLOAD_MORE);

    assert_int_equal(xb_workload_set_argument(workload, "9", &err), 0);
    assert_string_equal(workload->env.v[0], "LEVEL=9");
    assert_int_equal(xb_workload_set_argument(workload, "9; reboot", &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    xb_workload_free(workload);
}

#define MBW                                                                                        \
    "2\tMethod: MEMCPY\tElapsed: 0.00157\tMiB: 16.00000\tCopy: 10171.647 MiB/s\n"                  \
    "AVG\tMethod: MEMCPY\tElapsed: 0.01360\tMiB: 16.00000\tCopy: 1176.586 MiB/s\n"                 \
    "AVG\tMethod: DUMB\tElapsed: 0.01946\tMiB: 16.00000\tCopy: 822.171 MiB/s\n"                    \
    "2\tMethod: MCBLOCK\tElapsed: 0.04112\tMiB: 16.00000\tCopy: 389.086 MiB/s\n"                   \
    "AVG\tMethod: MCBLOCK\tElapsed: 0.01441\tMiB: 16.00000\tCopy: 1110.648 MiB/s\n"
#define RSA                                                                                        \
    "                  sign    verify    sign/s verify/s\n"                                        \
    "rsa 2048 bits 0.000841s 0.000025s   1189.5  39910.0\n"

/* What each program printed on Debian 12, and the figure that must be found in it. */
static const struct {
    const char *workload, *metric, *output;
    double expected;
} catalogue[] = {
    {"x264", "fps", "x264 [info]: kb/s:381.30\n\nencoded 50 frames, 34.59 fps, 381.30 kb/s\n",
     34.59},
    {"7z", "total",
     "18:       1996    34   5239   1778  |      19355    34   4563   1565\n"
     "Avr:      1996    34   5239   1778  |      19355    34   4563   1565\n"
     "Tot:              34   4901   1672\n",
     1672},
    {"7z", "compress", "Avr:      1996    34   5239   1778  |      19355    34   4563   1565\n",
     1778},
    {"7z", "decompress", "Avr:      1996    34   5239   1778  |      19355    34   4563   1565\n",
     1565},
    {"openssl", "sha256",
     "type          16384 bytes\nsha256          579911.68k\naes-256-cbc     331654.34k\n",
     579911.68},
    {"openssl", "aes-256-cbc", "sha256          579911.68k\naes-256-cbc     331654.34k\n",
     331654.34},
    {"sysbench-cpu", "events", "CPU speed:\n    events per second:  1474.94\n", 1474.94},
    {"sysbench-memory", "bandwidth", "4475.80 MiB transferred (2228.33 MiB/sec)\n", 2228.33},
    {"spin", "units",
     "units=9853 seconds=0.500022 units_per_s=19705.127 checksum=fc1912870d47bb54\n", 9853},
    {"spin", "rate",
     "units=9853 seconds=0.500022 units_per_s=19705.127 checksum=fc1912870d47bb54\n", 19705.127},
    {"spec2006:462.libquantum", "reported_time",
     "spec.cpu2006.results.462_libquantum.base.000.ratio: 41.2\n"
     "spec.cpu2006.results.462_libquantum.base.000.reported_time: 502.749075\n",
     502.749075},
    {"hackbench", "run",
     "Running in process mode with 2 groups using 40 file descriptors each (== 80 tasks)\n"
     "Each sender will pass 500 messages of 100 bytes\nTime: 0.794\n",
     0.794},
    {"stress-ng:matrix", "bogo-ops",
     "metrics:\n    - stressor: matrix\n      bogo-ops: 13464\n"
     "      bogo-ops-per-second-usr-sys-time: 3686.892364\n"
     "      bogo-ops-per-second-real-time: 2692.737469\n      wall-clock-time: 5.000116\n",
     2692.737469},
    {"perf-pipe", "rate",
     "     Total time: 0.388 [sec]\n\n       7.766880 usecs/op\n         128751 ops/sec\n", 128751},
    {"perf-pipe", "each",
     "     Total time: 0.388 [sec]\n\n       7.766880 usecs/op\n         128751 ops/sec\n",
     7.76688},
    {"perf-messaging", "run", "# 2 groups == 80 processes run\n\n     Total time: 1.142 [sec]\n",
     1.142},
    {"dbench", "throughput",
     " Flush           1832     3.309    67.764\n\nThroughput 82.0868 MB/sec  1 clients  1 "
     "procs  max_latency=67.776 ms\n",
     82.0868},
    {"dbench", "max-latency",
     "Throughput 82.0868 MB/sec  1 clients  1 procs  max_latency=67.776 ms\n", 67.776},
    {"mbw", "memcpy", MBW, 1176.586},
    {"mbw", "dumb", MBW, 822.171},
    {"mbw", "mcblock", MBW, 1110.648},
    {"pgbench", "tps",
     "latency average = 4.266 ms\ninitial connection time = 13.278 ms\n"
     "tps = 234.413413 (without initial connection time)\n",
     234.413413},
    {"openssl-rsa", "sign", RSA, 1189.5},
    {"openssl-rsa", "verify", RSA, 39910},
    {"spec2017", "ratio", "spec.cpu2017.results.525_x264_r.base.000.ratio: 12.380557\n", 12.380557},
};

static void test_catalogue_metrics(void **state)
{
    struct xb_app app = catalogue_app();
    (void)state;
    for (size_t i = 0; i < XB_ARRAY_LEN(catalogue); i++) {
        struct xb_workload *workload;
        struct xb_err err = {0};
        double value = 0;
        if (xb_workload_find(&app, catalogue[i].workload, &workload, &err) < 0)
            fail_msg("%s", err.msg);
        const struct xb_workload_metric *metric = NULL;
        for (size_t m = 0; m < workload->metric_count; m++)
            if (strcmp(workload->metrics[m].name, catalogue[i].metric) == 0)
                metric = &workload->metrics[m];
        assert_non_null(metric);
        struct xb_metric_source source = {catalogue[i].output, strlen(catalogue[i].output), 0,
                                          false};
        if (xb_workload_metric_read(metric, &source, &value, &err) < 0)
            fail_msg("%s: %s", catalogue[i].workload, err.msg);
        assert_true(value > catalogue[i].expected - 1e-9 && value < catalogue[i].expected + 1e-9);
        xb_workload_free(workload);
    }
}

/* Short runs of these programs on Debian 12; their output is in tests/data/workloads. */
static const struct printed {
    const char *workload, *file, *metric;
    double value;   /* the number, or a histogram's greatest value (0: above its rows) */
    uint64_t total; /* sum of the histogram's rows; 0: this is a number */
    uint64_t over;
} printed[] = {
    {"cyclictest", "cyclictest", "latency", 0, 117, 3},
    {"cyclictest", "cyclictest", "greatest", 76, 0, 0},
    {"jitterdebugger", "jitterdebugger", "latency", 201, 120, 0},
    {"fio-sequential", "fio", "latency", 872448, 120, 0},
    {"fio-random", "fio", "latency", 872448, 120, 0},
    {"fio-random", "fio", "iops", 8571.428571, 0, 0},
    {"fio-random", "fio", "bandwidth", 35108571, 0, 0},
    {"fio-sequential", "fio", "iops", 8571.428571, 0, 0},
    {"fio-sequential", "fio", "bandwidth", 35108571, 0, 0},
    {"sysbench-threads", "sysbench-threads", "events", 150.0, 0, 0},
    {"sysbench-threads", "sysbench-threads", "latency", 282.251, 150, 0},
    {"sysbench-fileio", "sysbench-fileio", "events", 200.0, 0, 0},
    {"sysbench-fileio", "sysbench-fileio", "read", 195.55, 0, 0},
    {"sysbench-fileio", "sysbench-fileio", "written", 130.93, 0, 0},
    {"sysbench-fileio", "sysbench-fileio", "latency", 0.677, 200, 0},
    {"pgbench", "pgbench", "latency", 4811, 12, 0},
    {"redis", "redis", "rate", 7352.94, 0, 0},
    {"redis", "redis", "latency", 9.575, 500, 0},
};

static char *contents(const char *name)
{
    char path[128];
    static char text[32768];
    snprintf(path, sizeof(path), "%s/workloads/%s", XB_TEST_DATA, name);
    FILE *file = fopen(path, "re");
    if (!file)
        fail_msg("%s", path);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void find_printed(const struct printed *p, const struct xb_workload_metric *metric)
{
    struct xb_err err = {0};
    struct xb_dist dist = {0};
    double value = 0;
    const char *text = contents(p->file);
    struct xb_metric_source source = {text, strlen(text), 0, false};
    if ((metric->histogram ? xb_workload_dist_read(metric, &source, &dist, &err)
                           : xb_workload_metric_read(metric, &source, &value, &err)) < 0)
        fail_msg("%s: %s", p->workload, err.msg);
    if (metric->histogram)
        value = dist.over ? 0 : dist.most;
    free(dist.buckets);
    if (dist.total != p->total || dist.over != p->over || fabs(value - p->value) > 1e-9)
        fail_msg("%s, %s: %g, %d values and %d above", p->workload, p->metric, value,
                 (int)dist.total, (int)dist.over);
}

static void test_printed_metrics(void **state)
{
    struct xb_app app = catalogue_app();
    (void)state;
    for (size_t i = 0; i < XB_ARRAY_LEN(printed); i++) {
        struct xb_workload *workload;
        struct xb_err err = {0};
        bool found = false;
        if (xb_workload_find(&app, printed[i].workload, &workload, &err) < 0)
            fail_msg("%s", err.msg);
        for (size_t m = 0; m < workload->metric_count; m++) {
            if (strcmp(workload->metrics[m].name, printed[i].metric) == 0) {
                find_printed(&printed[i], &workload->metrics[m]);
                found = true;
            }
        }
        assert_true(found);
        xb_workload_free(workload);
    }
}

/* Is there real output above for this metric of the catalogue? */
static bool is_tried(const char *workload, const char *metric)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(printed); i++)
        if (strcmp(printed[i].workload, workload) == 0 && strcmp(printed[i].metric, metric) == 0)
            return true;
    for (size_t i = 0; i < XB_ARRAY_LEN(catalogue); i++) {
        size_t name = strcspn(catalogue[i].workload, ":");
        if (strlen(workload) == name && strncmp(catalogue[i].workload, workload, name) == 0 &&
            strcmp(catalogue[i].metric, metric) == 0)
            return true;
    }
    return false;
}

static void test_every_entry_is_sound(void **state)
{
    struct xb_app app = catalogue_app();
    struct xb_texts names;
    struct xb_err err = {0};
    (void)state;
    assert_int_equal(xb_workload_names(&app, &names, &err), 0);
    assert_true(names.count >= 8);
    for (size_t i = 0; i < names.count; i++) {
        struct xb_workload *workload;
        if (xb_workload_find(&app, names.v[i], &workload, &err) < 0)
            fail_msg("%s", err.msg);
        assert_true(workload->timeout_ns > 0);
        for (size_t m = 0; m < workload->metric_count; m++)
            if (!workload->metrics[m].percentile && strncmp(workload->name, "spec", 4) != 0 &&
                !is_tried(workload->name, workload->metrics[m].name))
                fail_msg("no output for %s of %s", workload->metrics[m].name, workload->name);
        xb_workload_free(workload);
    }
    xb_texts_free(&names);
}

static void test_unknown_entries(void **state)
{
    static const struct {
        const char *name, *expected;
    } cases[] = {
        {"x265", "did you mean `x264`?"},  {"../workloads/x264", "there is no workload"},
        {"", "there is no workload"},      {"x264:fast", "workload x264 takes no argument"},
        {"spec2006:a b", "is not a word"},
    };
    struct xb_app app = catalogue_app();
    (void)state;
    for (size_t i = 0; i < XB_ARRAY_LEN(cases); i++) {
        struct xb_workload *workload;
        struct xb_err err = {0};
        assert_int_equal(xb_workload_find(&app, cases[i].name, &workload, &err), -1);
        assert_int_equal(err.class, XB_E_INPUT);
        if (!strstr(err.msg, cases[i].expected))
            fail_msg("`%s` was expected, not `%s`", cases[i].expected, err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_files),          cmocka_unit_test(test_whole_file),
        cmocka_unit_test(test_catalogue_metrics),    cmocka_unit_test(test_printed_metrics),
        cmocka_unit_test(test_every_entry_is_sound), cmocka_unit_test(test_unknown_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
