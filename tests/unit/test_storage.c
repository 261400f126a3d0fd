/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of disks, lvm's reports of volumes, and a clone's xl.cfg: all without lvm. */
#include "alloc.h"
#include "base.h"
#include "cfg_text.h"
#include "clone_disk.h"
#include "config.h"
#include "disk.h"
#include "disk_content.h"
#include "ext4.h"
#include "files.h"
#include "guest_cfg_derive.h"
#include "lvm.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char dir[] = "/tmp/xenbench-test-XXXXXX";

static int set_up(void **state XB_UNUSED)
{
    memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state XB_UNUSED)
{
    return xb_remove_tree(dir, NULL);
}

static const char *in(const char *file)
{
    static char path[4][PATH_MAX];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof(path[next]), "%s/%s", dir, file);
    return path[next];
}

static void write_text(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static const char report[] =
    "{\"report\": [{\"lv\": ["
    "{\"vg_name\":\"vg0\",\"lv_name\":\"pool\",\"lv_uuid\":\"p-uuid\",\"pool_lv\":\"\","
    "\"origin_uuid\":\"\",\"lv_tags\":\"\",\"lv_attr\":\"twi-aotz--\",\"lv_size\":\"1073741824\","
    "\"data_percent\":\"12.50\"},"
    "{\"vg_name\":\"vg0\",\"lv_name\":\"a\",\"lv_uuid\":\"a-uuid\",\"pool_lv\":\"\","
    "\"origin_uuid\":\"\",\"lv_tags\":\"x,xenbench_1-2,y\",\"lv_attr\":\"owi-a-s---\","
    "\"lv_size\":\"4194304\",\"data_percent\":\"\"},"
    "{\"vg_name\":\"vg0\",\"lv_name\":\"b\",\"lv_uuid\":\"b-uuid\",\"pool_lv\":\"\","
    "\"origin_uuid\":\"a-uuid\",\"lv_tags\":\"xenbench_1-23\",\"lv_attr\":\"swi-a-s---\","
    "\"lv_size\":\"4194304\",\"data_percent\":\"0.00\"}]}]}";

static void volumes_are_read_as_lvm_reports_them(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_lv *lvs;
    size_t count;
    assert_int_equal(xb_lvm_parse(report, &lvs, &count, &err), 0);
    assert_int_equal(count, 3);
    const struct xb_lv *a = xb_lvm_by_name(lvs, count, "vg0", "a");
    assert_true(xb_lv_is_thin_pool(&lvs[0]) && lvs[0].data_percent > 12);
    assert_ptr_equal(a, &lvs[1]);
    assert_true(a->data_percent < 0);
    assert_true(xb_lv_has_tag(a, "xenbench_1-2"));
    assert_false(xb_lv_has_tag(a, "xenbench_1-"));
    assert_false(xb_lv_has_tag(a, "enbench_1-2"));
    assert_false(xb_lv_has_tag(&lvs[2], "xenbench_1-2"));
    assert_true(xb_lv_is_snapshot(&lvs[2]));
    assert_null(xb_lvm_by_name(lvs, count, "vg1", "a"));
    assert_null(xb_lvm_by_uuid(lvs, count, ""));
    assert_ptr_equal(xb_lvm_by_uuid(lvs, count, "b-uuid"), &lvs[2]);
    free(lvs);
    static const char *const bad[] = {"", "{}", "[1]", "{\"report\":[{\"lv\":[{}]}]}",
                                      "{\"report\":[{\"lv\":[{\"vg_name\":1}]}]}"};
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        xb_err_clear(&err);
        assert_int_equal(xb_lvm_parse(bad[i], &lvs, &count, &err), -1);
        assert_int_equal(err.class, XB_E_HOST);
    }
}

static void volumes_are_called_as_lvm_allows(void **state XB_UNUSED)
{
    char name[XB_LVM_NAME_BYTES];
    xb_lvm_guest_volume("web1", name);
    assert_string_equal(name, "xenbench-web1");
    xb_lvm_guest_volume("a_tmeta", name); /* lvm reserves this ending */
    assert_string_equal(name, "xenbench-a+tmeta");
    assert_true(xb_lvm_name_ok("vg0") && xb_lvm_name_ok("a.b+c_d-e"));
    static const char *const bad[] = {"", "-a", ".", "..", "a/b", "a b", "a\"b", "\xc3\xa4"};
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++)
        assert_false(xb_lvm_name_ok(bad[i]));
}

