/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The toolstack's version. */
#include "base.h"
#include "xen_host.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_the_version_is_that_of_libxl(void **state XB_UNUSED)
{
    char file[64];
    xb_toolstack_file(file, sizeof(file));
    assert_string_equal(file, "libxenlight.so." XB_LIBXL_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_version_is_that_of_libxl),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("toolstack", tests, NULL, NULL);
}
