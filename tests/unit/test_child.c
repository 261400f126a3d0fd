/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Child processes: starting them, waiting for them, ending them, and the error if a start fails. */
#include "base.h"
#include "child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

static int seven(void *arg)
{
    return *(int *)arg + 3;
}

static int die(void *arg XB_UNUSED)
{
    return raise(SIGKILL);
}

static void a_function_and_its_end(void **state XB_UNUSED)
{
    int four = 4, signal;
    struct xb_err err = {0};
    struct xb_child child;
    const struct xb_child_spec spec = {.main = seven, .arg = &four}, dying = {.main = die};
    assert_int_equal(xb_child_run(&spec, &err), 7);
    assert_int_equal(xb_child_start(&child, &dying, &err), 0);
    assert_int_equal(xb_child_await(&child, UINT64_MAX, -1), XB_CHILD_ENDED);
    assert_int_equal(xb_child_reap(&child, &signal), XB_CHILD_KILLED);
    assert_int_equal(signal, SIGKILL);
    assert_int_equal(xb_child_reap(&child, &signal), -1);
}

static void run_shell(const char *script, const struct xb_child_spec *how, char said[256])
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct xb_child_spec spec = *how;
    struct xb_err err = {0};
    xb_auto_close int out = memfd_create("out", MFD_CLOEXEC);
    spec.argv = argv;
    spec.in = XB_CHILD_NULL;
    spec.out = spec.err = out;
    assert_int_equal(xb_child_run(&spec, &err), 0);
    ssize_t n = pread(out, said, 255, 0);
    said[n > 0 ? n : 0] = '\0';
}

