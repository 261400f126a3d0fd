/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures in benchmarks' output: the right one or an error, never a wrong one. */
#include "base.h"
#include "metric_search.h"
#include "workload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int read_lost(const char *pattern, const char *text, size_t bytes, uint64_t lost_bytes,
                     double *value, struct xb_err *err)
{
    struct xb_workload_metric metric = {.name = "m", .pattern = (char *)pattern, .from = "stdout"};
    struct xb_metric_source source = {text, bytes, lost_bytes, false};
    int status = xb_workload_metric_read(&metric, &source, value, err);
    assert_true(status == 0 || err->class == XB_E_BENCH);
    return status;
}

static void expect(const char *pattern, const char *text, double expected)
{
    struct xb_err err = {0};
    double value = 0;
    if (read_lost(pattern, text, strlen(text), 0, &value, &err) < 0)
        fail_msg("`%s` in `%s`: %s", pattern, text, err.msg);
    if (value < expected - 1e-9 || value > expected + 1e-9)
        fail_msg("`%s` in `%s`: %g", pattern, text, value);
}

static void refuse(const char *pattern, const char *text, const char *why)
{
    struct xb_err err = {0};
    double value = 0;
    if (read_lost(pattern, text, strlen(text), 0, &value, &err) == 0)
        fail_msg("`%s` in `%s`: %g", pattern, text, value);
    if (!strstr(err.msg, why))
        fail_msg("`%s` in `%s`: %s", pattern, text, err.msg);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        double expected;
    } good[] = {
        {"x 4,720,415 y", 4720415},
        {"x 498,541 y", 498541},
        {"x 1,234.5 y", 1234.5},
        {"x -3.5 y", -3.5},
        {"x +7 y", 7},
        {"x .5 y", .5},
        {"x 5. y", 5},
        {"x 1.5e3 y", 1500},
        {"x 1E-2 y", .01},
        {"x    12 y", 12},
        {"x 0 y", 0},
        {"x 000.5 y", .5},
        {"x 1,000e3 y", 1e6},
        {"x 0012 y", 12},
    };
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"x 1234,5 y", "`1234,5` was found in stdout, but is not a number: a comma separates"},
        {"x 1234,567 y", "a comma separates"},
        {"x 0,123 y", "a comma separates"},
        {"x 1,23 y", "a comma separates"},
        {"x 1,2345 y", "a comma separates"},
        {"x ,123 y", "a comma separates"},
        {"x 1,234,56 y", "a comma separates"},
        {"x 1.234,5 y", "a comma separates"},
        {"x 1.234.567 y", "no decimal number"},
        {"x 0x1F y", "hexadecimal numbers are not accepted"},
        {"x -0x1p3 y", "hexadecimal numbers are not accepted"},
        {"x inf y", "a finite number"},
        {"x -Infinity y", "a finite number"},
        {"x NaN y", "a finite number"},
        {"x nan(12) y", "a finite number"},
        {"x 1e999 y", "it is out of range"},
        {"x 1e-999 y", "it is out of range"},
        {"x 12ms y", "no decimal number"},
        {"x 1 234 y", "no decimal number"},
        {"x . y", "no decimal number"},
        {"x - y", "no decimal number"},
        {"x 1e y", "no decimal number"},
        {"x  y", "its group is empty"},
        {"x 1111111111111111111111111111111111111111111111111111111111111111111 y",
         "too long for a number"},
    };
    (void)state;
    for (size_t i = 0; i < XB_ARRAY_LEN(good); i++)
        expect("x (.*) y", good[i].text, good[i].expected);
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++)
        refuse("x (.*) y", bad[i].text, bad[i].why);
    refuse("x(=([0-9]+))?", "x", "its group is empty");
    expect("bench: +([0-9,.]+) ns/iter",
           "test graph::create_mid   ... bench:   4,720,415 ns/iter (+/- 498,541)\n", 4720415);
}

