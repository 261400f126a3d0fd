/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the disks' hotplug program and `host prepare` parse: mounts, modes, numbers, xl.conf. */
#include "base.h"
#include "block/block.h"
#include "prepare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

static void modes_are_xls(void **state XB_UNUSED)
{
    assert_int_equal(xb_block_mode_parse("r"), XB_BLOCK_READ);
    assert_int_equal(xb_block_mode_parse("ro"), XB_BLOCK_READ);
    assert_int_equal(xb_block_mode_parse("w"), XB_BLOCK_WRITE);
    assert_int_equal(xb_block_mode_parse("rw"), XB_BLOCK_WRITE);
    assert_int_equal(xb_block_mode_parse("w!"), XB_BLOCK_UNCHECKED);
    assert_int_equal(xb_block_mode_parse("rw!"), XB_BLOCK_UNCHECKED);
}

static void device_numbers_are_hexadecimal(void **state XB_UNUSED)
{
    assert_int_equal(xb_block_parse_device("7:1f"), makedev(7, 31));
    assert_int_equal(xb_block_parse_device("fd:0"), makedev(253, 0));
    assert_int_equal(xb_block_parse_device("7:1 "), 0);
    assert_int_equal(xb_block_parse_device("7"), 0);
    assert_int_equal(xb_block_parse_device(""), 0);
}

static void mounts_are_read(void **state XB_UNUSED)
{
    const struct {
        const char *line, *source;
        dev_t number;
        bool ok, read_only;
    } cases[] = {
        {"36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n", "/dev/root",
         makedev(98, 0), true, false},
        {"36 35 7:3 / /a\\040b ro,nosuid - ext4 /dev/loop3 rw\n", "/dev/loop3", makedev(7, 3), true,
         true},
        {"36 35 7:3 / /x rw shared:1 master:2 - squashfs /dev/loop3 ro\n", "/dev/loop3",
         makedev(7, 3), true, true},
        {"36 35 0:22 / /x rw - tmpfs none rw\n", "none", makedev(0, 22), true, false},
        {"no mount at all\n", NULL, 0, false, false},
        {"36 35 0:22 / /x rw - tmpfs\n", NULL, 0, false, false},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(cases); i++) {
        char line[200], *source;
        bool read_only;
        dev_t number;
        snprintf(line, sizeof(line), "%s", cases[i].line);
        assert_int_equal(xb_block_parse_mount(line, &number, &source, &read_only), cases[i].ok);
        if (!cases[i].ok)
            continue;
        assert_int_equal(number, cases[i].number);
        assert_string_equal(source, cases[i].source);
        assert_int_equal(read_only, cases[i].read_only);
    }
}

static void only_libxls_environment_will_do(void **state XB_UNUSED)
{
    static const struct {
        const char *path;
        int status;
    } cases[] = {
        {"backend/vbd/12/51712", 0},
        {"backend/vbd/12", -1},
        {"backend/vif/12/0", -1},
        {"backend/vbd/12/51712x", -1},
        {"backend/vbd/-1/51712", -1},
        {"", -1},
        {"/local/domain/0/backend/vbd/1/2", -1},
    };
    setenv("XENBUS_TYPE", "vbd", 1);
    setenv("XENBUS_BASE_PATH", "backend", 1);
    for (size_t i = 0; i < XB_ARRAY_LEN(cases); i++) {
        struct xb_block block = {0};
        struct xb_err err = {0};
        setenv("XENBUS_PATH", cases[i].path, 1);
        assert_int_equal(xb_block_from_env(&block, &err), cases[i].status);
    }
}

static void xl_conf_is_changed_where_it_should(void **state XB_UNUSED)
{
    static const char *const cases[][2] = {
        {"", "k=\"off\"\n"},
        {"a=1", "a=1\nk=\"off\"\n"},
        {"#k=\"auto\"\nb=2\n", "k=\"off\"\nb=2\n"},
        {"# k = 1\nk = \"on\"\n", "# k = 1\nk=\"off\"\n"},
        {"k=1\nk=2\n#k=3", "k=1\nk=\"off\"\n#k=3"},
        {"# k is a word\nkey=1\n", "# k is a word\nkey=1\nk=\"off\"\n"},
        {"k=\"off\"\n", "k=\"off\"\n"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(cases); i++) {
        xb_auto_free char *text = xb_xl_conf_set(cases[i][0], "k", "off");
        assert_non_null(text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void options_are_told_from_their_beginnings(void **state XB_UNUSED)
{
    assert_true(xb_cmdline_has("a dom0_mem=1G,max:1G b", "dom0_mem"));
    assert_true(xb_cmdline_has("smt=0", "smt"));
    assert_true(xb_cmdline_has("x dom0_vcpus_pin", "dom0_vcpus_pin"));
    assert_false(xb_cmdline_has("xdom0_mem=1G", "dom0_mem"));
    assert_false(xb_cmdline_has("dom0_memory=1G", "dom0_mem"));
    assert_false(xb_cmdline_has("", "dom0_mem"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_are_xls),
        cmocka_unit_test(device_numbers_are_hexadecimal),
        cmocka_unit_test(mounts_are_read),
        cmocka_unit_test(only_libxls_environment_will_do),
        cmocka_unit_test(xl_conf_is_changed_where_it_should),
        cmocka_unit_test(options_are_told_from_their_beginnings),
    };
    return cmocka_run_group_tests_name("block and prepare", tests, NULL, NULL);
}
