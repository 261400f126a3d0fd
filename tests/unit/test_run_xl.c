/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xl is ended with all its children at its deadline, or when xenbench must stop. */
#include "base.h"
#include "domain_build.h"
#include "files.h"
#include "guest_rebuild.h"
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
    put_xl(
        "echo Parsing config from web.cfg; echo first; echo 'web does not shut down' >&2; exit 3");
    assert_int_equal(xb_run_xl(args, deadline_ns, &why), -1);
    assert_int_equal(why.class, XB_E_HOST);
    assert_string_equal(why.msg, "`xl shutdown` failed: first; web does not shut down");
}

static void its_time_is_over(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    put_xl("exec sleep 1000");
    assert_int_equal(xb_run_xl(args, xb_now_ns() + 100 * XB_NS_PER_MS, &err), -1);
    assert_int_equal(err.class, XB_E_BENCH);
    assert_non_null(strstr(err.msg, "in time"));
}

/* Gone, or dead and not yet reaped by its new parent. */
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
    while (!is_dead(pid)) /* a test that hangs here has found that the signal was not sent */
        usleep(1000);
}

/* Run in a child whose standard input is the leash, as in a helper. */
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

/* All warnings about an xm-era file, each about something that xl ignores. */
static void all_warnings_are_passed_on(void **state XB_UNUSED)
{
    char cfg[PATH_MAX], json[PATH_MAX], told[PATH_MAX], line[PATH_MAX + 100], text[8192] = "";
    struct xb_err err = {0};
    snprintf(cfg, sizeof(cfg), "%s/old.cfg", dir);
    snprintf(json, sizeof(json), "%s/old.cfg.json", dir);
    snprintf(told, sizeof(told), "%s/told", dir);
    put_xl(
        "echo 'Parsing config from old.cfg' >&2\n"
        "for i in $(seq 1 30); do echo \"WARNING: number $i of a word that is deprecated; say another\" >&2; done\n"
        "echo '{}'");
    xb_auto_close int was = dup(STDERR_FILENO);
    FILE *out = freopen(told, "we", stderr);
    assert_non_null(out);
    int status = xb_domain_cfg_to_json(cfg, json, &err);
    fflush(stderr);
    dup2(was, STDERR_FILENO);
    assert_int_equal(status, 0);
    xb_auto_fclose FILE *in = fopen(told, "re");
    assert_non_null(in);
    assert_true(fread(text, 1, sizeof(text) - 1, in) > 0);
    for (int i = 1; i <= 30; i++) {
        snprintf(line, sizeof(line), "warning: xl says about %s: WARNING: number %d of a word", cfg,
                 i);
        assert_non_null(strstr(text, line));
    }
    assert_null(strstr(text, "Parsing config"));
}

/* A value that the file does not set is unknown. */
static void memory_that_is_not_set(void **state XB_UNUSED)
{
    libxl_domain_config config;
    libxl_domain_config_init(&config);
    assert_int_equal(xb_domain_config_memory(&config), 0);
    config.b_info.max_memkb = 2048;
    assert_int_equal(xb_domain_config_memory(&config), 2 << 20);
    config.b_info.target_memkb = 1024;
    assert_int_equal(xb_domain_config_memory(&config), 1 << 20);
    libxl_domain_config_dispose(&config);
}

/* A setting is found in any notation, and text that only looks like it stays. */
static void a_guest_is_built_anew_from_any_xl_cfg(void **state XB_UNUSED)
{
    static const char cfg[] =
        "name = 'web'; memory = 160 ; pool = \"old\" # where it was\n"
        "# pool = 'comment'\n"
        "cpus = [\n    \"2\",\n    '1-3,^2',   # vcpu 1; pool = 'no'\n]\n"
        "cpus_soft = [ '1',\n '2' ]\n  tsc_mode = 'native'\nextra = 'pool = \"x\"\\'; memory = 3'\nmemory=128";
    static const char expected[] =
        "name = 'web';   # where it was\n# pool = 'comment'\n"
        "cpus = [\n    \"2\",\n    '1-3,^2',   # vcpu 1; pool = 'no'\n]\n"
        "  extra = 'pool = \"x\"\\'; memory = 3'\n"
        "memory = 256\npool = \"bench\"\n";
    struct xb_app app = {.state_dir = dir};
    struct xb_guest_def def = {
        .name = "web", .uuid = "11111111-2222-3333-4444-555555555555", .vcpus = 1};
    struct xb_guest_build build = {.memory_bytes = 256 << 20, .pool = "bench"};
    struct xb_err err = {0};
    char path[PATH_MAX + 16], got[1024] = "";
    put_xl("echo '{}'");
    assert_int_equal(xb_guest_def_dir(&app, "web", def.dir, sizeof(def.dir), &err), 0);
    assert_int_equal(xb_make_dirs(def.dir, &err), 0);
    assert_int_equal(xb_guest_def_save(&def, def.dir, &err), 0);
    snprintf(path, sizeof(path), "%s/web.cfg", def.dir);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(cfg, f);
    assert_int_equal(fclose(f), 0);
    for (int i = 0; i < 2; i++) { /* the second time it finds what it wrote itself */
        if (xb_guest_rebuild(&app, "web", &build, &err) < 0)
            fail_msg("%s", err.msg);
        xb_auto_fclose FILE *in = fopen(path, "re");
        assert_non_null(in);
        memset(got, 0, sizeof(got));
        assert_true(fread(got, 1, sizeof(got) - 1, in) > 0);
        assert_string_equal(got, expected);
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
        cmocka_unit_test_setup_teardown(all_warnings_are_passed_on, set_up, tear_down),
        cmocka_unit_test(memory_that_is_not_set),
        cmocka_unit_test_setup_teardown(a_guest_is_built_anew_from_any_xl_cfg, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
