/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a guest boots follows from the options, the image and the host. */
#include "base.h"
#include "boot.h"
#include "guest_cfg.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char dir[] = "/tmp/xb-boot-XXXXXX";
static char elf[64], bzimage[64], initrd[64], cfg_path[64];
static struct xb_boot_host host;
static struct xb_image image;
static struct xb_guest_spec spec;
static struct xb_boot boot;
static struct xb_err err;

static void put_file(const char *path, size_t at, const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fseek(out, (long)at, SEEK_SET), 0);
    fputs(text, out);
    fclose(out);
}

static int set_up(void **state XB_UNUSED)
{
    memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
    if (!mkdtemp(dir))
        return -1;
    snprintf(elf, sizeof(elf), "%s/vmlinux", dir);
    snprintf(bzimage, sizeof(bzimage), "%s/vmlinuz", dir);
    snprintf(initrd, sizeof(initrd), "%s/initrd.img", dir);
    snprintf(cfg_path, sizeof(cfg_path), "%s/g.cfg", dir);
    put_file(elf, 0, "\177ELF");
    put_file(bzimage, 514, "HdrS");
    put_file(initrd, 0, "cpio");
    host = (struct xb_boot_host){.pv = true,
                                 .pvh = true,
                                 .hvm = true,
                                 .device_model = elf,
                                 .grub_pv = elf,
                                 .grub_pvh = bzimage};
    image = (struct xb_image){.name = "debian",
                              .kernel = elf,
                              .bzimage = bzimage,
                              .kernel_release = "6.1",
                              .initrd = initrd,
                              .disk = elf,
                              .json = json_pack("{s:[s,s], s:[s,s,s]}", "xen_types", "pv", "pvh",
                                                "grub", "pv", "pvh", "hvm")};
    spec = (struct xb_guest_spec){.name = "g", .image = "debian"};
    err = (struct xb_err){0};
    return 0;
}

static int tear_down(void **state XB_UNUSED)
{
    json_decref(image.json);
    unlink(elf);
    unlink(bzimage);
    unlink(initrd);
    unlink(cfg_path);
    return rmdir(dir);
}