/* A pattern that matches part of a number would silently give a wrong figure. */
static void test_cut_numbers(void **state)
{
    static const struct {
        const char *pattern, *text;
    } cut[] = {
        {"([0-9.]+) ns", "bench: 4,720,415 ns/iter"},
        {"bench: ([0-9]+)", "bench: 4,720,415 ns/iter"},
        {"([0-9]+) ns", "12.75 ns"},
        {"took ([0-9]+)", "took 12.75 ns"},
        {"took ([0-9]+)", "took 1234,5 ns"},
        {"([0-9]+) s", "took 1,5 s"},
        {"took ([0-9.]+)", "took 1.234,5 s"},
        {"took ([0-9.]+)", "took 1.5e3 s"},
        {"([0-9.]+)$", "took 1.5e-3"},
        {"([0-9.]+)$", "took 1.5e3"},
        {"([0-9.]+)$", "delta: -5.2"},
        {"([0-9.]+) ms", "delta: -5.2 ms"},
        {"([0-9]{1,3})", "4720415"},
        {"mask ([0-9]+)", "mask 0x1F"},
        {"([0-9]+)$", "mask 0x12"},
        {"([0-9.]+)$", "Elapsed 0:05.23"},
        {"Elapsed ([0-9]+)", "Elapsed 2:05.23"},
        {"([0-9]+) ns", "4'720'415 ns"},
        {"bench ([0-9]+)", "bench 4_720_415 ns"},
        {"([0-9]+) ns", "4\xc2\xa0"
                        "720 ns"},
        {"IOPS=([0-9.]+)", "IOPS=12.3k, BW=3"},
        {"Latency +([0-9.]+)", "Latency   635.91us"},
        {"BW=([0-9.]+)", "BW=12MiB/s"},
        {"BW=([0-9.]+)", "BW=12M"},
        {"at ([0-9.]+)", "at 2.1GHz"},
        {"x:.*([0-9.]+)", "x: 1234"},
        {"x:.*([0-9]+)", "x: 12.5"},
        {"x:.+([0-9]+) ns", "x: 12 ns"},
        {"x.([0-9]+)", "x12"},
        {"x:[^,]*([0-9]+)", "x: 12, 13"},
        {"x\\S*([0-9]+)", "x=12"},
        {"[[:alnum:]]+([0-9]+)", "abc12"},
        {"x: [[:space:]0-9]*([0-9.]+)", "x: 12"},
        {"x: ([0-9]+).*ns", "x: 12.5 ns"},
        {"x: ([0-9]+)[^n]*ns", "x: 12,5 ns"},
        {"s, ([0-9.]+)", "copied, 4.1 s, 1.2 GB/s"},
        {"s, ([0-9.]+).*", "copied, 4.1 s, 900 MB/s"},
        {"sec  ([0-9.]+)", "sec  9.41 Gbits/sec"},
    };
    static const struct {
        const char *pattern, *text;
        double expected;
    } whole[] = {
        {"([0-9]+)[0-9.]* ns", "12.75 ns", 12},
        {"^[^,]*,([0-9.]+)", "total,12.5,33,44", 12.5},
        {"^total,([0-9]+),", "total,12,33", 12},
        {"\\[([0-9]+)", "[150000,150001,150002]", 150000},
        {"\"mean_ns\":([0-9.]+)", "{\"mean_ns\":1532.7,\"samples\":[1]}", 1532.7},
        {"total: ([0-9.]+)", "total: 5.0003s", 5.0003},
        {"took ([0-9.]+)", "took 12.", 12},
        {"took ([0-9]+)", "took 12, then 13", 12},
        {"IOPS=([0-9.]+)k", "IOPS=12.3k", 12.3},
        {"bench-([0-9]+)", "bench-12", 12},
        {"cpu[0-9]+:([0-9]+)", "cpu0:123", 123},
        {"([0-9]+)$", "result.5", 5},
        {"([0-9]+)$", "34 4901 1672", 1672},
        {"load ([0-9.]+)", "load 50%", 50},
        {"in ([0-9]+)", "in 5min", 5},
        {"= ([0-9.]+)", "= 34.5fps", 34.5},
        {"x:.* ([0-9.]+)", "x: 12 34", 34},
        {"x:.*[^0-9.]([0-9.]+)", "x: 12.5", 12.5},
        {"x[^0-9]*([0-9.]+)", "x: 12.5", 12.5},
        {"x[:= ]+([0-9.]+)", "x: 12.5", 12.5},
        {"[]x0-9[:space:]]*:([0-9.]+)", "x]9:12.5", 12.5},
        {"[0-9]+[.]([0-9]+)", "12.5", 5},
        {"([0-9.]+) MB/s", "1.2 MB/s", 1.2},
        {"took ([0-9.]+)", "took 12 kilometres", 12},
        {"took ([0-9.]+)", "took 12 ms", 12},
    };
    (void)state;
    for (size_t i = 0; i < XB_ARRAY_LEN(cut); i++)
        refuse(cut[i].pattern, cut[i].text, "Let the group match the whole number");
    for (size_t i = 0; i < XB_ARRAY_LEN(whole); i++)
        expect(whole[i].pattern, whole[i].text, whole[i].expected);
    refuse("([0-9.]+) ns", "bench: 4,720,415 ns/iter",
           "matches only `415`, a part of `4,720,415`,");
}

static void test_the_last_counts(void **state)
{
    struct xb_err err = {0};
    double value = 0;
    (void)state;
    expect("speed: ([0-9]+)", "speed: 1\nspeed: 2\nend", 2);
    expect("speed: ([0-9]+)", "speed: 1\nspeed: 2", 2);
    expect("speed: ([0-9]+)$", "speed: 1\r\nspeed: 2\r\n", 2);
    expect("^speed: ([0-9]+)$", "speed: 1\rspeed: 2\rspeed: 3\r", 3);
    expect("speed: ([0-9]+)", "speed: 1 speed: 2 speed: 3", 3);
    expect("^([0-9]+)", "1 2 3\n4 5 6\n\n", 4);
    refuse("speed: (.*)", "speed: 1\nspeed: -\n", "`-` was found");
    assert_int_equal(read_lost("^speed: ([0-9]+)$", "\0\0speed: 3\0\0", 12, 0, &value, &err), 0);
    assert_true(value == 3);
}

