/* The CRC against published values. */
#include "crc32.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_known_values(void **state)
{
    static const struct {
        const char *text;
        uint32_t crc;
    } known[] = {
        {"", 0},
        {"a", 0xe8b7be43},
        {"123456789", 0xcbf43926}, /* the check value of CRC-32/ISO-HDLC */
        {"The quick brown fox jumps over the lazy dog", 0x414fa339},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        assert_int_equal(xa_crc32(0, known[i].text, strlen(known[i].text)), known[i].crc);
}

static void test_in_pieces(void **state)
{
    uint8_t data[1000];
    (void)state;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * i);
    uint32_t whole = xa_crc32(0, data, sizeof(data));
    for (size_t cut = 0; cut <= sizeof(data); cut += 37)
        assert_int_equal(xa_crc32(xa_crc32(0, data, cut), data + cut, sizeof(data) - cut), whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_in_pieces),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("crc32", tests, NULL, NULL);
}
