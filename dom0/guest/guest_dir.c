/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_dir.h"

#include "base.h"
#include "fault.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define MADE ".new."
#define REMOVED ".removed."
#define HIDDEN_MAX 100

/* Lock the directory; -1 with errno, EWOULDBLOCK if another process has the lock. */
static int lock_dir(const char *path, int how)
{
    xb_auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || flock(fd, how | LOCK_NB) < 0)
        return -1;
    if (!xb_is_still_named(fd, path)) {
        errno = ENOENT;
        return -1;
    }
    return xb_steal_fd(&fd);
}

static int sync_parent(const char *path, struct xb_err *err)
{
    char parent[PATH_MAX];
    snprintf(parent, sizeof(parent), "%.*s", (int)(strrchr(path, '/') - path), path);
    xb_auto_close int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot sync %s to the disk", parent);
    return 0;
}

/* A hidden name. Hidden directories of other processes are not touched. */
static int hidden_name(struct xb_app *app, const char *name, const char *mark, int number,
                       char *out, size_t out_bytes, struct xb_err *err)
{
    return xb_path(out, out_bytes, err, "%s/guests/.%s%s%d%02d", app->state_dir, name, mark,
                   (int)getpid(), number);
}

int xb_guest_dir_make(struct xb_app *app, const char *name, struct xb_guest_dir *out,
                      struct xb_err *err)
{
    char parent[PATH_MAX];
    out->lock = -1;
    if (xb_path(parent, sizeof(parent), err, "%s/guests", app->state_dir) < 0 ||
        xb_make_dirs(parent, err) < 0)
        return -1;
    /* A sweep may remove the directory before it is locked; then make another. */
    for (int i = 0; i < HIDDEN_MAX; i++) {
        if (hidden_name(app, name, MADE, i, out->path, sizeof(out->path), err) < 0)
            return -1;
        if (mkdir(out->path, 0700) < 0) {
            if (errno == EEXIST)
                continue;
            break;
        }
        out->lock = lock_dir(out->path, LOCK_EX);
        if (out->lock >= 0)
            return 0;
    }
    return xb_fail(err, XB_E_HOST, errno, "cannot make the directory %s", out->path);
}

int xb_guest_dir_show(struct xb_guest_dir *dir, const struct xb_guest_def *def, struct xb_err *err)
{
    xb_fault("whole");
    if (renameat2(AT_FDCWD, dir->path, AT_FDCWD, def->dir, RENAME_NOREPLACE) < 0)
        return xb_fail(err, errno == EEXIST ? XB_E_INPUT : XB_E_HOST, errno,
                       "cannot put guest %s in place", def->name);
    xb_cleanup_close(&dir->lock);
    dir->lock = -1;
    return sync_parent(def->dir, err);
}

void xb_guest_dir_give_up(struct xb_guest_dir *dir, const struct xb_guest_def *def)
{
    if (dir->lock < 0)
        return;
    if (xb_disk_remove(&def->disk, dir->path, NULL) == 0)
        xb_remove_tree(dir->path, NULL);
    xb_cleanup_close(&dir->lock);
    dir->lock = -1;
}

int xb_guest_dir_hold(const struct xb_guest_def *def, struct xb_err *err)
{
    int fd = lock_dir(def->dir, LOCK_SH);
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno == EWOULDBLOCK ? 0 : errno,
                       "guest %s is being removed by another process", def->name);
    return fd;
}