static void test_what_was_seen(void **state)
{
    char text[300];
    (void)state;
    refuse("units: ([0-9]+) x", "a\nunits: many\nend\n",
           "the last line with `units: ` in it reads `units: many` from there");
    refuse("([0-9]+) x", "a\n\033[31mred\n\n", "its last line is `\\x1b[31mred`");
    refuse("([0-9]+)", "", "it is empty");
    refuse("([0-9]+)", "\n\n", "it is empty");
    memset(text, 'y', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    refuse("([0-9]+)", text, "yyyy...`");
}

/* Only the end of a job's output is kept. */
static void test_lost_beginning(void **state)
{
    struct xb_err err = {0};
    double value = 0;
    (void)state;
    static const char cut[] = "415 ns\nmore\n", twice[] = "415 ns\n12 ns\n", one[] = "415 ns";
    assert_int_equal(read_lost("([0-9]+) ns", cut, strlen(cut), 1, &value, &err), -1);
    assert_non_null(strstr(err.msg, "in the complete lines among the last 12 of its 13 bytes"));
    assert_int_equal(read_lost("([0-9]+) ns", twice, strlen(twice), 1, &value, &err), 0);
    assert_true(value == 12);
    xb_err_clear(&err);
    assert_int_equal(read_lost("([0-9]+) ns", one, strlen(one), 1, &value, &err), -1);
    assert_non_null(strstr(err.msg, "a line whose beginning was not kept"));
}

/* If the end of the output was lost, the last match may have been in it. */
static void test_lost_end(void **state)
{
    struct xb_workload_metric metric = {
        .name = "m", .pattern = (char *)"([0-9]+) ns", .from = "stdout"};
    struct xb_metric_source source = {.text = "12 ns\n", .bytes = 6, .end_lost = true};
    struct xb_err err = {0};
    double value = 0;
    (void)state;
    assert_int_equal(xb_workload_metric_read(&metric, &source, &value, &err), -1);
    assert_int_equal(err.class, XB_E_BENCH);
    assert_non_null(strstr(err.msg, "the end of stdout is lost"));
}

/* Guests may write anything, such as very long lines, which are searched as well. */
static void test_long_and_hostile(void **state)
{
    struct xb_err err = {0};
    double value = 0;
    size_t bytes = 1 << 20;
    char *text = malloc(bytes);
    (void)state;
    assert_non_null(text);
    memset(text, 's', bytes);
    memcpy(text, "speed: 4 ", 9);
    assert_int_equal(read_lost("speed: ([0-9]+)", text, bytes, 0, &value, &err), 0);
    assert_true(value == 4);
    memcpy(text + bytes - 8, "speed: 5", 8);
    assert_int_equal(read_lost("speed: ([0-9]+)", text, bytes, 0, &value, &err), 0);
    assert_true(value == 5);
    memset(text, '1', bytes); /* the matcher tries each start position up to the end */
    assert_int_equal(read_lost("([0-9.]+) x", text, bytes, 0, &value, &err), -1);
    assert_non_null(strstr(err.msg, "could not be searched for the pattern within 5 s"));
    xb_err_clear(&err);
    for (size_t i = 0; i < bytes; i++)
        text[i] = (char)(i * i * 31 + i * 7);
    read_lost("speed: ([0-9]+)", text, bytes, 0, &value, &err);
    free(text);
}

struct reached {
    char came; /* what its stdin gave it */
};

static void reach_for_ours(void *arg)
{
    struct reached *reached = arg;
    if (write(STDOUT_FILENO, "x", 1) < 0 || read(STDIN_FILENO, &reached->came, 1) != 0)
        reached->came = '!';
}

/* A search that a guest took over has neither our stdin nor our stdout. */
static void test_a_search_has_no_standard_streams(void **state)
{
    struct xb_err err = {0};
    FILE *file = tmpfile();
    struct reached *reached = xb_search_shared(sizeof(*reached), &err);
    int kept[] = {dup(STDIN_FILENO), dup(STDOUT_FILENO)};
    (void)state;
    assert_non_null(file);
    assert_non_null(reached);
    fputs("mine", file);
    rewind(file);
    dup2(fileno(file), STDIN_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
    int r = xb_search_apart(reach_for_ours, reached, 1, &err);
    for (int i = 0; i < 2; i++) {
        dup2(kept[i], i);
        close(kept[i]);
    }
    assert_int_equal(r, 0);
    assert_int_equal(reached->came, 0);
    char text[8] = "";
    assert_int_equal(pread(fileno(file), text, sizeof(text), 0), 4);
    assert_string_equal(text, "mine");
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_cut_numbers),
        cmocka_unit_test(test_the_last_counts),
        cmocka_unit_test(test_what_was_seen),
        cmocka_unit_test(test_lost_beginning),
        cmocka_unit_test(test_lost_end),
        cmocka_unit_test(test_long_and_hostile),
        cmocka_unit_test(test_a_search_has_no_standard_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