static void a_disks_record_comes_back(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_disk disk = {.storage = XB_STORAGE_THIN,
                           .bytes = UINT64_C(5) << 30,
                           .vg = "vg0",
                           .lv = "xenbench-a",
                           .pool = "pool",
                           .lv_uuid = "u",
                           .tag = "xenbench_1",
                           .snapshot_of = "o"},
                   back;
    json_t *json = xb_disk_to_json(&disk);
    assert_int_equal(xb_disk_from_json(json, &back, &err), 0);
    assert_int_equal(back.bytes, disk.bytes);
    assert_string_equal(back.vg, "vg0");
    assert_string_equal(back.pool, "pool");
    assert_string_equal(back.lv_uuid, "u");
    assert_string_equal(back.snapshot_of, "o");
    json_object_set_new(json, "lv", json_string("../sda"));
    assert_int_equal(xb_disk_from_json(json, &back, &err), -1);
    json_object_set_new(json, "lv", json_string("a"));
    json_object_del(json, "tag"); /* without the tag, nothing proves that the volume is ours */
    assert_int_equal(xb_disk_from_json(json, &back, &err), -1);
    json_decref(json);
    json = xb_disk_to_json(&(struct xb_disk){0});
    assert_int_equal(xb_disk_from_json(json, &back, &err), 0);
    assert_int_equal(back.storage, XB_STORAGE_NONE);
    json_decref(json);
}

static void the_configuration_is_in_xls_syntax(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_config config;
    struct xb_app app = {.conf_path = in("none.conf")};
    assert_int_equal(xb_config_load(&app, &config, &err), 0);
    assert_int_equal(config.storage, XB_STORAGE_NONE);
    app.conf_path = in("good.conf");
    write_text(app.conf_path, "# ours\nstorage = \"thin\"\nthin_pool = \"vg0/pool\"\nvg = 'vg0'\n");
    assert_int_equal(xb_config_load(&app, &config, &err), 0);
    assert_int_equal(config.storage, XB_STORAGE_THIN);
    assert_string_equal(config.thin_pool, "vg0/pool");
    assert_string_equal(config.vg, "vg0");
    static const char *const bad[] = {"storage = \"tape\"\n", "storage = [\"file\"]\n", "vg = \n"};
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        xb_err_clear(&err);
        write_text(app.conf_path, bad[i]);
        assert_int_equal(xb_config_load(&app, &config, &err), -1);
        assert_int_equal(err.class, XB_E_INPUT);
    }
}

static void fill_defs(struct xb_guest_def *from, struct xb_guest_def *to)
{
    *from = (struct xb_guest_def){.name = "web1",
                                  .uuid = "11111111-2222-3333-4444-555555555555",
                                  .disk = {.storage = XB_STORAGE_FILE}};
    *to = (struct xb_guest_def){
        .name = "web2",
        .uuid = "66666666-7777-8888-9999-aaaaaaaaaaaa",
        .disk = {.storage = XB_STORAGE_LVM, .vg = "vg0", .lv = "xenbench-web2", .tag = "t"}};
    snprintf(from->dir, sizeof(from->dir), "%s", dir);
    snprintf(to->dir, sizeof(to->dir), "/x/guests/web2");
}

static void a_clones_cfg_differs_in_identity_alone(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_guest_def from, to;
    char cfg[2048], expected[2048], got[2048] = "";
    fill_defs(&from, &to);
    snprintf(
        cfg, sizeof(cfg),
        "# Guest web1, made by xenbench\nname = \"web1\"\n"
        "uuid = \"11111111-2222-3333-4444-555555555555\"\nkernel = \"%s/vmlinux\"\n"
        "cmdline = \"root=UUID=AB-1 systemd.hostname=web1 "
        "systemd.machine_id=11111111222233334444555555555555 x=web1\"\n"
        "disk = [ # one alone\n  'format=raw,vdev=xvda,access=rw,target=%s/disk\\x2eimg',\n]\n"
        "memory = 160 # web1's owner wanted more\nvcpus = 1; extra = 'say=\"systemd.hostname=web1\"' ;\n"
        "# not: disk = [ '%s/disk.img.old\n",
        dir, dir, dir);
    snprintf(
        expected, sizeof(expected),
        "# Guest web2, cloned by xenbench from the guest web1.\nname = \"web2\"\n"
        "uuid = \"66666666-7777-8888-9999-aaaaaaaaaaaa\"\n"
        "kernel = \"/x/guests/web2/vmlinux\"\n"
        "cmdline = \"root=UUID=cd-2 systemd.hostname=web2 "
        "systemd.machine_id=6666666677778888999"
        "9aaaaaaaaaaaa x=web1\"\n"
        "disk = [ # one alone\n  \"format=raw,vdev=xvda,access=rw,target=/dev/vg0/xenbench-web2\",\n]\n"
        "memory = 160 # web1's owner wanted more\n"
        "vcpus = 1; extra = \"say=\\\"systemd.hostname=web2\\\"\" ;\n# not: disk = [ '%s/disk.img.old\n",
        dir);
    write_text(in("web1.cfg"), cfg);
    struct xb_cfg_change change = {&from, &to, "ab-1", "cd-2"};
    assert_int_equal(xb_guest_cfg_derive(&change, in("web2.cfg"), &err), 0);
    FILE *back = fopen(in("web2.cfg"), "r");
    assert_true(fread(got, 1, sizeof(got) - 1, back) > 0);
    fclose(back);
    assert_string_equal(got, expected);
}

