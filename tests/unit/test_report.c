/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of reports that need no store. */
#include "base.h"
#include "report_check.h"
#include "report_html.h"
#include "report_model_i.h"
#include "report_plot.h"
#include "report_totals.h"
#include "report_words.h"
#include "warning.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_what_adds_up(void **state XB_UNUSED)
{
    static const struct {
        const char *unit, *better;
        enum xb_figure_kind kind;
    } figures[] = {
        {"1/s", "more", XB_FIGURE_RATE},   {"MiB/s", "more", XB_FIGURE_RATE},
        {"MIPS", "more", XB_FIGURE_RATE},  {"Mbps", "more", XB_FIGURE_RATE},
        {"kIOPS", "more", XB_FIGURE_RATE}, {"jobs per hour", "more", XB_FIGURE_RATE},
        {"units", "more", XB_FIGURE_WORK}, {"frames", "more", XB_FIGURE_WORK},
        {"%", "more", XB_FIGURE_OTHER},    {"ratio", "more", XB_FIGURE_OTHER},
        {"s", "more", XB_FIGURE_OTHER},    {"", "more", XB_FIGURE_OTHER},
        {NULL, "more", XB_FIGURE_OTHER},   {"1/s", "less", XB_FIGURE_OTHER},
        {"1/s", NULL, XB_FIGURE_OTHER},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(figures); i++)
        if (xb_figure_kind(figures[i].unit, figures[i].better) != figures[i].kind)
            fail_msg("%s, %s is better", figures[i].unit, figures[i].better);
}

static void expect_bars(size_t at, const uint64_t *counts, size_t n, const char *expected)
{
    uint64_t classes[XB_WAIT_CLASSES] = {0};
    char bars[XB_BARS_BYTES];
    size_t first, last;
    for (size_t i = 0; i < n; i++)
        classes[at + i] = counts[i];
    xb_report_bars(classes, bars, &first, &last);
    assert_string_equal(bars, expected);
    if (*expected) {
        assert_int_equal(first, at);
        assert_int_equal(last, at + n - 1);
    } else {
        assert_true(first > last);
    }
}

static void test_histograms_as_text(void **state XB_UNUSED)
{
    expect_bars(0, NULL, 0, "");
    expect_bars(10, (const uint64_t[]){3}, 1, "█");
    expect_bars(10, (const uint64_t[]){800, 1, 0, 100, 101, 400}, 6, "█▁·▁▂▄");
    expect_bars(62, (const uint64_t[]){1, UINT64_MAX}, 2, "▁█");
    uint64_t all[XB_WAIT_CLASSES];
    for (size_t i = 0; i < XB_WAIT_CLASSES; i++)
        all[i] = 1;
    char bars[XB_BARS_BYTES];
    size_t first, last;
    xb_report_bars(all, bars, &first, &last);
    assert_int_equal(strlen(bars), XB_WAIT_CLASSES * strlen("█"));
}

static void expect_ticks(const struct xb_axis *axis, const char *labels)
{
    char all[XB_AXIS_TICKS_MAX * 26] = "";
    for (size_t i = 0; i < axis->tick_count; i++) {
        size_t used = strlen(all);
        snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", axis->labels[i]);
    }
    assert_string_equal(all, labels);
}