int xb_guest_dir_remove(struct xb_app *app, const struct xb_guest_def *def, struct xb_err *err)
{
    char hidden[PATH_MAX];
    int moved = -1;
    if (xb_disk_check_free(&def->disk, err) < 0)
        return -1;
    xb_auto_close int lock = lock_dir(def->dir, LOCK_EX);
    if (lock < 0)
        return xb_fail(err, XB_E_HOST, errno == EWOULDBLOCK ? 0 : errno,
                       "guest %s is being removed or cloned by another process", def->name);
    for (int i = 0; i < HIDDEN_MAX && moved < 0; i++) {
        if (hidden_name(app, def->name, REMOVED, i, hidden, sizeof(hidden), err) < 0)
            return -1;
        moved = renameat2(AT_FDCWD, def->dir, AT_FDCWD, hidden, RENAME_NOREPLACE);
    }
    if (moved < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot remove %s", def->dir);
    xb_fault("hidden");
    if (xb_disk_remove(&def->disk, hidden, err) < 0) {
        if (rename(hidden, def->dir) < 0)
            xb_fail_context(err, "guest %s is hidden in %s", def->name, hidden);
        return -1;
    }
    xb_fault("disk-removed");
    if (xb_remove_tree(hidden, err) < 0)
        return -1;
    return xb_journal_forget_guest(&(struct xb_recovery){.app = app}, def->uuid, err);
}

/* Does the name, up to its number, end with the mark? A guest may have the mark in its own name. */
static bool ends_with(const char *name, size_t bytes, const char *mark)
{
    size_t n = strlen(mark);
    return bytes > n + 1 && memcmp(name + bytes - n, mark, n) == 0;
}

static bool is_remains(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (name[0] != '.' || !dot[1] || strspn(dot + 1, "0123456789") != strlen(dot + 1))
        return false;
    size_t bytes = (size_t)(dot + 1 - name);
    return ends_with(name, bytes, MADE) || ends_with(name, bytes, REMOVED);
}

/* Without a record, nothing outside the directory was made. */
static int read_remains(const char *path, struct xb_guest_def *out, struct xb_err *err)
{
    char record[PATH_MAX];
    *out = (struct xb_guest_def){0};
    if (xb_path(record, sizeof(record), err, "%s/guest.json", path) < 0)
        return -1;
    return access(record, F_OK) == 0 ? xb_guest_def_read(path, out, err) : 0;
}

static int sweep_dir(const struct xb_recovery *recovery, const char *path, struct xb_err *err)
{
    char disk[2 * XB_LVM_NAME_BYTES + 32];
    struct xb_guest_def def;
    if (read_remains(path, &def, err) < 0)
        return -1;
    xb_recovery_tell(recovery, XB_REMOVE_REMAINS, path);
    if (def.disk.storage > XB_STORAGE_FILE) {
        xb_disk_describe(&def.disk, disk, sizeof(disk));
        xb_recovery_tell(recovery, XB_REMOVE_REMAINS, disk);
    }
    if (recovery->dry_run)
        return 0;
    /* Remove the disk first, because the record that identifies it is in the directory. */
    return xb_disk_remove(&def.disk, path, err) < 0 ? -1 : xb_remove_tree(path, err);
}

static int sweep(const struct xb_recovery *recovery, struct xb_err *err)
{
    struct xb_app *app = recovery->app;
    char path[PATH_MAX];
    int status = 0;
    if (xb_path(path, sizeof(path), err, "%s/guests", app->state_dir) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!is_remains(entry->d_name))
            continue;
        if (xb_path(path, sizeof(path), err, "%s/guests/%s", app->state_dir, entry->d_name) < 0)
            return -1;
        xb_auto_close int lock = lock_dir(path, LOCK_EX);
        if (lock >= 0 && sweep_dir(recovery, path, err) < 0)
            status = -1;
    }
    return status;
}

const struct xb_journal_kind xb_guest_dir_kind = {.after_guests = true, .sweep = sweep};

int xb_guest_dir_each_remains(struct xb_app *app,
                              void (*each)(void *arg, const char *path, const struct xb_disk *disk),
                              void *arg, struct xb_err *err)
{
    char path[PATH_MAX];
    if (xb_path(path, sizeof(path), err, "%s/guests", app->state_dir) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct xb_guest_def def;
        if (!is_remains(entry->d_name))
            continue;
        if (xb_path(path, sizeof(path), err, "%s/guests/%s", app->state_dir, entry->d_name) < 0)
            return -1;
        if (read_remains(path, &def, err) == 0)
            each(arg, path, &def.disk);
        else if (access(path, F_OK) == 0)
            return -1;
        else
            xb_err_clear(err);
    }
    return 0;
}
