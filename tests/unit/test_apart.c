/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work in a separate, locked-down process: answers, errors, and a process that dies or attacks. */
#include "apart.h"
#include "base.h"
#include "sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct answer {
    uint64_t sum;
};

static int add(void *arg, int fd, struct xb_err *err)
{
    const int *numbers = arg;
    struct answer answer = {(uint64_t)(numbers[0] + numbers[1])};
    return xb_apart_tell(fd, &answer, sizeof(answer), err);
}

static int refuse(void *arg XB_UNUSED, int fd XB_UNUSED, struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, EIO, "it says \x1b[2J");
}

static int die(void *arg XB_UNUSED, int fd XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    abort();
}

static int break_out(void *arg XB_UNUSED, int fd XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    char *const argv[] = {"sh", NULL};
    return execve("/bin/sh", argv, NULL);
}

static int say_nothing(void *arg XB_UNUSED, int fd XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return 0;
}

static int say_too_much(void *arg XB_UNUSED, int fd, struct xb_err *err)
{
    char bytes[2 * sizeof(struct answer)] = {0};
    return xb_apart_tell(fd, bytes, sizeof(bytes), err);
}

static int lie_about_length(void *arg XB_UNUSED, int fd, struct xb_err *err XB_UNUSED)
{
    static const uint32_t head[] = {1, UINT32_MAX};
    return write(fd, head, sizeof(head)) == sizeof(head) ? 0 : -1;
}

static int ask(xb_apart_fn *work, void *arg, struct answer *answer, struct xb_err *err)
{
    xb_err_clear(err);
    return xb_apart_ask(work, arg, NULL, 0, answer, sizeof(*answer), err);
}

static void an_answer_and_none(void **state XB_UNUSED)
{
    int numbers[] = {40, 2};
    struct answer answer = {0};
    struct xb_err err;
    assert_int_equal(ask(add, numbers, &answer, &err), 1);
    assert_int_equal(answer.sum, 42);
    assert_int_equal(ask(say_nothing, NULL, &answer, &err), 0);
}

static void its_error_is_ours(void **state XB_UNUSED)
{
    struct answer answer;
    struct xb_err err;
    assert_int_equal(ask(refuse, NULL, &answer, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    assert_int_equal(err.errnum, EIO);
    assert_null(strchr(err.msg, 0x1b));
    assert_non_null(strstr(err.msg, "it says \\x1b[2J"));
}

static void harm_ends_it_alone(void **state XB_UNUSED)
{
    static const struct {
        xb_apart_fn *work;
        const char *told;
    } cases[] = {
        {die, "died (signal 6)"},
        {break_out, "what the sandbox forbids"},
        {say_too_much, "wrong answer"},
        {lie_about_length, "wrong answer"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(cases); i++) {
        struct answer answer;
        struct xb_err err;
        assert_int_equal(ask(cases[i].work, NULL, &answer, &err), -1);
        print_message("# %s\n", err.msg);
        assert_non_null(strstr(err.msg, cases[i].told));
    }
}

static int read_it(void *arg, int fd, struct xb_err *err)
{
    struct answer answer = {0};
    if (pread(*(int *)arg, &answer, sizeof(answer), 0) != sizeof(answer))
        return xb_fail(err, XB_E_HOST, errno, "read");
    return xb_apart_tell(fd, &answer, sizeof(answer), err);
}

static void it_reads_what_it_was_handed(void **state XB_UNUSED)
{
    struct answer answer = {77}, got = {0};
    struct xb_err err = {0};
    xb_auto_close int file = memfd_create("file", MFD_CLOEXEC);
    assert_int_equal(write(file, &answer, sizeof(answer)), sizeof(answer));
    assert_int_equal(xb_apart_ask(read_it, &file, &file, 1, &got, sizeof(got), &err), 1);
    assert_int_equal(got.sum, 77);
    assert_int_equal(ask(read_it, &file, &got, &err), -1); /* fd was not handed to this process */
}

/* Seccomp allows reading and writing on every descriptor that the process has. */
static int look_at_standard(void *arg, int fd, struct xb_err *err)
{
    struct answer answer = {0};
    for (int i = 0; i <= STDERR_FILENO; i++) {
        struct stat st;
        if (fstat(i, &st) == 0 && st.st_ino == *(ino_t *)arg)
            answer.sum += 1U << i;
    }
    return xb_apart_tell(fd, &answer, sizeof(answer), err);
}

static uint64_t standard_given(const int *keep, size_t keep_count)
{
    struct answer got = {0};
    struct xb_err err = {0};
    struct stat st;
    int saved[3];
    xb_auto_close int file = memfd_create("ours", MFD_CLOEXEC);
    assert_int_equal(fstat(file, &st), 0);
    for (int i = 0; i <= STDERR_FILENO; i++) {
        saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
        dup2(file, i);
    }
    int r = xb_apart_ask(look_at_standard, &st.st_ino, keep, keep_count, &got, sizeof(got), &err);
    for (int i = 0; i <= STDERR_FILENO; i++) {
        dup2(saved[i], i);
        close(saved[i]);
    }
    assert_int_equal(r, 1);
    return got.sum & ~(uint64_t)(XB_SANDBOX_SANITIZED ? 1U << STDERR_FILENO : 0);
}

static void it_has_none_of_our_standard_descriptors(void **state XB_UNUSED)
{
    const int keep = STDIN_FILENO;
    assert_int_equal(standard_given(NULL, 0), 0);
    assert_int_equal(standard_given(&keep, 1), 1U << STDIN_FILENO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_and_none),
        cmocka_unit_test(its_error_is_ours),
        cmocka_unit_test(harm_ends_it_alone),
        cmocka_unit_test(it_reads_what_it_was_handed),
        cmocka_unit_test(it_has_none_of_our_standard_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
