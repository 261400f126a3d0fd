/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: what is written is read back, and malformed frames are refused. */
#include "frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uint8_t buffer[XB_FRAME_HEADER_BYTES + XB_FRAME_BODY_MAX];

static void test_round_trip(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        uint32_t job_id, body_bytes;
    } cases[] = {
        {XB_HELLO, 0, 0}, {XB_QUIESCE, UINT32_MAX, 1}, {0xffff, 0x12345678, XB_FRAME_BODY_MAX}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct xb_frame frame;
        size_t whole = XB_FRAME_HEADER_BYTES + cases[i].body_bytes;
        xb_frame_encode_header(buffer, cases[i].type, cases[i].job_id, cases[i].body_bytes);
        assert_int_equal(xb_frame_decode(buffer, whole, &frame, NULL), whole);
        assert_int_equal(frame.type, cases[i].type);
        assert_int_equal(frame.job_id, cases[i].job_id);
        assert_int_equal(frame.body_bytes, cases[i].body_bytes);
        assert_ptr_equal(frame.body, buffer + XB_FRAME_HEADER_BYTES);
    }
}

static void test_layout(void **state)
{
    static const uint8_t wanted[] = {0x34, 0x12, 0, 0, 0x07, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde};
    (void)state;
    xb_frame_encode_header(buffer, XB_ARM, 0xdeadbeef, 0x1234);
    assert_memory_equal(buffer, wanted, sizeof(wanted));
}

static void test_incomplete(void **state)
{
    struct xb_frame frame;
    (void)state;
    xb_frame_encode_header(buffer, XB_ARM, 1, 10);
    for (size_t bytes = 0; bytes < XB_FRAME_HEADER_BYTES + 10; bytes++)
        assert_int_equal(xb_frame_decode(buffer, bytes, &frame, NULL), 0);
    assert_int_equal(xb_frame_decode(buffer, XB_FRAME_HEADER_BYTES + 11, &frame, NULL),
                     XB_FRAME_HEADER_BYTES + 10);
}

static void test_broken(void **state)
{
    struct xb_frame frame;
    struct xb_err err = {0};
    (void)state;
    xb_frame_encode_header(buffer, XB_ARM, 1, XB_FRAME_BODY_MAX + 1);
    assert_int_equal(xb_frame_decode(buffer, XB_FRAME_HEADER_BYTES, &frame, &err), -1);
    assert_non_null(strstr(err.msg, "65537"));
    xb_frame_encode_header(buffer, XB_ARM, 1, UINT32_MAX);
    assert_int_equal(xb_frame_decode(buffer, sizeof(buffer), &frame, NULL), -1);
    xb_frame_encode_header(buffer, XB_ARM, 1, 0);
    buffer[7] = 1;
    assert_int_equal(xb_frame_decode(buffer, XB_FRAME_HEADER_BYTES, &frame, NULL), -1);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(xb_type_name(XB_HELLO), "HELLO");
    assert_string_equal(xb_type_name(XB_QUIESCE), "QUIESCE");
    for (unsigned type = XB_HELLO; type < XB_TYPES; type++)
        assert_string_not_equal(xb_type_name((uint16_t)type), "type ?");
    assert_string_equal(xb_type_name(0), "type ?");
    assert_string_equal(xb_type_name(UINT16_MAX), "type ?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_layout),
        cmocka_unit_test(test_incomplete), cmocka_unit_test(test_broken),
        cmocka_unit_test(test_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
