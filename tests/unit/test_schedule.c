/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arinc653 schedules, written as text. */
#include "base.h"
#include "schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_spelling_becomes_one_text(void **state XB_UNUSED)
{
    static const char *const texts[][2] = {
        {"a 4ms", "a 4ms"},
        {" a  4000us ,b:1 1s", "a 4ms, b:1 1s"},
        {"web-1.x:0 10us,idle 10s", "web-1.x 10us, idle 10s"},
        {"a 1500us, a 1500us", "a 1500us, a 1500us"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(texts); i++) {
        struct xb_schedule schedule;
        struct xb_err err = {0};
        char text[XB_SCHEDULE_TEXT_BYTES];
        if (xb_schedule_parse(texts[i][0], &schedule, &err) < 0)
            fail_msg("%s", err.msg);
        assert_true(xb_schedule_format(&schedule, text, sizeof(text)));
        assert_string_equal(text, texts[i][1]);
    }
}

static void what_is_no_entry_is_named(void **state XB_UNUSED)
{
    static const char *const bad[] = {
        "",
        "a",
        "4ms",
        "a 4",
        "a 4min",
        "a 9us",
        "a 11s",
        "a -4ms",
        "a 4ms,",
        "a: 4ms",
        "a:x 4ms",
        "a:-1 4ms",
        "a:+1 4ms",
        ":1 4ms",
        "a 4ms b",
        "a 4 ms",
        "a 4.5ms",
        "idle:1 4ms",
        "a:1000 4ms",
        "a 4ms;b 4ms",
        "a 99999999999999999999ms",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 4ms",
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        struct xb_schedule schedule;
        struct xb_err err = {0};
        if (xb_schedule_parse(bad[i], &schedule, &err) == 0)
            fail_msg("`%s` was taken", bad[i]);
        assert_int_equal(err.class, XB_E_INPUT);
        assert_non_null(strstr(err.msg, "is no entry"));
    }
}

static void no_more_than_xen_takes(void **state XB_UNUSED)
{
    char text[1024] = "a 1ms";
    struct xb_schedule schedule;
    struct xb_err err = {0};
    for (int i = 1; i < XB_SCHEDULE_ENTRIES_MAX; i++)
        strcat(text, ",a 1ms");
    assert_int_equal(xb_schedule_parse(text, &schedule, &err), 0);
    assert_int_equal(schedule.count, XB_SCHEDULE_ENTRIES_MAX);
    assert_int_equal(xb_schedule_frame_ns(&schedule), 64 * XB_NS_PER_MS);
    strcat(text, ",a 1ms");
    assert_int_equal(xb_schedule_parse(text, &schedule, &err), -1);
    assert_non_null(strstr(err.msg, "more than 64 entries"));
    char small[16];
    assert_int_equal(xb_schedule_parse("a 1ms, b 1ms, c 1ms", &schedule, &err), 0);
    assert_false(xb_schedule_format(&schedule, small, sizeof(small)));
}

static void each_vcpu_has_the_sum_of_its_entries(void **state XB_UNUSED)
{
    struct xb_schedule schedule;
    struct xb_err err = {0};
    assert_int_equal(xb_schedule_parse("a 1ms, b 2ms, a 3ms, a:1 4ms, idle 5ms", &schedule, &err),
                     0);
    assert_int_equal(xb_schedule_run_ns(&schedule, "a", 0), 4 * XB_NS_PER_MS);
    assert_int_equal(xb_schedule_run_ns(&schedule, "a", 1), 4 * XB_NS_PER_MS);
    assert_int_equal(xb_schedule_run_ns(&schedule, "b", 1), 0);
    assert_int_equal(xb_schedule_frame_ns(&schedule), 15 * XB_NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_becomes_one_text),
        cmocka_unit_test(what_is_no_entry_is_named),
        cmocka_unit_test(no_more_than_xen_takes),
        cmocka_unit_test(each_vcpu_has_the_sum_of_its_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
