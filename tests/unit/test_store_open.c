/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening the store: locks, kills, other files, a disk that fails. */
#include "base.h"
#include "store_make.h"
#include "store_watch.h"

#include <limits.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int stop_after(void *left)
{
    return (*(int *)left)-- == 0;
}

/* A query that fails at its first, second... n-th step leaves nothing to be freed twice. */
static void test_samples_fail_anywhere(void **state)
{
    struct made_store *f = *state;
    int r = -1;
    begin_run(f);
    arm_first(f);
    for (int steps = 0; r < 0 && steps < 1000; steps++) {
        int left = steps;
        struct xb_sample_state *samples;
        size_t count;
        sqlite3_progress_handler(f->store->db, 1, stop_after, &left);
        r = xb_store_samples(f->store, first, &samples, &count, &f->err);
        sqlite3_progress_handler(f->store->db, 0, NULL, NULL);
        assert_int_equal(count, r < 0 ? 0 : 2);
        free(samples);
        xb_err_clear(&f->err);
    }
    assert_int_equal(r, 0);
}

static void begin_and_sync(struct made_store *f)
{
    begin_run(f);
    assert_int_equal(xb_store_sync(f->store, &f->err), 0);
}

/* A change, and the sync after it, which must say that the file is not what it was. */
static void assert_sync_says(struct made_store *f, const char *what)
{
    assert_int_equal(xb_store_exec(f->store, "UPDATE runs SET name = name || '!'", "", &f->err), 0);
    assert_int_equal(xb_store_sync(f->store, &f->err), -1);
    assert_int_equal(f->err.class, XB_E_HOST);
    if (!strstr(f->err.msg, what))
        fail_msg("`%s` does not say `%s`", f->err.msg, what);
}

static void test_a_file_cut_beneath_us(void **state)
{
    struct made_store *f = *state;
    begin_and_sync(f);
    assert_int_equal(truncate(xb_store_path(f->store), 4096), 0);
    assert_sync_says(f, xb_store_path(f->store)); /* SQLite may notice first */
}

static void test_a_file_emptied_beneath_us(void **state)
{
    struct made_store *f = *state;
    begin_and_sync(f);
    assert_int_equal(truncate(xb_store_path(f->store), 0), 0);
    assert_int_equal(truncate(xb_store_path(f->store), 1 << 20), 0);
    assert_int_equal(xb_store_sync(f->store, &f->err), -1);
    assert_non_null(strstr(f->err.msg, "was cut or overwritten"));
}

static void test_a_file_removed_beneath_us(void **state)
{
    struct made_store *f = *state;
    begin_and_sync(f);
    assert_int_equal(unlink(xb_store_path(f->store)), 0);
    assert_sync_says(f, "was removed or replaced");
}

static void test_a_file_replaced_beneath_us(void **state)
{
    struct made_store *f = *state;
    char aside[PATH_MAX];
    begin_and_sync(f);
    snprintf(aside, sizeof(aside), "%s.aside", xb_store_path(f->store));
    assert_int_equal(rename(xb_store_path(f->store), aside), 0);
    FILE *file = fopen(xb_store_path(f->store), "w");
    assert_non_null(file);
    fclose(file);
    assert_sync_says(f, "was removed or replaced");
    unlink(aside);
}

/* Keeps the store to itself for 300 ms, as the last one to close it does to empty the log. */
static pid_t lock_for_a_while(struct made_store *f)
{
    int told[2];
    char byte;
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        sqlite3 *db;
        if (xb_store_open_db(xb_store_path(f->store), SQLITE_OPEN_READWRITE, &db) != SQLITE_OK ||
            sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT", NULL, NULL,
                         NULL) != SQLITE_OK)
            _exit(1);
        usleep(write(told[1], "", 1) == 1 ? 300000 : 0);
        _exit(0);
    }
    close(told[1]);
    assert_int_equal(read(told[0], &byte, 1), 1);
    close(told[0]);
    return pid;
}

