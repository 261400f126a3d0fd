/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_lock.h"

#include "base.h"
#include "escape.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define TEXT_MAX 256

/* The second line of the lock: the run, in words; "" where the holder has not written it yet. */
static void read_run(const char *path, char *out, size_t bytes)
{
    char text[TEXT_MAX + 1] = "", shown[XB_ESCAPE_MAX(TEXT_MAX) + 1];
    out[0] = '\0';
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : pread(fd, text, TEXT_MAX, 0);
    char *run = n > 0 ? strchr(text, '\n') : NULL;
    if (!run || !*++run)
        return;
    run[strcspn(run, "\n")] = '\0';
    struct xb_escape escape = {0};
    shown[xb_escape(&escape, (const uint8_t *)run, strlen(run), true, shown)] = '\0';
    snprintf(out, bytes, "%.*s", (int)bytes - 1, shown);
}

int xb_run_lock_take(struct xb_app *app, const char *what, struct xb_err *err)
{
    char path[PATH_MAX], holder[64] = "", run[TEXT_MAX];
    if (xb_make_dirs(app->run_dir, err) < 0 ||
        xb_path(path, sizeof(path), err, "%s/run.lock", app->run_dir) < 0)
        return -1;
    int fd = xb_lock_take(path, holder, err);
    if (fd >= 0 || !holder[0])
        return fd;
    read_run(path, run, sizeof(run));
    xb_err_clear(err);
    return xb_fail(
        err, XB_E_HOST, 0,
        "another experiment runs on this host, so this command cannot %s: process %s%s%s; wait "
        "for it, or stop it with `kill -INT %.*s`",
        what, holder, run[0] ? ", " : "", run, (int)strcspn(holder, " "), holder);
}

int xb_run_lock_name(int fd, const char *run, const char *name, struct xb_err *err)
{
    char line[TEXT_MAX], first[64];
    ssize_t n = pread(fd, first, sizeof(first) - 1, 0);
    first[n > 0 ? n : 0] = '\0';
    size_t at = strcspn(first, "\n");
    int length = snprintf(line, sizeof(line), "\nrun %.8s of `%.100s`\n", run, name);
    if (pwrite(fd, line, (size_t)length, (off_t)at) != length)
        return xb_fail(err, XB_E_HOST, errno, "cannot write the lock of the run");
    return 0;
}

bool xb_run_lock_is_of(struct xb_app *app, const char *run)
{
    char path[PATH_MAX], of[TEXT_MAX], asked[16];
    struct xb_err none = {0};
    if (xb_path(path, sizeof(path), &none, "%s/run.lock", app->run_dir) < 0 ||
        xb_lock_holder(path) == 0)
        return false;
    read_run(path, of, sizeof(of));
    snprintf(asked, sizeof(asked), "run %.8s", run);
    /* A run that has just begun has not written its name yet. */
    return !of[0] || strncmp(of, asked, strlen(asked)) == 0;
}
