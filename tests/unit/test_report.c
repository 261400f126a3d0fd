/* The parts of reports that need no store. */
#include "base.h"
#include "report_check.h"
#include "report_totals.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_adds_up),
        cmocka_unit_test(test_histograms_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
