/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Image directories: complete ones are found; damaged and partial ones are not taken for images.
 */
#include "base.h"
#include "files.h"
#include "image.h"
#include "sha256.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <fcntl.h>

#include <cmocka.h>

static char state_dir[] = "/tmp/xb-images-XXXXXX";
static struct xb_app app = {.state_dir = state_dir};

static void write_file(const char *dir, const char *file, const char *text)
{
    char path[PATH_MAX];
    struct xb_err err = {0};
    snprintf(path, sizeof(path), "%s/%s", state_dir, dir);
    assert_int_equal(xb_make_dirs(path, &err), 0);
    snprintf(path, sizeof(path), "%s/%s/%s", state_dir, dir, file);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

/* Make an image with an image.json and the files that it names: vmlinux and initrd.img. */
static void make_image(const char *dir, const char *name, const char *disk, const char *kernel)
{
    char json[1024];
    snprintf(
        json, sizeof(json),
        "{\"name\":\"%s\",\"kind\":\"micro\",\"suite\":\"bookworm\",\"arch\":\"amd64\",\"kernel\":"
        "\"%s\","
        "\"kernel_release\":\"6.1\",\"initrd\":\"initrd.img\",\"disk\":%s,\"cmdline\":\"quiet\","
        "\"min_memory_bytes\":100663296,\"agent_version\":\"0\",\"agent_sha256\":\"0\",\"recipe_"
        "sha256\":\"0\","
        "\"created\":\"2024-01-01T00:00:00Z\",\"workloads\":[\"spin\"],\"volume_made\":false}",
        name, kernel, disk);
    write_file(dir, "image.json", json);
    write_file(dir, "vmlinux", "ELF");
    write_file(dir, "initrd.img", "cpio");
}

static int set_up(void **state)
{
    (void)state;
    memcpy(state_dir + strlen(state_dir) - 6, "XXXXXX", 6);
    return mkdtemp(state_dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return xb_remove_tree(state_dir, NULL);
}

static void test_find(void **state)
{
    struct xb_image image;
    struct xb_err err = {0};
    (void)state;
    make_image("images/m", "m", "null", "vmlinux");
    assert_int_equal(xb_image_find(&app, "m", &image, &err), 0);
    assert_string_equal(image.kind, "micro");
    assert_null(image.disk);
    assert_true(image.min_memory_bytes == 96 << 20);
    assert_true(image.kernel[0] == '/' && strstr(image.kernel, "/images/m/vmlinux"));
    assert_false(image.read_only);
    xb_image_clear(&image);
}

static void test_what_is_none(void **state)
{
    static const struct {
        const char *name;
        enum xb_err_class class;
        const char *expected;
    } cases[] = {
        {"nothing", XB_E_INPUT, "there is no image nothing"},
        {"../images/m", XB_E_INPUT, "cannot be an image's name"},
        {".m.part", XB_E_INPUT, "cannot be an image's name"},
        {"", XB_E_INPUT, "cannot be an image's name"},
        {"broken", XB_E_HOST, "image.json"},
        {"outside", XB_E_HOST, "no plain name"},
        {"diskless", XB_E_HOST, "damaged"},
    };
    (void)state;
    make_image("images/m", "m", "null", "vmlinux");
    write_file("images/broken", "image.json", "{\"name\": ");
    make_image("images/outside", "outside", "null", "../../etc/passwd");
    make_image("images/diskless", "diskless", "\"disk.img\"", "vmlinux");
    for (size_t i = 0; i < XB_ARRAY_LEN(cases); i++) {
        struct xb_image image;
        struct xb_err err = {0};
        assert_int_equal(xb_image_find(&app, cases[i].name, &image, &err), -1);
        assert_int_equal(err.class, cases[i].class);
        if (!strstr(err.msg, cases[i].expected))
            fail_msg("`%s` was expected, not `%s`", cases[i].expected, err.msg);
    }
}

static void test_list(void **state)
{
    struct xb_image *images;
    struct xb_err err = {0};
    size_t count;
    (void)state;
    assert_int_equal(xb_image_list(&app, &images, &count, &err), 0);
    assert_int_equal(count, 0);
    make_image("images/b", "b", "\"disk.img\"", "vmlinux");
    write_file("images/b", "disk.img", "12345");
    make_image("images-ro/a", "a", "null", "vmlinux");
    make_image("images-ro/b", "b", "null", "vmlinux"); /* hidden by the user's own image */
    make_image("images/.c.part", "c", "null", "vmlinux");
    write_file("images/damaged", "image.json", "[]");
    assert_int_equal(xb_image_list(&app, &images, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_string_equal(images[0].name, "a");
    assert_true(images[0].read_only);
    assert_string_equal(images[1].name, "b");
    assert_true(images[1].disk_bytes == 5);
    xb_image_list_free(images, count);
}

static void test_remove(void **state)
{
    char path[PATH_MAX];
    struct xb_err err = {0};
    (void)state;
    make_image("images/m", "m", "null", "vmlinux");
    make_image("images-ro/r", "r", "null", "vmlinux");

    snprintf(path, sizeof(path), "%s/images/.m.lock", state_dir);
    int lock = open(path, O_RDWR | O_CREAT, 0600);
    assert_true(lock >= 0 && flock(lock, LOCK_EX) == 0); /* as a recipe does while it builds */
    assert_int_equal(xb_image_remove(&app, "m", &err), -1);
    assert_non_null(strstr(err.msg, "is being built"));
    close(lock);

    xb_err_clear(&err);
    assert_int_equal(xb_image_remove(&app, "m", &err), 0);
    snprintf(path, sizeof(path), "%s/images/m", state_dir);
    assert_int_equal(access(path, F_OK), -1);
    snprintf(path, sizeof(path), "%s/images/.m.removed", state_dir);
    assert_int_equal(access(path, F_OK), -1);

    assert_int_equal(xb_image_remove(&app, "m", &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    xb_err_clear(&err);
    assert_int_equal(xb_image_remove(&app, "r", &err), -1);
    assert_non_null(strstr(err.msg, "cannot be removed"));
}

static void exists(const char *path, bool expected)
{
    char whole[PATH_MAX];
    snprintf(whole, sizeof(whole), "%s/images/%s", state_dir, path);
    if ((access(whole, F_OK) == 0) != expected)
        fail_msg("%s is %s", whole, expected ? "missing" : "still there");
}

static int sweep(bool dry_run, struct xb_err *err)
{
    struct xb_recovery recovery = {.app = &app, .dry_run = dry_run};
    return xb_journal_recover_kind(&recovery, &xb_image_kind, err);
}

static void test_sweep(void **state)
{
    char path[PATH_MAX];
    struct xb_err err = {0};
    (void)state;
    assert_int_equal(sweep(false, &err), 0);
    make_image("images/whole", "whole", "null", "vmlinux");
    make_image("images/.whole.old", "whole", "null", "vmlinux");
    make_image("images/.lost.old", "lost", "null", "vmlinux");
    make_image("images/.a.part", "a", "null", "vmlinux");
    make_image("images/.busy.part", "busy", "null", "vmlinux");
    write_file("images/.a.b.scratch", "f", "");
    write_file("images/.other", "f", "");
    snprintf(path, sizeof(path), "%s/images/.busy.lock", state_dir);
    int lock = open(path, O_RDWR | O_CREAT, 0600);
    assert_true(lock >= 0 && flock(lock, LOCK_EX) == 0);

    assert_int_equal(sweep(true, &err), 0);
    exists(".a.part", true);
    assert_int_equal(sweep(false, &err), 0);
    exists(".a.part", false);
    exists(".a.b.scratch", false);
    exists(".whole.old", false);
    exists("whole", true);
    exists("lost", true);
    exists(".busy.part", true);
    exists(".other", true);
    close(lock);
}

static void digests_are_read_and_computed(void **state)
{
    (void)state;
    static const char ok[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    char path[128], hex[XB_SHA256_HEX_BYTES];
    struct xb_image image = {.json = json_pack("{s:{s:s, s:s, s:i}}", "sha256", "vmlinux", ok,
                                               "initrd.img", "9F86", "disk.img", 1)};
    assert_string_equal(xb_image_digest(&image, "vmlinux"), ok);
    assert_null(xb_image_digest(&image, "initrd.img"));
    assert_null(xb_image_digest(&image, "disk.img"));
    assert_null(xb_image_digest(&image, "vmlinuz"));
    json_object_del(image.json, "sha256"); /* an older image */
    assert_null(xb_image_digest(&image, "vmlinux"));
    json_decref(image.json);

    write_file(".", "a\\b", "test");
    snprintf(path, sizeof(path), "%s/a\\b", state_dir);
    assert_true(xb_sha256_file(path, hex));
    assert_string_equal(hex, ok);
    assert_false(xb_sha256_file("/nowhere", hex));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_find, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_remove, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sweep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(digests_are_read_and_computed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
