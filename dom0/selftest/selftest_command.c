/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_i.h"

#include "alloc.h"
#include "base.h"
#include "child.h"
#include "files.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define PROGRAM_MAX_NS (900 * XB_NS_PER_S)
#define GRACE_NS (60 * XB_NS_PER_S) /* for what is interrupted to put the host back */
#define OUTPUT_MAX (1 << 20)

static char *read_output(int fd)
{
    off_t bytes = lseek(fd, 0, SEEK_END);
    size_t most = bytes < 0 ? 0 : bytes > OUTPUT_MAX ? OUTPUT_MAX : (size_t)bytes;
    char *text = xb_malloc(most + 1);
    ssize_t n = pread(fd, text, most, 0);
    text[n < 0 ? 0 : n] = '\0';
    return text;
}

/* A command in a guest that fails, or a file that differs, is a guest's failure. */
static enum xb_err_class class_of(const char *const argv[], int status)
{
    if (strcmp(argv[0], "cmp") == 0)
        return status == 1 ? XB_E_BENCH : XB_E_HOST;
    if (strcmp(argv[0], XB_SELFTEST_XENBENCH) != 0)
        return XB_E_HOST;
    if (argv[1] && strcmp(argv[1], "exec") == 0)
        return XB_E_BENCH;
    return status >= XB_E_BENCH && status <= XB_E_HOST ? (enum xb_err_class)status : XB_E_HOST;
}

static int judge(const char *const argv[], int status, int said_fd, struct xb_err *err)
{
    char said[XB_TOOL_SAID_BYTES], command[200] = "";
    size_t used = 0;
    if (status == 0)
        return 0;
    for (size_t i = 0; argv[i] && used < sizeof(command); i++)
        used +=
            (size_t)snprintf(command + used, sizeof(command) - used, "%s%s", i ? " " : "", argv[i]);
    xb_tool_words(argv, said_fd, NULL, said);
    return xb_fail(err, class_of(argv, status), 0, "`%s` ended with status %d: %s", command, status,
                   said[0] ? said : "it said nothing");
}

static int await(const struct xb_selftest *test, struct xb_child *child, struct xb_err *err)
{
    switch (xb_child_await(child, xb_now_ns() + PROGRAM_MAX_NS, test->stop_fd)) {
    case XB_CHILD_ENDED:
        return 0;
    case XB_CHILD_STOP:
        xb_fail(err, XB_E_BENCH, 0, "interrupted");
        break;
    case XB_CHILD_DEADLINE:
        xb_fail(err, XB_E_HOST, 0, "a command has not ended within 15 minutes");
        break;
    }
    xb_child_end(child, GRACE_NS);
    return -1;
}

int xb_selftest_command(const struct xb_selftest *test, const char *const argv[], double *seconds,
                        char **out, struct xb_err *err)
{
    xb_auto_close int out_fd = memfd_create("selftest", MFD_CLOEXEC);
    xb_auto_close int said_fd = memfd_create("selftest", MFD_CLOEXEC);
    if (out_fd < 0 || said_fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot take a program's output");
    const struct xb_child_spec spec = {
        .argv = argv,
        .program = strcmp(argv[0], XB_SELFTEST_XENBENCH) == 0 ? "/proc/self/exe" : NULL,
        .in = XB_CHILD_NULL,
        .out = out_fd,
        .err = said_fd,
        .group = true,
        .death_signal = SIGTERM,
    };
    struct xb_child child;
    uint64_t began_ns = xb_now_ns();
    if (xb_child_start(&child, &spec, err) < 0)
        return -1;
    int waited = await(test, &child, err);
    if (seconds)
        *seconds = (double)(xb_now_ns() - began_ns) / 1e9;
    int status = xb_child_reap(&child, NULL);
    if (waited < 0 || judge(argv, status, said_fd, err) < 0)
        return -1;
    if (out)
        *out = read_output(out_fd);
    return 0;
}

static int write_random(int fd, size_t megabytes)
{
    static char bytes[1 << 20];
    for (size_t i = 0; i < megabytes; i++) {
        for (size_t at = 0; at < sizeof(bytes); at += 256) /* as much as comes in one piece */
            if (getrandom(bytes + at, 256, 0) != 256)
                return -1;
        if (xb_write_all(fd, bytes, sizeof(bytes)) < 0)
            return -1;
    }
    return 0;
}

int xb_selftest_file(const struct xb_selftest *test, size_t megabytes, char path[PATH_MAX],
                     struct xb_err *err)
{
    if (xb_path(path, PATH_MAX, err, "%s/%zu", test->dir, megabytes) < 0)
        return -1;
    xb_auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write_random(fd, megabytes) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    return 0;
}
