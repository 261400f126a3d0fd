/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controller survives whatever a guest writes into its xenstore keys. */
#include "agent_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int number(const char *value, size_t bytes, uint32_t *out)
{
    struct xb_err err = {0};
    int r = xb_key_number("key", value, bytes, out, &err);
    assert_int_equal(err.class, r == 0 ? XB_E_NONE : XB_E_BENCH);
    return r;
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",    "0",   "01",         "-1",          "+1",
        " 1",  "1 ",  "1\n",        "0x1",         "1e3",
        "1.0", "one", "4294967296", "99999999999", "18446744073709551617",
    };
    uint32_t n = 0;
    assert_int_equal(number("1", 1, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(number("4294967295", 10, &n), 0);
    assert_true(n == UINT32_MAX);
    assert_int_equal(number("123", 2, &n), 0); /* the length counts, not the NUL */
    assert_int_equal(n, 12);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(number(bad[i], strlen(bad[i]), &n), -1);
    assert_int_equal(number("1\0", 2, &n), -1);
    assert_int_equal(number("\033[2J", 4, &n), -1);
}

static void assert_protocol(const char *value, const char *says)
{
    struct xb_err err = {0};
    int r = xb_key_protocol(value, strlen(value), &err);
    assert_int_equal(r, says ? -1 : 0);
    if (says && !strstr(err.msg, says))
        fail_msg("'%s' does not say '%s'", err.msg, says);
}

static void test_protocols(void **state)
{
    (void)state;
    assert_protocol("1.0", NULL);
    assert_protocol("1.999", NULL);
    assert_protocol("2.0", "speaks protocol 2.0, this xenbench 1.2");
    assert_protocol("0.9", "speaks protocol 0.9");
    static const char *const bad[] = {"",     "1",    "1.",     ".1",  "1.0.0",
                                      "1.0 ", "v1.0", "1000.0", "1,0", "-1.0"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_protocol(bad[i], "holds no version");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_protocols),
    };
    return cmocka_run_group_tests_name("xenstore keys", tests, NULL, NULL);
}
