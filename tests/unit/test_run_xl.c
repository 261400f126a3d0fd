/* xl is ended when its time is over, or when xenbench is to stop, with all that it started. */
#include "base.h"
#include "domain_build.h"
#include "files.h"
#include "helper.h"
#include "interrupt.h"
#include "xswait.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char dir[64];
static const char *const args[] = {"shutdown", "-w", "web", NULL};

static void put_xl(const char *text)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/xl", dir);
    xb_auto_fclose FILE *f = fopen(path, "we");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", text);
    assert_int_equal(fchmod(fileno(f), 0755), 0);
}

static int set_up(void **state XB_UNUSED)
{
    char path[PATH_MAX];
    const char *before = getenv("PATH");
    strcpy(dir, "/tmp/xb-xl.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s:%s", dir, before ? before : "/bin");
    return setenv("PATH", path, 1);
}

static int tear_down(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    return xb_remove_tree(dir, &err);
}

static void one_that_ends_is_understood(void **state XB_UNUSED)
{
    struct xb_err err = {0}, why = {0};
    uint64_t deadline_ns = xb_now_ns() + 600 * XB_NS_PER_S;
    put_xl("exit 0");
    assert_int_equal(xb_run_xl(args, deadline_ns, &err), 0);
    put_xl("echo first; echo 'web does not shut down' >&2; exit 3");
    assert_int_equal(xb_run_xl(args, deadline_ns, &why), -1);
    assert_int_equal(why.class, XB_E_HOST);
    assert_string_equal(why.msg, "`xl shutdown` failed: web does not shut down");
}

static void its_time_is_over(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    put_xl("exec sleep 1000");
    assert_int_equal(xb_run_xl(args, xb_now_ns() + 100 * XB_NS_PER_MS, &err), -1);
    assert_int_equal(err.class, XB_E_BENCH);
    assert_non_null(strstr(err.msg, "in time"));
}

/* Gone, or dead and not yet reaped by whoever inherited it. */
static bool is_dead(const char *pid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
    xb_auto_fclose FILE *f = fopen(path, "re");
    if (!f || !fgets(line, sizeof(line), f))
        return true;
    const char *state = strrchr(line, ')');
    return state && state[2] == 'Z';
}

static void a_stop_signal_ends_it_and_what_it_started(void **state XB_UNUSED)
{
    char path[PATH_MAX], pid[32] = "";
    struct xb_err err = {0};
    int stop_fd = xb_interrupt_open(&err);
    snprintf(path, sizeof(path), "%s/pid", dir);
    put_xl("cd \"${0%/*}\"; sleep 1000 & echo $! >pid; kill -TERM $PPID; wait");
    assert_int_equal(xb_run_xl(args, xb_now_ns() + 600 * XB_NS_PER_S, &err), -1);
    assert_int_equal(err.class, XB_E_BENCH);
    assert_int_equal(xb_interrupt_take(stop_fd), SIGTERM);
    xb_interrupt_close(stop_fd);
    xb_auto_fclose FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_non_null(fgets(pid, sizeof(pid), f));
    pid[strcspn(pid, "\n")] = '\0';
    while (!is_dead(pid)) /* its signal was sent; a test that hangs here has found that it was not */
        usleep(1000);
}

/* In a child, whose standard input the leash is, as in a helper. */
static int hold(int leash_fd)
{
    struct xb_err err = {0};
    if (dup2(leash_fd, STDIN_FILENO) < 0 || xb_helper_heed_leash(&err) < 0)
        return 2;
    close(leash_fd);
    struct pollfd stop = {.fd = xb_stop_fd(), .events = POLLIN};
    return poll(&stop, 1, -1) == 1 && stop.revents == POLLIN ? 0 : 3;
}

static void a_dropped_leash_is_a_stop_signal(void **state XB_UNUSED)
{
    for (int before = 0; before < 2; before++) {
        int ends[2], status = -1;
        assert_int_equal(pipe(ends), 0);
        if (before)
            close(ends[1]);
        pid_t pid = fork();
        if (pid == 0) {
            if (!before)
                close(ends[1]);
            _exit(hold(ends[0]));
        }
        close(ends[0]);
        if (!before)
            close(ends[1]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_ends_is_understood, set_up, tear_down),
        cmocka_unit_test_setup_teardown(its_time_is_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stop_signal_ends_it_and_what_it_started, set_up,
                                        tear_down),
        cmocka_unit_test(a_dropped_leash_is_a_stop_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
