/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

/* Even on a busy host, a lock's holder writes its name within HOLDER_POLLS polls. */
#define HOLDER_POLL_MS 10
#define HOLDER_POLLS 20

int xb_make_dirs(const char *path, struct xb_err *err)
{
    char part[PATH_MAX];
    if (xb_path(part, sizeof(part), err, "%s", path) < 0)
        return -1;
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return xb_fail(err, XB_E_HOST, errno, "cannot make the directory %s", part);
        if (!slash)
            return 0;
        *slash = '/';
    }
}

int xb_path(char *out, size_t out_bytes, struct xb_err *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(out, out_bytes, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= out_bytes)
        return xb_fail(err, XB_E_INPUT, ENAMETOOLONG, "path %.80s...", out);
    return 0;
}

void xb_dir_of(const char *path, char out[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    int n = slash ? (int)(slash - path) : 0;
    if (!slash)
        snprintf(out, PATH_MAX, ".");
    else
        snprintf(out, PATH_MAX, "%.*s", n ? n : 1, path);
}

int xb_sync_dir_of(const char *path)
{
    char dir[PATH_MAX];
    xb_dir_of(path, dir);
    xb_auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -1 : fsync(fd);
}

int xb_unnamed_open(const char *path, mode_t mode)
{
    char dir[PATH_MAX];
    xb_dir_of(path, dir);
    return open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
}

int xb_unnamed_link(int fd, const char *name)
{
    char self[64];
    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

bool xb_json_has(const json_t *list, const char *text)
{
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry)
    {
        if (json_is_string(entry) && strcmp(json_string_value(entry), text) == 0)
            return true;
    }
    return false;
}

FILE *xb_create_private(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file && fd >= 0)
        close(fd);
    return file;
}