static void refused(const char *why)
{
    err = (struct xb_err){0};
    assert_int_equal(xb_boot_plan(&host, &spec, &image, &boot, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    if (!strstr(err.msg, why))
        fail_msg("`%s` does not say `%s`", err.msg, why);
}

static void planned(enum xb_guest_type type, bool by_grub, const char *kernel, const char *ramdisk)
{
    err = (struct xb_err){0};
    if (xb_boot_plan(&host, &spec, &image, &boot, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(boot.type, type);
    assert_int_equal(boot.by_grub, by_grub);
    assert_string_equal(boot.kernel, kernel);
    assert_string_equal(boot.ramdisk, ramdisk);
}

static void test_default_is_pvh_where_host_and_kernel_can(void **state XB_UNUSED)
{
    planned(XB_GUEST_TYPE_PVH, false, elf, initrd);
    host.pvh = false;
    planned(XB_GUEST_TYPE_PV, false, elf, initrd);
    host.pvh = true;
    json_object_set_new(image.json, "xen_types", json_pack("[s]", "pv"));
    planned(XB_GUEST_TYPE_PV, false, elf, initrd);
    json_object_del(image.json, "xen_types"); /* an older image */
    planned(XB_GUEST_TYPE_PVH, false, elf, initrd);
}

static void test_types_that_cannot_be(void **state XB_UNUSED)
{
    spec.type = XB_GUEST_TYPE_PVH;
    json_object_set_new(image.json, "xen_types", json_pack("[s]", "pv"));
    refused("no entry for pvh");
    host.pvh = false;
    refused("no PVH guests");
    spec.type = XB_GUEST_TYPE_PV;
    host.pv = false;
    refused("no PV guests");
    spec.type = XB_GUEST_TYPE_HVM;
    host.device_model = NULL;
    refused("qemu-system-xen");
    host.hvm = false;
    refused("no HVM guests");
}

static void test_grub(void **state XB_UNUSED)
{
    spec.boot = XB_GUEST_BOOT_GRUB;
    spec.type = XB_GUEST_TYPE_PV;
    planned(XB_GUEST_TYPE_PV, true, elf, "");
    spec.type = XB_GUEST_TYPE_PVH;
    planned(XB_GUEST_TYPE_PVH, true, bzimage, "");
    host.grub_pvh = NULL;
    refused("grub-xen-host");
    spec.type = XB_GUEST_TYPE_PV;
    spec.cmdline = "a=\"b\"";
    refused("GRUB");
    spec.cmdline = "mitigations=off a.b=1,2";
    planned(XB_GUEST_TYPE_PV, true, elf, "");
    spec.kernel = elf;
    refused("--boot direct");
    spec.kernel = NULL;
    json_object_set_new(image.json, "grub", json_pack("[s]", "pv"));
    spec.type = XB_GUEST_TYPE_PVH;
    refused("bzImage");
    json_object_del(image.json, "grub");
    refused("rebuild the image");
    image.disk = NULL;
    refused("no disk");
}

static void test_hvm_boots_from_its_disk_or_a_bzimage(void **state XB_UNUSED)
{
    spec.type = XB_GUEST_TYPE_HVM;
    planned(XB_GUEST_TYPE_HVM, true, "", "");
    spec.boot = XB_GUEST_BOOT_DIRECT;
    planned(XB_GUEST_TYPE_HVM, false, bzimage, initrd);
    spec.kernel = elf;
    refused("not a bzImage");
    spec.kernel = NULL;
    image.bzimage = NULL;
    refused("only as ELF");
    spec.boot = XB_GUEST_BOOT_DEFAULT;
    image.disk = NULL; /* a micro image */
    image.bzimage = bzimage;
    planned(XB_GUEST_TYPE_HVM, false, bzimage, initrd);
}

static void test_a_kernel_of_the_users(void **state XB_UNUSED)
{
    spec.kernel = bzimage;
    spec.ramdisk = elf;
    planned(XB_GUEST_TYPE_PVH, false, bzimage, elf);
    spec.ramdisk = "/none";
    refused("ramdisk /none");
}

static char *written(const struct xb_guest_cfg *cfg)
{
    static char text[4096];
    unlink(cfg_path);
    assert_int_equal(xb_guest_cfg_write(cfg, cfg_path, &err), 0);
    FILE *in = fopen(cfg_path, "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
    fclose(in);
    return text;
}

static void test_the_xl_cfg(void **state XB_UNUSED)
{
    struct xb_guest_cfg cfg = {.name = "g",
                               .uuid = "00000000-0000-0000-0000-000000000001",
                               .made_from = "a test",
                               .type = "hvm",
                               .by_grub = true,
                               .cmdline = "quiet",
                               .memory_bytes = 256 << 20,
                               .vcpus = 1,
                               .max_vcpus = 1,
                               .disk = "/d"};
    char *text = written(&cfg);
    assert_non_null(strstr(text, "type = \"hvm\"\n"));
    assert_non_null(strstr(text, "hdtype = \"ahci\"\n"));
    assert_null(strstr(text, "kernel ="));
    assert_null(strstr(text, "cmdline ="));
    cfg.type = "pv";
    cfg.by_grub = false;
    cfg.kernel = "/k";
    text = written(&cfg);
    assert_non_null(strstr(text, "kernel = \"/k\"\n"));
    assert_non_null(strstr(text, "cmdline = \"quiet "));
    assert_null(strstr(text, "hdtype"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_default_is_pvh_where_host_and_kernel_can, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_types_that_cannot_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_grub, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hvm_boots_from_its_disk_or_a_bzimage, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_kernel_of_the_users, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_xl_cfg, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