/* Whoever opens a locked store waits, from the first question on. */
static void test_waits_for_a_lock(void **state)
{
    struct made_store *f = *state;
    struct xb_store *other = NULL;
    begin_run(f);
    const char *path = xb_store_path(f->store);
    for (int i = 0; i < 2; i++) {
        sqlite3_close(f->store->db); /* the lock excludes every other connection */
        f->store->db = NULL;
        pid_t pid = lock_for_a_while(f);
        int r = i == 0 ? xb_store_open(&other, &f->app, path, false, &f->err)
                       : xb_store_open_to_read(&other, &f->app, path, &f->err);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        if (r < 0)
            fail_msg("%s", f->err.msg);
        xb_store_close(other);
    }
}

/* Committed data survives the process's immediate kill. */
static void test_survives_a_kill(void **state)
{
    struct made_store *f = *state;
    begin_run(f);
    arm_first(f);
    xb_store_close(f->store);
    f->store = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        if (xb_store_open(&f->store, &f->app, NULL, true, &f->err) == 0 && take(f, "a", 5000) == 0)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(xb_store_open(&f->store, &f->app, NULL, false, &f->err), 0);
    assert_int_equal(number(f, "SELECT wall_ns FROM samples WHERE guest = 'a'"), 4000);
}

static void test_refuses_what_is_no_store(void **state)
{
    struct made_store *f = *state;
    struct xb_store *other = NULL;
    char path[64];
    snprintf(path, sizeof(path), "%s/text", f->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("this is no database, and it is long enough to be looked at\n", file);
    fclose(file);
    assert_int_equal(xb_store_open(&other, &f->app, path, true, &f->err), -1);
    assert_non_null(strstr(f->err.msg, "is not a store of xenbench"));
    assert_int_equal(f->err.class, XB_E_INPUT);

    xb_err_clear(&f->err);
    snprintf(path, sizeof(path), "%s/none", f->dir);
    assert_int_equal(xb_store_open(&other, &f->app, path, false, &f->err), -1);
    assert_int_equal(f->err.class, XB_E_INPUT);
    assert_int_equal(access(path, F_OK), -1);

    xb_err_clear(&f->err);
    assert_int_equal(xb_store_do(f->store, &f->err, "PRAGMA user_version = 99"), 0);
    assert_int_equal(xb_store_open(&other, &f->app, f->path, true, &f->err), -1);
    assert_non_null(strstr(f->err.msg, "has version 99"));
}

static void test_refuses_another_database(void **state)
{
    struct made_store *f = *state;
    struct xb_store *other = NULL;
    char path[64];
    sqlite3 *db;
    snprintf(path, sizeof(path), "%s/other.sqlite", f->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE precious (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(xb_store_open(&other, &f->app, path, true, &f->err), -1);
    assert_non_null(strstr(f->err.msg, "not a store of xenbench"));
    /* It was not changed: WAL mode would stay in its header. */
    unsigned char header[20];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(header, 1, sizeof(header), file), sizeof(header));
    fclose(file);
    assert_int_equal(header[18], 1);
}

/* Truncating a mapped file has the same effect as a failing disk. */
static void a_lost_disk_is_told(void **state)
{
    struct made_store *f = *state;
    char path[64], shm[80];
    int pipe_fds[2], status;
    snprintf(path, sizeof(path), "%s/lost.sqlite", f->dir);
    snprintf(shm, sizeof(shm), "%s-shm", path);
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct xb_store *mine;
        struct xb_err err = {0};
        dup2(pipe_fds[1], STDERR_FILENO);
        if (xb_store_open(&mine, &f->app, path, true, &err) == 0 && truncate(shm, 0) == 0)
            xb_store_exec(mine, "CREATE TABLE t (a)", "", &err);
        _exit(7);
    }
    close(pipe_fds[1]);
    char said[600] = "";
    assert_true(read(pipe_fds[0], said, sizeof(said) - 1) > 0);
    close(pipe_fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    assert_non_null(strstr(said, path));
    assert_non_null(strstr(said, "read-only"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_samples_fail_anywhere),     STORE_TEST(test_waits_for_a_lock),
        STORE_TEST(test_survives_a_kill),           STORE_TEST(test_refuses_what_is_no_store),
        STORE_TEST(test_refuses_another_database),  STORE_TEST(a_lost_disk_is_told),
        STORE_TEST(test_a_file_cut_beneath_us),     STORE_TEST(test_a_file_emptied_beneath_us),
        STORE_TEST(test_a_file_removed_beneath_us), STORE_TEST(test_a_file_replaced_beneath_us),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