/* The sanitizer sees a read beyond the text. */
static void a_cfg_may_end_in_the_beginning_of_a_key(void **state XB_UNUSED)
{
    struct xb_cfg_part setting;
    size_t at = 0;
    xb_auto_free char *text = xb_strdup("na\n");
    assert_true(xb_cfg_next_setting(text, &at, &setting));
    assert_false(xb_cfg_is_key(text, setting, "name"));
}

static void check(const struct xb_cfg_change *change, const char *json, bool good)
{
    struct xb_err err = {0};
    write_text(in("x.json"), json);
    assert_int_equal(xb_guest_cfg_check(change, in("x.json"), &err), good ? 0 : -1);
}

static void a_cfg_that_makes_another_guest_is_refused(void **state XB_UNUSED)
{
    struct xb_guest_def from, to;
    fill_defs(&from, &to);
    struct xb_cfg_change change = {&from, &to, NULL, NULL};
#define IDENTITY                                                                                   \
    "{\"c_info\":{\"name\":\"web2\",\"uuid\":\"66666666-7777-8888-9999-aaaaaaaaaaaa\"},"
#define DISK "{\"pdev_path\":\"/dev/vg0/xenbench-web2\",\"readwrite\":1}"
    check(&change, IDENTITY "\"disks\":[" DISK "]}", true);
    check(&change, IDENTITY "\"disks\":[" DISK ",{\"pdev_path\":\"/a.iso\",\"readwrite\":0}]}",
          true);
    check(&change, IDENTITY "\"disks\":[" DISK ",{\"pdev_path\":\"/dev/x\",\"readwrite\":1}]}",
          false);
    check(&change, IDENTITY "\"disks\":[]}", false);
    check(&change,
          "{\"c_info\":{\"name\":\"web1\",\"uuid\":\"66666666-7777-8888-9999-aaaaaaaaaaaa\"},"
          "\"disks\":[" DISK "]}",
          false);
    check(&change,
          "{\"c_info\":{\"name\":\"web2\",\"uuid\":\"11111111-2222-3333-4444-555555555555\"},"
          "\"disks\":[" DISK "]}",
          false);
}

static void run_tool(const char *command)
{
    assert_int_equal(system(command), 0);
}

static void assert_debugfs(const char *disk, const char *command, const char *expected)
{
    char line[PATH_MAX], got[4096] = "";
    snprintf(line, sizeof(line), "debugfs -R '%s' %s 2>/dev/null", command, disk);
    FILE *out = popen(line, "r");
    assert_non_null(out);
    got[fread(got, 1, sizeof(got) - 1, out)] = '\0';
    pclose(out);
    assert_non_null(strstr(got, expected));
}

#define OLD_UUID "0000aaaa-1111-2222-3333-444455556666"
#define NEW_UUID "ffffaaaa-1111-2222-3333-444455556666"

static void an_ext4_filesystem_is_made_a_machines_own(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_ext4 fs;
    char command[2 * PATH_MAX];
    const char *disk = in("disk.img");
    snprintf(
        command, sizeof(command),
        "cd %s && mkdir -p t/etc t/boot/grub && echo debian >t/etc/hostname && : >t/etc/machine-id && "
        "echo 'UUID=" OLD_UUID " / ext4' >t/etc/fstab && truncate -s 32M disk.img && "
        "mke2fs -q -F -t ext4 -O metadata_csum,^metadata_csum_seed -U " OLD_UUID
        " -d t disk.img 16M >/dev/null 2>&1",
        dir);
    run_tool(command);
    assert_int_equal(xb_ext4_look(disk, &fs, &err), 1);
    assert_int_equal(fs.bytes, 16 << 20);
    assert_string_equal(fs.uuid, OLD_UUID);
    assert_true(fs.checksums_by_uuid);
    assert_int_equal(xb_ext4_settle(disk, "remedy", &err), 0);
    assert_int_equal(xb_ext4_grow(disk, &err), 0);
    assert_int_equal(
        xb_ext4_set_identity(disk, "web1", "AAAABBBB-1111-2222-3333-444455556666", &err), 0);
    assert_int_equal(xb_ext4_set_uuid(disk, &fs, NEW_UUID, &err), 0);
    assert_int_equal(xb_ext4_look(disk, &fs, &err), 1);
    assert_int_equal(fs.bytes, 32 << 20);
    assert_string_equal(fs.uuid, NEW_UUID);
    assert_debugfs(disk, "cat /etc/hostname", "web1\n");
    assert_debugfs(disk, "cat /etc/machine-id", "aaaabbbb111122223333444455556666\n");
    assert_debugfs(disk, "stat /etc/machine-id", "Mode:  0444");
    assert_debugfs(disk, "cat /etc/fstab", "UUID=" NEW_UUID);
    snprintf(command, sizeof(command), "e2fsck -fn %s >/dev/null 2>&1", disk);
    run_tool(command);
    write_text(in("none.img"), "no filesystem");
    assert_int_equal(xb_ext4_look(in("none.img"), &fs, &err), 0);
}

