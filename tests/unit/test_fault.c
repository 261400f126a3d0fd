/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fault injection: a process kills or stops itself at the named step, and at no other. */
#include "base.h"
#include "fault.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Start a child with XENBENCH_FAULT=what that passes two steps twice and exits with 7. */
static pid_t pass_steps(const char *what)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    setenv("XENBENCH_FAULT", what, 1);
    for (int i = 0; i < 2; i++) {
        xb_fault("first");
        xb_fault("second");
    }
    _exit(7);
}

static int wait_of(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    return status;
}

static void killed_at_its_step(void **state XB_UNUSED)
{
    int status = wait_of(pass_steps("second"));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    status = wait_of(pass_steps("third"));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static void stopped_once_at_its_step(void **state XB_UNUSED)
{
    pid_t pid = pass_steps("stop:first");
    int status = wait_of(pid);
    assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    assert_int_equal(kill(pid, SIGCONT), 0);
    status = wait_of(pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_its_step),
        cmocka_unit_test(stopped_once_at_its_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
