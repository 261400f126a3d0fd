/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A checkpoint is not restored if its disk has changed since. */
#include "base.h"
#include "checkpoint_disks.h"
#include "files.h"
#include "generation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct xb_guest_def def = {.name = "web"};
static char disk[PATH_MAX];

static void run_tool(const char *fmt, ...)
{
    char command[2 * PATH_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(command, sizeof(command), fmt, ap);
    va_end(ap);
    assert_int_equal(system(command), 0);
}

static int set_up(void **state XB_UNUSED)
{
    char dir[] = "/tmp/xb-disks.XXXXXX";
    assert_non_null(mkdtemp(dir));
    snprintf(def.dir, sizeof(def.dir), "%s", dir);
    snprintf(disk, sizeof(disk), "%s/disk.img", dir);
    run_tool("truncate -s 16M %s && mke2fs -q -F -t ext4 %s >/dev/null 2>&1", disk, disk);
    return 0;
}

static int tear_down(void **state XB_UNUSED)
{
    run_tool("rm -r %s", def.dir);
    return 0;
}

/* The tail that a save writes: a file's state or, as for a block device, no time of change. */
static json_t *tail_of(bool writable, bool file)
{
    libxl_device_disk one = {.pdev_path = disk, .readwrite = writable};
    libxl_domain_config config = {.disks = &one, .num_disks = 1};
    json_t *disks = xb_checkpoint_list_disks(&config);
    assert_int_equal(json_array_size(disks), 1);
    if (!file)
        json_object_del(json_array_get(disks, 0), "changed_ns");
    return json_pack("{s:o}", "disks", disks);
}

static json_t *head_now(void)
{
    struct xb_err err = {0};
    uint64_t generation;
    assert_int_equal(xb_generation_read(&def, &generation, &err), 0);
    return json_pack("{s:I}", "generation", (json_int_t)generation);
}

static void assert_refused(const json_t *head, const json_t *tail, const char *why)
{
    struct xb_err err = {0};
    assert_int_equal(xb_checkpoint_check_disks(&def, head, tail, "test", false, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    assert_non_null(strstr(err.msg, why));
    assert_non_null(strstr(err.msg, "--stale"));
    struct xb_err none = {0};
    assert_int_equal(xb_checkpoint_check_disks(&def, head, tail, "test", true, &none), 0);
}

static void assert_fits(const json_t *head, const json_t *tail)
{
    struct xb_err err = {0};
    if (xb_checkpoint_check_disks(&def, head, tail, "test", false, &err) < 0)
        fail_msg("%s", err.msg);
}

static void a_guest_that_began_to_run_since_is_refused(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_json json_t *never = head_now(), *tail = tail_of(true, false);
    assert_fits(never, tail);
    assert_int_equal(xb_generation_next(&def, &err), 0);
    assert_refused(never, tail, "was started");
    xb_auto_json json_t *once = head_now();
    assert_fits(once, tail);
    assert_int_equal(xb_generation_next(&def, &err), 0);
    assert_refused(once, tail, "was started");
    /* A checkpoint from before generations were counted cannot tell. */
    xb_auto_json json_t *old = json_object();
    assert_refused(old, tail, "was started");
}

static void without_a_disk_to_write_to_it_may_start_again(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_json json_t *head = head_now(), *tail = tail_of(false, false), *none = json_object();
    libxl_device_disk one = {.pdev_path = disk, .readwrite = false};
    libxl_domain_config config = {.disks = &one, .num_disks = 1};
    assert_int_equal(xb_generation_next_of(&def, &config, &err), 0);
    xb_auto_json json_t *still = head_now();
    assert_true(json_equal(head, still));
    one.readwrite = true;
    assert_int_equal(xb_generation_next_of(&def, &config, &err), 0);
    assert_fits(head, tail);
    assert_fits(head, none);
}

/* As after `xl create`, which does not count a generation; but ext4 records each mount. */
static void a_filesystem_that_was_mounted_since_is_refused(void **state XB_UNUSED)
{
    xb_auto_json json_t *head = head_now(), *tail = tail_of(true, false);
    run_tool("debugfs -w -R 'ssv mnt_count 7' %s >/dev/null 2>&1", disk);
    assert_refused(head, tail, "was written to since");
    xb_auto_json json_t *mounted = tail_of(true, false);
    assert_fits(head, mounted);
    run_tool("debugfs -w -R 'ssv mtime 20300101000000' %s >/dev/null 2>&1", disk);
    assert_refused(head, mounted, "was written to since");
    xb_auto_json json_t *later = tail_of(true, false);
    run_tool("E2FSPROGS_FAKE_TIME=2000000000 debugfs -w -R 'ssv max_mnt_count 30' %s "
             ">/dev/null 2>&1",
             disk);
    assert_refused(head, later, "was written to since");
    xb_auto_json json_t *now = tail_of(true, false);
    run_tool("dd if=/dev/zero of=%s bs=64k count=1 conv=notrunc status=none", disk);
    assert_refused(head, now, "was written to since");
}

static void a_file_that_was_changed_since_is_refused(void **state XB_UNUSED)
{
    xb_auto_json json_t *head = head_now(), *tail = tail_of(true, true);
    assert_fits(head, tail);
    run_tool("touch -d 2001-01-01 %s", disk);
    assert_refused(head, tail, "was written to since");
}

static void a_damaged_count_is_told(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    uint64_t generation;
    run_tool("echo '{\"generation\": \"x\"}' >%s/generation.json", def.dir);
    assert_int_equal(xb_generation_read(&def, &generation, &err), -1);
    assert_int_equal(err.class, XB_E_HOST);
    assert_int_equal(xb_generation_next(&def, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_guest_that_began_to_run_since_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_a_disk_to_write_to_it_may_start_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_filesystem_that_was_mounted_since_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_was_changed_since_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_count_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
