/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outfile.h"

#include "base.h"
#include "files.h"
#include "interrupt.h"
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#define LINKS_MAX 40
#define READER_POLL_MS 20

/* N if path is this process's /proc/PID/fd/N, where /dev/stdout and /dev/fd lead; otherwise -1. */
static int own_descriptor(const char *path)
{
    char dir[PATH_MAX], ours[40], real[PATH_MAX], *end;
    const char *slash = strrchr(path, '/');
    xb_dir_of(path, dir);
    snprintf(ours, sizeof(ours), "/proc/%d/fd", (int)getpid());
    if (!slash || !realpath(dir, real) || strcmp(real, ours) != 0)
        return -1;
    long n = strtol(slash + 1, &end, 10);
    return end == slash + 1 || *end || n < 0 || n > INT_MAX ? -1 : (int)n;
}

/* Follow links to the file's final name. Returns our descriptor if they lead to one, else -1. */
static int follow(char path[PATH_MAX])
{
    for (int links = 0; links < LINKS_MAX; links++) {
        char to[PATH_MAX], dir[PATH_MAX];
        int n = own_descriptor(path);
        ssize_t bytes = n >= 0 ? -1 : readlink(path, to, sizeof(to) - 1);
        if (bytes < 0)
            return n;
        to[bytes] = '\0';
        xb_dir_of(path, dir);
        if (xb_path(path, PATH_MAX, NULL, "%s%s%s", to[0] == '/' ? "" : dir,
                    to[0] == '/' ? "" : "/", to) < 0)
            return -1;
    }
    return -1;
}

static int open_direct(struct xb_newfile *file, int fd, struct xb_err *err)
{
    file->direct = true;
    file->fd = fd;
    return fd < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot write %s", file->path) : 0;
}

/*
 * Accept only inherited descriptors: those that this process opened (all CLOEXEC) are sockets and
 * locks.
 */
static int copy_descriptor(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0 || !(flags & FD_CLOEXEC))
        return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    errno = EBADF;
    return -1;
}

/* Opening a pipe for writing fails with ENXIO until the pipe has a reader. */
static int open_special(const char *path)
{
    xb_auto_close int stop_fd = xb_stop_fd();
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    struct stat st;
    for (;;) {
        int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
        if (flags >= 0)
            fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
        if (fd >= 0 || errno != ENXIO || stat(path, &st) < 0 || !S_ISFIFO(st.st_mode))
            return fd;
        if (poll(&stop, 1, READER_POLL_MS) > 0) {
            errno = EINTR;
            return -1;
        }
    }
}

/* 0: path does not exist, 1: a file, 2: written in place, such as a device. */
static int look(const char *path, struct stat *st, struct xb_err *err)
{
    struct stat link;
    if (stat(path, st) < 0) {
        if (errno == ENOENT && lstat(path, &link) == 0)
            return xb_fail(err, XB_E_INPUT, 0,
                           "cannot write %s: it is a link to a file that does not exist", path);
        if (errno == ELOOP)
            return xb_fail(err, XB_E_INPUT, errno, "cannot write %s", path);
        return 0; /* opening the file reports other errors of the path */
    }
    if (S_ISDIR(st->st_mode))
        return xb_fail(err, XB_E_INPUT, EISDIR, "cannot write %s", path);
    if (S_ISBLK(st->st_mode))
        return xb_fail(err, XB_E_INPUT, 0,
                       "cannot write %s: it is a block device, perhaps a guest's disk", path);
    if (S_ISSOCK(st->st_mode))
        return xb_fail(err, XB_E_INPUT, 0, "cannot write %s: it is a socket", path);
    return S_ISREG(st->st_mode) ? 1 : 2;
}

/* Take over the replaced file's owner and mode as far as permitted. */
static void take_after(const struct xb_newfile *file, const struct stat *old)
{
    if (fchown(file->fd, old->st_uid, old->st_gid) < 0 && errno != EPERM)
        return;
    fchmod(file->fd, old->st_mode & 0777);
}

int xb_outfile_open(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                    const char *remedy, struct xb_err *err)
{
    char real[PATH_MAX];
    struct stat st;
    *file = (struct xb_newfile)XB_NEWFILE_NONE;
    if (xb_path(file->path, sizeof(file->path), err, "%s", path) < 0)
        return -1;
    memcpy(real, file->path, sizeof(real));
    int ours = strcmp(path, "-") == 0 ? STDOUT_FILENO : follow(real);
    if (ours >= 0)
        return open_direct(file, copy_descriptor(ours), err);
    int found = look(path, &st, err);
    if (found < 0)
        return -1;
    if (found == 2)
        return open_direct(file, open_special(path), err);
    if (found == 1 && !replace)
        return xb_fail(err, XB_E_INPUT, 0, "%s exists already%s%s%s", path, remedy ? " (" : "",
                       remedy ? remedy : "", remedy ? ")" : "");
    if (xb_newfile_open(file, real, mode, replace, err) < 0)
        return -1;
    if (found == 1)
        take_after(file, &st);
    return 0;
}

int xb_outfile_resolve(const char *path, char out[PATH_MAX], struct xb_err *err)
{
    struct stat st;
    if (xb_path(out, PATH_MAX, err, "%s", path) < 0)
        return -1;
    int ours = follow(out), found = look(path, &st, err);
    if (found >= 0 && (ours >= 0 || found == 2))
        return xb_fail(err, XB_E_INPUT, 0, "cannot write %s: it is not a file", path);
    return found < 0 ? -1 : 0;
}

int xb_outfile_write(const struct xb_newfile *file, const void *bytes, size_t count,
                     struct xb_err *err)
{
    xb_auto_close int stop_fd = file->direct ? xb_stop_fd() : -1;
    const struct xb_write_stop stop = {.fd = stop_fd};
    int r = file->direct ? xb_write_until(file->fd, &stop, bytes, count)
                         : 1 + xb_write_all(file->fd, bytes, count);
    if (r == 1)
        return 0;
    if (file->direct && r == 0)
        return xb_fail(err, XB_E_BENCH, EINTR, "stopped writing %s", file->path);
    return xb_fail(err, XB_E_HOST, errno, "cannot write %s", file->path);
}

int xb_outfile_no_terminal(const struct xb_newfile *file, struct xb_err *err)
{
    if (!isatty(file->fd))
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "this output is not for a terminal: send it to a file or a pipe");
}

static int print_whole(FILE *out, const char *what, xb_print_fn *print, const void *arg,
                       struct xb_err *err)
{
    return print(arg, out, err) < 0 ? -1 : xb_stream_flush(out, what, err);
}

int xb_outfile_print(const char *path, const char *what, xb_print_fn *print, const void *arg,
                     struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    if (!path)
        return print_whole(stdout, what, print, arg, err);
    if (xb_outfile_open(&file, path, 0666, true, NULL, err) < 0)
        return -1;
    xb_auto_fclose FILE *out = xb_newfile_stream(&file, err);
    if (!out)
        return -1;
    if (print_whole(out, what, print, arg, err) < 0)
        return xb_fail_context(err, "%s", path);
    return xb_newfile_show(&file, err);
}
