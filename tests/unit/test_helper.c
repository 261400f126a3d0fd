/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How helper processes answer and are stopped; this program is its own helper. */
#include "base.h"
#include "files.h"
#include "helper.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>

static char dir[64];
static struct xb_app app = {.state_dir = dir, .run_dir = dir};

static const char *in(const char *file)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, file);
    return path;
}

/* Answer once `go` exists; if nobody listens, make `word`. Return if the test's folder is gone. */
static void answer_late(const char *go, const char *word)
{
    struct xb_err none = {0};
    struct timespec nap = {.tv_nsec = 10 * (long)XB_NS_PER_MS};
    char *slash = strrchr(go, '/');
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%.*s", (int)(slash - go), go);
    signal(SIGPIPE, SIG_IGN);
    while (access(go, F_OK) < 0) {
        if (access(folder, F_OK) < 0)
            return;
        nanosleep(&nap, NULL);
    }
    if (!xb_helper_answer(json_pack("{s:i}", "domid", 1), &none))
        mkdir(word, 0700);
}

static __attribute__((noreturn)) void be_helper(char **argv)
{
    struct xb_err err = {0};
    char byte;
    if (strcmp(argv[0], "well") == 0) {
        xb_helper_answer(json_pack("{s:i, s:s}", "domid", 7, "name", argv[1]), &err);
    } else if (strcmp(argv[0], "fail") == 0) {
        xb_fail(&err, XB_E_INPUT, 0, "no file called \xff\x1b[1m");
        xb_helper_answer(json_pack("{}"), &err);
    } else if (strcmp(argv[0], "leash") == 0) {
        if (read(STDIN_FILENO, &byte, 1) == 0)
            xb_fail(&err, XB_E_BENCH, 0, "undone in order");
        xb_helper_answer(json_pack("{}"), &err);
    } else if (strcmp(argv[0], "tell") == 0) {
        struct xb_helper_told told = {.total_bytes = 100 * XB_MIB};
        for (int i = 0; i < 5; i++) /* of which only the first is sent at once */
            xb_helper_tell(&told, 10 * XB_MIB);
        if (read(STDIN_FILENO, &byte, 1) == 0)
            xb_helper_answer(json_pack("{s:i}", "domid", 7), &err);
    } else if (strcmp(argv[0], "late") == 0) {
        answer_late(argv[1], argv[2]);
    }
    _exit(0);
}

static int set_up(void **state XB_UNUSED)
{
    strcpy(dir, "/tmp/xb-helper.XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    return xb_remove_tree(dir, &err);
}

static struct xb_helper *start(size_t count, const char *const (*args)[4])
{
    struct xb_err err = {0};
    struct xb_helper *helpers = xb_helpers_new(count);
    assert_non_null(helpers);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(helpers[i].answer_fd, -1);
        assert_int_equal(xb_helper_start(&app, &helpers[i], "web", args[i], &err), 0);
    }
    return helpers;
}

static void clear(struct xb_helper *helpers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        xb_helper_clear(&helpers[i]);
    free(helpers);
}

static void each_has_its_answer_or_its_error(void **state XB_UNUSED)
{
    static const char *const args[][4] = {{"well", "web"}, {"fail"}, {"die"}};
    struct xb_err err = {0};
    struct xb_helper *helpers = start(3, args);
    assert_int_equal(xb_helpers_wait(helpers, 3, 0, &err), 0);
    assert_int_equal(json_integer_value(json_object_get(helpers[0].answer, "domid")), 7);
    assert_string_equal(json_string_value(json_object_get(helpers[0].answer, "name")), "web");
    assert_int_equal(helpers[0].err.class, XB_E_NONE);
    assert_null(helpers[1].answer);
    assert_int_equal(helpers[1].err.class, XB_E_INPUT);
    assert_string_equal(helpers[1].err.msg, "no file called \\xff\\x1b[1m");
    assert_null(helpers[2].answer);
    assert_int_equal(helpers[2].err.class, XB_E_HOST);
    assert_non_null(strstr(helpers[2].err.msg, "guest web"));
    assert_non_null(strstr(helpers[2].err.msg, "died"));
    clear(helpers, 3);
}

/* What a helper tells before its answer is shown, added up over the guests. */
static void progress_is_shown(void **state XB_UNUSED)
{
    static const char *const args[][4] = {{"tell"}, {"tell"}};
    struct xb_progress_line line = {.terminal = true, .columns = 80};
    struct xb_err err = {0};
    char shown[4096] = "";
    int old = dup(STDERR_FILENO), file = open(in("shown"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct xb_helper *helpers = start(2, args);
    for (size_t i = 0; i < 2; i++) {
        struct pollfd told = {.fd = helpers[i].answer_fd, .events = POLLIN};
        helpers[i].line = &line;
        assert_int_equal(poll(&told, 1, -1), 1);
        close(helpers[i].leash_fd); /* now it answers */
        helpers[i].leash_fd = -1;
    }
    dup2(file, STDERR_FILENO);
    int status = xb_helpers_wait(helpers, 2, 0, &err);
    xb_progress_end(&line);
    dup2(old, STDERR_FILENO);
    close(old);
    assert_int_equal(status, 0);
    assert_true(pread(file, shown, sizeof(shown) - 1, 0) > 0);
    close(file);
    assert_non_null(strstr(shown, " of "));
    assert_non_null(strstr(shown, "00 MiB"));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(helpers[i].total_bytes, 100 * XB_MIB);
        assert_int_equal(helpers[i].done_bytes, 100 * XB_MIB); /* it has answered */
        assert_int_equal(json_integer_value(json_object_get(helpers[i].answer, "domid")), 7);
    }
    clear(helpers, 2);
}

/* Ctrl-C waits for helpers on a leash, which undo their work; others notice that nobody listens. */
static void a_stop_drops_leashes(void **state XB_UNUSED)
{
    static const char *const leash[][4] = {{"leash"}, {"leash"}};
    char go[PATH_MAX], word[PATH_MAX];
    struct xb_err err = {0};
    sigset_t stop, old;
    struct timespec nap = {.tv_nsec = 20 * (long)XB_NS_PER_MS};
    snprintf(go, sizeof(go), "%s", in("go"));
    snprintf(word, sizeof(word), "%s", in("nobody-listened"));
    struct xb_helper *helpers = start(2, leash);
    struct xb_helper *late = xb_helpers_new(1);
    const char *const args[] = {"late", go, word, NULL};
    assert_int_equal(xb_helper_start_monitor(&app, late, "web", args, &err), 0);

    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, &old);
    signal(SIGINT, SIG_DFL); /* `make check-fast &` starts us with SIGINT ignored: no stop signal */
    raise(SIGINT);
    assert_int_equal(xb_helpers_wait(helpers, 2, 0, &err), -1);
    assert_string_equal(helpers[0].err.msg, "undone in order");
    assert_string_equal(helpers[1].err.msg, "undone in order");
    xb_err_clear(&err);
    assert_int_equal(xb_helpers_wait(late, 1, 0, &err), -1);
    assert_non_null(strstr(err.msg, "stopped"));
    assert_null(late->answer);
    sigwaitinfo(&stop, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);

    assert_int_equal(mkdir(go, 0700), 0);
    for (int i = 0; i < 500 && access(word, F_OK) < 0; i++)
        nanosleep(&nap, NULL);
    assert_int_equal(access(word, F_OK), 0);
    clear(helpers, 2);
    clear(late, 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_has_its_answer_or_its_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(progress_is_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stop_drops_leashes, set_up, tear_down),
    };
    if (argc > 2 && strcmp(argv[1], "domain-helper") == 0)
        be_helper(argv + 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