int xb_write_all(int fd, const void *bytes, size_t count)
{
    const char *from = bytes;
    while (count > 0) {
        ssize_t n = write(fd, from, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        from += n;
        count -= (size_t)n;
    }
    return 0;
}

/* A pipe that poll reports writable takes this many bytes without blocking (pipe(7)). */
#define PIECE_BYTES 4096

/* 1: fd is writable, 0: stop, -1: failed. */
static int await_writable(int fd, const struct xb_write_stop *stop)
{
    struct pollfd fds[2] = {{.fd = fd, .events = POLLOUT}, {.fd = stop->fd, .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        if (fds[1].revents && !(stop->go_on && stop->go_on(stop->arg)))
            return 0;
        if (fds[0].revents)
            return 1;
    }
}

/* A regular file takes any number of bytes. */
static size_t piece_bytes(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? SIZE_MAX : PIECE_BYTES;
}

int xb_write_until(int fd, const struct xb_write_stop *stop, const void *bytes, size_t count)
{
    const char *from = bytes;
    size_t most = piece_bytes(fd);
    while (count > 0) {
        int r = await_writable(fd, stop);
        if (r <= 0)
            return r;
        ssize_t n = write(fd, from, count < most ? count : most);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return -1;
        if (n > 0) {
            from += n;
            count -= (size_t)n;
        }
    }
    return 1;
}

static int write_text(int fd, const char *path, const char *text, mode_t mode, struct xb_err *err)
{
    if (fchmod(fd, mode) < 0 || xb_write_all(fd, text, strlen(text)) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    if (fsync(fd) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s to the disk", path);
    return 0;
}

static int write_synced(const char *path, const char *text, mode_t mode, struct xb_err *err)
{
    xb_auto_close int unnamed = xb_unnamed_open(path, 0600);
    if (unnamed >= 0) {
        if (write_text(unnamed, path, text, mode, err) < 0)
            return -1;
        unlink(path); /* left by an earlier process with this pid */
        if (xb_unnamed_link(unnamed, path) == 0)
            return 0;
    }
    xb_auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    return write_text(fd, path, text, mode, err);
}

int xb_text_save(const char *path, const char *text, mode_t mode, struct xb_err *err)
{
    char temporary[PATH_MAX];
    if (xb_path(temporary, sizeof(temporary), err, "%s.new.%d", path, (int)getpid()) < 0)
        return -1;
    int r = write_synced(temporary, text, mode, err);
    if (r == 0 && rename(temporary, path) < 0)
        r = xb_fail(err, XB_E_HOST, errno, "cannot put %s in place", path);
    if (r < 0)
        unlink(temporary);
    return r;
}

int xb_json_save(const char *path, const json_t *json, struct xb_err *err)
{
    xb_auto_free char *text = json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (!text)
        return xb_fail(err, XB_E_HOST, 0, "cannot write %s: a name in it is not UTF-8", path);
    return xb_text_save(path, text, 0600, err);
}

json_t *xb_json_load(const char *path, struct xb_err *err)
{
    json_error_t why;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!json)
        xb_fail(err, XB_E_HOST, 0, "cannot read %s, line %d: %s", path, why.line, why.text);
    return json;
}

static int remove_entry(const char *path, const struct stat *st XB_UNUSED, int type XB_UNUSED,
                        struct FTW *ftw XB_UNUSED)
{
    return remove(path);
}

int xb_remove_tree(const char *path, struct xb_err *err)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0 && errno != ENOENT)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove %s", path);
    return 0;
}

uint64_t xb_process_start(pid_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    xb_auto_fclose FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
    text[n] = '\0';
    char *after_name = strrchr(text, ')'); /* the name may contain anything, even brackets */
    unsigned long long start = 0;
    char state = 'X';
    if (!after_name ||
        sscanf(after_name + 1,
               " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &state, &start) != 2)
        return 0;
    return state == 'Z' || state == 'X' ? 0 : start;
}

/* A process may have any name: replace characters that are not printable ASCII by '?'. */
static void read_holder(int fd, char *raw, size_t raw_bytes)
{
    ssize_t n = pread(fd, raw, raw_bytes - 1, 0);
    raw[n > 0 ? n : 0] = '\0';
    raw[strcspn(raw, "\n")] = '\0';
    for (char *c = raw; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
}

static pid_t holder_pid(const char *raw)
{
    long pid = strtol(raw, NULL, 10);
    return pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

/* Just after locking, the file may be empty or still name the previous holder. */
static void await_holder(int fd, char *raw, size_t raw_bytes)
{
    for (int polls = HOLDER_POLLS; polls > 0; polls--) {
        read_holder(fd, raw, raw_bytes);
        pid_t pid = holder_pid(raw);
        if (pid && (kill(pid, 0) == 0 || errno != ESRCH))
            return;
        poll(NULL, 0, HOLDER_POLL_MS);
    }
    if (!raw[0])
        snprintf(raw, raw_bytes, "unknown");
}

static void command_name(char *out, size_t out_bytes)
{
    xb_auto_fclose FILE *f = fopen("/proc/self/comm", "re");
    if (!f || !fgets(out, (int)out_bytes, f))
        snprintf(out, out_bytes, "xenbench");
    out[strcspn(out, "\n")] = '\0';
}

bool xb_is_still_named(int fd, const char *path)
{
    struct stat named, open_one;
    return stat(path, &named) == 0 && fstat(fd, &open_one) == 0 &&
           named.st_ino == open_one.st_ino && named.st_dev == open_one.st_dev;
}

/* Returns the locked file; -1 with EAGAIN and the holder's text if another process has the lock. */
static int lock_file(const char *path, char *holder, size_t holder_bytes)
{
    for (;;) {
        xb_auto_close int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return -1;
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
            int errnum = errno == EACCES ? EAGAIN : errno;
            if (holder)
                await_holder(fd, holder, holder_bytes);
            errno = errnum;
            return -1;
        }
        if (xb_is_still_named(fd, path))
            return xb_steal_fd(&fd);
    }
}

int xb_lock_take(const char *path, char holder[64], struct xb_err *err)
{
    char raw[40] = "", text[64], name[32];
    xb_auto_close int fd = lock_file(path, raw, sizeof(raw));
    if (fd < 0) {
        int errnum = errno;
        if (holder)
            snprintf(holder, 64, "%s", raw);
        if (errnum == EAGAIN)
            return xb_fail(err, XB_E_HOST, 0, "process %s holds %s", raw, path);
        return xb_fail(err, XB_E_HOST, errnum, "cannot take the lock %s", path);
    }
    command_name(name, sizeof(name));
    int n = snprintf(text, sizeof(text), "%d %s\n", (int)getpid(), name);
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n)
        return xb_fail(err, XB_E_HOST, errno, "cannot write into the lock %s", path);
    return xb_steal_fd(&fd);
}

void xb_lock_sweep(const char *path)
{
    xb_auto_close int fd = lock_file(path, NULL, 0);
    if (fd >= 0)
        unlink(path);
}

pid_t xb_lock_holder(const char *path)
{
    char raw[40];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        return 0;
    await_holder(fd, raw, sizeof(raw));
    return holder_pid(raw) ? holder_pid(raw) : -1;
}
