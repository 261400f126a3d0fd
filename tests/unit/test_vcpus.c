/* Which of the kernel's events tell of a vcpu that was given back. */
#include "vcpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define EVENT(text) text, sizeof(text)

static void an_added_vcpu_is_known_by_its_number(void **state)
{
    (void)state;
    assert_int_equal(xb_vcpus_added(EVENT("add@/devices/system/cpu/cpu1\0ACTION=add")), 1);
    assert_int_equal(xb_vcpus_added(EVENT("add@/devices/system/cpu/cpu127")), 127);
}

static void other_events_add_none(void **state)
{
    (void)state;
    assert_int_equal(xb_vcpus_added(EVENT("remove@/devices/system/cpu/cpu1")), -1);
    assert_int_equal(xb_vcpus_added(EVENT("offline@/devices/system/cpu/cpu1")), -1);
    assert_int_equal(xb_vcpus_added(EVENT("add@/devices/system/cpu/cpu")), -1);
    assert_int_equal(xb_vcpus_added(EVENT("add@/devices/system/cpu/cpu1/cache")), -1);
    assert_int_equal(xb_vcpus_added(EVENT("add@/devices/system/cpu/cpu99999")), -1);
    assert_int_equal(xb_vcpus_added(EVENT("add@/devices/vif-0")), -1);
    assert_int_equal(xb_vcpus_added("", 0), -1);
    /* Cut off before its zero byte. */
    assert_int_equal(xb_vcpus_added("add@/devices/system/cpu/cpu1", 28), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_added_vcpu_is_known_by_its_number),
        cmocka_unit_test(other_events_add_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
