/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that get their names once they are complete, and kept backups: a killed process leaves no
 * file with that name, and nothing that hinders the next call.
 */
#include "app.h"
#include "base.h"
#include "clone_disk.h"
#include "files.h"
#include "newfile.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static char dir[] = "/tmp/xenbench-test-XXXXXX";
static char path[64];

static int set_up(void **state XB_UNUSED)
{
    memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/file", dir);
    return 0;
}

static int tear_down(void **state XB_UNUSED)
{
    return xb_remove_tree(dir, NULL);
}

static void write_text(const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void assert_text(const char *text)
{
    char is[64] = "";
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    is[fread(is, 1, sizeof(is) - 1, in)] = '\0';
    fclose(in);
    assert_string_equal(is, text);
}

static void assert_entries(size_t expected)
{
    size_t count = 0;
    DIR *entries = opendir(dir);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries));)
        count += entry->d_name[0] != '.';
    closedir(entries);
    assert_int_equal(count, expected);
}

typedef int open_fn(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                    struct xb_err *err);

static open_fn *const opens[] = {xb_newfile_open, xb_newfile_open_named};

static int make(open_fn *open_it, bool replace, const char *text, bool show, struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    if (open_it(&file, path, 0600, replace, err) < 0)
        return -1;
    ssize_t n = (ssize_t)strlen(text);
    assert_int_equal(write(file.fd, text, strlen(text)), n);
    return show ? xb_newfile_show(&file, err) : 0;
}

static void a_file_is_there_when_it_is_shown(void **state XB_UNUSED)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(opens); i++) {
        struct xb_err err = {0};
        assert_int_equal(make(opens[i], false, "given up", false, &err), 0);
        assert_entries(0);
        assert_int_equal(make(opens[i], false, "whole", true, &err), 0);
        assert_text("whole");
        assert_int_equal(make(opens[i], true, "other", false, &err), 0);
        assert_text("whole");
        assert_int_equal(make(opens[i], true, "other", true, &err), 0);
        assert_text("other");
        assert_entries(1);
        unlink(path);
    }
}

static void what_is_there_is_replaced_where_that_is_wanted(void **state XB_UNUSED)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(opens); i++) {
        struct xb_err err = {0};
        write_text("old");
        assert_int_equal(make(opens[i], false, "new", true, &err), -1);
        assert_int_equal(err.class, XB_E_INPUT);
        /* A file that somebody made meanwhile is not replaced either. */
        unlink(path);
        xb_err_clear(&err);
        xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
        assert_int_equal(opens[i](&file, path, 0600, false, &err), 0);
        write_text("theirs");
        assert_int_equal(xb_newfile_show(&file, &err), -1);
        assert_int_equal(err.class, XB_E_INPUT);
        xb_newfile_end(&file);
        assert_text("theirs");
        assert_entries(1);
        unlink(path);
        /* A directory cannot be replaced, and a dangling link counts as a file. */
        xb_err_clear(&err);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(make(opens[i], true, "new", true, &err), -1);
        assert_int_equal(err.class, XB_E_INPUT);
        rmdir(path);
        xb_err_clear(&err);
        assert_int_equal(symlink("nowhere", path), 0);
        assert_int_equal(make(opens[i], false, "new", true, &err), -1);
        assert_int_equal(err.class, XB_E_INPUT);
        unlink(path);
    }
}

static void two_that_need_a_name_are_kept_apart(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    assert_int_equal(xb_newfile_open_named(&file, path, 0600, false, &err), 0);
    assert_int_equal(make(xb_newfile_open_named, false, "second", true, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    assert_entries(1);
    xb_err_clear(&err);
    assert_int_equal(xb_newfile_show(&file, &err), 0);
    assert_text("");
}

/* Run a function in a child that dies at this step. */
static void killed_at(const char *step, void (*job)(void))
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        setenv("XENBENCH_FAULT", step, 1);
        job();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void make_new(void)
{
    make(xb_newfile_open, false, "new", true, NULL);
}

static void make_named(void)
{
    make(xb_newfile_open_named, false, "new", true, NULL);
}

static void replace_old(void)
{
    make(xb_newfile_open, true, "new", true, NULL);
}

static void who_is_killed_leaves_what_was_there(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    killed_at("file-written", make_new);
    assert_entries(0);
    /* A file with a temporary name stays behind, and the next call reuses it. */
    killed_at("file-written", make_named);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(make(xb_newfile_open_named, false, "third", true, &err), 0);
    assert_text("third");
    assert_entries(1);
    killed_at("file-written", replace_old);
    assert_entries(1);
    killed_at("file-linked", replace_old);
    assert_text("third");
    assert_int_equal(make(xb_newfile_open, true, "fourth", true, &err), 0);
    assert_text("fourth");
    assert_entries(1);
}

/*
 * Run `guest clone --method backup --keep-backup FILE` until the backup is written; 0, or the
 * error's class.
 */
static int keep_backup(void)
{
    struct xb_app app = {.state_dir = dir};
    struct xb_clone_spec spec = {.method = XB_CLONE_BACKUP, .backup_path = path};
    xb_auto_work struct xb_work work = XB_WORK_NONE;
    struct xb_clone_job job = {.app = &app, .spec = &spec, .work = &work, .backup = -1, .hold = -1};
    struct xb_err err = {0};
    job.source.disk = (struct xb_disk){.storage = XB_STORAGE_FILE, .bytes = 1 << 20};
    snprintf(job.source.dir, sizeof(job.source.dir), "%s", dir);
    xb_clone_job_begin(&job, &err);
    xb_clone_job_end(&job);
    return (int)err.class;
}

static void keep_backup_in_child(void)
{
    keep_backup();
}

static void a_kept_backup_is_whole_or_not_there(void **state XB_UNUSED)
{
    static const char *const steps[] = {"backup-half", "backup-written", "file-written"};
    char disk[80];
    snprintf(disk, sizeof(disk), "%s/disk.img", dir);
    int fd = open(disk, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0 && pwrite(fd, "data", 4, 70000) == 4 && ftruncate(fd, 1 << 20) == 0);
    close(fd);
    for (size_t i = 0; i < XB_ARRAY_LEN(steps); i++) {
        killed_at(steps[i], keep_backup_in_child);
        assert_entries(1);
    }
    assert_int_equal(keep_backup(), 0);
    assert_entries(2);
    assert_int_equal(keep_backup(), XB_E_INPUT); /* it exists already */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_there_when_it_is_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_there_is_replaced_where_that_is_wanted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_that_need_a_name_are_kept_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_is_killed_leaves_what_was_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_kept_backup_is_whole_or_not_there, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