static void test_axes_are_round(void **state XB_UNUSED)
{
    static const struct {
        double low, high;
        const char *unit, *labels;
    } axes[] = {
        {0, 6.84, "", "0, 2, 4, 6, 8"},
        {0, 100, " %", "0 %, 50 %, 100 %"},
        {-2.9, 11.2, " %", "-5 %, 0 %, 5 %, 10 %, 15 %"},
        {3.53, 3.84, "", "3.5, 3.6, 3.7, 3.8, 3.9"},
        {5, 5, "", "4.6, 4.8, 5.0, 5.2, 5.4"},
        {0, 0, "", "-1.0, -0.5, 0.0, 0.5, 1.0"},
        {0, 3e9, "", "0, 1e+09, 2e+09, 3e+09"},
        {NAN, INFINITY, "", "0, 5e+299, 1e+300"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(axes); i++) {
        struct xb_axis axis = xb_axis_linear(axes[i].low, axes[i].high, axes[i].unit);
        expect_ticks(&axis, axes[i].labels);
    }
    struct xb_axis axis = xb_axis_linear(-DBL_MAX, DBL_MAX, "");
    assert_true(axis.tick_count > 1 && axis.tick_count <= XB_AXIS_TICKS_MAX);
    assert_true(isfinite(xb_axis_at(&axis, DBL_MAX)) && isfinite(xb_axis_at(&axis, 0)));
}

static void test_axes_of_times(void **state XB_UNUSED)
{
    struct xb_axis axis = xb_axis_times(25000, 3.9e6);
    expect_ticks(&axis, "10 us, 100 us, 1 ms, 10 ms");
    axis = xb_axis_times(1000, 1000);
    expect_ticks(&axis, "1 us, 10 us");
    axis = xb_axis_times(0, 1e30);
    assert_true(axis.tick_count > 2 && axis.tick_count <= XB_AXIS_TICKS_MAX);
    axis = xb_axis_dates(1793523600, 1793523600);
    expect_ticks(&axis, "11-01 09:00, 11-01 21:00, 11-02 09:00");
}

static void test_places_on_an_axis(void **state XB_UNUSED)
{
    struct xb_axis axis = xb_axis_linear(0, 10, "");
    double first = xb_axis_at(&axis, 0), last = xb_axis_at(&axis, 10);
    assert_true(first > 0 && last < 100);
    assert_true(fabs(xb_axis_at(&axis, 5) - 50) < 1e-9);
    assert_true(xb_axis_at(&axis, -7) == first && xb_axis_at(&axis, 70) == last);
    axis = xb_axis_times(1000, 1e5);
    assert_true(fabs(xb_axis_at(&axis, 1e4) - 50) < 1e-9);
    assert_true(xb_axis_at(&axis, 0) == xb_axis_at(&axis, 1000));
}

static void test_numbers_do_not_break(void **state XB_UNUSED)
{
    /* "_" stands for a space at which a line must not break. */
    static const char *const texts[] = {
        "100_% of a CPU",
        "5.775_±_0.281_s, and",
        "5.1_to_6.2 (75_%)",
        "all on cores 2_and 3",
        "in 10 repetitions more",
        "-1.6_units (-3.2_to_+3.2, 75.0_%)",
        "0:_47_%, 1:_50_%",
        "746.4_±_1.1_1/s",
        "x264 in base",
        "a=1 b=2 c=3",
        "1 2 3",
        "from here to there",
        "CPU: window too short",
        "(±_155_%)",
        "&lt;b&gt; &amp; &quot;&#39;",
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(texts); i++) {
        char plain[128], html[256], expected[256] = "";
        snprintf(plain, sizeof(plain), "%s", i + 1 < XB_ARRAY_LEN(texts) ? texts[i] : "<b> & \"'");
        for (char *c = plain; *c; c++)
            if (*c == '_')
                *c = ' ';
        for (const char *c = texts[i]; *c; c++) {
            size_t used = strlen(expected);
            snprintf(expected + used, sizeof(expected) - used, *c == '_' ? "\u00a0" : "%c", *c);
        }
        FILE *out = fmemopen(html, sizeof(html), "w");
        xb_html_text(plain, out);
        fclose(out);
        assert_string_equal(html, expected);
    }
}

/* A group with this median. */
static struct xb_group group_of(enum xb_role role, double median, int64_t solo_case)
{
    return (struct xb_group){
        .role = role, .value = xb_stats_of(&median, 1), .solo_case = solo_case};
}

static void test_slowdown_and_fairness(void **state XB_UNUSED)
{
    enum { CASES = 3, GUESTS = 2 };
    struct xb_group groups[CASES * GUESTS] = {
        group_of(XB_ROLE_MEASURED, 4, 1),  group_of(XB_ROLE_MEASURED, 2, 2),
        group_of(XB_ROLE_MEASURED, 2, -1), group_of(XB_ROLE_IDLE, 0, -1),
        group_of(XB_ROLE_IDLE, 0, -1),     group_of(XB_ROLE_MEASURED, 2, -1),
    };
    struct xb_model_case cases[CASES] = {{.name = NULL}};
    struct xb_model m = {
        .groups = groups, .cases = cases, .case_count = CASES, .guest_count = GUESTS};
    assert_true(xb_model_slowdown(&m, 0, 0).times == 2);
    assert_true(xb_model_slowdown(&m, 0, 1).times == 1);
    assert_true(isnan(xb_model_slowdown(&m, 1, 0).times));
    xb_model_load_fairness(&m);
    const struct xb_fairness *fair = &cases[0].fair;
    assert_int_equal(fair->by, XB_PROGRESS_SOLO);
    assert_int_equal(fair->worst, 0);
    assert_int_equal(fair->best, 1);
    assert_true(fabs(fair->worst_part - 0.5) < 1e-9 && fabs(fair->index - 0.9) < 1e-9);
    assert_int_equal(cases[1].fair.by, XB_PROGRESS_NONE);
    /* More is better: the guest with the larger figure is the better one. */
    groups[0].metric = groups[1].metric = (char *)"ops";
    groups[0].better = groups[1].better = (char *)"more";
    groups[0].solo_case = -1;
    xb_model_load_fairness(&m);
    assert_int_equal(fair->by, XB_PROGRESS_FIGURE);
    assert_int_equal(fair->worst, 1);
    /* Figures of two kinds are not compared. */
    groups[1].metric = (char *)"frames";
    cases[0].fair = (struct xb_fairness){.by = XB_PROGRESS_NONE};
    xb_model_load_fairness(&m);
    assert_int_equal(fair->by, XB_PROGRESS_NONE);
    xb_arena_free(&m.arena);
}

/* Figures are compared only if name, unit and direction agree; an import may leave any unknown. */
static void test_same_figures(void **state XB_UNUSED)
{
    const struct xb_group time = {.metric = NULL};
    const struct xb_group us = {
        .metric = (char *)"p99", .unit = (char *)"us", .better = (char *)"less"};
    struct xb_group ns = us, more = us, unknown = us;
    ns.unit = (char *)"ns";
    more.better = (char *)"more";
    unknown.better = NULL;
    assert_true(xb_report_same_figure(&time, &time));
    assert_true(xb_report_same_figure(&us, &us));
    assert_true(xb_report_same_figure(&us, &unknown));
    assert_false(xb_report_same_figure(&us, &time));
    assert_false(xb_report_same_figure(&us, &ns));
    assert_false(xb_report_same_figure(&us, &more));
}

static void test_kinds_of_stored_warnings(void **state XB_UNUSED)
{
    assert_ptr_equal(xb_warning_kind_of("dom0-short"), &xb_warning_kinds[XB_WARN_DOM0_SHORT]);
    assert_ptr_equal(xb_warning_kind_of("host-changed-governor"),
                     &xb_warning_kinds[XB_WARN_HOST_CHANGED]);
    assert_null(xb_warning_kind_of("fps")); /* a metric */
    assert_null(xb_warning_kind_of("dom0-short-of-something"));
    for (size_t i = 0; i < XB_WARNINGS; i++)
        if (xb_warning_kinds[i].advice)
            assert_non_null(xb_warning_kinds[i].what);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_adds_up),
        cmocka_unit_test(test_histograms_as_text),
        cmocka_unit_test(test_axes_are_round),
        cmocka_unit_test(test_axes_of_times),
        cmocka_unit_test(test_places_on_an_axis),
        cmocka_unit_test(test_numbers_do_not_break),
        cmocka_unit_test(test_slowdown_and_fairness),
        cmocka_unit_test(test_same_figures),
        cmocka_unit_test(test_kinds_of_stored_warnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
