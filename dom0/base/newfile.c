/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "newfile.h"

#include "base.h"
#include "fault.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* A wrong path is the user's error, a failing disk the host's. */
static int cannot_write(const char *path, struct xb_err *err)
{
    static const int theirs[] = {EEXIST, ENOENT, ENOTDIR, EISDIR, EACCES, EPERM, EROFS, ELOOP};
    enum xb_err_class class = XB_E_HOST;
    for (size_t i = 0; i < XB_ARRAY_LEN(theirs); i++)
        if (errno == theirs[i])
            class = XB_E_INPUT;
    return xb_fail(err, class, errno, "cannot write %s", path);
}

/* Check the name before the work starts. A dangling link counts as an existing file. */
static int check_name(const char *path, bool replace, struct xb_err *err)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return 0; /* opening the file reports other errors of the path */
    if (S_ISDIR(st.st_mode))
        return xb_fail(err, XB_E_INPUT, EISDIR, "cannot write %s", path);
    if (replace && !S_ISREG(st.st_mode))
        return xb_fail(err, XB_E_INPUT, 0, "cannot write %s: it is not a file", path);
    return replace ? 0 : xb_fail(err, XB_E_INPUT, EEXIST, "cannot write %s", path);
}

static int begin(struct xb_newfile *file, const char *path, bool replace, struct xb_err *err)
{
    *file = (struct xb_newfile){.fd = -1, .replace = replace};
    if (xb_path(file->path, sizeof(file->path), err, "%s", path) < 0)
        return -1;
    return check_name(path, replace, err);
}

static int part_name(const char *path, char out[PATH_MAX], struct xb_err *err)
{
    return xb_path(out, PATH_MAX, err, "%s.xenbench-new", path);
}

/*
 * Was the file abandoned, so that it is ours now? Not if another process is writing it, nor if it
 * was renamed after we opened it.
 */
static bool is_ours(int fd, const char *path)
{
    struct stat named, opened;
    return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &opened) == 0 &&
           lstat(path, &named) == 0 && named.st_dev == opened.st_dev &&
           named.st_ino == opened.st_ino;
}

int xb_newfile_open_named(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                          struct xb_err *err)
{
    char part[PATH_MAX];
    if (begin(file, path, replace, err) < 0 || part_name(path, part, err) < 0)
        return -1;
    xb_auto_close int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return cannot_write(part, err);
    if (!is_ours(fd, part))
        return xb_fail(err, XB_E_INPUT, 0, "another process is writing %s", path);
    if (ftruncate(fd, 0) < 0)
        return cannot_write(part, err);
    memcpy(file->part, part, sizeof(part));
    file->fd = xb_steal_fd(&fd);
    return 0;
}

int xb_newfile_open(struct xb_newfile *file, const char *path, mode_t mode, bool replace,
                    struct xb_err *err)
{
    if (begin(file, path, replace, err) < 0)
        return -1;
    file->fd = xb_unnamed_open(path, mode);
    if (file->fd >= 0)
        return 0;
    /* Nameless files are unknown to the filesystem (EOPNOTSUPP) or to the kernel (the others). */
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
        return xb_newfile_open_named(file, path, mode, replace, err);
    return cannot_write(path, err);
}

FILE *xb_newfile_stream(const struct xb_newfile *file, struct xb_err *err)
{
    int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out) {
        cannot_write(file->path, err);
        xb_cleanup_close(&fd);
    }
    return out;
}

/* link(2) cannot replace a file, so a replacement needs a temporary name first. */
static int give_part_name(struct xb_newfile *file, struct xb_err *err)
{
    char part[PATH_MAX];
    if (part_name(file->path, part, err) < 0)
        return -1;
    unlink(part); /* left by a process killed at this point */
    if (xb_unnamed_link(file->fd, part) < 0)
        return cannot_write(part, err);
    memcpy(file->part, part, sizeof(part));
    return 0;
}

static int rename_part(struct xb_newfile *file)
{
    if (file->replace)
        return rename(file->part, file->path);
    int status = renameat2(AT_FDCWD, file->part, AT_FDCWD, file->path, RENAME_NOREPLACE);
    if (status < 0 && errno == EINVAL) { /* NFS returns EINVAL but supports link(2) */
        status = link(file->part, file->path);
        if (status == 0)
            unlink(file->part);
    }
    return status;
}

static int give_name(struct xb_newfile *file, struct xb_err *err)
{
    if (!file->part[0]) {
        if (xb_unnamed_link(file->fd, file->path) == 0)
            return 0;
        if (errno != EEXIST || !file->replace)
            return cannot_write(file->path, err);
        if (give_part_name(file, err) < 0)
            return -1;
        xb_fault("file-linked");
    }
    if (rename_part(file) < 0)
        return cannot_write(file->path, err);
    file->part[0] = '\0';
    return 0;
}

int xb_newfile_show(struct xb_newfile *file, struct xb_err *err)
{
    if (fsync(file->fd) < 0 && (!file->direct || (errno != EINVAL && errno != EROFS)))
        return cannot_write(file->path, err);
    if (file->direct)
        return 0;
    xb_fault("file-written");
    if (give_name(file, err) < 0)
        return -1;
    if (xb_sync_dir_of(file->path) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write the directory of %s", file->path);
    return 0;
}

void xb_newfile_end(struct xb_newfile *file)
{
    if (file->part[0])
        unlink(file->part);
    file->part[0] = '\0';
    if (file->fd >= 0)
        close(xb_steal_fd(&file->fd));
}
