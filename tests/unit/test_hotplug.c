/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kernel events report a vcpu that came online, or a disk. */
#include "hotplug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define EVENT(text) text, sizeof(text)

static void an_added_vcpu_is_known_by_its_number(void **state)
{
    (void)state;
    assert_int_equal(xa_hotplug_vcpu(EVENT("add@/devices/system/cpu/cpu1\0ACTION=add")), 1);
    assert_int_equal(xa_hotplug_vcpu(EVENT("add@/devices/system/cpu/cpu127")), 127);
}

static void other_events_add_none(void **state)
{
    (void)state;
    assert_int_equal(xa_hotplug_vcpu(EVENT("remove@/devices/system/cpu/cpu1")), -1);
    assert_int_equal(xa_hotplug_vcpu(EVENT("offline@/devices/system/cpu/cpu1")), -1);
    assert_int_equal(xa_hotplug_vcpu(EVENT("add@/devices/system/cpu/cpu")), -1);
    assert_int_equal(xa_hotplug_vcpu(EVENT("add@/devices/system/cpu/cpu1/cache")), -1);
    assert_int_equal(xa_hotplug_vcpu(EVENT("add@/devices/system/cpu/cpu99999")), -1);
    assert_int_equal(xa_hotplug_vcpu(EVENT("add@/devices/vif-0")), -1);
    assert_int_equal(xa_hotplug_vcpu("", 0), -1);
    /* Truncated before its zero byte. */
    assert_int_equal(xa_hotplug_vcpu("add@/devices/system/cpu/cpu1", 28), -1);
}

static void a_disk_is_a_virtual_block_device(void **state)
{
    (void)state;
    assert_true(xa_hotplug_is_disk(EVENT("add@/devices/vbd-51712\0ACTION=add")));
    assert_false(xa_hotplug_is_disk(EVENT("remove@/devices/vbd-51712")));
    assert_false(xa_hotplug_is_disk(EVENT("add@/devices/vif-0")));
    assert_false(xa_hotplug_is_disk("add@/devices/vbd-", 17));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_added_vcpu_is_known_by_its_number),
        cmocka_unit_test(other_events_add_none),
        cmocka_unit_test(a_disk_is_a_virtual_block_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