static void damage_is_told_with_a_remedy_for_what_stays(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    char command[2 * PATH_MAX];
    struct xb_disk disk = {.storage = XB_STORAGE_FILE, .bytes = 8 << 20};
    snprintf(command, sizeof(command),
             "cd %s && truncate -s 8M disk.img && mke2fs -q -F -t ext4 disk.img >/dev/null 2>&1 && "
             "debugfs -w -R 'clri <2>' disk.img >/dev/null 2>&1 && "
             "debugfs -w -R 'ssv state 0' disk.img >/dev/null 2>&1",
             dir);
    run_tool(command);
    assert_int_equal(xb_disk_personalise(&disk, dir, "g", OLD_UUID, "repair the source", &err), -1);
    assert_int_equal(err.class, XB_E_HOST);
    assert_non_null(strstr(err.msg, "is damaged"));
    assert_non_null(strstr(err.msg, "(repair the source)"));
    assert_null(strstr(err.msg, "e2fsck -f"));
}

static void expect_clone(const struct xb_clone_spec *spec, const char *refused)
{
    struct xb_app app = {.state_dir = dir};
    struct xb_clone_job job = {.app = &app, .spec = spec, .backup = -1, .hold = -1};
    struct xb_err err = {0};
    char said[80];
    int r = xb_clone_job_begin(&job, &err);
    xb_clone_job_end(&job);
    if (!refused) {
        assert_int_equal(r, 0);
        return;
    }
    assert_int_equal(r, -1);
    assert_int_equal(err.class, XB_E_INPUT);
    snprintf(said, sizeof(said), "it has no disk of xenbench's, and %s is an option", refused);
    if (!strstr(err.msg, said))
        fail_msg("got `%s`, expected `%s`", err.msg, said);
}

static void of_a_guest_without_a_disk_nothing_is_said_about_one(void **state XB_UNUSED)
{
    expect_clone(&(struct xb_clone_spec){.source = "m"}, NULL);
    expect_clone(&(struct xb_clone_spec){.method = XB_CLONE_COPY}, "--method");
    expect_clone(&(struct xb_clone_spec){.disk_bytes = 1 << 20}, "--size");
    expect_clone(&(struct xb_clone_spec){.storage.vg = "v"}, "--vg");
    expect_clone(&(struct xb_clone_spec){.storage.thin_pool = "v/p"}, "--thin-pool");
    expect_clone(&(struct xb_clone_spec){.storage.storage = XB_STORAGE_FILE}, "--storage");
    expect_clone(&(struct xb_clone_spec){.fs_uuid = XB_FS_UUID_KEEP}, "--fs-uuid");
    expect_clone(&(struct xb_clone_spec){.method = XB_CLONE_BACKUP, .backup_path = "/none/x"},
                 "--keep-backup");
    expect_clone(&(struct xb_clone_spec){.method = XB_CLONE_BACKUP, .from_backup = "/none/x"},
                 "--from-backup");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes_are_read_as_lvm_reports_them),
        cmocka_unit_test(volumes_are_called_as_lvm_allows),
        cmocka_unit_test(a_disks_record_comes_back),
        cmocka_unit_test(of_a_guest_without_a_disk_nothing_is_said_about_one),
        cmocka_unit_test_setup_teardown(the_configuration_is_in_xls_syntax, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clones_cfg_differs_in_identity_alone, set_up, tear_down),
        cmocka_unit_test(a_cfg_may_end_in_the_beginning_of_a_key),
        cmocka_unit_test_setup_teardown(a_cfg_that_makes_another_guest_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_ext4_filesystem_is_made_a_machines_own, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(damage_is_told_with_a_remedy_for_what_stays, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
