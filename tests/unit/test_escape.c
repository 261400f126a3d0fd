/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_escaped(const char *in, size_t bytes, const char *expected)
{
    /* In one piece, and split at every position. */
    for (size_t cut = 0; cut <= bytes; cut++) {
        char out[1024];
        struct xb_escape escape = {0};
        size_t n = xb_escape(&escape, (const uint8_t *)in, cut, false, out);
        n += xb_escape(&escape, (const uint8_t *)in + cut, bytes - cut, true, out + n);
        out[n] = '\0';
        assert_string_equal(out, expected);
        assert_true(n <= XB_ESCAPE_MAX(bytes));
    }
}

#define ASSERT_ESCAPED(in, expected) assert_escaped(in, sizeof(in) - 1, expected)

static void test_text_passes(void **state)
{
    (void)state;
    ASSERT_ESCAPED("", "");
    ASSERT_ESCAPED("plain text\twith tabs\nand lines\n", "plain text\twith tabs\nand lines\n");
    ASSERT_ESCAPED("zwölf Boxkämpfer 日本 😀", "zwölf Boxkämpfer 日本 😀");
}

static void test_controls_are_shown(void **state)
{
    (void)state;
    ASSERT_ESCAPED("\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m");
    ASSERT_ESCAPED("a\rb\bc\177d\0e", "a\\rb\\x08c\\x7fd\\x00e");
    ASSERT_ESCAPED("\xc2\x9b"
                   "31m", /* CSI as one C1 character */
                   "\\xc2\\x9b"
                   "31m");
    ASSERT_ESCAPED("\u202egnp.exe", "\\xe2\\x80\\xaegnp.exe");
}

static void test_what_is_no_utf8_is_shown(void **state)
{
    (void)state;
    ASSERT_ESCAPED("\xff\xfe", "\\xff\\xfe");
    ASSERT_ESCAPED("\xc0\xaf", "\\xc0\\xaf");                   /* overlong / */
    ASSERT_ESCAPED("\xe0\x80\xaf", "\\xe0\\x80\\xaf");          /* longer still */
    ASSERT_ESCAPED("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* a surrogate */
    ASSERT_ESCAPED("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond Unicode */
    ASSERT_ESCAPED("\xe6\x97x", "\\xe6\\x97x");                 /* cut short */
    ASSERT_ESCAPED("end\xf0\x9f\x98", "end\\xf0\\x9f\\x98");    /* by the end */
}

/* Random bytes, split anywhere, always come out as text. */
static void test_random_bytes_become_text(void **state)
{
    (void)state;
    srandom(1);
    for (int round = 0; round < 2000; round++) {
        uint8_t in[64];
        char out[XB_ESCAPE_MAX(sizeof(in)) * 2];
        struct xb_escape escape = {0};
        for (size_t i = 0; i < sizeof(in); i++)
            in[i] = (uint8_t)random();
        size_t cut = (size_t)random() % sizeof(in);
        size_t n = xb_escape(&escape, in, cut, false, out);
        n += xb_escape(&escape, in + cut, sizeof(in) - cut, true, out + n);
        for (size_t i = 0; i < n;) {
            size_t length = xb_printable((uint8_t *)out + i, n - i);
            assert_true(length > 0 || out[i] == '\n' || out[i] == '\t');
            i += length ? length : 1;
        }
    }
}

static void test_cut_to_whole_characters(void **state)
{
    (void)state;
    char out[8];
    xb_escaped_into(out, sizeof(out), "aä日本");
    assert_string_equal(out, "aä日");
    xb_escaped_into(out, sizeof(out), "a日ää");
    assert_string_equal(out, "a日ä");
    xb_escaped_into(out, sizeof(out), "\xffshort");
    assert_string_equal(out, "\\xffsho");
    xb_escaped_into(out, 1, "ä");
    assert_string_equal(out, "");
    xb_escaped_into(out, sizeof(out), NULL);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_passes),
        cmocka_unit_test(test_controls_are_shown),
        cmocka_unit_test(test_what_is_no_utf8_is_shown),
        cmocka_unit_test(test_random_bytes_become_text),
        cmocka_unit_test(test_cut_to_whole_characters),
    };
    return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
