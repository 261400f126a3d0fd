/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The remains of a killed lifecycle are found; those of a live one are left alone. */
#include "base.h"
#include "files.h"
#include "lifecycle_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static char dir[64], raw[PATH_MAX], packed[PATH_MAX], other[PATH_MAX];
static struct xb_app app = {.state_dir = dir, .run_dir = dir};
static const char *const files[] = {raw, packed};
/* This guest no longer exists, so the code does not ask Xen about it. */
static const struct xb_guest_def guest = {.name = "web",
                                          .uuid = "aaaabbbb-1111-2222-3333-444455556666"};

static void put(char *path, const char *name)
{
    snprintf(path, PATH_MAX, "%s/%s", dir, name);
    xb_auto_fclose FILE *f = fopen(path, "we");
    assert_non_null(f);
}

static int set_up(void **state XB_UNUSED)
{
    strcpy(dir, "/tmp/xb-life.XXXXXX");
    assert_non_null(mkdtemp(dir));
    put(raw, ".lifecycle-web.1");
    put(packed, ".lifecycle-web.1.packed");
    put(other, ".lifecycle-other.1");
    return 0;
}

static int tear_down(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    return xb_remove_tree(dir, &err);
}

static void count_told(void *arg, const char *what)
{
    assert_non_null(strstr(what, "killed"));
    ++*(unsigned *)arg;
}

static unsigned recover(bool dry_run)
{
    struct xb_err err = {0};
    unsigned told = 0;
    struct xb_recovery recovery = {
        .app = &app, .dry_run = dry_run, .told = count_told, .arg = &told};
    if (xb_journal_recover_kind(&recovery, &xb_life_kind, &err) < 0)
        fail_msg("%s", err.msg);
    return told;
}

static bool there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void one_that_is_alive_is_left_alone(void **state XB_UNUSED)
{
    struct xb_life_record record;
    struct xb_err err = {0};
    assert_int_equal(xb_life_record_begin(&record, &app, &guest, 1, files, 2, &err), 0);
    assert_int_equal(recover(false), 0);
    assert_true(there(raw) && there(packed));
    assert_true(xb_journal_recorded(&app, &xb_life_kind, record.key, NULL));
    xb_life_record_end(&record);
    assert_false(xb_journal_recorded(&app, &xb_life_kind, record.key, NULL));
    assert_int_equal(recover(false), 0);
    assert_true(there(raw));
}

static void one_that_was_killed_is_put_back(void **state XB_UNUSED)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct xb_life_record record;
        struct xb_err err = {0};
        _exit(xb_life_record_begin(&record, &app, &guest, 1, files, 2, &err) < 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(recover(true), 2);
    assert_true(there(raw) && there(packed));
    assert_int_equal(recover(false), 2);
    assert_false(there(raw) || there(packed));
    assert_true(there(other));
    assert_int_equal(recover(true), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_is_alive_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_was_killed_is_put_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
