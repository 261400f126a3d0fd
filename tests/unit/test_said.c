/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tools' messages in one line, and the columns of text on a terminal. */
#include "base.h"
#include "said.h"
#include "width.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_words(const char *said, size_t room, const char *expected)
{
    char out[600], *text = strdup(said);
    assert_non_null(text);
    xb_said(text, out, room);
    free(text);
    assert_string_equal(out, expected);
}

static void the_reason_is_kept_wherever_it_stands(void **state XB_UNUSED)
{
    assert_words("", 400, "it did not say why");
    assert_words(" \n\r\n", 400, "it did not say why");
    assert_words("  Logical volume vg/x in use.\n", 400, "Logical volume vg/x in use.");
    /* The reason comes first, then its consequences. */
    assert_words(
        "  /dev/vdb: write failed after 0 of 4096: Input/output error\n  Failed to write VG dup.\n",
        400, "/dev/vdb: write failed after 0 of 4096: Input/output error; Failed to write VG dup.");
    /* The warning is the reason: two groups have the same name. */
    assert_words("  WARNING: VG name dup is used by VGs A and B.\n  Fix duplicate VG names.\n", 400,
                 "WARNING: VG name dup is used by VGs A and B.; Fix duplicate VG names.");
    /* e2fsck's advice is not the reason. */
    assert_words(
        "disk: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n\t(i.e., without -a or -p options)\n",
        400,
        "disk: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.; (i.e., without -a or -p options)");
    assert_words("again\nagain\nagain\n", 400, "again");
}

static void what_has_no_room_loses_warnings_and_then_its_middle(void **state XB_UNUSED)
{
    assert_words("WARNING: one that is long\nreason\nend\n", 20, "reason; end");
    assert_words("reason\na line of the middle\nend\n", 20, "reason; ...; end");
    /* No character is cut in two, and a tab becomes a space. */
    assert_words("f\303\274r\tzwei", 4, "f\303\274");
    assert_words("f\303\274r\tzwei", 3, "f");
    assert_words("one\ttwo", 400, "one two");
    assert_words("WARNING: w1\nWARNING: w2\nWARNING: w3\n", 30, "WARNING: w1; ...; WARNING: w3");
    assert_words("a reason that alone is too long for the room\n", 12, "a reason th");
}

static void nothing_in_it_steers_a_terminal(void **state XB_UNUSED)
{
    assert_words("bad label \033[2Jx\n", 400, "bad label \\x1b[2Jx");
}

static void wide_characters_take_two_columns_and_marks_none(void **state XB_UNUSED)
{
    assert_int_equal(xb_width(NULL), 0);
    assert_int_equal(xb_width("plain"), 5);
    assert_int_equal(xb_width("1.5 ± 0.2"), 9);
    assert_int_equal(xb_width("不绑核"), 6);
    assert_int_equal(xb_width("かな"), 4);
    assert_int_equal(xb_width("e\u0301"), 1);
    assert_int_equal(xb_width_of("不绑核", 3), 2);
    assert_int_equal(xb_width("\xff\xfe"), 2); /* invalid bytes show as one character each */
    assert_int_equal(xb_width("\xe4\xb8"), 2);
}

static void a_cut_keeps_characters_and_their_marks_whole(void **state XB_UNUSED)
{
    assert_int_equal(xb_width_cut("plain", 3), 3);
    assert_int_equal(xb_width_cut("plain", 9), 5);
    assert_int_equal(xb_width_cut("plain", -1), 0);
    assert_int_equal(xb_width_cut("不绑核", 4), 6);
    assert_int_equal(xb_width_cut("不绑核", 5), 6);
    assert_int_equal(xb_width_cut("e\u0301e", 1), 3);
}

static void put_as(const char *text, int columns, const char *expected)
{
    char *out = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&out, &bytes);
    assert_non_null(stream);
    xb_put(stream, text, columns);
    fclose(stream);
    assert_string_equal(out, expected);
    free(out);
}

static void text_is_padded_by_columns(void **state XB_UNUSED)
{
    put_as("ab", 4, "ab  ");
    put_as("ab", -4, "  ab");
    put_as("不绑", 6, "不绑  ");
    put_as("±", -3, "  ±");
    put_as("longer", 3, "longer");
    put_as("ab", 0, "ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reason_is_kept_wherever_it_stands),
        cmocka_unit_test(what_has_no_room_loses_warnings_and_then_its_middle),
        cmocka_unit_test(nothing_in_it_steers_a_terminal),
        cmocka_unit_test(wide_characters_take_two_columns_and_marks_none),
        cmocka_unit_test(a_cut_keeps_characters_and_their_marks_whole),
        cmocka_unit_test(text_is_padded_by_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
