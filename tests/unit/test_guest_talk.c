/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks for talking to a guest and for measuring it: who waits for whom, and the messages. */
#include "guest_talk.h"

#include "base.h"
#include "files.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <cmocka.h>

static char dir[64];
static struct xb_app app = {.run_dir = dir};
static char told[512];

static int make_dir(void **state XB_UNUSED)
{
    strcpy(dir, "/tmp/xb-talk-XXXXXX");
    told[0] = '\0';
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state XB_UNUSED)
{
    return xb_remove_tree(dir, NULL);
}

static void tell(void *arg XB_UNUSED, const char *text)
{
    snprintf(told, sizeof(told), "%s", text);
}

static struct xb_talk_wait wait_for(uint64_t ns)
{
    return (struct xb_talk_wait){.deadline_ns = xb_now_ns() + ns, .stop_fd = -1, .tell = tell};
}

static struct xb_guest_talk open_talk(void)
{
    struct xb_guest_talk talk;
    assert_int_equal(xb_guest_talk_open(&talk, &app, "key", "web", NULL), 0);
    return talk;
}

static int join(struct xb_guest_talk *talk, uint64_t ns, struct xb_err *err)
{
    struct xb_talk_wait wait = wait_for(ns);
    return xb_guest_talk_join(talk, &wait, err);
}

static int measure(struct xb_guest_talk *talk, uint64_t ns, struct xb_err *err)
{
    struct xb_talk_wait wait = wait_for(ns);
    return xb_guest_talk_measure(talk, &wait, err);
}

static void test_talk_beside_each_other(void **state XB_UNUSED)
{
    struct xb_guest_talk one = open_talk(), two = open_talk();
    assert_int_equal(join(&one, 0, NULL), 0);
    assert_int_equal(join(&two, 0, NULL), 0);
    xb_guest_talk_close(&one);
    xb_guest_talk_close(&two);
}

static void test_measured_alone(void **state XB_UNUSED)
{
    struct xb_guest_talk run = open_talk(), exec = open_talk();
    struct xb_err err = {0};
    assert_int_equal(join(&run, 0, NULL), 0);
    assert_int_equal(measure(&run, 0, NULL), 0);
    assert_int_equal(join(&exec, 2500 * XB_NS_PER_MS, &err), -1);
    assert_int_equal(err.class, XB_E_BENCH);
    char whom[80];
    snprintf(whom, sizeof(whom), "guest web is being measured by process %d (", (int)getpid());
    assert_non_null(strstr(err.msg, whom));
    assert_non_null(strstr(told, "guest web: waiting for process"));
    xb_guest_talk_measured(&run);
    assert_int_equal(join(&exec, 0, NULL), 0);
    /* A run that talks like the others again may not measure while they talk. */
    xb_err_clear(&err);
    assert_int_equal(measure(&run, 0, &err), -1);
    assert_non_null(strstr(err.msg, "guest web cannot be measured: process"));
    xb_guest_talk_close(&exec);
    assert_int_equal(measure(&run, 0, NULL), 0);
    xb_guest_talk_close(&run);
}

/* Newcomers cannot delay a waiting measurement. */
static void test_measurement_does_not_starve(void **state XB_UNUSED)
{
    struct xb_guest_talk talks = open_talk(), comes;
    assert_int_equal(join(&talks, 0, NULL), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(talks.fd);
        struct xb_guest_talk run = open_talk();
        _exit(measure(&run, 20 * XB_NS_PER_S, NULL) == 0 ? 0 : 1);
    }
    struct xb_err err = {0};
    int r;
    do {
        comes = open_talk();
        xb_err_clear(&err);
        r = join(&comes, 10 * XB_NS_PER_MS, &err);
        xb_guest_talk_close(&comes);
    } while (r == 0); /* until the other process waits */
    xb_guest_talk_close(&talks);
    int status = -1;
    /* The process exits while it has the guest, which lets the others in. */
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    comes = open_talk();
    assert_int_equal(join(&comes, 0, NULL), 0);
    xb_guest_talk_close(&comes);
}

static void test_interrupted(void **state XB_UNUSED)
{
    struct xb_guest_talk run = open_talk(), exec = open_talk();
    struct xb_talk_wait wait = wait_for(20 * XB_NS_PER_S);
    struct xb_err err = {0};
    assert_int_equal(measure(&run, 0, NULL), 0);
    wait.stop_fd = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(xb_guest_talk_join(&exec, &wait, &err), -1);
    assert_non_null(strstr(err.msg, "interrupted"));
    close(wait.stop_fd);
    xb_guest_talk_close(&exec);
    xb_guest_talk_close(&run);
}

static void test_door(void **state XB_UNUSED)
{
    struct xb_guest_talk one = open_talk(), two = open_talk();
    struct xb_lock_wait wait;
    char holder[200], whom[80];
    assert_true(xb_guest_door_take(&one));
    assert_false(xb_guest_door_take(&two));
    xb_guest_door_holder(&two, holder, sizeof(holder));
    snprintf(whom, sizeof(whom), "process %d (", (int)getpid());
    assert_non_null(strstr(holder, whom));
    assert_int_equal(xb_guest_door_wait(&two, &wait, NULL), 0);
    xb_guest_door_leave(&one);
    assert_true(xb_lock_wait_end(&wait));
    assert_false(xb_guest_door_take(&one));
    /* An abandoned wait leaves nothing behind. */
    assert_int_equal(xb_guest_door_wait(&one, &wait, NULL), 0);
    xb_lock_wait_cancel(&wait);
    xb_guest_door_leave(&two);
    assert_true(xb_guest_door_take(&one));
    xb_guest_talk_close(&one);
    xb_guest_talk_close(&two);
}

/* `clean` removes the lock file of a guest only if nobody talks to the guest. */
static void test_sweep(void **state XB_UNUSED)
{
    struct xb_guest_talk talk = open_talk();
    char path[PATH_MAX];
    strcpy(path, talk.path);
    xb_lock_sweep(path);
    assert_int_equal(access(path, F_OK), 0);
    xb_guest_talk_close(&talk);
    xb_lock_sweep(path);
    assert_int_not_equal(access(path, F_OK), 0);
    talk = open_talk();
    assert_int_equal(access(path, F_OK), 0);
    xb_guest_talk_close(&talk);
}

#define TALK_TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TALK_TEST(test_talk_beside_each_other),
        TALK_TEST(test_measured_alone),
        TALK_TEST(test_measurement_does_not_starve),
        TALK_TEST(test_interrupted),
        TALK_TEST(test_door),
        TALK_TEST(test_sweep),
    };
    return cmocka_run_group_tests_name("who talks with a guest", tests, NULL, NULL);
}
