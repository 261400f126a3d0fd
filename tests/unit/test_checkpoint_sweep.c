/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Removing a guest removes its checkpoints; checkpoints of vanished guests are recognised by their
 * heads.
 */
#include "base.h"
#include "checkpoint.h"
#include "checkpoint_sweep.h"
#include "files.h"
#include "guest_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define WEB "aaaabbbb-1111-2222-3333-444455556666"
#define GONE "ccccdddd-1111-2222-3333-444455556666"

static char dir[64];
static const struct xb_journal_kind *const kinds[] = {&xb_checkpoint_file_kind, NULL};
static struct xb_app app = {.state_dir = dir, .run_dir = dir, .journal = kinds};

static const char *in(const char *file)
{
    static char paths[4][PATH_MAX];
    static unsigned at;
    char *path = paths[at++ % 4];
    snprintf(path, PATH_MAX, "%s/%s", dir, file);
    return path;
}

static void put_checkpoint(const char *file, const char *name, const char *uuid)
{
    struct xb_stream_packing packing = {.threads = 1};
    struct xb_checkpoint_writer *writer = NULL;
    struct xb_err err = {0};
    xb_auto_json json_t *head = json_pack("{s:s, s:s}", "name", name, "uuid", uuid);
    xb_auto_json json_t *tail = json_object();
    xb_auto_close int fd = open(in(file), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(xb_checkpoint_write_begin(&writer, fd, file, head, &packing, &err), 0);
    assert_int_equal(xb_checkpoint_write(writer, "memory", 6, &err), 0);
    assert_int_equal(xb_checkpoint_write_end(writer, tail, &err), 0);
    xb_checkpoint_writer_free(writer);
}

static void put_text(const char *file)
{
    xb_auto_fclose FILE *f = fopen(in(file), "we");
    assert_non_null(f);
    fputs("no checkpoint", f);
}

static void put_guest(struct xb_guest_def *def)
{
    struct xb_err err = {0};
    *def = (struct xb_guest_def){.name = "web",
                                 .uuid = WEB,
                                 .image = "micro",
                                 .type = "pv",
                                 .vcpus = 1,
                                 .memory_bytes = 96 << 20};
    snprintf(def->dir, sizeof(def->dir), "%s", in("guests/web"));
    assert_int_equal(xb_make_dirs(def->dir, &err), 0);
    assert_int_equal(xb_guest_def_save(def, def->dir, &err), 0);
}

static int set_up(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    strcpy(dir, "/tmp/xb-sweep.XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(xb_make_dirs(in("checkpoints/at-shutdown"), &err), 0);
    put_checkpoint("checkpoints/web.checkpoint", "web", WEB);
    put_checkpoint("checkpoints/at-shutdown/web.checkpoint", "web", WEB);
    /* A guest was removed, and another guest now has its name. */
    put_checkpoint("checkpoints/gone.checkpoint", "gone", GONE);
    put_checkpoint("checkpoints/at-shutdown/other.checkpoint", "web", GONE);
    put_checkpoint("checkpoints/gone.kept", "gone", GONE);
    put_text("checkpoints/text.checkpoint");
    return 0;
}

static int tear_down(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    return xb_remove_tree(dir, &err);
}

static bool there(const char *file)
{
    return access(in(file), F_OK) == 0;
}

static void count_told(void *arg, const char *what)
{
    assert_non_null(strstr(what, "no more"));
    ++*(unsigned *)arg;
}

static int sweep(bool dry_run, unsigned *told, struct xb_err *err)
{
    struct xb_recovery recovery = {
        .app = &app, .dry_run = dry_run, .told = count_told, .arg = told};
    return xb_journal_recover_kind(&recovery, &xb_checkpoint_file_kind, err);
}

static void those_of_guests_that_are_no_more_are_swept(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_guest_def def;
    unsigned told = 0;
    put_guest(&def);
    assert_int_equal(sweep(true, &told, &err), 0);
    assert_int_equal(told, 2);
    assert_true(there("checkpoints/gone.checkpoint"));
    assert_int_equal(sweep(false, &told, &err), 0);
    assert_int_equal(told, 4);
    assert_false(there("checkpoints/gone.checkpoint"));
    assert_false(there("checkpoints/at-shutdown/other.checkpoint"));
    assert_true(there("checkpoints/web.checkpoint"));
    assert_true(there("checkpoints/at-shutdown/web.checkpoint"));
    assert_true(there("checkpoints/gone.kept"));
    assert_true(there("checkpoints/text.checkpoint"));
}

static void a_guests_own_go_with_it(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_guest_def def;
    put_guest(&def);
    if (xb_guest_dir_remove(&app, &def, &err) < 0)
        fail_msg("%s", err.msg);
    assert_false(there("guests/web"));
    assert_false(there("checkpoints/web.checkpoint"));
    assert_false(there("checkpoints/at-shutdown/web.checkpoint"));
    assert_true(there("checkpoints/gone.checkpoint"));
    assert_true(there("checkpoints/at-shutdown/other.checkpoint"));
}

/* An unmounted folder, or a damaged guest, does not prove that the other guests are gone. */
static void in_doubt_all_stay(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_guest_def def;
    unsigned told = 0;
    assert_int_equal(sweep(false, &told, &err), 0);
    put_guest(&def);
    put_text("guests/web/guest.json");
    assert_int_equal(sweep(false, &told, &err), -1);
    assert_int_equal(told, 0);
    assert_true(there("checkpoints/gone.checkpoint"));
    assert_true(there("checkpoints/web.checkpoint"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(those_of_guests_that_are_no_more_are_swept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_guests_own_go_with_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(in_doubt_all_stay, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