static void a_program_and_its_surroundings(void **state XB_UNUSED)
{
    static const char *const env[] = {"XB_ONE=new", "XB_THREE=3", NULL};
    char said[256];
    sigset_t one, before;
    setenv("XB_ONE", "old", 1);
    setenv("XB_TWO", "2", 1);
    sigemptyset(&one);
    sigaddset(&one, SIGTERM);
    sigprocmask(SIG_BLOCK, &one, &before);
    run_shell("echo $XB_ONE $XB_TWO $XB_THREE; pwd; read x || echo no input >&2",
              &(struct xb_child_spec){.env = env, .dir = "/usr"}, said);
    assert_string_equal(said, "new 2 3\n/usr\nno input\n");
    run_shell("grep SigBlk /proc/self/status", &(struct xb_child_spec){0}, said);
    assert_string_equal(said, "SigBlk:\t0000000000000000\n");
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void a_start_that_fails_says_why(void **state XB_UNUSED)
{
    static const char *const missing[] = {"xb-no-such-program", NULL}, *const no[] = {"/etc", NULL},
                             *const yes[] = {"true", NULL};
    const struct xb_child_spec none = {.argv = missing}, denied = {.argv = no},
                               nowhere = {.argv = yes, .dir = "/no/such"};
    struct xb_err err = {0}, why = {0}, where = {0};
    struct xb_child child;
    assert_int_equal(xb_child_start(&child, &none, &err), -1);
    assert_int_equal(err.class, XB_E_HOST);
    assert_int_equal(err.errnum, ENOENT);
    assert_string_equal(err.msg, "cannot start xb-no-such-program: No such file or directory");
    assert_int_equal(child.pid, 0);
    assert_int_equal(xb_child_run(&denied, &why), -1);
    assert_int_equal(why.errnum, EACCES);
    assert_int_equal(xb_child_run(&nowhere, &where), -1);
    assert_string_equal(where.msg, "cannot enter the folder /no/such: No such file or directory");
}

/* All of a group is ended: the pipe that its processes hold open reaches its end. */
static void a_group_is_ended_whole(void **state XB_UNUSED)
{
    static const char *const argv[] = {"sh", "-c",
                                       "trap '' TERM; sleep 1000 & sleep 1000; :", NULL};
    int ends[2];
    char nothing;
    struct xb_err err = {0};
    struct xb_child child;
    assert_int_equal(pipe(ends), 0);
    const struct xb_child_spec spec = {.argv = argv, .out = ends[1], .group = true};
    assert_int_equal(xb_child_start(&child, &spec, &err), 0);
    close(ends[1]);
    assert_int_equal(xb_child_await(&child, xb_now_ns() + 50 * XB_NS_PER_MS, -1),
                     XB_CHILD_DEADLINE);
    xb_child_end(&child, 50 * XB_NS_PER_MS);
    assert_int_equal(xb_child_reap(&child, NULL), XB_CHILD_KILLED);
    assert_int_equal(read(ends[0], &nothing, 1), 0);
    close(ends[0]);
}

static void a_wait_can_be_stopped(void **state XB_UNUSED)
{
    static const char *const argv[] = {"sleep", "1000", NULL};
    const struct xb_child_spec spec = {.argv = argv};
    int ends[2];
    struct xb_err err = {0};
    struct xb_child child;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(xb_child_start(&child, &spec, &err), 0);
    assert_int_equal(xb_child_await(&child, UINT64_MAX, ends[0]), XB_CHILD_STOP);
    xb_child_kill(&child, SIGKILL);
    xb_child_reap(&child, NULL);
    close(ends[0]);
    close(ends[1]);
}

/* Start a child that holds the pipe open until it ends, and end as its parent. */
static int leave_one_behind(void *arg)
{
    static const char *const argv[] = {"sleep", "1000", NULL};
    const int *fd = arg;
    const struct xb_child_spec spec = {.argv = argv, .out = *fd, .death_signal = SIGTERM};
    struct xb_child child;
    signal(SIGTERM, SIG_IGN); /* as if the command had been started with SIGTERM ignored */
    return xb_child_start(&child, &spec, NULL) < 0;
}

static void a_child_dies_with_its_parent(void **state XB_UNUSED)
{
    int ends[2];
    char nothing;
    struct xb_err err = {0};
    assert_int_equal(pipe(ends), 0);
    const struct xb_child_spec spec = {.main = leave_one_behind, .arg = &ends[1]};
    assert_int_equal(xb_child_run(&spec, &err), 0);
    close(ends[1]);
    assert_int_equal(read(ends[0], &nothing, 1), 0); /* a test that hangs here has failed */
    close(ends[0]);
}

struct pipes {
    int in[2], held[2];
};

static int be_killed(void *arg)
{
    static const char *const argv[] = {"sh", "-c", "read x", NULL};
    const struct pipes *pipes = arg;
    const struct xb_child_spec spec = {
        .argv = argv, .in = pipes->in[0], .group = true, .kept = true};
    struct xb_child child;
    if (xb_child_start(&child, &spec, NULL) < 0)
        return 1;
    return raise(SIGKILL);
}

/* A keeper keeps a killed process's descriptors open until the killed process's child has ended. */
static void a_keeper_outlives_who_started_it(void **state XB_UNUSED)
{
    struct pipes pipes;
    char nothing;
    struct xb_err err = {0};
    assert_int_equal(pipe2(pipes.in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(pipes.held, O_CLOEXEC), 0);
    const struct xb_child_spec spec = {.main = be_killed, .arg = &pipes};
    assert_int_equal(xb_child_run(&spec, &err), XB_CHILD_KILLED);
    close(pipes.held[1]);
    struct pollfd held = {.fd = pipes.held[0], .events = POLLIN};
    assert_int_equal(poll(&held, 1, 50), 0);
    assert_int_equal(write(pipes.in[1], "x\n", 2), 2);
    assert_int_equal(read(pipes.held[0], &nothing, 1), 0);
    close(pipes.held[0]);
    close(pipes.in[0]);
    close(pipes.in[1]);
}

static void a_keeper_passes_the_status_on(void **state XB_UNUSED)
{
    static const char *const missing[] = {"xb-no-such-program", NULL}, *const failing[] = {
                                                                           "sh", "-c", "exit 5",
                                                                           NULL};
    const struct xb_child_spec none = {.argv = missing, .kept = true},
                               fails = {.argv = failing, .kept = true};
    struct xb_err err = {0};
    assert_int_equal(xb_child_run(&fails, &err), 5);
    assert_int_equal(xb_child_run(&none, &err), -1);
    assert_int_equal(err.errnum, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_and_its_end),
        cmocka_unit_test(a_program_and_its_surroundings),
        cmocka_unit_test(a_start_that_fails_says_why),
        cmocka_unit_test(a_group_is_ended_whole),
        cmocka_unit_test(a_wait_can_be_stopped),
        cmocka_unit_test(a_child_dies_with_its_parent),
        cmocka_unit_test(a_keeper_outlives_who_started_it),
        cmocka_unit_test(a_keeper_passes_the_status_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
