/* The parts of reports that need no store. */
#include "base.h"
#include "report_totals.h"

#include <setjmp.h>
#include <stdarg.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
